"""Facts about the themes: what is written can be read."""

from itertools import product

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from console.text.glyphs import UNICODE
from console.tui.themes import PALETTES, AsciiOnly, TerminalColours, fitting_theme
from console.tui.widgets.strips import CRITICAL, CURSOR, DIM

_TEXTS = ("text", "quiet", "accent", "critical", "warning", "well", "drill")


@pytest.mark.parametrize(("name", "text", "under"), list(product(PALETTES, _TEXTS, ("ground", "bar"))))
def test_every_text_has_a_contrast_of_at_least_four_and_a_half(name: str, text: str, under: str) -> None:
    palette = PALETTES[name]
    ratio = _contrast(getattr(palette, text), getattr(palette, under))
    assert ratio >= 4.5, f"{name}: {text} on {under} has {ratio:.2f}"


_SIXTEEN = {
    "xterm": {"red": "#cd0000", "green": "#00cd00", "yellow": "#cdcd00", "cyan": "#00cdcd", "magenta": "#cd00cd"},
    "vga, bold as bright": {
        "red": "#ff5555", "green": "#00aa00", "yellow": "#aa5500", "cyan": "#00aaaa", "magenta": "#ff55ff",
    },
}  # fmt: skip
"""What terminals show for the colours by name, on black. Source: xterm's XTerm-col.ad; the text modes of VGA."""


@pytest.mark.parametrize("terminal", _SIXTEEN)
def test_the_sixteen_colours_by_which_things_are_named_stand_out_on_black(terminal: str) -> None:
    ratios = {name: _contrast(colour, "#000000") for name, colour in _SIXTEEN[terminal].items()}
    assert min(ratios.values()) >= 3, ratios


def test_in_sixteen_colours_nothing_is_written_in_bright_black_or_on_blue() -> None:
    quiet, bar = Segment("quiet", DIM), Segment("chosen", CRITICAL + CURSOR)
    seen = TerminalColours().apply([quiet, bar], Color.parse("#000000"))
    assert [s.style for s in seen] == [Style(dim=True), Style(reverse=True, bold=True)]


def test_every_character_of_our_own_has_one_that_every_terminal_has() -> None:
    drawn = "".join(str(getattr(UNICODE, name)) for name in UNICODE.__struct_fields__)
    texts = AsciiOnly().apply([Segment(f"{drawn}▸·…»")], Color.parse("#000000"))
    assert texts[0].text.isascii()


def _contrast(one: str, other: str) -> float:
    """Source: WCAG 2.2, relative luminance and contrast ratio."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in Color.parse(colour).normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_colours_of_our_own_are_used_where_the_terminal_says_that_it_has_them_all() -> None:
    assert fitting_theme("truecolor") == "dark"
    assert fitting_theme("") == "terminal"
