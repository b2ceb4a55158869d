"""Background work: each piece begins with it and ends with it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from server.api.tasks import cancelled
from server.api.telemetry.log import Log
from server.store.postgres import PostgresDownError, PostgresRefusedError
from server.store.redis import RedisDownError

Step = Callable[[], Awaitable[object]]


@asynccontextmanager
async def running(work: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """A loop that runs as long as its context."""
    task = asyncio.ensure_future(work())
    try:
        yield
    finally:
        await cancelled(task)


def every(seconds: float, name: str, log: Log, step: Step) -> Callable[[], Awaitable[None]]:
    """A loop that takes ``step`` every so often; a dependency that is away costs a turn, and is logged once."""

    async def loop() -> None:
        away = ""
        while True:
            try:
                await step()
                away = ""
            except (PostgresDownError, PostgresRefusedError, RedisDownError) as error:
                kind = type(error).__name__.removesuffix("Error")
                if kind != away:
                    away = kind
                    log.event("ERROR", away, f"{name}: {error}", part=name)
            await asyncio.sleep(seconds)

    return loop
