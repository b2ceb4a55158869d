"""What an advertisement tells of the one thing that it offers: its year, mileage, price and place, without labels.

«Vendo Fiat Panda del 2017, 72.000 km, 6.500 euro, Padova» is an advertisement by its first words (``selling_words.tsv``), and each of its figures
is the thing's where it is the only one of its kind.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import TypeVar

from server.api.providers.local.assertion.assertion import BLANK, sentences_of
from server.api.providers.local.lexicon import selling_words
from server.api.providers.local.mention import Mention, joins
from server.api.providers.local.pattern import pattern
from server.api.providers.local.property import Property

_Value = TypeVar("_Value")
_YEARS = frozenset(
    {
        ("year",),
        ("model", "year"),
        ("year", "of", "manufacture"),
        ("baujahr",),
        ("año",),
        ("anno",),
        ("ano",),
        ("bouwjaar",),
    }
)
_MILEAGES = frozenset(
    {
        ("mileage",), ("mileage", "km"), ("kilometers",), ("kilometres",), ("km",), ("kilometerstand",), ("kilométrage",), ("kilometraje",), ("chilometraggio",),
        ("quilometragem",), ("przebieg",), ("пробег",),
    }
)  # fmt: skip
_PRICES = frozenset({("price",), ("asking", "price"), ("sale", "price"), ("selling", "price"), ("preis",), ("prix",), ("precio",), ("prezzo",), ("preço",), ("prijs",), ("cena",), ("цена",), ("ціна",), ("pris",)})  # fmt: skip
_YEAR = r"(?:^|[^\p{Nd}.,])((?:19|20)\p{Nd}{2})(?:$|[^\p{Nd}.,]|[.,](?:\s|$))"
_DOUBTED = r"[?？]|(?:^|[^\p{L}])(?:statt|instead|au lieu|en lugar|invece|em vez|in plaats|zamiast|вместо|замість|místo|istället|i stedet|sijaan|früher|antes|prima|vroeger|dawniej|раньше|neupreis|acheté|achetée|gekauft|comprad[oa]|acquistat[oa]|gekocht|kupion[aey]|куплен\p{L}*|koupen[oáý]|köpt|købt|kjøpt|neuf|новый|новая|стоил|стоила|new price|precio original|prezzo originale|nowy kosztował|rabatt?|descuento|sconto|desconto|korting|скидка)(?:$|[^\p{L}])"
"""Words of an advertisement that names a second price."""


def told_in_advert(text: str, asked: Property, named: Sequence[Mention]) -> str | float | int | None:
    """The property of what the text offers; None where it offers nothing, several things, or does not say."""
    adverts = list(_adverts(text))
    if len(adverts) != 1:
        return None
    start, end, kind = adverts[0]
    inside = [mention for mention in named if start <= mention.start < end]
    if asked.words in _YEARS:
        years = {int(match[1]) for match in pattern(_YEAR).finditer(text[start:end])}
        dated = any(mention.kind in ("date", "datetime") for mention in inside)
        return years.pop() if len(years) == 1 and not dated else None
    if asked.words in _MILEAGES:
        return _only(
            mention.value for mention in inside if mention.kind == "quantity" and mention.unit.lower() == "km"
        )
    if asked.words in _PRICES and kind == "sale":
        return _only(mention.value for mention in inside if mention.kind == "money")
    if asked.kind == "city" and asked.generic:
        every = {mention.text for mention in named if mention.kind == "city"}
        return (
            _only(mention.text for mention in inside if mention.kind == "city") if len(every) == 1 else None
        )
    return None


def _only(values: Iterator[_Value | None]) -> _Value | None:
    found = {value for value in values if value is not None}
    return found.pop() if len(found) == 1 else None


def _adverts(text: str) -> Iterator[tuple[int, int, str]]:
    """Where advertisements stand, each with what it offers: ``sale`` or ``rent``."""
    for sentence in sentences_of(text):
        if BLANK in sentence.text or pattern(_DOUBTED).search(sentence.text):
            continue
        match = pattern(_beginning()).match(sentence.text)
        if match is not None:
            said = match[1].lower()
            yield (
                sentence.start,
                sentence.end,
                next(kind for kind, words in selling_words().items() if said in words),
            )


@cache
def _beginning() -> str:
    words = [word for row in selling_words().values() for word in row]
    parted = "|".join(word for word in words if not joins(word[0]))
    unspaced = "|".join(word for word in words if joins(word[0]))
    return rf"^\W*((?:{parted})|(?:{unspaced}))(?:[^\p{{L}}]|$|\p{{Han}}|\p{{Katakana}})"
