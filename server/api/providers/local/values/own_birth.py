"""The birth of one person in the object of another: «my son Elias, born 17 April 2016» is not the day of his mother."""

from collections.abc import Mapping, Sequence
from typing import Any

from server.api.providers.local.mention import Mention
from server.api.providers.local.pattern import pattern
from server.api.providers.local.property import words_of
from server.api.providers.local.values.leaf import Leaf

_BORN = frozenset({"birth", "dob", "birthday", "born", "birthdate", "age"})
_FULL = frozenset({"name", "full_name", "fullname", "first_name", "given_name", "last_name"})
_KIN = {
    "child": "son daughter child kid baby boy girl",
    "partner": "wife husband partner spouse fiance fiancée girlfriend boyfriend",
    "parent": "mother father mum mom dad parent parents guardian",
    "sibling": "brother sister sibling",
    "other": "dog cat puppy kitten horse grandmother grandfather grandson granddaughter grandchild uncle aunt nephew niece cousin friend colleague neighbour neighbor roommate tenant",
}
_ALIKE = {
    "child": "child kid son daughter student pupil patient minor dependent dependant participant player camper passenger registrant insured beneficiary applicant member attendee baby",
    "partner": "partner spouse wife husband dependent dependant beneficiary passenger insured co second patient traveller traveler joint",
    "parent": "parent guardian mother father patient dependent beneficiary resident insured",
    "sibling": "sibling brother sister dependent beneficiary patient passenger",
    "other": "pet dog cat animal horse puppy kitten grandmother grandfather grandchild grandson granddaughter uncle aunt nephew niece cousin friend colleague neighbour roommate tenant patient passenger participant traveller",
}
_PARTS = r"[.!?]\s|\n|;\s"


def is_birth_of_another(
    leaf: Leaf, value: Any, values: Mapping[tuple[str, ...], Any], text: str, named: Sequence[Mention]
) -> bool:
    """Whether the day of birth or the age in an object stands behind somebody who is not the person of the object."""
    if len(leaf.path) < len(("guardian", "birth_date")) or _BORN.isdisjoint(words_of(leaf.path[-1])):
        return False
    places = [m for m in named if m.kind in ("date", "datetime", "number", "duration") and m.value == value]
    around = {word.removesuffix("s") for name in leaf.path[:-1] for word in words_of(name)} | set(
        leaf.asked.about
    )
    own = " ".join(
        str(told)
        for path, told in values.items()
        if path[:-1] == leaf.path[:-1] and "_".join(words_of(path[-1])) in _FULL
    ).lower()
    return bool(places) and all(_is_anothers(place, own, around, text, named) for place in places)


def _is_anothers(place: Mention, own: str, around: set[str], text: str, named: Sequence[Mention]) -> bool:
    start = max((mark.end() for mark in pattern(_PARTS).finditer(text[: place.start])), default=0)
    persons = [
        m.text.lower() for m in named if m.kind in ("person", "name") and start <= m.start < place.start
    ]
    if persons and own:
        return persons[-1] not in own and not set(persons[-1].split()) & set(own.split())
    kin = [match[0] for match in pattern(r"\p{L}+").finditer(text[start : place.start].lower())]
    for word in reversed(kin):
        group = next((name for name, words in _KIN.items() if word in words.split()), None)
        if group is not None:
            return around.isdisjoint({word, *_ALIKE[group].split()})
    return False
