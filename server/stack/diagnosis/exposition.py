"""Prometheus' text format read as far as a diagnosis needs it, and quantiles from the buckets of a histogram."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

_SAMPLE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? ([^ ]+)(?: -?\d+)?$", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')

Sample = tuple[dict[str, str], float]


def samples_of(text: str, name: str) -> list[Sample]:
    """Every sample of one name, as labels and value."""
    return [
        (dict(_LABEL.findall(labels or "")), float(value))
        for each, labels, value in _SAMPLE.findall(text)
        if each == name
    ]


def quantile(share: float, buckets: Iterable[tuple[float, float]]) -> float | None:
    """The ``share`` quantile from upper bounds with cumulative counts, linear within a bucket as Prometheus has it.

    The highest finite bound where it lies beyond; None where nothing was observed.
    """
    ordered: Sequence[tuple[float, float]] = sorted(buckets)
    if not ordered or ordered[-1][1] <= 0:
        return None
    rank = share * ordered[-1][1]
    for (low, before), (high, count) in pairwise([(0.0, 0.0), *ordered]):
        if count >= rank:
            if high == float("inf"):
                return low
            return low + (high - low) * ((rank - before) / (count - before) if count > before else 1.0)
    return None
