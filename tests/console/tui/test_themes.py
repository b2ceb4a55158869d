"""Facts about the themes: what is written can be read."""

from itertools import product

import pytest
from textual.color import Color

from console.tui.themes import PALETTES, fitting_theme

_TEXTS = ("text", "quiet", "accent", "critical", "warning", "well", "drill")


@pytest.mark.parametrize(("name", "text", "under"), list(product(PALETTES, _TEXTS, ("ground", "bar"))))
def test_every_text_has_a_contrast_of_at_least_four_and_a_half(name: str, text: str, under: str) -> None:
    palette = PALETTES[name]
    ratio = _contrast(getattr(palette, text), getattr(palette, under))
    assert ratio >= 4.5, f"{name}: {text} on {under} has {ratio:.2f}"


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
