"""Pairs of a key and a value that a prompt tells for an object without known members: «Lena 18, Omar 22», «PORT=8080», «the Boston store sold 412»."""

from collections.abc import Iterator, Sequence
from typing import Any

from server.api.providers.local.cue.clause import is_simply_so
from server.api.providers.local.cue.figure.counted_nouns import forms
from server.api.providers.local.cue.figure.measured import is_below_zero
from server.api.providers.local.cue.passage import Passage, PassageToken, Sentence, number_of
from server.api.providers.local.cue.rows.told_maps import told_pairs
from server.api.providers.local.node import Node, node_of
from server.api.providers.local.pattern import pattern
from server.api.providers.local.values.leaf import Leaf

_ASSIGNED = r"(?:^|[\s,;(])([A-Za-z_][A-Za-z0-9_.-]*)=([^\s,;()\"']+)"
_SETTINGS = frozenset(
    "env environment variables vars variable config configuration settings options parameters params labels flags headers query args arguments properties attributes metadata tags fields data values".split()  # noqa: SIM905  # one list, one line
)
_LEAST = 2
_LONGEST_KEY = 3
_AND = frozenset({",", ";", "and", "&", "while"})


def pairs_by_cues(leaf: Leaf, passage: Passage, root: dict[str, Any]) -> dict[str, Any] | None:
    """The pairs; None where there are none, or where the object is not what the prompt speaks of."""
    member = node_of(root, leaf.node.schema.get("additionalProperties", {}))
    if not _SETTINGS.isdisjoint(leaf.asked.words):
        return _assigned(passage, member)
    if set(member.types) & {"integer", "number"}:
        found = [
            pairs for sentence in passage.sentences if (pairs := _counted(leaf, sentence, passage, member))
        ]
        if found:
            return found[0] if len(found) == 1 else None
        names = frozenset(form for word in leaf.asked.words for form in forms(word))
        return told_pairs(passage, member, names)
    return None


def _assigned(passage: Passage, member: Node) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    for sentence in passage.sentences:
        if not sentence.tokens or sentence.is_taken_back:
            continue
        written = passage.text[sentence.tokens[0].start : sentence.tokens[-1].end]
        for match in pattern(_ASSIGNED).finditer(written):
            key, value = match[1], match[2].rstrip(".")
            if key in found and found[key] != value:
                return None
            if set(member.types) & {"integer", "number"}:
                if not value.isdecimal():
                    return None
                found[key] = int(value)
            else:
                found[key] = value
    return found or None


def _counted(leaf: Leaf, sentence: Sentence, passage: Passage, member: Node) -> dict[str, Any] | None:
    """A figure for each name of a sentence that speaks of what the figures are."""
    tokens = sentence.tokens
    spoken = {token.word for token in tokens}
    words = [
        word
        for word in leaf.asked.words
        if word not in ("by", "per", "of", "the", "for", "each", "map", "counts", "count")
    ]
    if sentence.is_taken_back or not any(spoken & forms(word) for word in words):
        return None
    keys = forms(words[-1]) if len(words) > 1 and {"by", "per"} & set(leaf.asked.words) else set()
    start = next((at + 1 for at, token in enumerate(tokens) if token.text == ":"), 0)
    pairs: dict[str, Any] = {}
    for segment in _segments(tokens[start:]):
        pair = _keyed(segment, keys, passage) if keys else None
        pair = pair or _bare(segment, passage) or _in_place(segment, passage)
        if pair is None or pair[0] in pairs:
            return None
        if "number" not in member.types and not isinstance(pair[1], int):
            return None
        pairs[pair[0]] = pair[1]
    if len(pairs) < _LEAST or not is_simply_so(sentence, start, len(tokens)):
        return None
    return pairs


def _segments(tokens: Sequence[PassageToken]) -> Iterator[Sequence[PassageToken]]:
    first = 0
    for at, token in enumerate(tokens):
        if token.word in _AND:
            if at > first:
                yield tokens[first:at]
            first = at + 1
    last = [token for token in tokens[first:] if token.text not in ".!"]
    if last:
        yield last


def _figure(token: PassageToken) -> float | int | None:
    if token.mention is not None and token.mention.kind in ("money", "quantity", "percentage"):
        return token.mention.value if isinstance(token.mention.value, int | float) else None
    return number_of(token)


def _bare(segment: Sequence[PassageToken], passage: Passage) -> tuple[str, Any] | None:
    """«Lena 18», «Omar: 22»: a name and its figure, nothing else."""
    words = [token for token in segment if token.text not in ":=-–"]
    figure = _figure(words[-1]) if len(words) > 1 else None
    if figure is None or len(words) - 1 > _LONGEST_KEY or not all(token.is_word for token in words[:-1]):
        return None
    if not words[0].is_capital:
        return None
    if is_below_zero(segment, len(segment) - 1):
        figure = -figure
    return passage.written(words[0], words[-2]), figure


def _in_place(segment: Sequence[PassageToken], passage: Passage) -> tuple[str, Any] | None:
    """«12 sign-ups in January», «18 in February»: a figure and the name behind «in»."""
    figures = [figure for token in segment if (figure := _figure(token)) is not None]
    names = list(segment[-1:])
    if len(figures) != 1 or len(segment) < _LONGEST_KEY or segment[-2].word not in ("in", "from", "for"):
        return None
    if not names[0].text[:1].isupper():
        return None
    return passage.written(names[0], names[0]), figures[0]


def _keyed(segment: Sequence[PassageToken], keys: set[str], passage: Passage) -> tuple[str, Any] | None:
    """«the Boston store sold 412 units»: the name before the noun by which is counted, and the only figure."""
    nouns = [at for at, token in enumerate(segment) if token.word in keys]
    figures = [figure for token in segment if (figure := _figure(token)) is not None]
    if len(nouns) != 1 or len(figures) != 1:
        return None
    first = nouns[0]
    while first > 0 and segment[first - 1].is_capital and segment[first - 1].word != "the":
        first -= 1
    if first == nouns[0]:
        return None
    return passage.written(segment[first], segment[nouns[0] - 1]), figures[0]
