"""Figures that are written together and mean several properties: lengths, widths and heights, coordinates, the ends of a range."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from server.api.providers.local.evidence.denial import denied
from server.api.providers.local.lexicon import words_named
from server.api.providers.local.mention import Mention
from server.api.providers.local.numeral import Separators, value_of
from server.api.providers.local.pattern import pattern
from server.api.providers.local.property import words_of
from server.api.providers.local.structure.introduction import lead_of, leaves_it

Figures = Mapping[str, float | int]
"""Values by the names of properties."""
_FIGURE = r"(\d{1,6}(?:[.,]\d{1,4})?)"
_SIDES = rf"{_FIGURE}\s?(?:mm|cm|m|in)?\s?[x×*]\s?{_FIGURE}\s?(?:mm|cm|m|in)?\s?[x×*]\s?{_FIGURE}\s?(mm|cm|m|in|inch|inches)\b"
_DEGREES = (
    r"(?:^|[^\d.-])(-?\d{1,2}\.\d{3,8})\s?(?:°\s?N?)?[,;/ ]\s?(-?\d{1,3}\.\d{3,8})(?:[^\d.]|\.(?:\s|$)|$)"
)
_SIDE = {"length": 0, "width": 1, "height": 2, "länge": 0, "breite": 1, "höhe": 2}
_UNITS = {"inch": "in", "inches": "in"}
_LEAST = words_named("least_end")
_MOST = words_named("most_end")
_BETWEEN = frozenset(
    {"-", "–", "—", "to", "bis", "à", "a", "al", "do", "до", "tot", "till", "au", "até", "~", "から"}
)
_NEAR = 40
"""Characters between a label and the range that it names."""


def sides(text: str, names: Sequence[str], separators: Separators) -> Figures:
    """Length, width and height of the one thing that «40 x 30 x 20 cm» measures, in the unit of the names."""
    wanted = {
        name: _SIDE[words_of(name)[0]] for name in names if words_of(name)[:1] and words_of(name)[0] in _SIDE
    }
    every = list(pattern(_SIDES).finditer(text)) if len(wanted) == len(_SIDE) // 2 else []
    if len(every) != 1 or _is_refused(text, every[0].start(1)) or len(set(wanted.values())) != len(wanted):
        return {}
    unit = _UNITS.get(every[0][4].lower(), every[0][4].lower())
    if any(words_of(name)[1:] not in ([], [unit]) for name in wanted):
        return {}
    values = {name: value_of(every[0][place + 1], separators) for name, place in wanted.items()}
    return {name: value for name, value in values.items() if value is not None}


def coordinates(text: str, names: Sequence[str]) -> Figures:
    """Latitude and longitude of the one place that a text gives so."""
    latitude = [name for name in names if words_of(name)[:1] in (["latitude"], ["lat"])]
    longitude = [name for name in names if words_of(name)[:1] in (["longitude"], ["lng"], ["lon"], ["long"])]
    every = list(pattern(_DEGREES).finditer(text)) if latitude and longitude else []
    if len(every) != 1 or _is_refused(text, every[0].start(1)) or len(latitude) > 1 or len(longitude) > 1:
        return {}
    north, east = float(every[0][1]), float(every[0][2])
    return (
        {latitude[0]: north, longitude[0]: east} if abs(north) <= 90 and abs(east) <= 180 else {}
    )  # the poles and the date line


def range_of(name: str) -> tuple[str, str]:
    """What a name gives an end of, and which: salary and min of ``salary_min``; empty where it gives none."""
    words = words_of(name)
    for end, marks in (("min", _LEAST), ("max", _MOST)):
        for place in (0, len(words) - 1):
            if len(words) > 1 and words[place] in marks:
                return " ".join(words[1:] if place == 0 else words[:-1]), end
    return "", ""


def ends(
    text: str, named: Sequence[Mention], starts: Sequence[int]
) -> tuple[float | int, float | int] | None:
    """The two ends of the one range that stands behind one of the labels that end at ``starts``."""
    found = []
    figures = [m for m in named if m.kind in ("money", "number") and isinstance(m.value, int | float)]
    for first, second in pairwise(figures):
        between = text[first.end : second.start].strip(" €$£.").lower()
        near = any(
            0 <= first.start - start <= _NEAR and "\n" not in text[start : first.start] for start in starts
        )
        if between in _BETWEEN and near and first.value < second.value:
            found.append((first.value, second.value))
    return found[0] if len(set(found)) == 1 else None


def _is_refused(text: str, start: int) -> bool:
    return denied(text, Mention("number", start, start + 1, text[start : start + 1])) or not leaves_it(
        lead_of(text, start)
    )
