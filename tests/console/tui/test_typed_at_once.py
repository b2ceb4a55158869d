"""Facts about keys that come at once, as a slow line brings them: they are done in the order in which they were typed."""

from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from console.tui.form_dialog import Field, FormDialog
from tests.console.tui.driving import see
from tests.console.tui.fixed_world import fixed_console


def _burst(pilot: Pilot[None], *keys: str) -> None:
    """All of them before the console has looked at the first."""
    for key in keys:
        pilot.app.post_message(events.Key(key, key if len(key) == 1 else None))


def _values(pilot: Pilot[None]) -> list[str]:
    return [line.value for line in pilot.app.screen.query(Input).results()]


async def test_what_edits_a_line_is_done_in_its_turn() -> None:
    async with fixed_console((80, 24)) as pilot:
        await see(pilot, "8 alerts")
        await pilot.press("c")
        await see(pilot, "note on incident 1")
        _burst(pilot, "a", "b", "backspace", "c", "left", "d", "home", "e", "end", "f")
        await pilot.pause()
        assert _values(pilot) == ["eadcf"]


async def test_what_is_typed_behind_tab_or_enter_belongs_to_the_next_line() -> None:
    given: list[dict[str, str]] = []
    fields = [Field(name, name) for name in ("one", "two", "three")]
    async with fixed_console((80, 24)) as pilot:
        await see(pilot, "8 alerts")
        pilot.app.push_screen(FormDialog("a form", fields, lambda form, _: given.append(dict(form))))
        await see(pilot, "a form")
        _burst(pilot, *"ab", "tab", *"cd", "shift+tab", "x", "tab", "end", "e", "enter", *"fg", "up", "z")
        await pilot.pause()
        assert _values(pilot) == ["x", "z", "fg"]
        _burst(pilot, "down", "enter")
        await pilot.pause()
        assert given == [{"one": "x", "two": "z", "three": "fg"}]


async def test_escape_leaves_behind_what_was_typed_before_it() -> None:
    async with fixed_console((80, 24)) as pilot:
        await see(pilot, "8 alerts")
        await pilot.press("slash")
        _burst(pilot, *"Cache", "escape", "d")
        await see(pilot, "LABELS")
