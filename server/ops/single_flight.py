"""Work that is the same for everybody who asks for it: done once at a time, its answer given to all who wait."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """Whoever asks while the work is on gets the answer of the one that is on."""

    def __init__(self, work: Callable[[], Awaitable[T]]) -> None:
        self._work = work
        self._running: asyncio.Task[T] | None = None

    async def answer(self) -> T:
        """The answer, or what the work raises; the work goes on although somebody who waits for it goes away."""
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._do(), name="single flight")
        return await asyncio.shield(self._running)

    async def _do(self) -> T:
        return await self._work()
