"""Series to frames: the sample at each step, or a function of the samples before it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from alerts.promql.engine.frame import Frame, Mask, Values
from alerts.promql.engine.range_function import Window, range_functions
from alerts.promql.engine.range_kernel import KERNELS, WindowEdges
from alerts.promql.tsdb.sample_store import Series
from alerts.promql.tsdb.series import STALE_BITS, Samples

Steps = npt.NDArray[np.int64]
Check = Callable[[], None]
"""Raises ``QueryStoppedError`` where a query is to end."""

LOOKBACK_MS = 300_000
_CHECK_EVERY = 64
_FEW_STEPS = 8
"""Up to here plain Python is faster than the set-up of array operations."""


def nothing() -> None:
    """The check of a query that nothing ends."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a look back goes, and whether its left end belongs to it (it did before Prometheus 3)."""

    range_ms: int
    v3: bool

    def after(self, at_ms: int) -> int:
        """The last time that no longer counts."""
        return at_ms - self.range_ms - (0 if self.v3 else 1)


def latest_values(
    series: Sequence[Series], refs: Steps, *, v3: bool, times: bool = False, check: Check = nothing
) -> Frame:
    """The newest value (or its time in seconds) within the look-back at each of the ``refs``."""
    if not series:
        return Frame.empty(len(refs))
    reach = Reach(LOOKBACK_MS, v3)
    values = np.zeros((len(series), len(refs)))
    present = np.zeros((len(series), len(refs)), dtype=bool)
    if len(refs) > _FEW_STEPS:
        for row, one in enumerate(series):
            if row % _CHECK_EVERY == 0:
                check()
            _fill_latest(one.samples, refs, reach, values[row], present[row], times=times)
        return Frame([one.labels for one in series], values, present)
    for column, ref in enumerate(refs.tolist()):
        after = reach.after(ref)
        for row, one in enumerate(series):
            found = one.samples.latest(after, ref)
            if found is not None:
                values[row, column] = found[0] / 1000 if times else found[1]
                present[row, column] = True
    return Frame([one.labels for one in series], values, present)


def _fill_latest(
    samples: Samples, refs: Steps, reach: Reach, values: Values, present: Mask, *, times: bool
) -> None:
    at, held = samples.columns(reach.after(int(refs[0])), int(refs[-1]))
    if not len(at):
        return
    index = np.searchsorted(at, refs, side="right") - 1
    clipped = np.maximum(index, 0)
    present[:] = (index >= 0) & (at[clipped] > refs - (reach.range_ms + (0 if reach.v3 else 1)))
    if samples.has_stale:
        present &= held.view(np.int64)[clipped] != STALE_BITS
    values[:] = at[clipped] / 1000 if times else held[clipped]


@dataclass(frozen=True, slots=True)
class RangeCall:
    """A function over a range: at each step it sees the samples of ``(ref - range, ref]``."""

    name: str
    refs: Steps
    at: Steps
    """The times of the evaluation; ``refs`` are these less the offset, or the time after ``@``."""
    reach: Reach
    params: Values
    seconds: Values
    """The second scalar argument at each step, as ``params`` is the first."""
    check: Check = nothing

    def over(self, series: Sequence[Series]) -> Frame:
        """The function's value for each series and step."""
        if not series:
            return Frame.empty(len(self.refs))
        vectorised = self.name in KERNELS and len(self.refs) > _FEW_STEPS
        fill = self._fill_by_kernel if vectorised else self._fill_one_by_one
        values = np.zeros((len(series), len(self.refs)))
        present = np.zeros((len(series), len(self.refs)), dtype=bool)
        fill(series, values, present)
        kept = [row for row in range(len(series)) if present[row].any()] if vectorised else None
        frame = Frame([one.labels for one in series], values, present)
        return frame if kept is None or len(kept) == len(series) else frame.take(kept)

    def _fill_one_by_one(self, series: Sequence[Series], values: Values, present: Mask) -> None:
        function = range_functions(v3=self.reach.v3)[self.name]
        columns = (self.refs, self.at, self.params, self.seconds)
        steps = zip(*(column.tolist() for column in columns), strict=True)
        for column, (ref, at, param, second) in enumerate(steps):
            after, start = self.reach.after(ref), ref - self.reach.range_ms
            for row, one in enumerate(series):
                times, held = one.samples.between(after, ref)
                if not times:
                    continue
                if row % _CHECK_EVERY == 0:
                    self.check()
                drop = one.samples.last_drop_ms
                window = Window(times, held, start, ref, param, at, second, drop is None or drop <= times[0])
                found = function(window)
                if found is not None:
                    values[row, column] = found
                    present[row, column] = True

    def _fill_by_kernel(self, series: Sequence[Series], values: Values, present: Mask) -> None:
        kernel = KERNELS[self.name]
        starts = self.refs - self.reach.range_ms
        for row, one in enumerate(series):
            self.check()
            times, held = one.samples.columns(self.reach.after(int(self.refs[0])), int(self.refs[-1]))
            if one.samples.has_stale:
                kept = held.view(np.int64) != STALE_BITS
                times, held = times[kept], held[kept]
            if not len(times):
                continue
            low = np.searchsorted(times, starts, side="right" if self.reach.v3 else "left")
            high = np.searchsorted(times, self.refs, side="right")
            edges = WindowEdges(times, held, low, high, starts, self.refs)
            values[row], present[row] = kernel(edges, v3=self.reach.v3)
