"""A provider behind its bulkhead, breaker, retries and metrics."""

import random
from asyncio import sleep, timeout
from collections.abc import Awaitable, Callable
from time import monotonic, perf_counter

from server.api.providers.breaker import Breaker
from server.api.providers.provider import (
    BreakerOpenError,
    Provider,
    ProviderAnswer,
    ProviderError,
    ProviderFullError,
    ProviderTimeoutError,
    Question,
)
from server.api.providers.retry_budget import RetryBudget
from server.api.telemetry.metrics import ApiMetrics

_ATTEMPTS = 3
_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 8.0

FaultInjection = Callable[[str], Awaitable[None]]
"""What a drill does to a call of the named provider."""


async def no_fault(_provider: str) -> None:
    """What happens outside a drill."""
    return


class GuardedProvider:
    """Asks one provider: not too many calls at once, not while it is broken, again where that may help."""

    def __init__(
        self,
        provider: Provider,
        metrics: ApiMetrics,
        *,
        timeout_s: float,
        concurrency: int,
        breaker: Breaker | None = None,
        fault: FaultInjection = no_fault,
    ) -> None:
        self._provider = provider
        self._metrics = metrics
        self._timeout_s = timeout_s
        self._concurrency = concurrency
        self._in_flight = 0
        self._fault = fault
        self._budget = RetryBudget()
        self.breaker = breaker or Breaker()
        self._seconds = metrics.llm_durations.labels(provider.name)
        self._open = metrics.llm_breaker.labels(provider.name)
        self._open.set(0)

    @property
    def name(self) -> str:
        """Its name in the configuration."""
        return self._provider.name

    @property
    def model(self) -> str:
        """The model that it asks."""
        return self._provider.model

    async def close(self) -> None:
        """Close the provider."""
        await self._provider.close()

    @property
    def in_flight(self) -> int:
        """Calls being made now."""
        return self._in_flight

    @property
    def concurrency(self) -> int:
        """Most calls at once."""
        return self._concurrency

    async def ask(self, question: Question, time_s: float) -> ProviderAnswer:
        """An answer within ``time_s`` seconds, retried within the budget. Raises ``ProviderError``."""
        if self._in_flight >= self._concurrency:
            self._metrics.llm_requests.labels(self.name, ProviderFullError.outcome).inc()
            raise ProviderFullError(f"{self._concurrency} calls are in flight")
        until = monotonic() + time_s
        self._in_flight += 1
        try:
            self._budget.call()
            return await self._with_retries(question, until)
        finally:
            self._in_flight -= 1

    async def _with_retries(self, question: Question, until: float) -> ProviderAnswer:
        for attempt in range(_ATTEMPTS):
            try:
                return await self._once(question, until - monotonic())
            except ProviderError as fault:
                pause = _pause(attempt, fault)
                last = attempt == _ATTEMPTS - 1 or monotonic() + pause >= until
                if not fault.retryable or last or not self._budget.take():
                    raise
                await sleep(pause)
        raise AssertionError("unreachable")

    async def _once(self, question: Question, time_s: float) -> ProviderAnswer:
        ticket = self.breaker.admit()
        if ticket is None:
            self._metrics.llm_requests.labels(self.name, BreakerOpenError.outcome).inc()
            raise BreakerOpenError("it failed lately", retry_after_s=self.breaker.opens_in_s)
        started = perf_counter()
        outcome = "cancelled"
        try:
            limit = min(self._timeout_s, time_s)
            async with timeout(limit):
                await self._fault(self.name)
                answer = await self._provider.ask(question, limit)
            outcome = "ok"
        except TimeoutError as error:
            outcome = ProviderTimeoutError.outcome
            raise ProviderTimeoutError(f"no answer within {limit:.1f} s") from error
        except ProviderError as fault:
            outcome = fault.outcome
            raise
        else:
            return answer
        finally:
            self._settle(ticket, outcome, perf_counter() - started)

    def _settle(self, ticket: int, outcome: str, seconds: float) -> None:
        self.breaker.settle(ticket, failed=outcome in ("error", "timeout"), counts=outcome != "cancelled")
        self._seconds.observe(seconds)
        self._metrics.llm_requests.labels(self.name, outcome).inc()
        self._open.set(0 if self.breaker.closed else 1)


def _pause(attempt: int, fault: ProviderError) -> float:
    """Full jitter (AWS architecture blog), or what the provider asked for."""
    if fault.retry_after_s is not None:
        return fault.retry_after_s
    return random.random() * min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * float(2**attempt))  # noqa: S311  # jitter
