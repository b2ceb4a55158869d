"""Queries in threads: a few at a time, each with a deadline, each ended when nobody waits for it any more."""

import asyncio
from collections.abc import Callable

from alerts.promql import PromQLError, SampleStore
from alerts.promql.engine.result import Data
from alerts.promql.error import QueryStoppedError
from server.evaluator.clock import Clock

TIMEOUT_S = 120.0
"""How long a query may take that names no ``timeout`` (Prometheus: ``query.timeout``); none may take longer."""
_AT_ONCE = 4
_MAX_VALUES = 10_000_000
"""Of one selector over all steps: 90 MB for a moment."""

Wanted = Callable[[], bool]


class QueryPool:
    """Runs queries over one store, so that a heavy one delays neither a scrape nor an alert."""

    def __init__(self, store: SampleStore, clock: Clock, *, compat: int, subquery_step_ms: int) -> None:
        self._store = store
        self._clock = clock
        self._compat = compat
        self._subquery_step_ms = subquery_step_ms
        self._running = asyncio.Semaphore(_AT_ONCE)

    async def run(
        self, query: Callable[..., Data], expr: str, *times: int, wanted: Wanted, timeout_s: float = TIMEOUT_S
    ) -> Data:
        """The ``data`` of a query. ``wanted`` says, from a thread, whether somebody still waits for it.

        Raises ``QueryStoppedError`` past the deadline, and ``PromQLError``.
        """
        deadline = self._clock.monotonic() + min(timeout_s, TIMEOUT_S)

        def check() -> None:
            if self._clock.monotonic() >= deadline:
                raise QueryStoppedError("query timed out in expression evaluation")
            if not wanted():
                raise QueryStoppedError("query was canceled in expression evaluation")

        async with self._running:
            check()
            return await asyncio.to_thread(self._answer, query, expr, times, check)

    def _answer(
        self, query: Callable[..., Data], expr: str, times: tuple[int, ...], check: Callable[[], None]
    ) -> Data:
        try:
            return query(
                self._store,
                expr,
                *times,
                compat=self._compat,
                subquery_step_ms=self._subquery_step_ms,
                max_points=_MAX_VALUES,
                check=check,
            )
        except RecursionError as error:
            raise PromQLError("the expression has too many operations within each other") from error
