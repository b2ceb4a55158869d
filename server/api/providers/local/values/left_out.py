"""Lists one of whose things the prompt leaves out elsewhere: «the helmet we already have», «we don't need the helmet»."""

from collections.abc import Iterator
from typing import Any

from server.api.providers.local.pattern import pattern

_HAD = r"^ (?:that )?(?:we|i)(?:['’]ve)? (?:already|still) (?:have|own|got|bought)\b|^ (?:we|i) (?:don['’]t|do not|didn['’]t|won['’]t) (?:need|want|take|buy)\b"
_LEFT = (
    r"(?:(?:already|still) (?:have|own|got|bought)|(?:don['’]t|do not|didn['’]t|won['’]t|no longer) (?:need|want|take|buy)|\bnot|except(?: for)?|without)"
    r" (?:the |a |an |any |our |my |that |another )?$"
)
_LONGEST = 80
_MOST = 40


def is_left_out(rows: Any, text: str) -> bool:
    """Whether a thing of these rows is said to be had already, or not to be wanted, at some place of the text."""
    return isinstance(rows, list) and any(_is_left(name, text) for name in names_in(rows))


def names_in(rows: list[Any]) -> Iterator[str]:
    """The texts of the members of rows."""
    for row in rows[:_MOST]:
        members = row.values() if isinstance(row, dict) else ()
        yield from (member for member in members if isinstance(member, str) and member)


def _is_left(name: str, text: str) -> bool:
    at = text.find(name)
    while at >= 0:
        end = at + len(name)
        if pattern(_HAD).search(text[end : end + _LONGEST]) or pattern(_LEFT).search(
            text[max(0, at - _LONGEST) : at]
        ):
            return True
        at = text.find(name, end)
    return False
