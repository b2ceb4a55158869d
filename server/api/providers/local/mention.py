"""One thing that a text names, and where it stands."""

from typing import Any, NamedTuple

DIGIT = "[0-9٠-٩۰-۹०-९０-９]"
"""One digit, in any of the scripts that have their own."""


class Mention(NamedTuple):
    """One thing that a text names."""

    kind: str
    start: int
    end: int
    text: str
    value: Any = None
    """A number, an ISO 8601 date or time; None where the text leaves it open."""
    unit: str = ""
    """Of money its ISO 4217 code, of a duration its unit, of a quantity its unit as written."""


def apart(text: str, start: int, end: int) -> bool:
    """Whether no letter or digit goes on at either end."""
    before, after = text[start - 1 : start], text[end : end + 1]
    first, last = text[start], text[end - 1]
    glued_before = (
        before.isalnum() and before.isascii() == first.isascii() and not (joins(before) and first.isdecimal())
    )
    glued_after = after.isalnum() and after.isascii() == last.isascii() and not joins(last)
    return not (glued_before or glued_after)


def joins(character: str) -> bool:
    """Whether words of its script are written without blanks between them."""
    return "\u0e00" <= character <= "\u0e7f" or "\u2e80" <= character <= "\u9fff" or "\uac00" <= character <= "\ud7af" or "\u3040" <= character <= "\u30ff"  # fmt: skip
