"""Samples that no longer change, packed: about two bytes for an ordinary counter's, none for the times it shares."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Times = npt.NDArray[np.int64]
Values = npt.NDArray[np.float64]

_MAX_SHARED = 256
_shared: dict[bytes, bytes] = {}


@dataclass(frozen=True, slots=True)
class Column:
    """Whole numbers as a base and small offsets; without a kind, 64-bit floats as they are."""

    base: int
    kind: str
    """The numpy type of the offsets: empty where all are the base, ``f8`` for floats."""
    data: bytes


@dataclass(frozen=True, slots=True)
class Chunk:
    """A run of samples."""

    first_ms: int
    last_ms: int
    count: int
    step_ms: int
    """The usual distance of two samples; the packed times are the deviations from it."""
    times: Column
    values: Column
    stale: int
    """How many staleness markers are among the values."""

    def decode(self) -> tuple[Times, Values]:
        """The samples as they were, bit by bit."""
        grid = np.arange(self.count, dtype=np.int64) * self.step_ms
        times = _unpack(self.times, self.count) + grid
        if self.values.kind == "f8":
            return times, np.frombuffer(self.values.data, dtype=np.float64)
        return times, _unpack(self.values, self.count).astype(np.float64)


def pack(times: Times, values: Values, stale: int) -> Chunk:
    """The chunk of at least two samples in order."""
    count = len(times)
    step_ms = int(times[-1] - times[0]) // (count - 1)
    deviations = _pack(times - np.arange(count, dtype=np.int64) * step_ms)
    return Chunk(
        first_ms=int(times[0]),
        last_ms=int(times[-1]),
        count=count,
        step_ms=step_ms,
        times=Column(deviations.base, deviations.kind, _share(deviations.data)),
        values=_pack_values(values),
        stale=stale,
    )


def _pack_values(values: Values) -> Column:
    with np.errstate(invalid="ignore"):
        whole = values.astype(np.int64)
    # Bits are compared, since 0.0 equals -0.0 and a NaN not even itself.
    if np.array_equal(whole.astype(np.float64).view(np.int64), values.view(np.int64)):
        return _pack(whole)
    return Column(0, "f8", values.tobytes())


def _pack(numbers: npt.NDArray[np.int64]) -> Column:
    base, span = int(numbers.min()), int(numbers.max()) - int(numbers.min())
    if span == 0:
        return Column(base, "", b"")
    kind = next(
        (kind for kind, limit in (("u1", 1 << 8), ("u2", 1 << 16), ("u4", 1 << 32)) if span < limit), "i8"
    )
    offsets = numbers if kind == "i8" else (numbers - base).astype(kind)
    return Column(0 if kind == "i8" else base, kind, offsets.tobytes())


def _unpack(column: Column, count: int) -> npt.NDArray[np.int64]:
    if not column.kind:
        return np.full(count, column.base, dtype=np.int64)
    return np.frombuffer(column.data, dtype=column.kind).astype(np.int64) + column.base


def _share(data: bytes) -> bytes:
    """One object for all series of a scrape, whose times are the same."""
    if len(_shared) >= _MAX_SHARED:
        _shared.clear()
    return _shared.setdefault(data, data)
