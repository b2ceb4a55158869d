"""Facts about foreign text: whatever alerts, people and logs say, every screen stands and nothing of it reaches the terminal as a command."""

import unicodedata

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from tests.console.tui.driving import screen_text, see
from tests.console.tui.fixed_world import fixed_console

ODD = {
    "escape sequences": "\x1b[2J\x1b]0;title\x07\x1b[31mred\x1bP+q\x1b\\\x9b5n",
    "controls": "a\tb\r\nc\x00\x07\x08\x7f\x85d",
    "directions": "\u202eevil\u202c\u2066x\u2069\u200f\u061c",
    "wide": "警告🔥👩‍👩‍👧‍👦é́́́́ｱﾞ",
    "invisible": "\u200b\u2060\ufeff\U000e0041\u00ad\ufff9",
    "markup": "[red]x[/] [@click=app.quit]y[/] \\[ ## *x* `y` <script>",
    "long": " very long" * 1_000,
    "one word": "W" * 10_000,
}
_SCREENS = ("1", "2", "3", "4", "5", "6", "7")


def _harmless(pilot: Pilot[None], size: tuple[int, int]) -> None:
    for line in screen_text(pilot).split("\n"):
        bad = [
            char
            for char in line
            if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") and char != "\u200d"
        ]
        assert not bad, (bad, line)
        assert cell_len(line) <= size[0], line


@pytest.mark.parametrize("size", [(80, 24), pytest.param((200, 60), marks=pytest.mark.slow)])
@pytest.mark.parametrize("kind", ODD)
async def test_every_screen_stands_whatever_is_said(kind: str, size: tuple[int, int]) -> None:
    async with fixed_console(size, odd=ODD[kind]) as pilot:
        await see(pilot, "8 alerts")
        for key in _SCREENS:
            await pilot.press(key)
            await see(pilot, lambda text, key=key: f"{key} " in text and "loading" not in text)  # type: ignore[misc]  # bound at once
            await pilot.press("j", "G", "g")
            _harmless(pilot, size)
        await pilot.press("1", "d")
        await see(pilot, "LABELS")
        _harmless(pilot, size)
        await pilot.press("q", "r")
        await see(pilot, "start-api")
        _harmless(pilot, size)
        assert pilot.app.is_running
