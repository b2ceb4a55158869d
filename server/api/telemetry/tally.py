"""Counts made in plain memory and added to the metrics together: a request makes six of them, each a lock and a write."""

from bisect import bisect_left
from collections.abc import Sequence

from prometheus_client import Counter, Histogram


class BulkHistogram(Histogram):
    """A histogram that takes many observations at once."""

    def add(self, counts: Sequence[int], total: float) -> None:
        """Add ``counts`` to the buckets, the one past the last bound included, and ``total`` to the sum."""
        self._sum.inc(total)
        for bucket, count in zip(self._buckets, counts, strict=True):
            if count:
                bucket.inc(count)


class CounterTally:
    """Adds up for a counter."""

    __slots__ = ("_counter", "count")

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self.count = 0

    def flush(self) -> None:
        """Add what was counted to the metric."""
        if self.count:
            self._counter.inc(self.count)
            self.count = 0


class HistogramTally:
    """Adds up for a histogram."""

    __slots__ = ("_bounds", "_counts", "_histogram", "_total")

    def __init__(self, histogram: BulkHistogram, bounds: Sequence[float]) -> None:
        self._histogram = histogram
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._total = 0.0

    def observe(self, seconds: float) -> None:
        """Note one observation."""
        self._counts[bisect_left(self._bounds, seconds)] += 1
        self._total += seconds

    def flush(self) -> None:
        """Add what was noted to the metric."""
        if any(self._counts):
            self._histogram.add(self._counts, self._total)
            self._counts = [0] * (len(self._bounds) + 1)
            self._total = 0.0
