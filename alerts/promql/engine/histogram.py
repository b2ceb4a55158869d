"""``histogram_quantile`` over classic buckets."""

from collections.abc import Sequence
from itertools import groupby
from math import inf, isinf, nan

import numpy as np

from alerts.promql.engine.frame import Frame
from alerts.promql.labels import NAME, Labels, get, without
from alerts.promql.number import parse_value

Bucket = tuple[float, float]
"""Upper bound, and how many observations are at or below it."""

_SMALL_DELTA = 1e-12
_SMALLEST_NORMAL = 2.2250738585072014e-308


def histogram_quantile(q: np.ndarray[tuple[int], np.dtype[np.float64]], frame: Frame, *, v3: bool) -> Frame:
    """The φ-quantile at each step of each group of buckets, ``le`` and the name dropped.

    Buckets of two metrics with the same labels were one histogram before Prometheus 3; since then they are refused.
    """
    dropped = ("le",) if v3 else (NAME, "le")
    groups: dict[Labels, list[tuple[float, int]]] = {}
    for row, labels in enumerate(frame.labels):
        bound = _bound(get(labels, "le"))
        if bound is not None:
            groups.setdefault(without(labels, dropped), []).append((bound, row))
    quantiles = q.tolist()
    rows = []
    for labels, members in groups.items():
        values, present = np.zeros(frame.steps), np.zeros(frame.steps, dtype=bool)
        index = [row for _, row in members]
        counts, there = frame.values[index].T.tolist(), frame.present[index].T.tolist()
        for step in range(frame.steps):
            pairs = zip(members, counts[step], there[step], strict=True)
            buckets = [(bound, count) for (bound, _), count, shown in pairs if shown]
            if buckets:
                values[step] = bucket_quantile(quantiles[step], buckets, v3=v3)
                present[step] = True
        rows.append((labels, values, present))
    return Frame.rows(rows, frame.steps).unnamed()


def _bound(text: str) -> float | None:
    try:
        return parse_value(text)
    except ValueError:
        return None


def bucket_quantile(q: float, buckets: Sequence[Bucket], *, v3: bool = True) -> float:
    """The φ-quantile of one histogram (Prometheus, ``bucketQuantile``)."""
    if q != q:
        return nan
    if q < 0 or q > 1:
        return -inf if q < 0 else inf
    ordered = [
        (bound, sum(n for _, n in same)) for bound, same in groupby(sorted(buckets, key=_upper), _upper)
    ]
    if ordered[-1][0] != inf or len(ordered) < 2:
        return nan
    bounds = [bound for bound, _ in ordered]
    counts = _monotonic([count for _, count in ordered], tolerance=_SMALL_DELTA if v3 else 0.0)
    if counts[-1] == 0:
        return nan
    rank = q * counts[-1]
    place = next((i for i, count in enumerate(counts[:-1]) if count >= rank), len(counts) - 1)
    if place == len(counts) - 1:
        return bounds[-2]
    if place == 0:
        return bounds[0] if bounds[0] <= 0 else bounds[0] * _ratio(rank, counts[0])
    below = counts[place - 1]
    share = _ratio(rank - below, counts[place] - below)
    return bounds[place - 1] + (bounds[place] - bounds[place - 1]) * share


def _upper(bucket: Bucket) -> float:
    return bucket[0]


def _ratio(part: float, whole: float) -> float:
    if whole == 0:
        return nan if part == 0 or part != part else inf if part > 0 else -inf
    return part / whole


def _monotonic(counts: list[float], *, tolerance: float) -> list[float]:
    """Counts that never fall; rises and falls too small to be real are levelled."""
    result = counts[:1]
    for count in counts[1:]:
        before = result[-1]
        level = count < before or almost_equal(before, count, tolerance)
        result.append(before if level else count)
    return result


def almost_equal(a: float, b: float, tolerance: float) -> bool:
    """Equal but for a relative error (Prometheus, ``almost.Equal``)."""
    if a != a or b != b:
        return a != a and b != b
    if a == b:
        return True
    if tolerance == 0 or isinf(a) or isinf(b):
        return False
    size, difference = abs(a) + abs(b), abs(a - b)
    if a == 0 or b == 0 or size < _SMALLEST_NORMAL:
        return difference < tolerance * _SMALLEST_NORMAL
    return difference / min(size, 1.7976931348623157e308) < tolerance
