"""The parts of a UTC date: ``hour(v)``, ``day_of_week(v)`` and their like, for every year that Go's calendar has."""

import calendar as _calendar
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_EPOCH_DAY = date(1970, 1, 1).toordinal()
_DAY_S = 86_400
_CYCLE_YEARS, _CYCLE_DAYS = 400, 146_097
"""The Gregorian calendar repeats itself, weekdays included."""
_LEAST, _GREATEST = -(2**63), 2**63 - 1


@dataclass(frozen=True)
class Instant:
    """A whole second, taken apart."""

    seconds: int

    @cached_property
    def _cycle(self) -> tuple[int, int]:
        """Which 400 years after the year 1 it lies in, and the day within them."""
        return divmod(self.seconds // _DAY_S + _EPOCH_DAY - 1, _CYCLE_DAYS)

    @cached_property
    def day(self) -> date:
        """The same day within the years 1 to 400."""
        return date.fromordinal(self._cycle[1] + 1)

    @property
    def year(self) -> int:
        """The year; 0 is the one before the year 1."""
        return self.day.year + self._cycle[0] * _CYCLE_YEARS


PARTS: dict[str, Callable[[Instant], int]] = {
    "minute": lambda at: at.seconds // 60 % 60,
    "hour": lambda at: at.seconds // 3600 % 24,
    "day_of_week": lambda at: at.day.isoweekday() % 7,
    "day_of_month": lambda at: at.day.day,
    "day_of_year": lambda at: at.day.timetuple().tm_yday,
    "days_in_month": lambda at: _calendar.monthrange(at.day.year, at.day.month)[1],
    "month": lambda at: at.day.month,
    "year": lambda at: at.year,
}


def part(name: str, seconds: Floats) -> Floats:
    """One part of each time; NaN for a time that no calendar has."""
    read = PARTS[name]
    flat = [_part(read, value) for value in seconds.ravel().tolist()]
    return np.array(flat, dtype=np.float64).reshape(seconds.shape)


def _part(read: Callable[[Instant], int], seconds: float) -> float:
    if not _LEAST <= seconds <= _GREATEST:
        return float("nan")
    return float(read(Instant(int(seconds))))
