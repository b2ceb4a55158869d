"""The clock, so that tests can bring their own, and ticks on a grid."""

import asyncio
import time
from datetime import timedelta
from typing import Protocol


class Clock(Protocol):
    """What the evaluator needs to know about time."""

    def now_ms(self) -> int:
        """Unix time in ms."""
        ...

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Waits."""
        ...


class SystemClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Grid:
    """Times at equal distances, each waited for; the grid lies ``share`` of an interval behind the full ones.

    A time that is missed because the step before took too long is left out. With ``at_once`` the first wait is none.
    """

    def __init__(self, clock: Clock, interval_ms: int, share: float = 0.0, *, at_once: bool = False) -> None:
        self._clock, self._interval_ms = clock, interval_ms
        self._offset_ms = round(share * interval_ms)
        self._at_once = at_once
        self.due_ms = 0
        """The time that was waited for last, Unix ms."""
        self.missed = 0
        """Times left out so far."""

    async def wait(self) -> None:
        """Waits for the next time of the grid."""
        now = self._clock.now_ms()
        if self._at_once:
            self._at_once = False
            return
        due = (now - self._offset_ms) // self._interval_ms * self._interval_ms
        due += self._offset_ms + self._interval_ms
        await self._clock.sleep((due - now) / 1000)
        if self.due_ms:
            self.missed += (due - self.due_ms) // self._interval_ms - 1
        self.due_ms = due

    @property
    def every(self) -> timedelta:
        """The distance."""
        return timedelta(milliseconds=self._interval_ms)
