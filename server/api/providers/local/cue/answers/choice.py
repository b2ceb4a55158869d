"""What a property chooses between: the places where its values are named, and the words with which each kind of choice is made."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from server.api.providers.local.cue.cue_row import lines_of
from server.api.providers.local.cue.passage import Passage, Sentence
from server.api.providers.local.property import words_of
from server.api.providers.local.values.leaf import Leaf

_LONGEST_VALUE = 5
"""Words of a value that is looked for."""
_COMMON = frozenset(
    "open new high low medium other standard normal free light basic a an the in on at to by of or and all any none one two old hot cold big small s m l xl xs top hard soft full go "  # noqa: SIM905  # one list, one line
    "can may will us it me yes no true false first last next day week month year time man business team pro active good fair poor used live public private personal general active done "
    "home house manual automatic single double return window major minor fix test post get put delete patch head closed complete completed clear dark work study cash contract service "
    "summer winter spring fall male female blocked moderate easy hr it sales support marketing finance engineering legal bug feature question request error info warning user admin "
    "paper note order billing account technical product email phone mail chat web app stage review draft pending black white green red blue plain".split()
)
"""Values that are words of every sentence: they count only beside a noun or a word of their choice."""
_AFFIXES = frozenset(
    "type status kind method category level mode new current preferred requested is has the a of selected chosen desired option choice name value my required default".split()  # noqa: SIM905  # one list, one line
)
_ATTRIBUTES = frozenset({"status", "state", "condition", "color", "colour", "priority", "severity", "size"})
"""Last words of names before which the thing stands that has the value."""


class ChoiceKind(NamedTuple):
    """The words beside which a choice of one kind is named."""

    nouns: frozenset[str]
    before: frozenset[str]
    subjects: frozenset[str]


class ChoicePlace(NamedTuple):
    """Where a value is named."""

    value: Any
    sentence: Sentence
    first: int
    end: int


@cache
def _kinds() -> tuple[tuple[frozenset[str], ChoiceKind], ...]:
    found = []
    for line in lines_of("choices"):
        heads, nouns, before, subjects = (*line.split("\t"), "", "", "")[:4]
        found.append(
            (
                frozenset(heads.split()),
                ChoiceKind(*(frozenset(part.split()) for part in (nouns, before, subjects))),
            )
        )
    return tuple(found)


@cache
def _other_words() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for line in lines_of("choice_words"):
        value, words = line.split("\t")
        found[value] = (*found.get(value, ()), *words.split(","))
    return found


def kind_of(leaf: Leaf) -> ChoiceKind:
    """The words for the choice that a property asks for."""
    own = frozenset(word for word in leaf.asked.words if word not in _AFFIXES)
    nouns = own | ({leaf.asked.words[-1]} if leaf.asked.words else set())
    is_attribute = bool(leaf.asked.words) and leaf.asked.words[-1] in _ATTRIBUTES
    before, subjects = frozenset(leaf.asked.words[-1:] if is_attribute else own | nouns), frozenset[str]()
    for heads, kind in _kinds():
        if heads & (own or frozenset(leaf.asked.words)):
            nouns, before, subjects = nouns | kind.nouns, before | kind.before, subjects | kind.subjects
    if {"status", "state"} & set(leaf.asked.words):
        subjects |= own or next(kind.subjects for heads, kind in _kinds() if "status" in heads)
        if own:
            subjects -= {"*"}
    return ChoiceKind(frozenset(nouns), frozenset(before), frozenset(subjects))


def places_of(listed: Sequence[str], passage: Passage) -> list[ChoicePlace]:
    """Where values are named; of one inside another only the longer."""
    shaped = {form: value for value in reversed(listed) for form in _forms(value, listed)}
    found: list[ChoicePlace] = []
    longest = max(map(len, shaped), default=0)
    for sentence in passage.sentences:
        tokens = sentence.tokens
        at = 0
        while at < len(tokens):
            hit = None
            words: list[str] = []
            for end in range(at, min(at + 2 * longest, len(tokens))):
                if tokens[end].text in ("-", "_") and words:
                    continue
                words.append(tokens[end].word)
                if tuple(words) in shaped:
                    hit = ChoicePlace(shaped[tuple(words)], sentence, at, end + 1)
                if len(words) >= longest:
                    break
            if hit is not None and _is_written_so(hit):
                found += _with_signs(hit, listed, passage)
            at = hit.end if hit is not None else at + 1
    return found


def _with_signs(place: ChoicePlace, listed: Sequence[str], passage: Passage) -> list[ChoicePlace]:
    """The place, of whichever value of the same letters is written there: of «O+» and «O-» the one with its sign."""
    words = words_of(str(place.value))
    alike = [value for value in listed if words_of(value) == words]
    if len(alike) < 2 or not any(not value[-1].isalnum() for value in alike):
        return [place]
    start = place.sentence.tokens[place.first].start
    written = [value for value in alike if passage.text[start : start + len(value)].lower() == value.lower()]
    return [place._replace(value=max(written, key=len))] if written else []


def _forms(value: str, listed: Sequence[str]) -> set[tuple[str, ...]]:
    words = tuple(words_of(value)) or (value.lower(),)
    if len(words) > _LONGEST_VALUE:
        return set()
    others = {" ".join(words_of(other)) for other in listed if other != value}
    found = {words, ("".join(words),)}
    if words[-1].isalpha() and len(words[-1]) > 2:
        found.add((*words[:-1], words[-1] + "s"))
    for other in _other_words().get(" ".join(words), ()):
        if " ".join(words_of(other)) not in others:
            found.add(tuple(words_of(other)))
    return found


def _is_written_so(place: ChoicePlace) -> bool:
    """Whether a word is a value and not part of a longer word, a name or an address."""
    tokens, value = place.sentence.tokens, str(place.value)
    if value.isupper() and len(value) <= 3 and tokens[place.first].text != value and value.lower() in _COMMON:
        return False
    before = tokens[place.first - 1] if place.first else None
    glued = before is not None and before.end == tokens[place.first].start and before.text in "-_./@#&"
    if glued and before is not None and before.text == "-" and place.first > 1:
        return False
    return not glued


def is_common(value: Any) -> bool:
    """Whether a value is a word of every sentence."""
    return str(value).lower() in _COMMON or len(str(value)) < 2
