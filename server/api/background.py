"""Background work of the API: each piece begins with it and ends with it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from server.api.tasks import cancelled
from server.api.telemetry.log import Log
from server.api.telemetry.metrics import ApiMetrics
from server.periodic import Periodic, Step
from server.store.postgres import PostgresDownError, PostgresRefusedError
from server.store.redis import RedisDownError

_AWAY = (PostgresDownError, PostgresRefusedError, RedisDownError)


@asynccontextmanager
async def running(work: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Work that goes on as long as its context."""
    task = asyncio.ensure_future(work())
    try:
        yield
    finally:
        await cancelled(task)


class LoopFactory:
    """Makes loops whose failed steps are counted, and told in the API's log once for each kind in a row."""

    def __init__(self, log: Log, metrics: ApiMetrics) -> None:
        self._log = log
        self._metrics = metrics

    def every(
        self, seconds: float, name: str, step: Step, *, sooner: asyncio.Event | None = None
    ) -> Periodic:
        """A loop that takes ``step`` every so often; a dependency that is away costs a turn."""
        return Periodic(name, timedelta(seconds=seconds), step, report=self._report, sooner=sooner)

    def _report(self, name: str, error: Exception, again: bool) -> None:
        self._metrics.loop_failures.labels(name).inc()
        if not again:
            word = type(error).__name__.removesuffix("Error") if isinstance(error, _AWAY) else "loop_failed"
            self._log.event("ERROR", word, f"{name}: {type(error).__name__}: {error}", part=name)
