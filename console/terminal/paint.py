"""Colour of our own in what is printed: foreign text cannot make it, since its marks hold a secret of this process."""

import os
from collections.abc import Mapping
from typing import Literal

from console.text.record_table import Tone

When = Literal["auto", "always", "never"]
_CODES: Mapping[Tone, str] = {
    "critical": "1;31", "warning": "33", "good": "32", "accent": "36", "bold": "1", "dim": "2",
}  # fmt: skip
"""Select Graphic Rendition of each tone, of the sixteen colours that the terminal's owner has chosen."""
_SECRET = os.urandom(8).hex()
_BEGINS: Mapping[Tone, str] = {tone: f"\ue000{_SECRET}:{tone}\ue001" for tone in _CODES}
_END = f"\ue000{_SECRET}\ue001"


def is_wanted(when: When, *, at_terminal: bool) -> bool:
    """Whether to colour: as was asked for, else at a terminal that can, where NO_COLOR does not say otherwise."""
    if when != "auto":
        return when == "always"
    return at_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM", "dumb") != "dumb"


def painted(text: str, tone: Tone) -> str:
    """The text with marks for its tone, which ``with_colour`` turns into colour; without any where it is as all text."""
    return f"{_BEGINS[tone]}{text}{_END}" if text and tone in _CODES else text


def with_colour(text: str) -> str:
    """Our marks as the terminal's escape sequences."""
    if _SECRET not in text:
        return text
    for tone, code in _CODES.items():
        text = text.replace(_BEGINS[tone], f"\x1b[{code}m")
    return text.replace(_END, "\x1b[0m")


def without_marks(text: str) -> str:
    """The text alone, to be measured."""
    if _SECRET not in text:
        return text
    for mark in (*_BEGINS.values(), _END):
        text = text.replace(mark, "")
    return text
