"""The figures that a prompt enumerates behind the word for what they are: «scored 91, 87 and 95», «prices were $5, $7 and $9»."""

from collections.abc import Iterator, Sequence
from typing import Any

from server.api.providers.local.coercion import NOTHING, coerced
from server.api.providers.local.cue.clause import is_simply_so
from server.api.providers.local.cue.figure.counted_nouns import forms
from server.api.providers.local.cue.passage import Passage, PassageToken, Sentence, number_of
from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.node import Node
from server.api.providers.local.property import property_of
from server.api.providers.local.values.leaf import Leaf

_LINKS = frozenset({"are", "were", "is", ":", "of", "include", "included", "at", "the", "following", "been"})
_JOINS = frozenset({",", "and", "&", ";"})
_LEAST = 2
_REACH = 3


def numbers_by_cues(leaf: Leaf, items: Node, passage: Passage) -> list[Any] | None:
    """The figures of the one enumeration that stands behind the name of the list."""
    if not leaf.asked.words:
        return None
    asked = property_of(leaf.path[-1].removesuffix("s"), items.schema)
    nouns = forms(leaf.asked.words[-1]) | {
        form + "d" for form in forms(leaf.asked.words[-1]) if form.endswith("e")
    }
    found = []
    for sentence in passage.sentences:
        if sentence.is_taken_back:
            continue
        for values in _enumerations(sentence, nouns):
            figures = [coerced(value, asked, items) for value in values]
            if NOTHING not in figures:
                found.append(figures)
    return found[0] if len(found) == 1 else None


def _enumerations(sentence: Sentence, nouns: set[str]) -> Iterator[Sequence[Value]]:
    tokens = sentence.tokens
    for at, token in enumerate(tokens):
        if token.word not in nouns:
            continue
        first = at + 1
        while first < len(tokens) and first - at <= _REACH and tokens[first].word in _LINKS:
            first += 1
        values, end = _figures(tokens, first)
        if len(values) >= _LEAST and is_simply_so(sentence, at, end):
            yield values


def _figures(tokens: Sequence[PassageToken], at: int) -> tuple[list[Value], int]:
    values: list[Value] = []
    end = at
    while at < len(tokens):
        token = tokens[at]
        if token.mention is not None and token.mention.kind in ("money", "percentage", "quantity"):
            number = token.mention.value
        else:
            number = number_of(token)
        if not isinstance(number, int | float):
            break
        if token.mention is not None and token.mention.kind == "number" and "," in token.text:
            # «1, 2, 3,5»: nobody can say whether these are three numbers or four.
            return [], at
        values.append(Value(number, token.mention))
        at = end = at + 1
        while at < len(tokens) and tokens[at].word in _JOINS:
            at += 1
    return values, end
