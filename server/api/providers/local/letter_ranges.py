"""Letters in RE2's expressions by ranges that hold unassigned characters and marks too: a third of the program of ``\\p{L}``."""

import sys
import unicodedata
from functools import cache

_BEYOND = r"\x{10000}-\x{1EFFF}\x{20000}-\x{3FFFF}"
"""Letters of the other planes: whole blocks, without those of pictures."""


def with_letter_ranges(expression: str) -> str:
    """The expression with every ``\\p{L}`` as ranges; what else stands in it stays as it is."""
    if r"\p{L}" not in expression:
        return expression
    parts = []
    at, is_in_class = 0, False
    while at < len(expression):
        if expression.startswith(r"\p{L}", at):
            parts.append(_letters() if is_in_class else f"[{_letters()}]")
            at += len(r"\p{L}")
            continue
        taken = 2 if expression[at] == "\\" else 1
        if expression[at] == "[" and not is_in_class:
            is_in_class = True
            # A bracket that stands first in a class, or behind its negation, is one of its characters.
            taken += expression.startswith("^", at + taken)
            taken += expression.startswith("]", at + taken)
        elif expression[at] == "]" and is_in_class:
            is_in_class = False
        parts.append(expression[at : at + taken])
        at += taken
    return "".join(parts)


@cache
def _letters() -> str:
    """The inside of a class, in characters: as numbers it is more than twice as long, and each of hundreds of patterns keeps it.

    Nothing but letters, marks and what has no character is in it: no digit, no currency."""
    ranges: list[list[int]] = []
    is_open = False
    for code in range(0x80, 0x10000):
        kind = unicodedata.category(chr(code))
        if kind[0] == "L":
            if is_open:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
                is_open = True
        elif kind[0] not in "MC":
            is_open = False
    return sys.intern("A-Za-z" + "".join(f"{chr(a)}-{chr(b)}" for a, b in ranges) + _BEYOND)
