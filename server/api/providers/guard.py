"""A provider behind its bulkhead, breaker, retries and metrics."""

import random
from asyncio import sleep, timeout
from collections.abc import Awaitable, Callable
from time import monotonic, perf_counter

import msgspec

from server.api.errors import ApiError
from server.api.providers.breaker import Breaker
from server.api.providers.provider import (
    NO_TOKENS,
    BreakerOpenError,
    Provider,
    ProviderAnswer,
    ProviderError,
    ProviderFullError,
    ProviderKeyRefusedError,
    ProviderTimeoutError,
    Question,
    TokenUsage,
)
from server.api.providers.retry_budget import RetryBudget
from server.api.telemetry.metrics import ApiMetrics

_ATTEMPTS = 3
_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 8.0
_KEY_PAUSE_S = 5.0
"""So long a provider that refused our key is not asked again."""
_KEY_NEWS_S = 600.0
"""So long a refusal of our key is news, where nobody has asked since."""
_NO_VERDICT = ("cancelled", "rate_limited", "key_refused", "refused")
"""Outcomes that say nothing of whether the provider works."""

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
        embedded: bool = False,
        fills_as_fallback: bool = False,
        breaker: Breaker | None = None,
        fault: FaultInjection = no_fault,
    ) -> None:
        self._provider = provider
        self._metrics = metrics
        self._concurrency = concurrency
        self._in_flight = 0
        self._fault = fault
        self._budget = RetryBudget()
        self._key_refused_at = -_KEY_NEWS_S
        self.timeout_s = timeout_s
        """Longest time for one call, seconds."""
        self.embedded = embedded
        """Whether it is the embedded provider."""
        self.fills_as_fallback = fills_as_fallback
        """Whether it may fill a caller's schema where those before it failed."""
        self.breaker = breaker or Breaker()
        self._seconds = metrics.llm_durations.labels(provider.name)
        self._open = metrics.llm_breaker.labels(provider.name)
        self._open.set(0)
        self._key = metrics.llm_key_refused.labels(provider.name)
        self._key.set(0)
        metrics.llm_requests.labels(provider.name, ProviderKeyRefusedError.outcome)

    @property
    def name(self) -> str:
        """The provider's name in the configuration."""
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

    @property
    def key_refused(self) -> bool:
        """Whether the provider did not accept our key when it was asked last, in the last ten minutes."""
        return monotonic() - self._key_refused_at < _KEY_NEWS_S

    def show(self) -> None:
        """Set the gauges that change by time alone; called every second."""
        self._key.set(1 if self.key_refused else 0)
        self._open.set(0 if self.breaker.closed else 1)

    async def ask(self, question: Question, time_s: float) -> ProviderAnswer:
        """An answer within ``time_s`` seconds, retried within the budget. Raises ``ProviderError`` or ``ApiError``."""
        if self._in_flight >= self._concurrency:
            self._metrics.llm_requests.labels(self.name, ProviderFullError.outcome).inc()
            raise ProviderFullError(f"{self._concurrency} calls are in flight")
        if monotonic() - self._key_refused_at < _KEY_PAUSE_S:
            self._metrics.llm_requests.labels(self.name, ProviderKeyRefusedError.outcome).inc()
            raise ProviderKeyRefusedError("it refused our key a moment ago")
        until = monotonic() + time_s
        self._in_flight += 1
        try:
            self._budget.call()
            return await self._with_retries(question, until)
        finally:
            self._in_flight -= 1

    async def _with_retries(self, question: Question, until: float) -> ProviderAnswer:
        spent = NO_TOKENS
        for attempt in range(_ATTEMPTS):
            try:
                answer = await self._once(question, until - monotonic())
                return msgspec.structs.replace(answer, usage=answer.usage.plus(spent))
            except ProviderError as fault:
                spent = spent.plus(fault.usage)
                pause = _pause(attempt, fault)
                last = attempt == _ATTEMPTS - 1 or monotonic() + pause >= until
                if not fault.retryable or last or not self._budget.take():
                    fault.usage = spent
                    raise
                await sleep(pause)
        raise AssertionError("unreachable")

    async def _once(self, question: Question, time_s: float) -> ProviderAnswer:
        ticket = self.breaker.let_through()
        if ticket is None:
            self._metrics.llm_requests.labels(self.name, BreakerOpenError.outcome).inc()
            raise BreakerOpenError("it failed lately", retry_after_s=self.breaker.opens_in_s)
        started = perf_counter()
        outcome = "cancelled"
        usage = NO_TOKENS
        try:
            limit = min(self.timeout_s, time_s)
            async with timeout(limit):
                await self._fault(self.name)
                answer = await self._provider.ask(question, limit)
            outcome, usage = "ok", answer.usage
        except TimeoutError as error:
            outcome = ProviderTimeoutError.outcome
            raise ProviderTimeoutError(f"no answer within {limit:.1f} s") from error
        except ProviderError as fault:
            outcome, usage = fault.outcome, fault.usage
            raise
        except ApiError:
            # It worked, and found that the prompt does not hold what the caller asks for.
            outcome = "ok"
            raise
        else:
            return answer
        finally:
            self._settle(ticket, outcome, usage, perf_counter() - started)

    def _settle(self, ticket: int, outcome: str, usage: TokenUsage, seconds: float) -> None:
        failed = outcome in ("error", "timeout", "busy")
        self.breaker.settle(ticket, failed=failed, counts=outcome not in _NO_VERDICT)
        if outcome == ProviderKeyRefusedError.outcome:
            self._key_refused_at = monotonic()
        elif outcome == "ok":
            self._key_refused_at = -_KEY_NEWS_S
        self._seconds.observe(seconds)
        self._metrics.llm_requests.labels(self.name, outcome).inc()
        self._metrics.tokens(self.name, usage.input, usage.output, usage.clamped)
        self.show()


def _pause(attempt: int, fault: ProviderError) -> float:
    """Full jitter (AWS architecture blog), or what the provider asked for."""
    if fault.retry_after_s is not None:
        return fault.retry_after_s
    return random.random() * min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * float(2**attempt))  # noqa: S311  # jitter
