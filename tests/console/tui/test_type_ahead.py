"""What is typed ahead of a form is its text, in whatever pieces the line brings it, and no key of the screen below."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.widgets import Input

from console.tui.form_dialog import FormDialog
from console.tui.type_ahead import TypeAhead
from tests.console.tui.driving import see
from tests.console.tui.fixed_world import fixed_console


async def _bring(pilot: Pilot[None], keys: list[str], pauses: list[int]) -> None:
    """The keys as a line brings them: what is between two pauses at once."""
    driver = pilot.app._driver
    assert driver is not None
    for place, key in enumerate(keys):
        name = _character_to_key(key) if len(key) == 1 else key
        event = events.Key(name, key if len(key) == 1 else None)
        driver.send_message(event.set_sender(pilot.app))
        if place in pauses:
            await asyncio.sleep(0)


@pytest.mark.parametrize("pauses", [[], [0], [0, 1], [2], list(range(30))])
async def test_what_is_typed_behind_the_key_of_a_form_stands_in_it(pauses: list[int]) -> None:
    async with fixed_console((80, 24)) as pilot:
        await see(pilot, "8 alerts")
        await pilot.press("enter")
        await see(pilot, "I look")
        words = "over it: acknowledged, Escalated"
        await _bring(pilot, ["c", *words], pauses)
        await see(pilot, words)
        (line,) = pilot.app.screen.query(Input)
        assert line.value == words
        await pilot.press("escape")
        await see(pilot, "I look")


@pytest.mark.parametrize("pauses", [[], [0], [1], list(range(30))])
async def test_what_is_typed_behind_the_key_of_the_filter_filters(pauses: list[int]) -> None:
    async with fixed_console((80, 24)) as pilot:
        await see(pilot, "8 alerts")
        await _bring(pilot, ["slash", *"is:resolved x", "backspace", "backspace"], pauses)
        await see(pilot, lambda text: "is:resolved" in text)
        await pilot.pause(0.1)
        assert pilot.app.screen.filter_text == "is:resolved"  # type: ignore[attr-defined]  # it is one of ours


@pytest.mark.parametrize("pauses", [[], [0], [1], list(range(30))])
async def test_a_place_is_gone_to_by_its_name_typed_at_once(pauses: list[int]) -> None:
    async with fixed_console((80, 24)) as pilot:
        await see(pilot, "8 alerts")
        await _bring(pilot, [":", *"runs", "enter"], pauses)
        await see(pilot, lambda text: "KIND" in text)


async def test_enter_alone_ahead_of_a_form_sends_nothing() -> None:
    async with fixed_console((80, 24)) as pilot:
        await see(pilot, "8 alerts")
        await _bring(pilot, ["s", "enter", "enter", "enter", "enter"], [])
        await see(pilot, "done")
        form = pilot.app.screen
        assert isinstance(form, FormDialog)
        await pilot.pause(0.2)
        assert (pilot.app.screen is form, form.was_sent) == (True, False)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(["a", "é", "enter", "escape", "back", "focused", "take"]), max_size=12))
def test_nothing_is_given_before_it_listens_and_nothing_twice(deeds: list[str]) -> None:
    ahead = TypeAhead()
    held: list[str] = []
    given_out: list[str] = []
    for deed in [*deeds, "back", "focused", "take"]:
        match deed:
            case "back":
                ahead.are_back()
            case "focused":
                ahead.focused()
            case "take":
                given_out += [event.key for event in ahead.taken()]
            case key if not ahead.listens:
                held.append(key)
                ahead.hold(events.Key(key, key if len(key) == 1 else None))
    has_text = bool({"a", "é"} & set(held))
    assert given_out == [key for key in held if has_text or key != "enter"]
    assert ahead.listens
