"""The ops daemon put together: every part gets the two or three things it needs, in one readable list."""

import asyncio
import contextlib
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

import aiohttp
from aiohttp import web

from server.http.route import mount_the_rest
from server.ops.alerting.timeline import Timelines
from server.ops.alerting.watchdog import Watchdog
from server.ops.collector import COLLECT_EVERY, Collector
from server.ops.config import OpsConfig
from server.ops.event_cleaner import cleaned_event
from server.ops.executions.executions import Executions
from server.ops.executions.redactor import Redactor
from server.ops.executions.runbook_folder import RunbookFolder
from server.ops.executions.step_environment import StepEnvironment
from server.ops.executions.unjournalled import UnjournalledLog
from server.ops.executions.verification import LiveVerification
from server.ops.executions.watcher import ExecutionWatcher
from server.ops.health import OpsHealth
from server.ops.http import LARGEST_BATCH, OpsHttp
from server.ops.idempotency import IdempotentAnswers
from server.ops.metrics import OpsMetrics
from server.ops.prometheus import PrometheusClient
from server.ops.public.publisher import Publisher
from server.ops.public.refresh import PublicRefresh
from server.ops.rehearsals.rehearsals import Rehearsals
from server.ops.routes import alertmanager, changes, incidents, operations, users
from server.ops.routes import executions as execution_routes
from server.ops.routes.alertmanager import AlertmanagerRoutes
from server.ops.routes.changes import ChangeRoutes
from server.ops.routes.executions import ExecutionRoutes
from server.ops.routes.incidents import IncidentRoutes
from server.ops.routes.notes import NoteRoutes
from server.ops.routes.operations import OperationsRoutes
from server.ops.routes.proof import ProofRoutes
from server.ops.routes.stream import StreamRoutes
from server.ops.routes.users import UserRoutes
from server.ops.services import TargetServices
from server.ops.state.ballast import Ballast
from server.ops.state.events import DaemonStarted
from server.ops.state.ledger import DAEMON, JOURNAL_ERRORS, Clock, Ledger
from server.ops.state.single_instance import single_instance
from server.ops.state.state import STATE_FORMAT
from server.ops.stream.broadcast import Broadcaster
from server.ops.stream.meta import MetaSource
from server.ops.stream.ring import Ring
from server.ops.timers import Timers
from server.ops.users import adopt_token_files
from server.periodic import Loops, Periodic
from server.runner.control_group import abilities_here
from server.runner.process import boot_id
from server.store.archive import Archive


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


_PROBLEMS = tuple(
    routes.PROBLEMS for routes in (alertmanager, changes, execution_routes, incidents, operations, users)
)


class Daemon(NamedTuple):
    """What a running daemon offers to whoever started it."""

    app: web.Application
    ledger: Ledger
    timers: Timers
    public_refresh: PublicRefresh
    watcher: ExecutionWatcher
    rehearsals: Rehearsals
    tokens: Mapping[str, str]
    loops: Loops
    """What goes on by itself; not started."""


@contextlib.asynccontextmanager
async def daemon(config: OpsConfig, env: Mapping[str, str], clock: Clock = utc_now) -> AsyncIterator[Daemon]:
    """A daemon that has opened its journal and found its executions again; its own clock is not started."""
    folder = config.state / "ops"
    archive = Archive(folder, STATE_FORMAT)
    ballast = Ballast(folder / "ballast", config.ballast_mb)
    boot = secrets.token_hex(4)
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(single_instance(folder))
        ledger = await stack.enter_async_context(Ledger(archive, clock, ballast).running())
        tokens = await adopt_token_files(ledger, config.state / "tokens", config.given_tokens)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        started = DaemonStarted(boot=boot, pid=os.getpid(), machine_boot=boot_id())
        with contextlib.suppress(*JOURNAL_ERRORS):
            await ledger.decide(lambda tx: tx.record(started, DAEMON, "ops"))
        ballast.fill()

        ring = Ring(boot)
        broadcaster = Broadcaster(ring, ledger.state, ledger.item_faults)
        ledger.listeners.append(broadcaster)
        ledger.taken_back.append(broadcaster.taken_back)
        shelf = RunbookFolder(config.runbooks)
        await asyncio.to_thread(lambda: shelf.catalogue)
        source = PrometheusClient(session, config.prometheus_url)
        redactor = Redactor(config)
        ledger.clean = lambda event: cleaned_event(event, redactor.redacted)
        environment = StepEnvironment(config, env, config.url)
        verifier = LiveVerification(source.measure)
        watcher = ExecutionWatcher(ledger, shelf, environment, redactor, verifier, folder / "executions")
        executions = Executions(ledger, shelf, environment, redactor, verifier, watcher)
        watchdog = Watchdog(clock(), config.evaluation_interval, config.watchdog_timeout)
        unjournalled = UnjournalledLog(config.state, ledger, redactor)
        timers = Timers(ledger, source, watchdog, config.monitor_period, unjournalled, ballast, redactor)
        meta = MetaSource(ledger, ring, config.target_label, lambda: timers.evaluator)
        publisher = Publisher(
            config.state / "public",
            folder / "status.json",
            name=config.status_name,
            url=config.status_public_url or config.status_url,
            hold_down=config.status_hold_down,
            clears_after=config.status_clears_after,
        )
        public_refresh = PublicRefresh(ledger, publisher, source.measure)
        streams = StreamRoutes(ledger, ring, meta)
        rehearsals = Rehearsals(
            ledger,
            shelf,
            executions,
            environment,
            lambda: timers.evaluator,
            at=config.rehearsal_at if config.target_label != "DRILL" else None,
            label=config.target_label,
        )
        loops = Loops(
            (
                *timers.loops(config.evaluation_interval),
                public_refresh.loop,
                rehearsals.loop,
                watcher.loop,
                broadcaster.loop,
                Periodic("collector", COLLECT_EVERY, Collector().collect),
            )
        )
        abilities = await asyncio.to_thread(abilities_here)
        health = OpsHealth(ledger, meta, boot, clock(), lambda: timers.evaluator, ballast, loops, abilities)
        metrics = OpsMetrics(
            ledger, lambda: streams.clients, lambda: timers.evaluator, lambda: rehearsals.postponed, loops
        )
        answers = IdempotentAnswers(ledger, redactor.redacted)
        stack.push_async_callback(answers.finish)

        await stack.enter_async_context(watcher.running())
        await stack.enter_async_context(rehearsals.running())
        http = OpsHttp(lambda: ledger.state, answers, _PROBLEMS)
        app = web.Application(client_max_size=LARGEST_BATCH)
        app.on_shutdown.append(_close(ring))
        for part in (
            IncidentRoutes(ledger, meta, Timelines(archive, ledger.state), redactor),
            ExecutionRoutes(ledger, shelf, executions, environment),
            ProofRoutes(ledger, shelf, rehearsals, redactor),
            ChangeRoutes(ledger, executions, redactor),
            UserRoutes(ledger, archive, config.state / "tokens", config.given_tokens, redactor.learn),
            streams,
            NoteRoutes(ledger, redactor),
            AlertmanagerRoutes(ledger, watchdog, boot, redactor, lambda: timers.poll_soon()),
            OperationsRoutes(health, metrics, source, TargetServices(environment, redactor), redactor),
        ):
            http.mount(app, part.routes())
        mount_the_rest(app, http.failure)
        yield Daemon(app, ledger, timers, public_refresh, watcher, rehearsals, tokens, loops)


def _close(ring: Ring) -> Callable[[web.Application], Awaitable[None]]:
    async def close(app: web.Application) -> None:
        ring.close()

    return close
