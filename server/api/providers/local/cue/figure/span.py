"""The ends of a range that a sentence gives: «between £19,000 and £22,000 a year», «62000 to 75000 EUR»."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from server.api.providers.local.cue.certain import is_certain
from server.api.providers.local.cue.cue_row import Cued
from server.api.providers.local.cue.figure.amounts import phrases_of
from server.api.providers.local.cue.passage import Passage, PassageToken, Sentence
from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.property import words_of
from server.api.providers.local.structure.figure_group import range_of
from server.api.providers.local.values.leaf import Leaf

_JOINING = frozenset({"to", "-", "–", "—", "and", "until", "bis", "à", "a"})
_NEAR = 8
"""Tokens before a range among which its name may stand."""
_LEAST = frozenset({"min", "minimum", "from", "low", "lower", "lowest"})
_MOST = frozenset({"max", "maximum", "to", "high", "upper", "highest"})


def ends_of_ranges(leaf: Leaf, passage: Passage) -> Iterator[Cued]:
    """The end that a property asks for of the ranges that its name stands before."""
    thing, end = _range(leaf)
    if not thing:
        return
    phrases = phrases_of(tuple(thing.split()))
    for sentence in passage.sentences:
        if sentence.is_taken_back:
            continue
        yield from _bounds(sentence, end, phrases)
        for first, second in _ranges(sentence.tokens):
            low, high = sentence.tokens[first], sentence.tokens[second]
            if not _is_named(sentence, first, second, phrases) or not is_certain(sentence, first, second + 1):
                continue
            chosen = low if end == "min" else high
            value = chosen.mention.value if chosen.mention is not None else None
            yield Cued(Value(value), chosen.start, chosen.end)


def asks_for_an_end(leaf: Leaf) -> bool:
    """Whether a property asks for the least or the most of something."""
    return bool(_range(leaf)[0])


def _bounds(sentence: Sentence, end: str, phrases: frozenset[tuple[str, ...]]) -> Iterator[Cued]:
    """The bounds that stand alone: «a budget of up to $5,000»."""
    tokens = sentence.tokens
    for at, token in enumerate(tokens):
        mention = token.mention
        if mention is None or mention.kind not in ("money", "number") or mention.value is None:
            continue
        before = tuple(word.word for word in tokens[max(0, at - 3) : at])
        bound = next((words for words in _BOUNDS[end] if before[-len(words) :] == words), None)
        if bound is None or not _is_named(sentence, at - len(bound), at, phrases):
            continue
        if is_certain(sentence, at, at + 1, frozenset(bound)):
            yield Cued(Value(mention.value), token.start, token.end)


_BOUNDS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "min": (
        ("at", "least"),
        ("minimum", "of"),
        ("minimum",),
        ("no", "less", "than"),
        ("not", "less", "than"),
        ("upwards", "of"),
    ),
    "max": (
        ("up", "to"),
        ("at", "most"),
        ("maximum", "of"),
        ("maximum",),
        ("max",),
        ("no", "more", "than"),
        ("not", "more", "than"),
        ("not", "exceed"),
    ),
}
"""Words before the least and the most."""


def _range(leaf: Leaf) -> tuple[str, str]:
    thing, end = range_of(leaf.path[-1])
    if thing or len(leaf.path) < 2:
        return thing, end
    word, outer = leaf.path[-1].lower(), " ".join(words_of(leaf.path[-2])).removesuffix(" range")
    end = "min" if word in _LEAST else "max" if word in _MOST else ""
    return (outer, end) if end else ("", "")


def _ranges(tokens: Sequence[PassageToken]) -> Iterator[tuple[int, int]]:
    figures = [
        at
        for at, token in enumerate(tokens)
        if token.mention is not None
        and token.mention.kind in ("number", "money")
        and isinstance(token.mention.value, int | float)
    ]
    for first, second in pairwise(figures):
        between = [token.word for token in tokens[first + 1 : second]]
        low, high = tokens[first].mention, tokens[second].mention
        assert low is not None and high is not None
        if len(between) == 1 and between[0] in _JOINING and low.value < high.value:
            if between[0] == "and" and "between" not in {
                token.word for token in tokens[max(0, first - 2) : first]
            }:
                continue
            yield first, second


def _is_named(sentence: Sentence, first: int, second: int, phrases: frozenset[tuple[str, ...]]) -> bool:
    tokens = sentence.tokens
    for places in (range(max(0, first - _NEAR), first), range(second + 1, min(second + 3, len(tokens)))):
        for place in places:
            for phrase in phrases:
                if tuple(token.word for token in tokens[place : place + len(phrase)]) == phrase:
                    return True
    return False
