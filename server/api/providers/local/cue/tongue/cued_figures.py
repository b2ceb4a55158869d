"""Days, times and amounts by the words of their clause in ten western languages: the only one where the property is plain, else the one with its word."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from server.api.providers.local.coercion import NOTHING, coerced
from server.api.providers.local.cue.passage import Passage, PassageToken, Sentence
from server.api.providers.local.cue.tongue.plain_said import clause_around, denied_at, is_unsure
from server.api.providers.local.cue.tongue.wordings import Wording, is_word, wordings_of, words_of_row
from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.property import words_of
from server.api.providers.local.values.leaf import Leaf

_TABLE = "figure_cues_west.tsv"
_PLAIN = "*"
_BEFORE = 5
_BEHIND = 3
_CURRENCIES = frozenset({"eur", "usd", "pln", "czk", "sek", "chf", "gbp", "brl", "kr", "euro", "euros", "in", "kc", "zl", "nok", "dkk", "huf"})  # fmt: skip
_KINDS = {"date": ("date", "datetime"), "time": ("time",), "money": ("money",)}
_RANGES = frozenset({"-", "–", "—", "bis", "à", "a", "al", "hasta", "até", "tot", "till", "do", "und", "et", "y", "e", "en", "och", "i", "ja", "oder", "ou", "o", "of", "eller", "nebo", "lub", "tai", "/", "/h"})  # fmt: skip


class _Family(NamedTuple):
    kind: str
    names: frozenset[str]
    phrases: tuple[tuple[str, ...], ...]


class _Place(NamedTuple):
    sentence: Sentence
    at: int


def cued_figure(leaf: Leaf, leaves: Sequence[Leaf], passage: Passage, language: str) -> Any:
    """The day, time or amount for a property; None where nothing tells which one, or where two would do."""
    name = _asked_name(leaf)
    kind = _kind_of(leaf, name)
    families = [family for family in _families(language, kind) if name in family.names] if kind else []
    if not families:
        return None
    places = [
        _Place(sentence, at)
        for sentence in passage.sentences
        for at, token in enumerate(sentence.tokens)
        if token.mention is not None and token.mention.kind in _KINDS[kind]
    ]
    own = [family for family in families if _PLAIN not in family.names]
    if own:
        found = [place for place in places if any(_tells(own_one, place, kind, language) for own_one in own)]
        found = [place for place in found if not _is_of_another(place, own, kind, language)]
        if len(found) == 1:
            return _value(found[0], leaf, passage, language)
        if found or len(own) == len(families):
            return None
    if kind == "money":
        # What an amount is for that stands alone is open.
        return None
    if len(places) != 1 or sum(_kind_of(one, _asked_name(one)) == kind for one in leaves) != 1:
        return None
    if any(
        _tells(family, places[0], kind, language)
        for family in _families(language, kind)
        if family not in families
    ):
        return None
    return _value(places[0], leaf, passage, language)


def _asked_name(leaf: Leaf) -> str:
    words = words_of(leaf.path[-1])
    while len(words) > 1 and words[-1] in _CURRENCIES:
        words = words[:-1]
    return " ".join(words)


def _kind_of(leaf: Leaf, name: str) -> str:
    """Which kind of figure a property asks for."""
    types, form = set(leaf.node.types), str(leaf.node.schema.get("format", ""))
    if "enum" in leaf.node.schema or "const" in leaf.node.schema:
        return ""
    if types & {"integer", "number"}:
        return "money" if leaf.asked.kind == "money" or name in _names("money") else ""
    if form == "date" or (not form and leaf.asked.kind == "date"):
        return "date"
    is_time = form in ("", "time") and (
        leaf.asked.kind == "time" or "time" in words_of(name) or _is_clock(leaf)
    )
    return "time" if is_time else ""


def _is_clock(leaf: Leaf) -> bool:
    shape = str(leaf.node.schema.get("pattern", ""))
    return r":\d{2}" in shape or leaf.path[-1] in ("departs", "arrives", "opens", "closes")


@lru_cache(maxsize=4)
def _names(kind: str) -> frozenset[str]:
    return frozenset().union(*(family.names for family in _families("de", kind)))


@lru_cache(maxsize=40)
def _families(language: str, kind: str) -> tuple[_Family, ...]:
    return tuple(_family(row) for row in wordings_of(_TABLE, language) if row.key.startswith(f"{kind} "))


def _family(row: Wording) -> _Family:
    kind, _, names = row.key.partition(" ")
    return _Family(kind, frozenset(names.split(",")), row.phrases)


def _tells(family: _Family, place: _Place, kind: str, language: str) -> bool:
    return _distance(family, place, kind, language) is not None


def _distance(family: _Family, place: _Place, kind: str, language: str) -> int | None:
    """How far from a figure a word of a family stands in its clause; None where none does."""
    tokens, at = place.sentence.tokens, place.at
    start, stop = clause_around(place.sentence, at, at + 1, language)
    figures = [n for n in range(start, stop) if _is_figure(tokens[n], kind)]
    first = max((n + 1 for n in figures if n < at), default=start)
    last = min((n for n in figures if n > at), default=stop)
    alone = len(figures) == 1
    found = [
        (at - end + 1 if end <= at else begin - at + 1)
        for begin, end in _spans(family, tokens, first, last, language)
        if alone or (end <= at and at - end < _BEFORE) or (begin > at and begin - at <= _BEHIND)
    ]
    return min(found, default=None)


def _spans(
    family: _Family, tokens: Sequence[PassageToken], first: int, last: int, language: str
) -> Iterator[tuple[int, int]]:
    for phrase in family.phrases:
        for at in range(first, last - len(phrase) + 1):
            if all(is_word(tokens[at + n].word, part, language) for n, part in enumerate(phrase)):
                yield at, at + len(phrase)


def _is_figure(token: PassageToken, kind: str) -> bool:
    return token.mention is not None and token.mention.kind in _KINDS[kind]


def _is_of_another(place: _Place, own: Sequence[_Family], kind: str, language: str) -> bool:
    """Whether the word of another family stands nearer to a figure, or as near."""
    nearest = min(
        (d for family in own if (d := _distance(family, place, kind, language)) is not None), default=0
    )
    return any(
        other is not None and other < nearest
        for family in _families(language, kind)
        if family not in own and _PLAIN not in family.names
        for other in (_distance(family, place, kind, language),)
    )


def _value(place: _Place, leaf: Leaf, passage: Passage, language: str) -> Any:
    sentence, at = place
    tokens = sentence.tokens
    mention = tokens[at].mention
    if mention is None or mention.value is None or sentence.is_taken_back:
        return None
    about = {phrase[0] for phrase in words_of_row("doubt.tsv", language).get("about", ())}
    limits = {phrase[0] for phrase in words_of_row("frame_stops_west.tsv", language).get("limit", ())}
    before = {token.word for token in tokens[max(0, at - 3) : at]}
    if mention.kind == "money" and not before.isdisjoint(about | limits):
        return None
    if at + 2 < len(tokens) and tokens[at + 1].word in _RANGES and tokens[at + 2].mention is not None:
        return None
    if at > 1 and tokens[at - 1].word in _RANGES and not tokens[at - 2].is_word and mention.kind == "date":
        return None
    if is_unsure(sentence, at, at + 1, passage, language) or denied_at(
        sentence, at, at + 1, passage, language
    ):
        return None
    value = coerced(Value(mention.value, mention), leaf.asked, leaf.node)
    return None if value is NOTHING else value
