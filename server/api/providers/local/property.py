"""What a property of a caller's schema means: the kind of its value and the labels under which a prompt gives it."""

import sys
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from server.api.providers.local.lexicon import words_named
from server.api.providers.local.pattern import pattern

_HEADS = {
    "email": "email", "mail": "email", "phone": "phone", "telephone": "phone", "mobile": "phone", "url": "url", "link": "url",
    "website": "url", "date": "date", "day": "date", "deadline": "date", "time": "time", "price": "money", "amount": "money", "cost": "money",
    "fee": "money", "total": "money", "budget": "money", "salary": "money", "balance": "money", "rent": "money",
    "percent": "percentage", "percentage": "percentage", "rate": "percentage", "currency": "currency", "duration": "duration", "language": "language",
    "company": "organization", "organization": "organization", "organisation": "organization", "city": "city", "country": "country",
    "number": "code", "id": "code", "code": "code", "no": "code", "reference": "code", "ref": "code", "count": "count", "quantity": "count",
    "iban": "iban", "uuid": "uuid", "ip": "ipv4",
}  # fmt: skip
"""Kind of value by the last word of a property's name, which stands behind what tells it from others of the kind."""
_FORMATS = {"email": "email", "idn-email": "email", "uri": "url", "url": "url", "date": "date", "date-time": "datetime", "time": "time", "uuid": "uuid", "ipv4": "ipv4", "duration": "duration"}  # fmt: skip
_DATES = ("date", "datetime", "time")
_LONGEST_DESCRIPTION = 200
"""Characters of a description that are read."""
_COUNTS = ("number of ", "num ", "no of ", "count of ", "total number of ")
_UNIT_HEADS = {
    "kg": "kg", "g": "g", "km": "km", "cm": "cm", "mm": "mm", "m": "m", "lb": "lb", "lbs": "lbs", "miles": "miles", "meters": "meters", "kwh": "kwh",
    "gb": "gb", "mb": "mb", "minutes": "minute", "hours": "hour", "days": "day", "weeks": "week", "months": "month", "years": "year",
    "seconds": "second", "mins": "minute", "hrs": "hour", "sqm": "sqm", "mph": "mph", "celsius": "°c", "liters": "liters", "litres": "litres",
}  # fmt: skip


class Property(NamedTuple):
    """One property, read."""

    name: str
    words: tuple[str, ...]
    """Words of the name in small letters."""
    kind: str
    """Kind of its value; empty where the name tells none."""
    labels: tuple[str, ...]
    """Phrases in small letters that stand beside its value."""
    generic: bool
    """Whether the kind alone names it: no other property of the kind could be meant."""
    unit: str = ""
    """Unit in which the name wants its number."""
    known: bool = False
    """Whether the name stands in the list of properties; else it was read from its last word."""
    own: tuple[str, ...] = ()
    """Of the labels, those that are the name itself."""
    about: frozenset[str] = frozenset()
    """Words of its title, its description and the objects in which it stands."""


_GENERIC = words_named("generic")


def property_of(name: str, schema: Mapping[str, Any]) -> Property:
    """What the property ``name`` means under its ``schema``."""
    words = tuple(words_of(name))
    key = "_".join(words)
    spoken = " ".join(words)
    if key not in _concepts():
        key = _by_label().get(spoken) or _by_plain_label().get(spoken, key)
    kind, labels = _concepts().get(key, ("", ()))
    form = _FORMATS.get(str(schema.get("format", "")), "")
    unit, known = "", bool(kind)
    if not kind:
        kind, labels, unit = _by_head(words)
    # A name that is no list's says which date it wants («birthday»), but an address is an address under any name.
    generic = key in _GENERIC or (form not in ("", kind, *_DATES) and len(words) == 1)
    own = tuple(dict.fromkeys([spoken, name.lower()])) if spoken else ()
    every = tuple(dict.fromkeys([*own, *labels])) if spoken else ()
    about = frozenset(
        word
        for told in ("title", "description")
        for word in words_of(str(schema.get(told, ""))[:_LONGEST_DESCRIPTION])
    )
    return Property(name, words, form or kind, every, generic, unit, known, own, about)


def words_of(name: str) -> list[str]:
    """``totalPrice``, ``total_price`` and «total price» are total, price; other scripts are words as they stand."""
    return [
        match[0].lower()
        for match in pattern(r"\p{Lu}?[\p{Ll}\p{Lo}\p{M}]+|\p{Lu}+|\p{N}+", ignore_case=False).finditer(name)
    ]


def _by_head(words: Sequence[str]) -> tuple[str, tuple[str, ...], str]:
    """Kind, labels and unit of a property that no list knows."""
    spoken = " ".join(words)
    for prefix in _COUNTS:
        if spoken.startswith(prefix) and len(spoken) > len(prefix):
            return "count", (spoken[len(prefix) :],), ""
    if len(words) < 2:
        return "", (), ""
    head, rest = words[-1], " ".join(words[:-1])
    if head in _UNIT_HEADS:
        return "quantity", (rest,), _UNIT_HEADS[head]
    kind = _HEADS.get(head, "")
    if kind == "count":
        return "count", (rest, rest + "s"), ""
    if kind == "code":
        return "code", (rest + " #", rest + " no", rest + " number", rest + " id", rest), ""
    return kind, (rest,) if kind else (), ""


@cache
def _concepts() -> Mapping[str, tuple[str, tuple[str, ...]]]:
    text = (resources.files("server.api.providers.local") / "concepts.tsv").read_text(encoding="utf-8")
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            kind, names, labels = line.split("\t")
            told = (kind, tuple(sys.intern(label) for label in labels.split("|") if label))
            for name in names.split():
                found[name] = told
    return found


@cache
def all_labels() -> frozenset[str]:
    """Every label of every property that is known."""
    return frozenset(label for _, labels in _concepts().values() for label in labels)


@cache
def labels_of(name: str) -> tuple[str, ...]:
    """The labels of one known property."""
    return _concepts()[name][1]


@cache
def _by_label() -> Mapping[str, str]:
    """The first name of the one property that has a label; what several have names none."""
    owners: dict[str, set[tuple[str, tuple[str, ...]]]] = {}
    names: dict[str, str] = {}
    for name, concept in _concepts().items():
        for label in concept[1]:
            owners.setdefault(label, set()).add(concept)
            names.setdefault(label, name)
    return {label: names[label] for label, found in owners.items() if len(found) == 1}


@cache
def _by_plain_label() -> Mapping[str, str]:
    """The same by labels in the letters of ASCII, as programs name their variables: «kuendigung», «forfallodatum»."""
    found: dict[str, set[str]] = {}
    for label, name in _by_label().items():
        if not label.isascii():
            for spelled in {_plain_letters(label), _plain_letters(label.translate(_IN_TWO))}:
                found.setdefault(spelled, set()).add(name)
    return {label: names.pop() for label, names in found.items() if len(names) == 1 and label.isascii()}


_IN_TWO = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae"})
_WITHOUT_PARTS = str.maketrans({"ß": "ss", "ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"})


def _plain_letters(text: str) -> str:
    parts = unicodedata.normalize("NFD", text.translate(_WITHOUT_PARTS))
    return "".join(character for character in parts if not unicodedata.combining(character))
