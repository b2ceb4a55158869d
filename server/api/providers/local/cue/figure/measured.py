"""Measures as the tokens of a sentence write them, and their units."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from server.api.providers.local.cue.cue_row import lines_of
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


def measures_of(tokens: Sequence[PassageToken]) -> list[Measure]:
    """The measures of a sentence."""
    found: list[Measure] = []
    at = 0
    while at < len(tokens):
        measure = _measure_at(tokens, at)
        if measure is not None:
            found.append(measure)
        at = measure.end if measure is not None else at + 1
    return found


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
        # A part of an hour has no end in figures.
        return None
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
