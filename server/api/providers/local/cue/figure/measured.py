"""Measures as the tokens of a sentence write them, and their units."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from server.api.providers.local.cue.cue_row import lines_of
from server.api.providers.local.cue.figure.long_times import (
    hours_and_minutes,
    hours_with_point,
    joined_at,
    one_and_a_half,
    part_of_one,
    with_half,
)
from server.api.providers.local.cue.figure.number_words import figure_at
from server.api.providers.local.cue.passage import PassageToken


class Unit(NamedTuple):
    """One unit of measure."""

    kind: str
    factor: float


class Measure(NamedTuple):
    """A figure with its unit."""

    value: float | int
    unit: Unit
    first: int
    end: int
    is_put_together: bool = False
    """Whether it is told in several parts: «1 h 12 min»."""


def measures_of(tokens: Sequence[PassageToken]) -> list[Measure]:
    """The measures of a sentence."""
    found: list[Measure] = []
    at = 0
    while at < len(tokens):
        measure = _in_parts(tokens, at) or _measure_at(tokens, at)
        if measure is not None:
            measure = _with_rest(tokens, measure)
            if is_below_zero(tokens, at):
                measure = measure._replace(value=-measure.value)
            found.append(measure)
        at = measure.end if measure is not None else at + 1
    return found


def is_below_zero(tokens: Sequence[PassageToken], at: int) -> bool:
    """Whether the minus of a figure stands before the token with which it begins: «Tromsø -2.3 °C», no «5-10 °C»."""
    if not at or tokens[at - 1].text not in _MINUS or tokens[at - 1].end != tokens[at].start:
        return False
    return at == 1 or tokens[at - 2].end < tokens[at - 1].start or tokens[at - 2].text in "(:="


_MINUS = frozenset({"-", "−"})


def _in_parts(tokens: Sequence[PassageToken], at: int) -> Measure | None:
    """A measure of which the number is told in several words, or is read as a clock."""
    minutes = hours_and_minutes(tokens, at)
    if minutes is not None:
        return Measure(minutes[0], units()["min"], at, minutes[1], True)
    hours = hours_with_point(tokens, at)
    if hours is not None:
        return Measure(hours[0], units()["h"], at, hours[1], True)
    half = one_and_a_half(tokens, at)
    if half is not None and half[0] in units():
        return Measure(1.5, units()[half[0]], at, half[1], True)
    told = part_of_one(tokens, at) or with_half(tokens, at)
    if told is None or told[1] >= len(tokens):
        return None
    unit = units().get(tokens[told[1]].word) if tokens[told[1]].mention is None else None
    return Measure(told[0], unit, at, told[1] + 1, True) if unit is not None else None


def _with_rest(tokens: Sequence[PassageToken], measure: Measure) -> Measure:
    """A length of time with the smaller part that stands behind it."""
    if not measure.unit.kind.startswith("time"):
        return measure
    begin = joined_at(tokens, measure.end)
    rest = _measure_at(tokens, begin) if begin < len(tokens) else None
    if (
        rest is None
        or rest.unit.kind != measure.unit.kind
        or rest.unit.factor >= measure.unit.factor
        or rest.value * rest.unit.factor >= measure.unit.factor
    ):
        return measure
    value = measure.value * measure.unit.factor / rest.unit.factor + rest.value
    return Measure(as_whole(value), rest.unit, measure.first, rest.end, True)


def _measure_at(tokens: Sequence[PassageToken], at: int) -> Measure | None:
    mention = tokens[at].mention
    if mention is not None and mention.kind in ("quantity", "duration", "percentage"):
        unit = units().get(mention.unit.lower())
        scale = tokens[at + 1].word if mention.unit == "degrees" and at + 1 < len(tokens) else ""
        if scale in ("celsius", "fahrenheit", "c", "f") and isinstance(mention.value, int | float):
            return Measure(mention.value, units()[scale], at, at + 2)
        if unit is None or not isinstance(mention.value, int | float):
            return None
        return Measure(mention.value, unit, at, at + 1)
    if mention is not None and mention.kind == "number" and mention.text.endswith(" m"):
        # «1.8 m» is read as millions.
        value = mention.value
        return Measure(round(value / 1_000_000, 6), units()["m"], at, at + 1) if value is not None else None
    figure = figure_at(tokens, at)
    if figure is None:
        return None
    begin = figure.end + (tokens[figure.end].text in ("-", "‑") if figure.end < len(tokens) else 0)
    for length in (3, 2, 1):
        part = tokens[begin : begin + length]
        if len(part) < length or any(token.mention is not None for token in part[:1]):
            continue
        unit = units().get(" ".join(token.word for token in part))
        if unit is not None and (len(part[0].word) > 1 or part[0].start - tokens[figure.end - 1].end <= 1):
            return Measure(figure.value, unit, at, begin + length)
    return None


def converted(measure: Measure, unit: Unit) -> float | int | None:
    """The value of a measure in a unit; None where it is of another kind."""
    if measure.unit.kind != unit.kind:
        return None
    value = round(measure.value * measure.unit.factor / unit.factor, 9)
    whole = float(value).is_integer()
    if not whole and unit.kind.startswith("time") and measure.unit.factor != unit.factor:
        # A part of an hour has no end in figures, or one that a reader sees: 90 minutes are 1.5 hours.
        return value if (value * 4).is_integer() else None
    return int(value) if whole else value


def as_whole(value: float | int) -> float | int:
    """A number without a part as a whole number."""
    return int(value) if float(value).is_integer() else value


@cache
def units() -> Mapping[str, Unit]:
    """The units by their words."""
    rows = (line.split("\t") for line in lines_of("measure_units"))
    return {
        word.replace("_", " "): Unit(kind, float(factor))
        for kind, factor, words in rows
        for word in words.split()
    }
