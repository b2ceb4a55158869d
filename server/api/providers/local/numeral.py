"""Figures as people write them, each language with its own points and commas."""

import unicodedata
from typing import NamedTuple

from server.api.providers.local.pattern import pattern

_SPACES = "'’ \u00a0\u202f\u2009"
_POINT = pattern(r"(?:^|[^\d.,])\d{1,6}\.\d{1,2}(?:[^\d.,]|$|[.,](?:\s|$))")
_COMMA = pattern(r"(?:^|[^\d.,])\d{1,6},\d{1,2}(?:[^\d.,]|$|[.,](?:\s|$))")
_POINT_DECIMAL = frozenset({"en", "zh", "ja", "ko", "he", "hi", "th", "ar", "bn", "ta", "ur"})


class Separators(NamedTuple):
    """How a language writes figures."""

    comma_decimal: bool
    """Whether 1,5 is one and a half."""
    sure: bool = True
    """Whether the text is long enough to say so of its language."""


def separators_of(language: str) -> Separators:
    """Those of a language, by its ISO 639-1 code."""
    return Separators(language not in _POINT_DECIMAL)


def separators_in(text: str, language: str) -> Separators:
    """Those of a text: by its own figures where they tell, else by its language, which a few words do not tell for sure."""
    points = _POINT.search(text) is not None
    commas = _COMMA.search(text) is not None
    if points != commas:
        return Separators(commas)
    words = sum(any(map(str.isalpha, word)) for word in text.split()[:20])
    return separators_of(language)._replace(sure=language in _POINT_DECIMAL or words >= 4)


def value_of(text: str, separators: Separators, *, money: bool = False) -> float | int | None:
    """The number that ``text`` writes; None where it could be two numbers, such as 1.500 euros in an English sentence."""
    plain = _ascii(text)
    sign = -1 if plain[:1] in "-−" else 1
    plain = plain.lstrip("+-−")
    commas, points = plain.count(","), plain.count(".")
    if commas and points:
        decimal = max(",.", key=plain.rfind)
        group = "," if decimal == "." else "."
        if plain.count(decimal) > 1:
            return None
        whole, _, rest = plain.rpartition(decimal)
        read = f"{whole.replace(group, '')}.{rest}" if _grouped(whole, group) and group not in rest else None
    elif commas or points:
        read = _one_kind(plain, "," if commas else ".", separators, money=money)
    else:
        read = plain
    if read is None or not read.replace(".", "", 1).isdecimal() or len(read) > 18:
        return None
    value = float(read) * sign
    return int(value) if value.is_integer() else value


def _one_kind(plain: str, mark: str, separators: Separators, *, money: bool) -> str | None:
    if plain.count(mark) > 1:
        return plain.replace(mark, "") if _grouped(plain, mark) else None
    whole, _, rest = plain.partition(mark)
    if len(rest) != 3 or len(whole) > 3 or whole in ("0", ""):
        return f"{whole}.{rest}"
    groups = separators.comma_decimal == (mark == ".")
    if not separators.sure:
        return None
    if groups:
        return whole + rest
    # Three digits behind what should be the decimal mark: an amount has two, and the writer may be of another habit.
    return None if money or mark == "," else f"{whole}.{rest}"


def _grouped(text: str, mark: str) -> bool:
    """Whether groups are of three, or as India writes them."""
    first, *groups = text.split(mark)
    if not 1 <= len(first) <= 3 or not all(group.isdecimal() for group in (first, *groups)):
        return False
    thousands = all(len(group) == 3 for group in groups)
    lakhs = (
        bool(groups)
        and len(groups[-1]) == 3
        and all(len(group) == 2 for group in groups[:-1])
        and len(first) <= 2
    )
    return thousands or lakhs


def _ascii(text: str) -> str:
    plain = []
    for character in text:
        if character in _SPACES or character == "٬":
            continue
        if character == "٫":
            plain.append(".")
        else:
            digit = unicodedata.digit(character, None)
            plain.append(character if digit is None or character.isascii() else str(digit))
    return "".join(plain)
