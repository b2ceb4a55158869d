"""An owner for background tasks: what it starts it also ends."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Tasks:
    """The tasks of one part; ``close`` cancels and awaits them."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, T], *, name: str) -> "asyncio.Task[T]":
        """Run ``work`` until it ends or its owner closes; an exception nobody awaits is kept from the log."""
        task = asyncio.create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._done)
        return task

    async def close(self) -> None:
        """Cancel what runs and wait for its end."""
        for task in list(self._running):
            await cancelled(task)

    async def finish(self, *, within_s: float = 2.0) -> None:
        """Wait a little for the end of what runs, then end it."""
        if self._running:
            await asyncio.wait(self._running, timeout=within_s)
        await self.close()

    def _done(self, task: "asyncio.Task[Any]") -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()


async def cancelled(task: "asyncio.Future[Any]") -> None:
    """Cancel until it ends: redis-py now and then turns a cancellation into its own time-out."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=0.2)
