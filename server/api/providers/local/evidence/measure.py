"""A value with where it was found, and measures in the unit that is asked for."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from server.api.providers.local.mention import Mention

_FACTORS: Sequence[Mapping[str, float]] = (
    {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800},
    {"mg": 0.001, "g": 1, "gram": 1, "grams": 1, "kg": 1000, "kilo": 1000, "kilos": 1000, "kilograms": 1000},
    {"mm": 0.001, "cm": 0.01, "m": 1, "meter": 1, "meters": 1, "metre": 1, "metres": 1, "km": 1000, "kilometer": 1000, "kilometers": 1000, "kilometres": 1000},
    {"ml": 0.001, "l": 1, "liter": 1, "liters": 1, "litre": 1, "litres": 1},
    {"lb": 1, "lbs": 1, "pounds": 1},
    {"mile": 1, "miles": 1, "mi": 1},
)  # fmt: skip
"""Units of one kind, each in the smallest that is common."""


class Value(NamedTuple):
    """A value, and what of the prompt was taken for it."""

    value: Any
    mention: Mention | None = None


def in_unit(mention: Mention, unit: str) -> Value | None:
    """A measure in the unit that a property's name asks for; None where it is of another kind, or the factor is no plain one."""
    there, wanted = mention.unit.lower(), unit.lower()
    if there == wanted or there.rstrip("s") == wanted.rstrip("s"):
        return Value(mention.value, mention)
    for units in _FACTORS:
        if mention.value is not None and there in units and wanted in units:
            value = round(mention.value * units[there] / units[wanted], 9)
            whole = float(value).is_integer()
            # A part of an hour has no end in figures: it is left out rather than rounded.
            exact = whole or mention.kind == "quantity"
            return Value(int(value) if whole else value, mention) if exact else None
    return None
