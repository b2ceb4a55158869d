"""Background work of the application: each piece begins with it and ends with it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from aiohttp import web

from server.api.log import Log
from server.api.tasks import cancelled
from server.store.postgres import PostgresDown, PostgresRefused
from server.store.redis import RedisDown

Step = Callable[[], Awaitable[object]]


def running(work: Callable[[], Awaitable[None]]) -> Callable[[web.Application], AsyncIterator[None]]:
    """A cleanup context around a loop that runs as long as the application."""

    async def context(_app: web.Application) -> AsyncIterator[None]:
        task = asyncio.ensure_future(work())
        yield
        await cancelled(task)

    return context


def every(seconds: float, name: str, log: Log, step: Step) -> Callable[[], Awaitable[None]]:
    """A loop that takes ``step`` every so often; a dependency that is away costs a turn, and is logged once."""

    async def loop() -> None:
        away = ""
        while True:
            try:
                await step()
                away = ""
            except (PostgresDown, PostgresRefused, RedisDown) as error:
                if type(error).__name__ != away:
                    away = type(error).__name__
                    log.event("ERROR", away, f"{name}: {error}", part=name)
            await asyncio.sleep(seconds)

    return loop
