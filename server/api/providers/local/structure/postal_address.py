"""Postal addresses in a prompt, in their parts, as letters of many countries write them."""

import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from server.api.providers.local.lexicon import places, words_named
from server.api.providers.local.pattern import pattern
from server.api.providers.local.property import all_labels, words_of

_MOST = 20
_WORD = r"\p{Lu}[^\s,;:!?()\d]*"
"""A word with a capital, whatever its letters are: listed by ranges they would take half a megabyte a form."""
_SMALL = r"(?:de|la|las|los|del|des|du|van|von|der|den|het|am|an|auf|im|in|zum|zur|di|da|do|dos|das|of|the|y|e|z|na)"
_NAMED = rf"{_WORD}(?:[ ](?:(?:[dl]['’])?{_WORD}|{_SMALL}))*"
_PLAIN_WORD = r"\p{Lu}[^\s,;:!?().\d-]*"
_TOWN = rf"(?:St\.[ ])?{_PLAIN_WORD}(?:[ -](?:{_PLAIN_WORD}|am|an|der|de|la|le|les|sur|upon|del|im|ob))*"
_GAP = r"(?:,[ ]?|[ ]?\n[ ]*|,[ ]?\n[ ]*)"
_UNIT = r"(?:,?[ ](?:Apt|Apartment|Suite|Ste|Unit|Flat|Floor|Fl|#)\.?[ ]?[\p{L}\p{N}-]{1,6})?"
_CODE = r"(?:[A-Z]{1,2}-)?(\d{4}[ ]?[A-Z]{2}|\d{2}-\d{3}|\d{4}-\d{3}|\d{3}[ ]\d{2}|\d{4,5})"
_WAY = r"(?:rue|avenue|av\.|boulevard|bd|place|chemin|allée|impasse|quai|route|cours|square)"
_FORMS = (
    (rf"(\d{{1,5}}[A-Za-z]?[ ]{_NAMED}{_UNIT}){_GAP}({_TOWN}),?[ ]([A-Z]{{2}}),?[ ](\d{{5}}(?:-\d{{4}})?)", "sctp"),
    (rf"(\d{{1,4}}[A-Za-z]?[ ]{_NAMED}{_UNIT}){_GAP}({_TOWN}),?[ \n]([A-Z]{{1,2}}\d[A-Z\d]?[ ]\d[A-Z]{{2}})", "scp"),
    (rf"(\d{{1,4}}(?:[ ]?(?:bis|ter))?,?[ ]{_WAY}[ ][^\d\n,]{{2,40}}?){_GAP}{_CODE}[ ]({_TOWN})", "spc"),
    (rf"({_NAMED},?[ ]\d{{1,4}}[ ]?[a-zA-Z]?(?:/\d{{1,4}})?){_GAP}{_CODE}[ ]({_TOWN})", "spc"),
)  # fmt: skip
"""Expressions, each with what its groups are: street, city, state, postal code."""
_PARTS = {
    "s": "street street_address address address_line address_line1 address_line_1 line1 line_1 street_name_and_number strasse straße straße_hausnummer rue adresse calle direccion dirección via indirizzo rua endereco endereço straat adres ulica улица адрес gata gatuadress adress katu ulice adresa adr",
    "c": "city town locality ort stadt wohnort ville ciudad localidad città citta comune cidade plaats woonplaats stad miasto miejscowość город місто şehir postort kaupunki mesto město",
    "p": "zip zipcode zip_code postal_code postalcode postcode post_code plz postleitzahl code_postal codigo_postal código_postal cap cep kod_pocztowy индекс postnummer postinumero psc psč posta_kodu",
    "t": "state province state_code region bundesland",
    "n": "country country_name land pays pais país paese nazione kraj страна країна ülke maa",
}
_FEWEST = 2


class PostalAddress(NamedTuple):
    """One address and where it stands."""

    start: int
    end: int
    parts: dict[str, str]
    """By the letters of ``part_of``."""


def addresses_in(text: str) -> list[PostalAddress]:
    """Every address of a known form, in its order; none is part of two."""
    found: list[PostalAddress] = []
    for form, order in _FORMS:
        for match in pattern(form, ignore_case=False).finditer(text):
            start, end = match.start(), match.end()
            if len(found) < _MOST and not any(start < other.end and other.start < end for other in found):
                found.append(_address(text, start, end, dict(zip(order, match.groups(), strict=True))))
    return sorted(found)


def _address(text: str, start: int, end: int, parts: dict[str, str]) -> PostalAddress:
    street = parts["s"].strip()
    first, _, rest = street.partition(" ")
    if rest and first.lower().rstrip(":") in all_labels() and not first[0].isdecimal() and " " in rest:
        # «Adresse Lindenweg 5» is Lindenweg 5.
        parts["s"], start = rest, start + len(first) + 1
    behind = pattern(r"^(?:,|\n)\s?(\p{Lu}[\p{L} ]+)", ignore_case=False).match(text[end : end + 34])
    country = behind[1].strip() if behind is not None else ""
    if places().get(country) == "country":
        parts["n"], end = country, end + text[end:].find(country) + len(country)
    return PostalAddress(start, end, {key: value.strip() for key, value in parts.items()})


def part_of(name: str) -> str:
    """Which part of an address a property's name names: s(treet), c(ity), p(ostal code), t (state), (cou)n(try); empty for none."""
    return _part_by_name().get(_folded("_".join(words_of(name))), "")


@cache
def _part_by_name() -> Mapping[str, str]:
    return {_folded(name): part for part, names in _PARTS.items() for name in names.split()}


def is_address(names: Sequence[str]) -> bool:
    """Whether properties with these names are the parts of an address."""
    parts = {part for name in names if (part := part_of(name))}
    return len(parts) >= _FEWEST and bool(parts & {"s", "p"})


def is_address_of(path: Sequence[str], lead: str) -> bool | None:
    """Whether an address is that of the object at ``path`` by what stands before it; None where that gives it no role."""
    asked = {word for name in path for word in words_of(name)}
    said = set(words_of(lead))
    roles = [words_named(f"address_{role}") for role in ("bill", "ship", "return", "from", "to")]
    if any(asked & role and said & role for role in roles):
        return True
    # An address as such is that of the bill as well as that of the parcel, but not where goods are sent back to.
    others = roles if any(asked & role for role in roles) else [words_named("address_return")]
    return False if any(said & role for role in others) else None


def _folded(text: str) -> str:
    """Letters without their marks."""
    return "".join(
        c
        for c in unicodedata.normalize("NFD", text.lower().replace("ß", "ss"))
        if not unicodedata.combining(c)
    )
