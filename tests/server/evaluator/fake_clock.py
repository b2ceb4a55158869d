"""A clock that stands still until a test moves it."""

import asyncio


class FakeClock:
    """Unix time in ms and a monotonic clock that agree; sleepers wake when the time has come."""

    def __init__(self, now_ms: int) -> None:
        self._now_ms = now_ms
        self._moved = asyncio.Event()

    def now_ms(self) -> int:
        return self._now_ms

    def monotonic(self) -> float:
        return self._now_ms / 1000

    async def sleep(self, seconds: float) -> None:
        due = self._now_ms + round(seconds * 1000)
        while self._now_ms < due:
            await self._moved.wait()

    def move_to(self, now_ms: int) -> None:
        """Sets the time and wakes everybody who waits for it."""
        self._now_ms = now_ms
        self._moved.set()
        self._moved = asyncio.Event()
