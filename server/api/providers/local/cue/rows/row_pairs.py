"""Objects of a thing and one figure that a prompt tells one behind the other: «Lena (7) and Max (4)», «soup for $5, salad for $7»."""

from collections.abc import Sequence
from typing import Any

from server.api.providers.local.cue.clause import is_simply_so
from server.api.providers.local.cue.passage import Passage, PassageToken, Sentence, number_of
from server.api.providers.local.cue.rows.row_clauses import object_of
from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.lexicon import first_names
from server.api.providers.local.node import Node, node_of
from server.api.providers.local.record import thing_of

_LINKS = frozenset({"at", "for", "costs", "cost", "is", "(", ":", "-", "–", ","})
_NO_THING = frozenset(
    [
        "someone",
        "somebody",
        "everyone",
        "nobody",
        "else",
        "and",
        "or",
        "the",
        "a",
        "an",
        "to",
        "in",
        "on",
        "of",
        "with",
        "by",
        "from",
        "we",
        "i",
        "it",
        "they",
        "he",
        "she",
        "is",
        "are",
        "was",
        "were",
    ]
)  # one list, one line
_LEAST = 2
_LONGEST_THING = 4


def rows_of_pairs(items: Node, passage: Passage, root: dict[str, Any]) -> list[dict[str, Any]]:
    """The objects of the one place where such pairs stand; none where an object has other members."""
    thing = thing_of(items)
    figures = [
        name
        for name, member in items.properties.items()
        if set(node_of(root, member).types) & {"integer", "number"}
    ]
    if thing is None or len(figures) != 1 or len(items.properties) != _LEAST:
        return []
    found = []
    for sentence in passage.sentences:
        starts = [
            at
            for at, token in enumerate(sentence.tokens)
            if at == 0 or token.text == ":" or sentence.tokens[at - 1].word in ("are", "were")
        ]
        for at in starts if not sentence.is_taken_back else ():
            pairs, end = _pairs(sentence, at + (sentence.tokens[at].text == ":"), passage)
            if len(pairs) >= _LEAST and is_simply_so(sentence, at, end):
                found.append(pairs)
    if len(found) != 1:
        return []
    rows = [object_of({thing: name, figures[0]: value}, items, root) for name, value in found[0]]
    return [row for row in rows if row is not None] if None not in rows else []


def _pairs(sentence: Sentence, at: int, passage: Passage) -> tuple[list[tuple[str, Value]], int]:
    """The pairs from a token to the end of the sentence; none unless they are all that stands there."""
    tokens = sentence.tokens
    pairs: list[tuple[str, Value]] = []
    while at < len(tokens) and tokens[at].text not in ".!\n":
        pair = _pair(tokens, at, passage)
        if pair is None:
            return [], at
        pairs.append((pair[0], pair[1]))
        at = pair[2]
        while at < len(tokens) and tokens[at].word in (",", "and", "&", ";", "plus"):
            at += 1
    return pairs, at


def _pair(tokens: Sequence[PassageToken], at: int, passage: Passage) -> tuple[str, Value, int] | None:
    first = at + (tokens[at].word in ("the", "a", "an"))
    end = first
    while end < len(tokens) and end - first < _LONGEST_THING and tokens[end].is_word:
        if tokens[end].word in _NO_THING | _LINKS or tokens[end].unsettles:
            break
        end += 1
    behind = end + (end < len(tokens) and tokens[end].word in _LINKS)
    if end == first or behind >= len(tokens) or tokens[end - 1].word.endswith("ed"):
        return None
    if end - first > 1 and tokens[first].text in first_names() and not tokens[end - 1].is_capital:
        # «Kilian owes 20 euros»
        return None
    token = tokens[behind]
    figure = token.mention.value if token.mention is not None else number_of(token)
    if isinstance(figure, bool) or not isinstance(figure, int | float):
        return None
    after = behind + 1
    if after < len(tokens) and tokens[after].text == ")":
        after += 1
    return passage.written(tokens[first], tokens[end - 1]), Value(figure, token.mention), after
