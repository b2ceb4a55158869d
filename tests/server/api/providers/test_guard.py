"""Facts about what stands before a provider: breaker, budget, bulkhead, retries, and the chain of them."""

import asyncio

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.api.errors import ApiError
from server.api.providers.breaker import Breaker
from server.api.providers.chain import ProviderChain
from server.api.providers.guard import GuardedProvider
from server.api.providers.provider import (
    ProviderAnswer,
    ProviderBrokenError,
    ProviderBusyError,
    ProviderDeclinedError,
    ProviderError,
    ProviderKeyRefusedError,
    ProviderMisconfiguredError,
    ProviderPromptTooLongError,
    ProviderRateLimitedError,
    ProviderTruncatedError,
    Question,
    TokenUsage,
)
from server.api.providers.retry_budget import RetryBudget
from server.api.schema import trusted_schema
from server.api.telemetry.metrics import ApiMetrics

QUESTION = Question(prompt="hello", schema=None, temperature=None, max_tokens=100)
SCHEMA = Question(prompt="hello", schema=trusted_schema({}), temperature=None, max_tokens=100)


class Scripted:
    """A provider that does what stands next in its script, and succeeds past its end."""

    model = "m"

    def __init__(self, name: str, *script: Exception) -> None:
        self.name = name
        self.script = list(script)
        self.calls = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def ask(self, question: Question, timeout_s: float) -> ProviderAnswer:
        self.calls += 1
        await self.gate.wait()
        if self.script:
            raise self.script.pop(0)
        return ProviderAnswer(data={}, provider=self.name, model=self.model, validated=True)

    async def close(self) -> None: ...


def _guard(
    provider: Scripted, *, concurrency: int = 8, timeout_s: float = 5.0, embedded: bool = False
) -> GuardedProvider:
    metrics = ApiMetrics(version="0", environment="test")
    return GuardedProvider(provider, metrics, timeout_s=timeout_s, concurrency=concurrency, embedded=embedded)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def _broken(breaker: Breaker) -> None:
    for _ in range(5):
        ticket = breaker.let_through()
        assert ticket is not None
        breaker.settle(ticket, failed=True)


def test_a_breaker_opens_probes_once_and_ramps_up() -> None:
    clock = Clock()
    breaker = Breaker(clock=clock, chance=lambda: 0.5, ramp_s=10.0)
    _broken(breaker)
    assert (breaker.state, breaker.let_through()) == ("open", None)
    clock.now = 2.5
    probe = breaker.let_through()
    assert probe is not None
    assert breaker.let_through() is None
    breaker.settle(probe, failed=False)
    assert (breaker.state, breaker.let_through()) == ("closed", None)
    clock.now = 9.0
    assert breaker.let_through() is not None


def test_a_failed_probe_doubles_the_wait() -> None:
    clock = Clock()
    breaker = Breaker(clock=clock)
    _broken(breaker)
    clock.now = 2.0
    probe = breaker.let_through()
    assert probe is not None
    breaker.settle(probe, failed=True)
    assert breaker.opens_in_s == 4.0


def test_a_straggler_of_before_does_not_settle_the_probe() -> None:
    clock = Clock()
    breaker = Breaker(clock=clock)
    straggler = breaker.let_through()
    assert straggler is not None
    _broken(breaker)
    clock.now = 2.0
    assert breaker.let_through() is not None
    breaker.settle(straggler, failed=False)
    assert (breaker.state, breaker.let_through()) == ("half_open", None)


@given(
    st.lists(
        st.tuples(st.sampled_from(["admit", "good", "bad", "gone", "wait"]), st.floats(0, 5)), max_size=80
    )
)
def test_an_open_breaker_never_lets_two_calls_through_at_once(moves: list[tuple[str, float]]) -> None:
    clock = Clock()
    breaker = Breaker(clock=clock)
    tickets: list[tuple[int, bool]] = []
    for move, seconds in moves:
        if move == "wait":
            clock.now += seconds
        elif move == "admit":
            opened = not breaker.closed
            ticket = breaker.let_through()
            if ticket is not None:
                assert not (opened and any(probe and at == ticket for at, probe in tickets))
                tickets.append((ticket, opened))
        elif tickets:
            ticket, _ = tickets.pop(0)
            breaker.settle(ticket, failed=move == "bad", counts=move != "gone")


def test_retries_are_a_tenth_of_calls_once_the_savings_are_spent() -> None:
    budget = RetryBudget()
    assert sum(budget.take() for _ in range(50)) == 10
    for _ in range(100):
        budget.call()
    assert sum(budget.take() for _ in range(50)) in (9, 10)


async def test_a_fault_that_may_pass_is_tried_again() -> None:
    provider = Scripted("p", ProviderBusyError("later", retry_after_s=0.0), ProviderBrokenError("oops"))
    assert (await _guard(provider).ask(QUESTION, 5.0)).provider == "p"
    assert provider.calls == 3


async def test_a_refusal_is_not() -> None:
    provider = Scripted("p", ProviderMisconfiguredError("no"))
    with pytest.raises(ProviderMisconfiguredError):
        await _guard(provider).ask(QUESTION, 5.0)
    assert provider.calls == 1


async def test_one_call_too_many_at_once_is_refused_at_once() -> None:
    provider = Scripted("p")
    provider.gate.clear()
    chain = ProviderChain([_guard(provider, concurrency=2)], deadline_s=5.0)
    first = [asyncio.ensure_future(chain.ask(QUESTION, "auto")) for _ in range(2)]
    while provider.calls < 2:
        await asyncio.sleep(0)
    with pytest.raises(ApiError) as refused:
        await chain.ask(QUESTION, "auto")
    assert (refused.value.type, refused.value.headers) == ("overloaded", {"Retry-After": "1"})
    provider.gate.set()
    await asyncio.gather(*first)


async def test_the_next_provider_answers_where_the_first_fails() -> None:
    first, second = Scripted("a", *[ProviderMisconfiguredError("no")] * 9), Scripted("b")
    chain = ProviderChain([_guard(first), _guard(second)], deadline_s=5.0)
    assert (await chain.ask(QUESTION, "auto")).provider == "b"
    with pytest.raises(ApiError) as failed:
        await chain.ask(QUESTION, "a")
    assert (failed.value.status, failed.value.details[0]["outcome"]) == (502, "refused")


async def test_the_order_is_as_it_is_now() -> None:
    order: list[str] = []
    chain = ProviderChain([_guard(Scripted("a")), _guard(Scripted("b"))], deadline_s=5.0, order=lambda: order)
    before = chain.identity("auto")
    order.append("b")
    assert (await chain.ask(QUESTION, "auto")).provider == "b"
    assert chain.identity("auto") != before


async def test_a_slow_provider_ends_with_504_inside_the_deadline() -> None:
    provider = Scripted("slow")
    provider.gate.clear()
    chain = ProviderChain([_guard(provider)], deadline_s=0.1)
    with pytest.raises(ApiError) as failed:
        await chain.ask(QUESTION, "auto")
    assert failed.value.status == 504


async def test_a_broken_provider_is_left_alone() -> None:
    provider = Scripted("p", *[ProviderBrokenError("oops")] * 50)
    guard = _guard(provider)
    chain = ProviderChain([guard], deadline_s=30.0)
    statuses: list[int] = []
    while not statuses or statuses[-1] != 503:
        with pytest.raises(ApiError) as failed:
            await chain.ask(QUESTION, "auto")
        statuses.append(failed.value.status)
    calls = provider.calls
    with pytest.raises(ApiError):
        await chain.ask(QUESTION, "auto")
    assert (provider.calls, guard.breaker.state) == (calls, "open")


async def test_a_provider_that_hangs_leaves_the_next_its_part() -> None:
    first, second = Scripted("a"), Scripted("b")
    first.gate.clear()
    chain = ProviderChain([_guard(first, timeout_s=60.0), _guard(second)], deadline_s=0.4)
    answer = await chain.ask(QUESTION, "auto")
    assert (answer.provider, answer.fallback, answer.tried) == ("b", True, ("a", "b"))


async def test_the_first_providers_answer_is_no_fallback() -> None:
    answer = await ProviderChain([_guard(Scripted("a"))], deadline_s=5.0).ask(QUESTION, "auto")
    assert (answer.fallback, answer.tried) == (False, ())


async def test_a_hanging_provider_opens_its_breaker() -> None:
    first, second = Scripted("a"), Scripted("b")
    first.gate.clear()
    guard = _guard(first, timeout_s=0.01)
    chain = ProviderChain([guard, _guard(second)], deadline_s=5.0)
    while guard.breaker.closed:
        assert (await chain.ask(QUESTION, "auto")).provider == "b"
    assert first.calls >= 5


async def test_too_many_calls_upstream_go_to_the_next_at_once_and_else_back_with_the_wait() -> None:
    first = Scripted("a", *[ProviderRateLimitedError("429", retry_after_s=17.0)] * 2)
    chain = ProviderChain([_guard(first), _guard(Scripted("b"))], deadline_s=5.0)
    assert (await chain.ask(QUESTION, "auto")).provider == "b"
    with pytest.raises(ApiError) as refused:
        await chain.ask(QUESTION, "a")
    assert (refused.value.status, refused.value.headers, first.calls) == (503, {"Retry-After": "17"}, 2)


@pytest.mark.parametrize(
    ("faults", "status", "type"),
    [
        ([ProviderDeclinedError("no")], 422, "provider_refused"),
        ([ProviderBrokenError("down"), ProviderDeclinedError("no")], 422, "provider_refused"),
        ([ProviderPromptTooLongError("long")], 422, "prompt_too_long"),
        ([ProviderPromptTooLongError("long"), ProviderPromptTooLongError("long")], 422, "prompt_too_long"),
        ([ProviderPromptTooLongError("long"), ProviderMisconfiguredError("down")], 502, "provider_error"),
        ([ProviderKeyRefusedError("key")], 502, "provider_error"),
        ([ProviderTruncatedError("cut")], 502, "provider_invalid_output"),
        ([ProviderKeyRefusedError("key"), ProviderRateLimitedError("429")], 502, "provider_error"),
    ],
)
async def test_each_failure_has_its_status(faults: list[ProviderError], status: int, type: str) -> None:
    guards = [_guard(Scripted(f"p{n}", *[fault] * 3)) for n, fault in enumerate(faults)]
    with pytest.raises(ApiError) as failed:
        await ProviderChain(guards, deadline_s=5.0).ask(QUESTION, "auto")
    assert (failed.value.status, failed.value.type) == (status, type)


async def test_what_upstream_said_reaches_our_log_and_no_tenant() -> None:
    said: list[tuple[str, str, str]] = []
    fault = ProviderKeyRefusedError("status 401: key sk-1 at https://secret.example is wrong")
    chain = ProviderChain([_guard(Scripted("a", fault))], deadline_s=5.0, report=lambda *it: said.append(it))
    with pytest.raises(ApiError) as failed:
        await chain.ask(QUESTION, "auto")
    assert "secret.example" not in str((failed.value.message, failed.value.details))
    assert said == [("ERROR", "provider_key_refused", f"a: {fault}")]


async def test_an_outage_is_never_the_callers_422() -> None:
    nothing = ApiError("schema_not_fillable", "nothing")
    models, embedded = (
        Scripted("m", *[ProviderMisconfiguredError("x")] * 2),
        Scripted("local", *[nothing] * 3),
    )
    chain = ProviderChain([_guard(models), _guard(embedded, embedded=True)], deadline_s=5.0)
    with pytest.raises(ApiError) as failed:
        await chain.ask(msgspec.structs.replace(SCHEMA, embedded_fallback=True), "auto")
    assert (failed.value.status, embedded.calls) == (502, 1)
    with pytest.raises(ApiError) as refused:
        await chain.ask(SCHEMA, "local")
    assert refused.value.status == 422


async def test_the_embedded_provider_is_no_silent_fallback_for_schemas() -> None:
    model, embedded = Scripted("m", *[ProviderMisconfiguredError("x")] * 3), Scripted("local")
    chain = ProviderChain([_guard(model), _guard(embedded, embedded=True)], deadline_s=5.0)
    with pytest.raises(ApiError) as failed:
        await chain.ask(SCHEMA, "auto")
    assert (failed.value.status, embedded.calls) == (502, 0)
    asked_for = msgspec.structs.replace(SCHEMA, embedded_fallback=True)
    assert (await chain.ask(asked_for, "auto")).provider == "local"
    assert (await chain.ask(QUESTION, "auto")).fallback is True


async def test_a_refused_key_is_known_and_not_tried_at_every_call() -> None:
    provider = Scripted("a", *[ProviderKeyRefusedError("401")] * 9)
    guard = _guard(provider)
    for _ in range(3):
        with pytest.raises(ProviderKeyRefusedError):
            await guard.ask(QUESTION, 5.0)
    assert (provider.calls, guard.key_refused, guard.breaker.closed) == (1, True, True)


async def test_tokens_of_failed_calls_are_counted() -> None:
    wasted = [
        ProviderBrokenError("x", usage=TokenUsage(5, 1)),
        ProviderTruncatedError("x", usage=TokenUsage(7, 2)),
    ]
    metrics = ApiMetrics(version="0", environment="test")
    guards = [
        GuardedProvider(Scripted(name, *script), metrics, timeout_s=5.0, concurrency=8)
        for name, script in (("a", wasted), ("b", []))
    ]
    answer = await ProviderChain(guards, deadline_s=9.0).ask(QUESTION, "auto")
    assert (answer.usage.input, answer.usage.output) == (12, 3)
    assert metrics.totals("llm_tokens_total") == [15.0]
