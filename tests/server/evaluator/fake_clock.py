"""A clock that stands still until a test moves it."""

import asyncio


class FakeClock:
    """Unix time in ms and a monotonic clock that agree; sleepers wake when the time has come."""

    def __init__(self, now_ms: int) -> None:
        self._now_ms = now_ms
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []
        self._more = asyncio.Event()

    @property
    def sleepers(self) -> int:
        """How many wait for a later time."""
        return sum(not future.done() for _, future in self._waiting)

    def now_ms(self) -> int:
        return self._now_ms

    def monotonic(self) -> float:
        return self._now_ms / 1000

    async def sleep(self, seconds: float) -> None:
        due = self._now_ms + round(seconds * 1000)
        if due > self._now_ms:
            future = asyncio.get_running_loop().create_future()
            self._waiting.append((due, future))
            self._more.set()
            await future

    async def asleep(self, count: int) -> None:
        """Waits until as many wait for a later time."""
        async with asyncio.timeout(10):
            while self.sleepers < count:
                self._more.clear()
                await self._more.wait()

    def move_to(self, now_ms: int) -> None:
        """Sets the time and wakes everybody whose time has come."""
        self._now_ms = now_ms
        for due, future in self._waiting:
            if due <= now_ms and not future.done():
                future.set_result(None)
        self._waiting = [(due, future) for due, future in self._waiting if not future.done()]
