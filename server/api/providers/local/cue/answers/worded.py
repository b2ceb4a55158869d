"""Values of choices, yes and no that a prompt words in other words than the property, or in another language: «asap» or «срочно» for urgent."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

from server.api.providers.local.cue.answers.choice import places_of
from server.api.providers.local.cue.clause import is_simply_so
from server.api.providers.local.cue.cue_row import lines_of, words_match
from server.api.providers.local.cue.passage import Passage, PassageToken
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
    told.discard(None)
    named = {str(place.value) for place in places_of([*listed.values()], passage)} if told else set()
    # «Berlin is up, Paris went down»: the words of one, the name of another.
    return told.pop() if len(told) == 1 and named <= set(map(str, told)) else None


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
            if any(
                is_simply_so(sentence, first, end, allowed) and not is_in_name(sentence.tokens, first, end)
                for first, end in spans
            ):
                yield row


def is_in_name(tokens: Sequence[PassageToken], first: int, end: int) -> bool:
    """Whether some words are part of a longer name: «Dog & Duck», «Mercury Express»."""
    if not tokens[first].is_capital or tokens[first].text.isupper():
        return False
    before = tokens[first - 1] if first else None
    behind = tokens[end] if end < len(tokens) else None
    joined = behind is not None and (behind.is_capital or behind.text in ("&", "'", "’"))
    led = before is not None and before.is_capital and first > 1
    return (joined and tokens[end - 1].is_capital) or led


@cache
def _rows() -> tuple[_Worded, ...]:
    rows = (line.split("\t") for line in lines_of("worded"))
    return tuple(
        _Worded(frozenset(heads.split()), tuple(values.split(",")), tuple(words.split()))
        for heads, values, words in rows
    )
