"""Members of the same name in two objects beside each other: what stands once is of one of them, and nothing says of which."""

from collections.abc import Mapping
from typing import Any

_COMMON = frozenset({"currency", "country", "unit", "year", "timezone", "language"})
"""What two things may have in common, told once."""


def without_twins(values: Mapping[tuple[str, ...], Any], text: str) -> dict[tuple[str, ...], Any]:
    """``values`` by their places, without those that two such members both have of one place of ``text``."""
    return {place: value for place, value in values.items() if not _has_twin(place, value, values, text)}


def _has_twin(place: tuple[str, ...], value: Any, values: Mapping[tuple[str, ...], Any], text: str) -> bool:
    if len(place) < 2 or isinstance(value, bool | dict) or value is None or place[-1].lower() in _COMMON:
        return False
    written = str(value[0]) if isinstance(value, list) and value else str(value)
    if not written or text.count(written) != 1:
        return False
    return any(
        other != place
        and other[-1] == place[-1]
        and other[:-2] == place[:-2]
        and len(other) == len(place)
        and told == value
        for other, told in values.items()
    )
