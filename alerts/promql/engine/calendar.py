"""The parts of a UTC date: ``hour(v)``, ``day_of_week(v)`` and their like."""

import calendar as _calendar
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

PARTS: dict[str, Callable[[datetime], int]] = {
    "minute": lambda at: at.minute,
    "hour": lambda at: at.hour,
    "day_of_week": lambda at: at.isoweekday() % 7,
    "day_of_month": lambda at: at.day,
    "day_of_year": lambda at: at.timetuple().tm_yday,
    "days_in_month": lambda at: _calendar.monthrange(at.year, at.month)[1],
    "month": lambda at: at.month,
    "year": lambda at: at.year,
}


def part(name: str, seconds: Floats) -> Floats:
    """One part of each time; NaN for a time that no calendar has."""
    read = PARTS[name]
    flat = [_part(read, value) for value in seconds.ravel().tolist()]
    return np.array(flat, dtype=np.float64).reshape(seconds.shape)


def _part(read: Callable[[datetime], int], seconds: float) -> float:
    try:
        return float(read(_EPOCH + timedelta(seconds=int(seconds))))
    except (OverflowError, ValueError):
        return float("nan")
