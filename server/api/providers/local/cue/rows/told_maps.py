"""Pairs behind a colon, or of a number and what it counts, for the one object of numbers of a schema: «report: Maths 78, French 91», «Stock: 12 bolts, 40 washers»."""

from collections.abc import Sequence
from typing import Any

from server.api.providers.local.cue.clause import is_simply_so
from server.api.providers.local.cue.figure.measured import is_below_zero
from server.api.providers.local.cue.passage import Passage, PassageToken, Sentence, number_of
from server.api.providers.local.node import Node

_LEAST = 2
_LONGEST_KEY = 3
_PARTS = frozenset({",", ";", "and", "&", "\n"})
_NO_KEY = frozenset(
    "a an the of in on at for to from by with each per more less about no not is are was were has have had than total all".split()  # noqa: SIM905  # one list, one line
)
_FIGURES = frozenset({"money", "quantity", "percentage"})


def told_pairs(passage: Passage, member: Node, names: frozenset[str]) -> dict[str, Any] | None:
    """The pairs of the one sentence that lists nothing but pairs behind a colon; ``names`` are words for what is listed."""
    found = [
        pairs
        for sentence in passage.sentences
        if not sentence.is_taken_back and (pairs := _pairs(sentence, passage, member, names)) is not None
    ]
    return found[0] if len(found) == 1 else None


def _pairs(
    sentence: Sentence, passage: Passage, member: Node, names: frozenset[str]
) -> dict[str, Any] | None:
    tokens = sentence.tokens
    colons = [at for at, token in enumerate(tokens) if token.text == ":"]
    if len(colons) != 1:
        return None
    start = colons[0] + 1
    is_spoken = not names.isdisjoint(token.word for token in tokens[:start])
    pairs: dict[str, Any] = {}
    for part in _parts(tokens[start:]):
        pair = _name_first(part, passage) or (_figure_first(part, passage) if is_spoken else None)
        if (
            pair is None
            or pair[0] in pairs
            or ("number" not in member.types and not isinstance(pair[1], int))
        ):
            return None
        pairs[pair[0]] = pair[1]
    settled = len(pairs) >= _LEAST and is_simply_so(sentence, start, len(tokens))
    return pairs if settled else None


def _parts(tokens: Sequence[PassageToken]) -> list[Sequence[PassageToken]]:
    parts: list[list[PassageToken]] = [[]]
    for token in tokens:
        if token.word in _PARTS:
            parts.append([])
        elif token.text not in ".!":
            parts[-1].append(token)
    return [part for part in parts if part]


def _figure(token: PassageToken) -> float | int | None:
    mention = token.mention
    if mention is not None and mention.kind in _FIGURES:
        return mention.value if isinstance(mention.value, int | float) else None
    return number_of(token)


def _name_first(part: Sequence[PassageToken], passage: Passage) -> tuple[str, Any] | None:
    """«Maths 78»: a name and its figure, nothing else."""
    figure = _figure(part[-1]) if len(part) > 1 else None
    words = [token for token in part[:-1] if token.text not in "-–="]
    if figure is None or not words or not _is_key(words) or not words[0].is_capital:
        return None
    figure = -figure if is_below_zero(part, len(part) - 1) else figure
    return passage.written(words[0], words[-1]), figure


def _figure_first(part: Sequence[PassageToken], passage: Passage) -> tuple[str, Any] | None:
    """«12 bolts»: a number and what it counts, nothing else."""
    number = number_of(part[0])
    if number is None or len(part) < 2 or not _is_key(part[1:]):
        return None
    return passage.written(part[1], part[-1]), number


def _is_key(words: Sequence[PassageToken]) -> bool:
    return (
        len(words) <= _LONGEST_KEY
        and all(token.is_word for token in words)
        and _NO_KEY.isdisjoint(token.word for token in words)
    )
