"""Every screen and state of the console as it was looked at: `python -m tests.console.tui.test_pictures` draws them anew.

With names of states behind it only those.

What is compared is the text of the cells, and the style of each at 80×24; a font has no part in it.
"""

import asyncio
import itertools
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.console.tui.driving import screen_text, see
from tests.console.tui.fixed_world import fixed_console

_FOLDER = Path(__file__).parent / "pictures"
SIZES = ((80, 24), (120, 35), (200, 60))
STYLED = (80, 24)
_ARRIVED = ("alerts", "all clear", "so far")
"""One of these stands there once the link has brought what it brings."""


class PictureState(msgspec.Struct, frozen=True):
    """One picture: the keys that lead to it and the words that say that it is there."""

    keys: tuple[str, ...] = ()
    words: str = "8 alerts"
    world: dict[str, Any] = {}


STATES = {
    "board": PictureState(words="ana, responder"),
    "marked": PictureState(("asterisk",), "8 marked"),
    "filtered": PictureState(("slash", *"zzz", "enter"), "nothing passes"),
    "reading": PictureState(("r",), "▶ start-api"),
    "details": PictureState(("d",), "LABELS"),
    "silence": PictureState(("s",), "for how long"),
    "incidents": PictureState(("2",), "#1 "),
    "incident": PictureState(("enter",), "I look"),
    "runs": PictureState(("3",), "Start redis"),
    "services": PictureState(("4",), "journal"),
    "logs": PictureState(("5",), "a rule is slow"),
    "graphs": PictureState(("6",), "loop lag"),
    "windows": PictureState(("7",), "Exchange of a disk"),
    "go": PictureState(("colon",), "type to search"),
    "help": PictureState(("question_mark",), "EVERYWHERE"),
    "quiet": PictureState(words="all clear since", world={"quiet": True}),
    "connecting": PictureState(words="connecting", world={"heard": False, "link": "connecting"}),
    "disconnected": PictureState(words="as of", world={"link": "reconnecting"}),
    "stale": PictureState(words="stale 47s", world={"link": "stale"}),
    "read-only": PictureState(words="READ-ONLY", world={"meta": {"read_only": "the disk is full"}}),
    "looking": PictureState(("a",), "this console is read-only", {"read_only": True}),
    "viewer": PictureState(("a",), "your role is viewer", {"meta": {"role": "viewer"}}),
    "in-doubt": PictureState(("r", "k", "r"), "in doubt", {}),
    "first-run": PictureState(words="new here?", world={"quiet": True, "state": "new"}),
    "starting": PictureState(words="loading, 8 so far", world={"loaded": False}),
    "rehearsal": PictureState(("r", "ctrl+u", "ctrl+u", "ctrl+u"), "1 finding", {"state": "rehearsed"}),
    "two-consoles": PictureState(("r", "a"), "incident 1 is ben's", {"state": "taken"}),
    "sixteen": PictureState(words="ana, responder", world={"theme": "terminal"}),
    "maintenance": PictureState(
        ("slash", *"is", "colon", *"maintenance", "enter"), "2 of 8", {"state": "maintained"}
    ),
    "temporary-changes": PictureState(
        ("3",), "2 temporary", {"state": "changed", "meta": {"temporary_changes": 2}}
    ),
    "drill": PictureState(words="DRILL", world={"meta": {"target": "DRILL", "temporary_changes": 1}}),
}


@asynccontextmanager
async def in_state(name: str, size: tuple[int, int], theme: str = "dark") -> AsyncIterator[Pilot[None]]:
    """The console in one state, once nothing moves any more."""
    state = STATES[name]
    async with fixed_console(size, **{"theme": theme, **state.world}) as pilot:
        # The figures come by themselves a moment later, on whichever screen: they are waited for on the first.
        await see(pilot, lambda text: "hit " in text and any(word in text for word in _ARRIVED))
        await pilot.press(*state.keys)
        await see(pilot, state.words)
        for line in pilot.app.screen.query(Input):
            line.cursor_blink = False
        await _still(pilot)
        yield pilot


async def drawn(name: str, size: tuple[int, int], theme: str = "dark", *, styles: bool = False) -> str:
    """One state as text; with ``styles``, below it the style of every cell and what each letter means."""
    async with in_state(name, size, theme) as pilot:
        text = screen_text(pilot)
        return f"{text}\n{_styles(pilot)}\n" if styles else f"{text}\n"


async def _still(pilot: Pilot[None]) -> None:
    """Until the text has not changed for a while: all calls have come back."""
    text, same = "", 0
    while same < 6:
        await pilot.pause(0.1)
        before, text = text, screen_text(pilot)
        same = same + 1 if text == before else 0


def _styles(pilot: Pilot[None]) -> str:
    letters: dict[str, str] = {}
    rows = []
    for strip in pilot.app.screen._compositor.render_strips():
        row = ""
        for segment in strip:
            style = str(segment.style) if segment.style else "none"
            row += letters.setdefault(style, chr(ord("a") + len(letters))) * segment.cell_length
        rows.append("".join(f"{letter}{len(list(run))}" for letter, run in itertools.groupby(row)))
    return "\n".join([*rows, *(f"{letter} {style}" for style, letter in letters.items())])


def _cases() -> list[tuple[str, tuple[int, int], str, bool]]:
    plain = [(name, size, "dark", False) for name in STATES for size in SIZES if size != STYLED]
    return plain + [(name, STYLED, theme, True) for name in STATES for theme in ("dark", "light")]


def _path(name: str, size: tuple[int, int], theme: str) -> Path:
    return _FOLDER / f"{name}-{size[0]}-{theme}.txt"


@pytest.mark.parametrize(
    ("name", "size", "theme", "styles"),
    [
        pytest.param(*case, marks=() if (case[1], case[2]) == (STYLED, "dark") else pytest.mark.slow)
        for case in _cases()
    ],
)
async def test_a_screen_looks_as_it_was_looked_at(
    name: str, size: tuple[int, int], theme: str, styles: bool
) -> None:
    assert await drawn(name, size, theme, styles=styles) == _path(name, size, theme).read_text()


@pytest.mark.parametrize("name", ["board", "marked", "stale"])
def test_more_room_never_shows_less_of_the_alerts(name: str) -> None:
    """The summaries that are whole at 80 columns are whole at 120 and 200 too, where the list has the screen to itself."""
    for words in ("APIDown on the API", "HostQuiet on the API"):
        shown = [words in _path(name, size, "dark").read_text() for size in SIZES]
        assert shown == sorted(shown), (words, shown)


def main() -> None:
    """Draw all of them anew; then look at what `git diff` says of them."""
    _FOLDER.mkdir(exist_ok=True)
    for name, size, theme, styles in _cases():
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        _path(name, size, theme).write_text(asyncio.run(drawn(name, size, theme, styles=styles)))
        print(name, size, theme)


if __name__ == "__main__":
    main()
