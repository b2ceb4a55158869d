"""Rows that two lists of a schema claim: they are neither's, since nothing says of which list they are."""

from collections.abc import Mapping
from typing import Any


def without_shared_rows(values: Mapping[tuple[str, ...], Any]) -> dict[tuple[str, ...], Any]:
    """``values`` by their places, without the lists of objects of which another list has a figure too."""
    figures = {place: _figures(value) for place, value in values.items()}
    return {
        place: value
        for place, value in values.items()
        if not any(figures[place] & others for other, others in figures.items() if other != place)
    }


def _figures(value: Any) -> frozenset[Any]:
    """The figures in the objects of a list; of anything else none."""
    if not isinstance(value, list):
        return frozenset()
    return frozenset(
        member
        for row in value
        if isinstance(row, dict)
        for member in row.values()
        if isinstance(member, int | float) and not isinstance(member, bool)
    )
