"""The clock, so that tests can bring their own, and ticks on a grid."""

import asyncio
import time
from collections.abc import AsyncIterator
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


async def ticks(clock: Clock, interval_ms: int, share: float = 0.0) -> AsyncIterator[int]:
    """Times of a grid, each when it comes; the grid lies ``share`` of an interval behind the full ones.

    A tick that is missed because the one before took too long is left out.
    """
    offset = round(share * interval_ms)
    while True:
        now = clock.now_ms()
        due = (now - offset) // interval_ms * interval_ms + offset + interval_ms
        await clock.sleep((due - now) / 1000)
        yield due
