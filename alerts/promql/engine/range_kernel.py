"""The commonest range functions over all windows of a series at once, with the same operations as one by one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from alerts.promql.engine import kahan

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]
Indexes = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class WindowEdges:
    """The samples of a series and, for each window, the first index in it, the first behind it, and its two ends."""

    times: Integers
    values: Floats
    low: Indexes
    high: Indexes
    starts: Integers
    ends: Integers

    @property
    def counts(self) -> Indexes:
        return self.high - self.low


class Kernel(Protocol):
    """What computes a function's value for every window, and where it has one."""

    def __call__(self, edges: WindowEdges, *, v3: bool) -> tuple[Floats, Mask]: ...


def _increases(edges: WindowEdges, first: Floats, last: Floats) -> Floats:
    """Last minus first of each window, with each reset inside added back in order."""
    result: Floats = last - first
    drops = np.flatnonzero(edges.values[1:] < edges.values[:-1]) + 1
    for drop in drops:
        # Both edges only move forward, so the windows around one reset are a run.
        begin = np.searchsorted(edges.high, drop, side="right")
        end = np.searchsorted(edges.low, drop, side="left")
        result[begin:end] += edges.values[drop - 1]
    return result


def _extrapolated(edges: WindowEdges, *, counter: bool, per_second: bool, v3: bool) -> tuple[Floats, Mask]:
    present = edges.counts >= 2
    low = np.minimum(edges.low, len(edges.times) - 1)
    high = np.maximum(edges.high - 1, 0)
    first, last = edges.values[low], edges.values[high]
    with np.errstate(all="ignore"):
        increase = _increases(edges, first, last) if counter else last - first
        to_start = (edges.times[low] - edges.starts) / 1000
        to_end = (edges.ends - edges.times[high]) / 1000
        sampled = (edges.times[high] - edges.times[low]) / 1000
        average = sampled / (edges.counts - 1)
        threshold = average * 1.1
        bounded = (increase > 0) & (first >= 0) if counter else np.zeros(len(first), dtype=bool)
        to_zero = np.where(bounded, sampled * (first / increase), to_start)
        if not v3:
            to_start = np.where(to_zero < to_start, to_zero, to_start)
        to_start = np.where(to_start >= threshold, average / 2, to_start)
        if v3:
            to_start = np.where(to_zero < to_start, to_zero, to_start)
        to_end = np.where(to_end >= threshold, average / 2, to_end)
        factor = (sampled + to_start + to_end) / sampled
        if per_second:
            factor = factor / ((edges.ends - edges.starts) / 1000)
        return increase * factor, present


def _rate(edges: WindowEdges, *, v3: bool) -> tuple[Floats, Mask]:
    return _extrapolated(edges, counter=True, per_second=True, v3=v3)


def _increase(edges: WindowEdges, *, v3: bool) -> tuple[Floats, Mask]:
    return _extrapolated(edges, counter=True, per_second=False, v3=v3)


def _delta(edges: WindowEdges, *, v3: bool) -> tuple[Floats, Mask]:
    return _extrapolated(edges, counter=False, per_second=False, v3=v3)


def _count(edges: WindowEdges, *, v3: bool) -> tuple[Floats, Mask]:
    del v3
    return edges.counts.astype(np.float64), edges.counts >= 1


def _last(edges: WindowEdges, *, v3: bool) -> tuple[Floats, Mask]:
    del v3
    return edges.values[np.maximum(edges.high - 1, 0)], edges.counts >= 1


def _present(edges: WindowEdges, *, v3: bool) -> tuple[Floats, Mask]:
    del v3
    return np.ones(len(edges.low)), edges.counts >= 1


def _reduced(edges: WindowEdges, reduce: Callable[[Floats, Indexes], Floats]) -> tuple[Floats, Mask]:
    """A reduction over each window: every second slice of ``reduceat`` lies between two windows and is dropped."""
    present = edges.counts >= 1
    result = np.zeros(len(edges.low))
    if not present.any():
        return result, present
    bounds = np.stack([edges.low[present], edges.high[present]], axis=1).ravel()
    padded = np.append(edges.values, np.nan)
    result[present] = reduce(padded, bounds)[::2]
    return result, present


def _max(edges: WindowEdges, *, v3: bool) -> tuple[Floats, Mask]:
    del v3
    return _reduced(edges, np.fmax.reduceat)


def _min(edges: WindowEdges, *, v3: bool) -> tuple[Floats, Mask]:
    del v3
    return _reduced(edges, np.fmin.reduceat)


def _between(edges: WindowEdges, marks: Mask) -> tuple[Floats, Mask]:
    """How many of the steps from one sample to the next are marked, inside each window."""
    running = np.concatenate([[0], np.cumsum(marks)])
    present = edges.counts >= 1
    low, last = np.minimum(edges.low, len(marks)), np.maximum(edges.high - 1, 0)
    return np.where(present, running[last] - running[low], 0).astype(np.float64), present


def _changes(edges: WindowEdges, *, v3: bool) -> tuple[Floats, Mask]:
    del v3
    before, after = edges.values[:-1], edges.values[1:]
    return _between(edges, (before != after) & ~(np.isnan(before) & np.isnan(after)))


def _resets(edges: WindowEdges, *, v3: bool) -> tuple[Floats, Mask]:
    del v3
    return _between(edges, edges.values[1:] < edges.values[:-1])


def _last_two(edges: WindowEdges) -> tuple[Floats, Floats, Floats, Mask]:
    """The value before the last, the last, the seconds between them, and where a window has both."""
    present = edges.counts >= 2
    last = np.where(present, edges.high - 1, 0)
    before = np.where(present, edges.high - 2, 0)
    seconds = (edges.times[last] - edges.times[before]) / 1000
    return edges.values[before], edges.values[last], seconds, present


def _irate(edges: WindowEdges, *, v3: bool) -> tuple[Floats, Mask]:
    del v3
    before, last, seconds, present = _last_two(edges)
    with np.errstate(all="ignore"):
        return np.where(last < before, last, last - before) / seconds, present


def _idelta(edges: WindowEdges, *, v3: bool) -> tuple[Floats, Mask]:
    del v3
    before, last, _, present = _last_two(edges)
    with np.errstate(all="ignore"):
        return last - before, present


def _compensated(edges: WindowEdges) -> tuple[Floats, Floats]:
    """Neumaier's sum and correction of each window: first all first samples, then all second ones, and so on."""
    total, correction = np.zeros(len(edges.low)), np.zeros(len(edges.low))
    for place in range(int(edges.counts.max(initial=0))):
        index = edges.low + place
        inside = index < edges.high
        value = edges.values[np.where(inside, index, 0)]
        new = total + value
        lost = np.where(np.abs(total) >= np.abs(value), (total - new) + value, (value - new) + total)
        correction = np.where(inside, np.where(np.isinf(new), 0.0, correction + lost), correction)
        total = np.where(inside, new, total)
    return total, correction


def _sum(edges: WindowEdges, *, v3: bool) -> tuple[Floats, Mask]:
    del v3
    with np.errstate(all="ignore"):
        total, correction = _compensated(edges)
        return np.where(np.isinf(total), total, total + correction), edges.counts >= 1


def _avg(edges: WindowEdges, *, v3: bool) -> tuple[Floats, Mask]:
    del v3
    present = edges.counts >= 1
    with np.errstate(all="ignore"):
        total, correction = _compensated(edges)
        result = total / edges.counts + correction / edges.counts
    # A sum that overflows, or meets an infinity, needs the running mean.
    for window in np.flatnonzero(present & ~np.isfinite(total)).tolist():
        result[window] = kahan.mean(edges.values[edges.low[window] : edges.high[window]].tolist())
    return result, present


KERNELS: dict[str, Kernel] = {
    "rate": _rate,
    "increase": _increase,
    "delta": _delta,
    "count_over_time": _count,
    "last_over_time": _last,
    "present_over_time": _present,
    "max_over_time": _max,
    "min_over_time": _min,
    "sum_over_time": _sum,
    "avg_over_time": _avg,
    "changes": _changes,
    "resets": _resets,
    "irate": _irate,
    "idelta": _idelta,
}
