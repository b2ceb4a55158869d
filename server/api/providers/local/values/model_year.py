"""The year of a vehicle behind its model: «Fiat Argo 2020» is an Argo of 2020, and a Peugeot 2008 is what it says."""

from collections.abc import Collection
from typing import Any

from server.api.providers.local.values.leaf import Leaf

_MODELS = frozenset({"model", "modelo", "modell", "modello", "modèle", "modele"})
_VEHICLES = frozenset(
    {
        "plate",
        "license_plate",
        "licence_plate",
        "registration",
        "mileage",
        "vin",
        "vehicle",
        "car",
        "year",
        "make",
    }
)
_YEARS = range(1950, 2100)


def without_model_year(leaf: Leaf, value: Any, words: Collection[str]) -> Any:
    """``value`` without the year behind it; ``words`` are those of all properties of the schema."""
    if not isinstance(value, str) or _MODELS.isdisjoint(leaf.asked.words) or _VEHICLES.isdisjoint(words):
        return value
    name, _, year = value.rpartition(" ")
    is_year = len(year) == 4 and year.isdecimal() and int(year) in _YEARS
    return name if is_year and any(map(str.isalpha, name)) else value
