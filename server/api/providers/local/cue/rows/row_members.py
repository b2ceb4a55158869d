"""Objects of which each clause tells the members by their own cues: «web-01 has 8 cores; web-02 has 4 cores»."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from server.api.providers.local.cue.passage import Passage, PassageToken, Sentence
from server.api.providers.local.node import Node, node_of
from server.api.providers.local.record import nullable_of
from server.api.providers.local.values.leaf import Leaf, property_at

_LEAST = 2
_MOST = 12
_MOST_MEMBERS = 10
_AND = frozenset({"and", "while", "whereas"})

Teller = Callable[[Sequence[Leaf], Passage, dict[str, Any]], dict[tuple[str, ...], Any]]
"""What gives the values of leaves from a passage."""


def rows_of_members(
    items: Node, passage: Passage, root: dict[str, Any], told: Teller
) -> list[dict[str, Any]]:
    """The objects of neighbouring clauses that tell the same members; none unless there are several."""
    leaves = [
        Leaf(
            (name,),
            property_at((), name, node_of(root, member)),
            node_of(root, member),
            name in items.required,
        )
        for name, member in items.properties.items()
    ]
    if len(leaves) > _MOST_MEMBERS or len(leaves) < _LEAST:
        return []
    clauses = [
        clause
        for sentence in passage.sentences
        if not sentence.is_taken_back
        for clause in _clauses(sentence)
    ]
    if not _LEAST <= len(clauses) <= _MOST:
        return []
    rows = []
    for clause in clauses:
        values = told(leaves, passage._replace(sentences=[Sentence(clause)], wished=()), root)
        if values:
            rows.append({path[0]: value for path, value in values.items()})
    members = {frozenset(row) for row in rows}
    if len(rows) < _LEAST or len(members) != 1 or len(rows[0]) < _LEAST or set(items.required) - set(rows[0]):
        return []
    whole = dict.fromkeys(nullable_of(root, items))
    return [{**whole, **row} for row in rows]


def _clauses(sentence: Sentence) -> Iterator[Sequence[PassageToken]]:
    """The parts of a sentence between semicolons, and before an «and» or a comma behind which a name begins."""
    tokens = sentence.tokens
    first = 0
    for at, token in enumerate(tokens):
        behind = tokens[at + 1] if at + 1 < len(tokens) else None
        if token.text == ";" or (behind is not None and token.word in _AND and _begins(tokens, at + 1)):
            end = at - 1 if at and tokens[at - 1].text == "," else at
            if end > first:
                yield tokens[first:end]
            first = at + 1
    if len(tokens) > first:
        yield tokens[first:]


def _begins(tokens: Sequence[PassageToken], at: int) -> bool:
    """Whether a name with a verb behind it stands there."""
    end = at
    while end < len(tokens) and (tokens[end].is_capital or tokens[end].mention is not None) and end - at < 4:
        end += 1
    return (
        at < end < len(tokens)
        and tokens[end].is_word
        and not tokens[end].is_capital
        and tokens[end].word.endswith(("s", "ed"))
    )
