"""Values of choices, yes and no that a prompt words in another language than the property: «срочно» for urgent."""

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from server.api.providers.local.cue.clause import is_simply_so
from server.api.providers.local.cue.cue_row import text_of, words_match
from server.api.providers.local.cue.passage import Passage
from server.api.providers.local.values.leaf import Leaf

_TRUTHS = {"true": True, "false": False}


class _Worded(NamedTuple):
    heads: frozenset[str]
    values: tuple[str, ...]
    parts: tuple[str, ...]


def worded_choice(leaf: Leaf, passage: Passage) -> Any:
    """The one value of a list that a prompt words in another language; None where it words none, or two."""
    listed = {str(value).lower(): value for value in leaf.node.schema["enum"] if isinstance(value, str)}
    told = {
        next((listed[name] for name in row.values if name in listed), None) for row in _told(leaf, passage)
    }
    return told.pop() if len(told) == 1 else None


def worded_truth(leaf: Leaf, passage: Passage) -> bool | None:
    """Whether what a property names is so, as a prompt in another language says; None where it does not, or both ways."""
    told = {_TRUTHS[row.values[0]] for row in _told(leaf, passage) if row.values[0] in _TRUTHS}
    return told.pop() if len(told) == 1 else None


def _told(leaf: Leaf, passage: Passage) -> Iterator[_Worded]:
    asked = frozenset(leaf.asked.words)
    for row in _rows():
        if row.heads.isdisjoint(asked):
            continue
        allowed = frozenset(word for part in row.parts for word in part.split("|"))
        for sentence in passage.sentences:
            spans = words_match(row.parts, sentence, passage) if not sentence.is_taken_back else ()
            if any(is_simply_so(sentence, first, end, allowed) for first, end in spans):
                yield row


@cache
def _rows() -> tuple[_Worded, ...]:
    rows = (line.split("\t") for line in text_of("worded.tsv"))
    return tuple(
        _Worded(frozenset(heads.split()), tuple(values.split(",")), tuple(words.split()))
        for heads, values, words in rows
    )
