"""The samples of one series: appended in order, packed when they are older, cut off when old, read by window."""

import struct
from array import array
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

import numpy as np

from alerts.promql.tsdb.chunk import Chunk, Times, Values, pack

if TYPE_CHECKING:
    Integers = array[int]
    Floats = array[float]
else:
    Integers = Floats = array

STALE_BITS = 0x7FF0000000000002
STALE: float = struct.unpack("<d", STALE_BITS.to_bytes(8, "little"))[0]
"""Prometheus' staleness marker: a NaN with bits of its own."""

_PACKED_AT_ONCE = 512
_KEPT_OPEN = 256
"""The newest samples stay as they are, for the short windows that are asked for all the time."""


def is_stale(value: float) -> bool:
    """Whether a value is the staleness marker (any other NaN is a value)."""
    return value != value and struct.pack("<d", value) == STALE_BITS.to_bytes(8, "little")


class OutOfOrderError(ValueError):
    """A sample that is older than the series' last one."""


class Samples:
    """Chunks of packed samples, then two compact arrays with the newest: times in ms and values.

    One thread writes; others may read meanwhile: what is packed or cut is exchanged as a whole, and a value is there
    before its time.
    """

    __slots__ = ("_drop_ms", "_held", "_stale")

    def __init__(self) -> None:
        self._held: tuple[tuple[Chunk, ...], Integers, Floats] = ((), array("q"), array("d"))
        self._stale = 0
        self._drop_ms: int | None = None

    @classmethod
    def of(cls, times: Times, values: Values) -> "Samples":
        """Samples that are in order already and have no staleness markers."""
        made = cls()
        made._held = ((), array("q", times.tobytes()), array("d", values.tobytes()))
        rising = values[1:] >= values[:-1]
        falls = np.flatnonzero(~rising)
        made._drop_ms = int(times[falls[-1] + 1]) if len(falls) else None
        return made

    def __len__(self) -> int:
        chunks, times, _ = self._held
        return len(times) + sum(chunk.count for chunk in chunks)

    @property
    def first_ms(self) -> int:
        chunks, times, _ = self._held
        return chunks[0].first_ms if chunks else times[0]

    @property
    def last_ms(self) -> int:
        return self._held[1][-1]

    @property
    def packed_bytes(self) -> int:
        """How much memory the packed samples take, times that are shared included."""
        return sum(len(chunk.times.data) + len(chunk.values.data) for chunk in self._held[0])

    @property
    def has_stale(self) -> bool:
        """Whether a staleness marker is among them."""
        return self._stale > 0

    @property
    def last_drop_ms(self) -> int | None:
        """The time of the newest sample that is lower than the one before, None where the values never fell."""
        return self._drop_ms

    def append(self, t_ms: int, value: float) -> None:
        """Adds a sample; one at the last sample's time replaces it. Raises ``OutOfOrderError``."""
        _, times, values = self._held
        if times and t_ms <= times[-1]:
            if t_ms < times[-1]:
                raise OutOfOrderError(f"{t_ms} ms is before the last sample, {times[-1]} ms")
            times.pop()
            self._stale -= is_stale(values.pop())
        # Not "<": after a NaN nothing is known, and a marker may hide a fall.
        if values and not value >= values[-1]:
            self._drop_ms = t_ms
        if value != value:
            self._stale += is_stale(value)
        values.append(value)
        times.append(t_ms)
        if len(times) >= _PACKED_AT_ONCE + _KEPT_OPEN:
            self._pack()

    def _pack(self) -> None:
        chunks, times, values = self._held
        old_times = np.frombuffer(times[:_PACKED_AT_ONCE], dtype=np.int64)
        old_values = np.frombuffer(values[:_PACKED_AT_ONCE], dtype=np.float64)
        stale = int(np.count_nonzero(old_values.view(np.int64) == STALE_BITS)) if self._stale else 0
        # New arrays, because a shortened one keeps its memory.
        packed = (*chunks, pack(old_times, old_values, stale))
        self._held = (packed, times[_PACKED_AT_ONCE:], values[_PACKED_AT_ONCE:])

    def latest(self, after_ms: int, at_ms: int) -> tuple[int, float] | None:
        """The last sample in ``(after_ms, at_ms]``, None where there is none or it is a staleness marker."""
        chunks, times, values = self._held
        index = len(times) - 1
        if index < 0 or times[index] > at_ms:
            index = bisect_right(times, at_ms) - 1
        if index < 0:
            return self._latest_packed(after_ms, at_ms) if chunks else None
        if times[index] <= after_ms:
            return None
        value = values[index]
        return None if self._stale and is_stale(value) else (times[index], value)

    def _latest_packed(self, after_ms: int, at_ms: int) -> tuple[int, float] | None:
        times, values = self.columns(after_ms, at_ms)
        if not len(times) or is_stale(float(values[-1])):
            return None
        return int(times[-1]), float(values[-1])

    def between(self, after_ms: int, until_ms: int) -> tuple[Integers, Floats]:
        """Times and values in ``(after_ms, until_ms]``, staleness markers left out."""
        chunks, times, values = self._held
        if chunks and chunks[-1].last_ms > after_ms:
            packed_times, packed_values = self.columns(after_ms, until_ms)
            times, values = array("q", packed_times.tobytes()), array("d", packed_values.tobytes())
            low, high = 0, len(times)
        else:
            low = bisect_right(times, after_ms)
            high = len(times) if times and times[-1] <= until_ms else bisect_right(times, until_ms, low)
        if self._stale:
            return _without_stale(times[low:high], values[low:high])
        return times[low:high], values[low:high]

    def columns(self, after_ms: int, until_ms: int) -> tuple[Times, Values]:
        """The samples in ``(after_ms, until_ms]`` with the staleness markers, as arrays of their own."""
        chunks, open_times, open_values = self._held
        low = bisect_right(open_times, after_ms)
        high = bisect_right(open_times, until_ms, low)
        times = np.frombuffer(open_times[low:high], dtype=np.int64)
        values = np.frombuffer(open_values[low:high], dtype=np.float64)
        packed = [c for c in chunks if c.last_ms > after_ms and c.first_ms <= until_ms]
        if not packed:
            return times, values
        parts = [*(chunk.decode() for chunk in packed), (times, values)]
        times, values = np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])
        low = int(np.searchsorted(times, after_ms, side="right"))
        high = int(np.searchsorted(times, until_ms, side="right"))
        return times[low:high], values[low:high]

    def cut(self, before_ms: int) -> None:
        """Forgets samples before a time, a chunk at a time; a series that ended loses all."""
        chunks, times, values = self._held
        kept = tuple(chunk for chunk in chunks if chunk.last_ms >= before_ms)
        self._stale -= sum(chunk.stale for chunk in chunks) - sum(chunk.stale for chunk in kept)
        count = 0 if kept else bisect_left(times, before_ms)
        if count == len(times) or count > _KEPT_OPEN:
            self._stale -= sum(map(is_stale, values[:count])) if self._stale else 0
            times, values = times[count:], values[count:]
        self._held = (kept, times, values)


def _without_stale(times: Integers, values: Floats) -> tuple[Integers, Floats]:
    kept = [i for i, value in enumerate(values) if not is_stale(value)]
    if len(kept) == len(values):
        return times, values
    return array("q", [times[i] for i in kept]), array("d", [values[i] for i in kept])
