"""The value of a list of choices, and whether something is so, as a prompt of another language words them: «przy odbiorze» for cash on delivery."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from server.api.providers.local.assertion.assertion import BLANK
from server.api.providers.local.cue.passage import Passage, Sentence
from server.api.providers.local.cue.tongue.plain_said import (
    denied_at,
    is_denied_beside,
    is_doubted,
    is_plain,
)
from server.api.providers.local.cue.tongue.wordings import (
    WordedPlace,
    places_in,
    wordings_of,
)
from server.api.providers.local.property import words_of
from server.api.providers.local.values.leaf import Leaf

_CHOICES = "spoken_choices.tsv"
_TRUTHS = "spoken_truths.tsv"
_MOST_VALUES = 60
_FRONT = frozenset({"is", "has", "was", "are", "have", "with", "needs", "need", "wants", "want", "includes", "include", "requires", "require", "allows", "accepts", "can", "will", "does"})  # fmt: skip
_BACK = frozenset({"allowed", "included", "available", "required", "needed", "requested", "permitted", "possible", "accepted", "friendly", "wanted", "welcome"})  # fmt: skip


class _Hit(NamedTuple):
    value: Any
    place: WordedPlace
    is_so: bool


def spoken_choice(leaf: Leaf, passage: Passage, language: str) -> Any:
    """The one value of a list that a prompt words; None where it words none, or two."""
    listed = [value for value in leaf.node.schema["enum"] if isinstance(value, str) and value]
    if not listed or len(listed) > _MOST_VALUES:
        return None
    if any(value.lower() in _DAYS for value in listed) and _is_called_off(passage, language):
        # «La réunion de lundi est annulée»: nothing takes place on that day.
        return None
    hits = _longest(_hits(leaf, listed, passage, language))
    told = {hit.value for hit in hits if hit.is_so}
    if len(told) != 1:
        return None
    value = told.pop()
    return None if any(hit.value == value and not hit.is_so for hit in hits) else value


_DAYS = frozenset({"monday", "mon", "montag", "lundi", "lunes", "sunday", "sun", "morning", "evening"})
"""By one of these a list of days, or of times of the day, is told."""


def _is_called_off(passage: Passage, language: str) -> bool:
    return any(
        "cancelled" in _names_of(row.key)[0] and any(True for _ in places_in(row.phrases, passage, language))
        for row in wordings_of(_CHOICES, language)
    )


def spoken_choices(leaf: Leaf, listed: Sequence[Any], passage: Passage, language: str) -> list[Any] | None:
    """The values of a list of which several may be chosen, in the order of the text."""
    values = [value for value in listed if isinstance(value, str) and value]
    if not values or len(values) > _MOST_VALUES:
        return None
    hits = _longest(_hits(leaf, values, passage, language))
    if any(not hit.is_so for hit in hits):
        return None
    ordered = sorted(hits, key=lambda hit: hit.place.sentence.tokens[hit.place.first].start)
    return list(dict.fromkeys(hit.value for hit in ordered)) or None


def _hits(leaf: Leaf, listed: Sequence[str], passage: Passage, language: str) -> list[_Hit]:
    shaped = {" ".join(words_of(value)) or value.lower(): value for value in reversed(listed)}
    asked = frozenset(word for name in leaf.path[-2:] for word in words_of(name)) | leaf.asked.about
    found: list[_Hit] = []
    for row in wordings_of(_CHOICES, language):
        names, is_for = _names_of(row.key)
        value = next((shaped[name] for name in names if name in shaped), None)
        if value is None or (is_for and not _is_asked(is_for, leaf, asked)):
            continue
        for place in places_in(row.phrases, passage, language):
            found.append(_Hit(value, place, is_plain(place, passage, language)))
    return found


_LOOSE = frozenset({"type", "kind", "category", "state", "item", "via", "time", "part", "level", "service", "unit", "plan", "action", "request", "listing", "current", "wish", "mode", "home"})  # fmt: skip
"""Words that many properties have: beside another that the row does not have they ask for something else."""


def _is_asked(is_for: frozenset[str], leaf: Leaf, asked: frozenset[str]) -> bool:
    """Whether a row speaks of what a property asks."""
    if is_for & asked - _LOOSE:
        return True
    words = set(words_of(leaf.path[-1]))
    return bool(is_for & words) and words <= is_for | _LOOSE


@lru_cache(maxsize=400)
def _names_of(key: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """The forms of a value in a row, and the words of properties for which alone it stands."""
    head, mark, rest = key.rpartition(":")
    return tuple(name.strip() for name in rest.split(",")), frozenset(head.split()) if mark else frozenset()


def _longest(hits: Sequence[_Hit]) -> list[_Hit]:
    """Those that do not stand within a longer one."""
    return [
        hit
        for hit in hits
        if not any(
            other.place.sentence is hit.place.sentence
            and other.place.first <= hit.place.first
            and hit.place.end <= other.place.end
            and other.place.end - other.place.first > hit.place.end - hit.place.first
            for other in hits
        )
    ]


def spoken_truth(leaf: Leaf, passage: Passage, language: str) -> bool | None:
    """Whether what a property names is so; None where nothing says it, or both ways."""
    names = _asked_names(leaf)
    found: set[bool | None] = set()
    no_places: list[WordedPlace] = []
    yes_places: list[WordedPlace] = []
    for row in wordings_of(_TRUTHS, language):
        said, told = _told_names(row.key)
        if names.isdisjoint(told):
            continue
        wished = passage._replace(sentences=passage.wished)
        if len(list(places_in(row.phrases, wished, language))) > len(
            list(places_in(row.phrases, passage, language))
        ):
            # It is wished, or would be so.
            return None
        for place in places_in(row.phrases, passage, language):
            if not _is_saying(place, passage, language):
                (yes_places if said else no_places).append(place)
    for place in no_places:
        found.add(None if is_doubted(*place, passage, language) else False)
    for place in yes_places:
        if any(_is_within(place, other) for other in no_places):
            continue
        if is_doubted(*place, passage, language):
            found.add(None)
        elif is_plain(place, passage, language):
            found.add(True)
        else:
            found.add(False if is_denied_beside(*place, passage, language) else None)
    answer = found.pop() if len(found) == 1 else None
    if answer is False and any(_is_blank(sentence) for sentence in passage.sentences):
        # What another sentence wishes or asks may be just this.
        return None
    return answer


def _is_blank(sentence: Sentence) -> bool:
    return all(token.text.startswith(BLANK) or not token.text.isalnum() for token in sentence.tokens)


def _is_saying(place: WordedPlace, passage: Passage, language: str) -> bool:
    """Whether a sentence is of the kind of «pas de piscine, pas de vacances»."""
    tokens = place.sentence.tokens
    twice = sum(token.word == tokens[0].word for token in tokens) > 1
    return twice and 0 in denied_at(place.sentence, 1, 1, passage, language, ()) + (
        [0]
        if tokens[0].word
        in ("pas", "no", "sin", "sans", "ohne", "kein", "keine", "bez", "без", "sem", "senza")
        else []
    )


def _is_within(place: WordedPlace, other: WordedPlace) -> bool:
    return place.sentence is other.sentence and other.first <= place.first and place.end <= other.end


@lru_cache(maxsize=400)
def _told_names(key: str) -> tuple[bool, frozenset[str]]:
    said, _, names = key.partition(" ")
    return said == "yes", frozenset(name.strip() for name in names.split(","))


def _asked_names(leaf: Leaf) -> frozenset[str]:
    """The names of a property without «is» and «allowed»."""
    words = words_of(leaf.path[-1])
    found = {" ".join(words)}
    while len(words) > 1 and words[0] in _FRONT:
        words = words[1:]
        found.add(" ".join(words))
    if len(words) > 1 and words[-1] in _BACK:
        found.add(" ".join(words[:-1]))
    return frozenset(found)
