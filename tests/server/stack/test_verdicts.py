"""Facts about the verdicts of read steps: each says unhealthy while its cause is there, and points to what takes it away.

Every cause is made for real in a stack of its own. A step that could never say anything but healthy would be worse
than none, so that the fast part of this file refuses an expectation whose cause nobody makes here.
"""

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import msgspec
import psutil
import psycopg2
import pytest

from runbooks.engine.catalogue import NOT_RUNBOOKS
from runbooks.engine.parser import parse_runbook
from runbooks.engine.verdict import verdict_of
from runbooks.wire import StepView
from server.stack.drill.drill import drill_stack
from server.stack.drill.faults import FaultInjector
from server.stack.drill.responder import Responder, until
from server.stack.drill.scenario import SCENARIOS, LimitAbuse, Load, ShortTTL, StoppedService, WrongKeys
from server.stack.drill.traffic import Traffic, traffic
from server.stack.layout import Layout
from server.stack.local.supervisord import ServiceTroubleError, list_services, operate
from server.stack.tokens import read_token
from tests.paths import CHECKOUT
from tests.runbooks.said_outputs import Named, said_of
from tests.stackwork import prefer

_SHELF = CHECKOUT / "runbooks"
_DRILL_TOKEN = secrets.token_hex(16)
_SETTINGS = {
    "LLM_PROVIDERS": '[{"name":"primary","kind":"local"},{"name":"backup","kind":"local"}]',
    "CACHE_LOCAL_ENTRIES": "0",
}


def _expecting_steps() -> dict[Named, StepView]:
    runbooks = (
        parse_runbook(path.read_text(), str(path.relative_to(_SHELF).with_suffix("")))
        for path in sorted(_SHELF.rglob("*.md"))
        if path.name not in NOT_RUNBOOKS
    )
    return {(book.id, step.name): step for book in runbooks for step in book.steps if step.unhealthy}


STEPS = _expecting_steps()
_VERIFICATIONS = tuple(
    named for named, step in STEPS.items() if step.command.strip().startswith("ops verify")
)
CAUSES: Mapping[str, tuple[Named, ...]] = {
    "api stopped": (("APIDown", "check-process"), *_VERIFICATIONS),
    "api hangs": (("APIDown", "check-health"),),
    "api's port taken": (("APIDown", "read-log"),),
    "postgres stopped": (("DatabaseDown", "check-process"), ("HighErrorRate", "check-postgres")),
    "connections taken": (
        ("DatabaseDown", "check-connections"),
        ("DatabaseDown", "read-log"),
        ("maintenance/ScalingUp", "connections"),
    ),
    "lock held": (
        ("DatabaseDown", "long-queries"),
        ("DatabaseDown", "locks"),
        ("HighLatency", "long-queries"),
        ("HighLatency", "locks"),
        ("maintenance/ScalingUp", "locks"),
    ),
    "long transaction": (("maintenance/DatabaseMigration", "long-transactions"),),
    "evaluator stopped": (
        ("EvaluatorSilent", "check-process"),
        ("EvaluatorSilent", "targets"),
        ("EvaluatorSilent", "verify"),
    ),
    "evaluator hangs": (("EvaluatorSilent", "targets"), ("EvaluatorSilent", "verify")),
    "evaluator's token wrong": (("EvaluatorSilent", "read-log"), ("EvaluatorSilent", "verify")),
    "redis stopped": (
        ("RedisDown", "check-process"),
        ("RedisDown", "slow-log"),
        ("HighErrorRate", "check-redis"),
        ("HighRateLimitViolations", "is-redis-there"),
    ),
    "redis hangs": (
        ("RedisDown", "ping"),
        ("HighLatency", "redis-answers"),
        ("maintenance/ScalingUp", "redis-answers"),
    ),
    "redis' file damaged": (("RedisDown", "read-log"),),
    "cache emptied": (("LowCacheHitRate", "what-changed"),),
    "short time to live": (("LowCacheHitRate", "time-to-live"),),
    "memory full": (("LowCacheHitRate", "evictions"), ("RedisDown", "memory")),
    "nothing hits": (
        ("LowCacheHitRate", "hit-rate"),
        ("LowCacheHitRate", "hit-rate-now"),
        ("HighLatency", "hit-rate"),
    ),
    "provider fails": (("HighErrorRate", "check-provider"), ("LLMProviderSlowdown", "by-outcome")),
    "provider slow": (
        ("HighLatency", "provider-latency"),
        ("HighLatency", "slow-paths"),
        ("maintenance/ScalingUp", "provider"),
        ("LLMProviderSlowdown", "by-provider"),
        ("LLMProviderSlowdown", "by-provider-now"),
    ),
    "provider's key refused": (
        ("ProviderKeyRefused", "which-provider"),
        ("ProviderKeyRefused", "refused-calls"),
        ("ProviderKeyRefused", "key-now"),
    ),
    "loop blocked": (
        ("HighLatency", "loop-lag"),
        ("LLMProviderSlowdown", "overhead"),
        ("maintenance/ScalingUp", "workers-busy"),
    ),
    "marked and not rolled": (("maintenance/ZeroDowntimeDeployment", "outdated"),),
    "errors of our own": (("HighErrorRate", "errors-by-status"), ("HighErrorRate", "error-rate")),
    "wrong keys": (
        ("HighAuthFailures", "by-reason"),
        ("HighAuthFailures", "refusals"),
        ("HighAuthFailures", "refusals-now"),
    ),
    "limit used up": (
        ("HighRateLimitViolations", "who"),
        ("HighRateLimitViolations", "rate"),
        ("HighRateLimitViolations", "rate-now"),
    ),
}
"""What goes wrong, and the steps that must say so."""


CAUSED = {named for steps in CAUSES.values() for named in steps}
_ALIKE = {(STEPS[named].command, STEPS[named].unhealthy) for named in CAUSED}
TOLD = {
    named: said
    for named, step in STEPS.items()
    if named not in CAUSED
    and (step.command, step.unhealthy) not in _ALIKE
    and (said := said_of(named, step)) is not None
}
"""Steps whose verdict is proven by what their command prints, since nobody makes the fault here."""


def test_every_expectation_is_proven_by_a_cause_made_here_by_its_like_or_by_what_its_command_prints() -> None:
    alike = {named for named, step in STEPS.items() if (step.command, step.unhealthy) in _ALIKE}
    assert sorted(CAUSED | alike | set(TOLD)) == sorted(STEPS)


@pytest.mark.parametrize("named", TOLD, ids="-".join)
def test_a_step_tells_what_is_wrong_from_what_is_well(named: Named) -> None:
    step, said = STEPS[named], TOLD[named]
    assert (verdict_of(step, said.sick, 0), verdict_of(step, said.well, 0)) == ("unhealthy", "healthy")


class Scene:
    """A drill stack under the eyes of an engineer, and whoever causes trouble in it."""

    def __init__(
        self, layout: Layout, session: aiohttp.ClientSession, responder: Responder, clients: Traffic
    ) -> None:
        self.layout, self.session, self.responder, self.clients = layout, session, responder, clients
        self.culprit = FaultInjector(layout, session, _DRILL_TOKEN, clients)

    async def verdict(self, named: Named) -> str | None:
        """What the step says now."""
        run = await self.responder.run_step(*named, None)
        return run.verdict

    async def everything_says(self, verdict: str, cause: str) -> None:
        """Every step of the cause comes to say ``verdict``; rates need the seconds of their window."""
        for named in CAUSES[cause]:

            async def says(named: Named = named) -> bool:
                return await self.verdict(named) == verdict

            await until(f"{'/'.join(named)} saying {verdict} ({cause})", 120, says)

    async def follow_the_pointer(self, named: Named, **params: str) -> None:
        """Run the step that ``named`` points to."""
        then = STEPS[named].then
        assert then is not None
        run = await self.responder.run_step(named[0], then, None, params=params)
        assert run.state == "succeeded", (run.reason, await self.responder.output(run.execution_id))

    async def faults(self, **faults: Any) -> None:
        """Put exactly these faults in force."""
        headers = {"X-Drill-Token": _DRILL_TOKEN}
        url = f"{self.layout.url('api')}/v1/drill/faults"
        async with self.session.post(url, json=faults, headers=headers) as answer:
            assert answer.status == 200, await answer.text()

    def process(self, service: str) -> psutil.Process:
        """The main process of a service."""
        pid = next(view.pid for view in list_services(self.layout) if view.name == service)
        assert pid is not None
        return psutil.Process(pid)

    async def redis(self, *words: str) -> None:
        """Do something in Redis with every right."""
        program = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "server.stack",
            "redis-cli",
            "--write",
            *words,
            stdout=asyncio.subprocess.DEVNULL,
            env={**os.environ, "OPS_STATE": str(self.layout.state)},
        )
        assert await program.wait() == 0

    def connect(self) -> Any:
        """A connection as the service's own user."""
        return psycopg2.connect(self.layout.database_url)


@pytest.fixture(scope="module")
def stack() -> Iterator[Layout]:
    scenario = msgspec.structs.replace(SCENARIOS["HighLatencyP95"], settings=_SETTINGS)
    with drill_stack(scenario, _DRILL_TOKEN, lambda _: None) as layout:
        yield layout


@asynccontextmanager
async def at_work(layout: Layout) -> AsyncIterator[Scene]:
    timeout = aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(timeout=timeout) as session, traffic(layout.url("api") or "") as clients:
        responder = Responder(session, layout.url("ops") or "", read_token(layout.tokens / "admin"))
        scene = Scene(layout, session, responder, clients)
        try:
            yield scene
        finally:
            for service in ("postgres", "redis", "api", "evaluator"):
                operate(layout, "start", service)


@pytest.fixture
async def scene(stack: Layout) -> AsyncIterator[Scene]:
    async with at_work(stack) as scene:
        yield scene


def slow(test: Any) -> Any:
    for mark in (
        pytest.mark.stack,
        pytest.mark.slow,
        pytest.mark.timeout(400),
        pytest.mark.xdist_group("verdicts"),
    ):
        test = mark(test)
    return test


@slow
@pytest.mark.parametrize("service", ["api", "postgres", "redis"])
async def test_a_stopped_service_is_seen_and_started_by_the_step_pointed_to(
    scene: Scene, service: Any
) -> None:
    cause = f"{service} stopped"
    await scene.culprit.inflict(StoppedService(service))
    await scene.everything_says("unhealthy", cause)
    await scene.follow_the_pointer(CAUSES[cause][0])
    await scene.everything_says("healthy", cause)


@slow
@pytest.mark.parametrize("service", ["api", "redis"])
async def test_a_hanging_service_is_seen_and_restarted_by_the_step_pointed_to(
    scene: Scene, service: str
) -> None:
    cause = f"{service} hangs"
    main = scene.process(service)
    for process in (main, *main.children(recursive=True)):
        process.send_signal(signal.SIGSTOP)
    await scene.everything_says("unhealthy", cause)
    await scene.follow_the_pointer(CAUSES[cause][0])
    await scene.everything_says("healthy", cause)


@slow
async def test_a_stopped_evaluator_is_seen_and_started_by_the_step_pointed_to(scene: Scene) -> None:
    await scene.everything_says("healthy", "evaluator stopped")
    operate(scene.layout, "stop", "evaluator")
    await scene.everything_says("unhealthy", "evaluator stopped")
    await until("EvaluatorSilent firing", 60, lambda: _fires(scene, "EvaluatorSilent"))
    await scene.follow_the_pointer(("EvaluatorSilent", "check-process"))
    await scene.everything_says("healthy", "evaluator stopped")
    await until("EvaluatorSilent resolving", 60, lambda: _fires_not(scene, "EvaluatorSilent"))


@slow
async def test_a_hanging_evaluator_is_seen_and_restarted_by_the_step_pointed_to(scene: Scene) -> None:
    scene.process("evaluator").send_signal(signal.SIGSTOP)
    await scene.everything_says("unhealthy", "evaluator hangs")
    await scene.follow_the_pointer(CAUSES["evaluator hangs"][0])
    await scene.everything_says("healthy", "evaluator hangs")


@slow
async def test_an_evaluator_whose_token_nobody_knows_is_seen_in_its_log(scene: Scene) -> None:
    token = scene.layout.tokens / "ingest"
    kept = token.read_text()
    try:
        token.write_text("ops_nobody\n")
        operate(scene.layout, "restart", "evaluator")
        await scene.everything_says("unhealthy", "evaluator's token wrong")
    finally:
        token.write_text(kept)
    await scene.follow_the_pointer(CAUSES["evaluator's token wrong"][0])
    await scene.everything_says("healthy", "evaluator's token wrong")


async def _fires(scene: Scene, name: str) -> bool:
    alert = await scene.responder.alert(name)
    return alert is not None and alert.state == "firing"


async def _fires_not(scene: Scene, name: str) -> bool:
    return not await _fires(scene, name)


@slow
async def test_a_taken_port_is_seen_in_the_log(scene: Scene) -> None:
    operate(scene.layout, "stop", "api")
    with socket.create_server(("127.0.0.1", scene.layout.ports["api"])):
        with contextlib.suppress(ServiceTroubleError):
            operate(scene.layout, "start", "api")
        await scene.everything_says("unhealthy", "api's port taken")


@slow
async def test_taken_connections_are_seen_and_ended_by_the_step_pointed_to(scene: Scene) -> None:
    held = []
    with contextlib.suppress(psycopg2.OperationalError):
        while True:
            held.append(scene.connect())
    assert held
    await scene.everything_says("unhealthy", "connections taken")
    await scene.follow_the_pointer(("DatabaseDown", "check-connections"))
    assert await scene.verdict(("DatabaseDown", "check-connections")) == "healthy"


@slow
async def test_a_long_transaction_is_seen_and_ended_by_the_step_pointed_to(scene: Scene) -> None:
    with contextlib.closing(scene.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        await scene.everything_says("unhealthy", "long transaction")
        await scene.follow_the_pointer(CAUSES["long transaction"][0])
    await scene.everything_says("healthy", "long transaction")


@slow
async def test_a_held_lock_and_who_waits_for_it_are_seen_and_ended_by_the_step_pointed_to(
    scene: Scene,
) -> None:
    await scene.everything_says("healthy", "lock held")
    with contextlib.closing(scene.connect()) as holder, contextlib.closing(scene.connect()) as waiter:
        holder.cursor().execute("LOCK TABLE schema_migrations")
        waiting = asyncio.create_task(
            asyncio.to_thread(waiter.cursor().execute, "SELECT count(*) FROM schema_migrations")
        )
        await scene.everything_says("unhealthy", "lock held")
        await scene.follow_the_pointer(("DatabaseDown", "long-queries"))
        await scene.everything_says("healthy", "lock held")
        with contextlib.suppress(psycopg2.Error):
            await waiting


@slow
async def test_a_damaged_file_is_seen_in_the_log_of_redis(scene: Scene) -> None:
    operate(scene.layout, "stop", "redis")
    dump = scene.layout.state / "redis" / "dump.rdb"
    kept = dump.read_bytes() if dump.exists() else None
    dump.write_bytes(b"REDIS0009 not a dump at all")
    with contextlib.suppress(ServiceTroubleError):
        operate(scene.layout, "start", "redis")
    await scene.everything_says("unhealthy", "redis' file damaged")
    dump.unlink()
    if kept is not None:
        dump.write_bytes(kept)


@slow
async def test_an_emptied_cache_and_a_short_time_to_live_are_seen(scene: Scene) -> None:
    await scene.responder.run_step("HighErrorRate", "clear-cache", None)
    await scene.everything_says("unhealthy", "cache emptied")
    await scene.culprit.inflict(ShortTTL(5))
    await scene.everything_says("unhealthy", "short time to live")
    await scene.follow_the_pointer(("LowCacheHitRate", "time-to-live"))
    await scene.everything_says("healthy", "short time to live")


@slow
async def test_a_full_memory_is_seen(scene: Scene) -> None:
    await scene.redis("CONFIG", "SET", "maxmemory", "1500kb")
    try:
        for n in range(3000):
            await scene.redis(
                "EVAL",
                "for i=1,500 do redis.call('SET', 'cache:x:'..ARGV[1]..':'..i, string.rep('x', 500), 'EX', 600) end",
                "0",
                str(n),
            )
            if await scene.verdict(("LowCacheHitRate", "evictions")) == "unhealthy":
                break
        await scene.everything_says("unhealthy", "memory full")
    finally:
        await scene.redis("CONFIG", "SET", "maxmemory", "256mb")


@slow
async def test_faults_of_the_traffic_are_seen_each_by_its_own_steps(scene: Scene) -> None:
    await scene.culprit.let_customer_ask(Load(per_s=10, cache_ttl=0))
    for healthy in (
        "provider's key refused",
        "provider fails",
        "provider slow",
        "errors of our own",
        "wrong keys",
    ):
        await scene.everything_says("healthy", healthy)
    await scene.culprit.inflict(WrongKeys("verdict-misconfigured", 3))
    await scene.culprit.inflict(LimitAbuse("verdict-grown", 5, 3))
    await scene.faults(provider="primary", provider_error_rate=0.5)
    await scene.everything_says("unhealthy", "provider fails")
    await scene.faults(provider="primary", provider_key_refused=True)
    await scene.everything_says("unhealthy", "provider's key refused")
    await scene.faults(provider="primary", provider_delay_ms=6500)
    await scene.everything_says("unhealthy", "provider slow")
    await scene.faults(error_rate=0.5)
    await scene.everything_says("unhealthy", "errors of our own")
    await scene.everything_says("unhealthy", "wrong keys")
    await scene.everything_says("unhealthy", "limit used up")
    await scene.faults()


@slow
async def test_a_blocked_loop_is_seen(scene: Scene) -> None:
    await scene.culprit.let_customer_ask(Load(per_s=10, cache_ttl=0))
    await scene.everything_says("healthy", "loop blocked")
    prefer(scene.process("api"))
    await scene.faults(blocking_ms=150)
    await scene.everything_says("unhealthy", "loop blocked")
    await scene.follow_the_pointer(("maintenance/ScalingUp", "workers-busy"), WORKERS="2")
    await scene.follow_the_pointer(("HighLatency", "loop-lag"))


@slow
async def test_a_release_that_is_marked_and_not_rolled_is_seen_and_rolled(scene: Scene) -> None:
    deployment = "maintenance/ZeroDowntimeDeployment"
    await scene.everything_says("healthy", "marked and not rolled")
    marked = await scene.responder.run_step(deployment, "mark", None, params={"VERSION": "v1"})
    assert marked.state == "succeeded"
    await scene.everything_says("unhealthy", "marked and not rolled")
    await scene.follow_the_pointer((deployment, "outdated"))
    await scene.everything_says("healthy", "marked and not rolled")


@slow
async def test_what_is_not_measured_is_not_called_healthy(scene: Scene) -> None:
    async def says(verdict: str) -> bool:
        return await scene.verdict(("HighErrorRate", "errors-by-status")) == verdict

    await until("a healthy verdict", 120, lambda: says("healthy"))
    await scene.culprit.inflict(StoppedService("api"))
    await until("an unclear verdict", 60, lambda: says("unclear"))


@slow
async def test_a_cache_that_never_hits_is_seen(scene: Scene) -> None:
    await scene.culprit.let_customer_ask(Load(per_s=10, prompts=100_000))
    await scene.everything_says("unhealthy", "nothing hits")
