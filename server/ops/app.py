"""The ops daemon put together: every part gets the two or three things it needs, in one readable list."""

import asyncio
import contextlib
import logging
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import aiohttp
import aiohttp_jinja2
from aiohttp import web

from alerts.wire import make_ready
from server.http.host_guard import HostGuard, guarded
from server.http.route import mount_the_rest
from server.ops.alerting.rule_windows import RuleWindows, Windows
from server.ops.alerting.timeline import Timelines
from server.ops.alerting.watchdog import Watchdog
from server.ops.collector import COLLECT_EVERY, Collector
from server.ops.config import OpsConfig
from server.ops.configuration import Configuration
from server.ops.event_cleaner import cleaned_event
from server.ops.executions.executions import Executions
from server.ops.executions.redactor import Redactor
from server.ops.executions.runbook_folder import RunbookFolder
from server.ops.executions.step_environment import StepEnvironment
from server.ops.executions.step_user import blocked_at
from server.ops.executions.unjournalled import UnjournalledLog
from server.ops.executions.verification import LiveVerification
from server.ops.executions.watcher import ExecutionWatcher
from server.ops.health import OpsHealth
from server.ops.http import LARGEST_BATCH, OpsHttp
from server.ops.idempotency import IdempotentAnswers
from server.ops.incidents.frozen_metrics import MetricsFreezer
from server.ops.maintenance.duty import WindowDuty
from server.ops.maintenance.mirror import AlertmanagerMirror
from server.ops.maintenance.windows import WindowDesk
from server.ops.metrics import OpsMetrics
from server.ops.paging.answer_link import LinkSigner, take_link_key
from server.ops.paging.answer_page import AnswerPages
from server.ops.paging.on_call import placed
from server.ops.paging.outbox import PageOutbox
from server.ops.paging.pager import Pager
from server.ops.paging.pagerduty import PagerDutyAnswers
from server.ops.prometheus import PrometheusClient
from server.ops.public.publish_command import PublishCommand
from server.ops.public.published_text import PublishedText
from server.ops.public.publisher import Publisher
from server.ops.public.refresh import PublicRefresh, PublicSettings
from server.ops.public.words import PublicDesk
from server.ops.rehearsals.rehearsals import Rehearsals
from server.ops.routes import alertmanager, changes, incidents, maintenance, operations, users
from server.ops.routes import executions as execution_routes
from server.ops.routes.alertmanager import AlertmanagerRoutes
from server.ops.routes.changes import ChangeRoutes
from server.ops.routes.executions import ExecutionRoutes
from server.ops.routes.incident_records import IncidentRecordRoutes
from server.ops.routes.incidents import IncidentRoutes
from server.ops.routes.maintenance import MaintenanceRoutes
from server.ops.routes.notes import NoteRoutes
from server.ops.routes.operations import OperationsRoutes
from server.ops.routes.pages import PageRoutes
from server.ops.routes.proof import ProofRoutes
from server.ops.routes.public import PublicWordsRoutes
from server.ops.routes.reports import ReportRoutes
from server.ops.routes.stream import StreamRoutes
from server.ops.routes.users import UserRoutes
from server.ops.services import TargetServices
from server.ops.state.audit import Audit
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
from server.store.anchor import Anchor, take_key
from server.store.archive import Archive
from web.environment import FILTERS, environment_settings

_log = logging.getLogger("ops")


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


_PROBLEMS = tuple(
    routes.PROBLEMS
    for routes in (alertmanager, changes, execution_routes, incidents, maintenance, operations, users)
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
    configuration: Configuration
    windows: RuleWindows
    paging: Pager
    outbox: PageOutbox
    freezer: MetricsFreezer
    links: web.Application | None
    """What answers links in pages, for a listener of its own; None where there are none."""
    duty: WindowDuty


@contextlib.asynccontextmanager
async def daemon(config: OpsConfig, env: Mapping[str, str], clock: Clock = utc_now) -> AsyncIterator[Daemon]:
    """A daemon that has opened its journal and found its executions again; its own clock is not started."""
    make_ready()
    folder = config.state / "ops"
    ballast = Ballast(folder / "ballast", config.ballast_mb)
    boot = secrets.token_hex(4)
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(single_instance(folder))
        archive = Archive(folder, STATE_FORMAT, Anchor(take_key(config.journal_key), boot_id()))
        ledger = await stack.enter_async_context(Ledger(archive, clock, ballast).running())
        tokens = await adopt_token_files(ledger, config.state / "tokens", config.given_tokens)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        started = DaemonStarted(boot=boot, pid=os.getpid(), machine_boot=boot_id())
        with contextlib.suppress(*JOURNAL_ERRORS):
            await ledger.decide(lambda tx: tx.record(started, DAEMON, "ops"))
        ballast.fill()

        elsewhere = {"contacts.yml": config.contacts} if config.contacts is not None else {}
        configuration = Configuration(config.state, folder / "configuration", elsewhere)
        shelf = RunbookFolder(config.runbooks)
        await asyncio.to_thread(lambda: shelf.catalogue)
        # Nothing is awaited between the broadcaster and the configuration: what is muted at the start is no news.
        ring = Ring(boot)
        broadcaster = Broadcaster(ring, ledger.state, ledger.item_faults)
        ledger.listeners.append(broadcaster)
        ledger.taken_back.append(broadcaster.taken_back)
        source = PrometheusClient(session, config.prometheus_url)
        windows = _follow_configuration(ledger, config, configuration, source, broadcaster)
        redactor = Redactor(config)
        ledger.clean = lambda event: cleaned_event(event, redactor.redacted)
        environment = StepEnvironment(config, env, config.url)
        verifier = LiveVerification(source.measure)
        watcher = ExecutionWatcher(ledger, shelf, environment, redactor, verifier, folder / "executions")
        executions = Executions(ledger, shelf, environment, redactor, verifier, watcher)
        watchdog = Watchdog(clock(), config.evaluation_interval, config.watchdog_timeout)
        unjournalled = UnjournalledLog(config.state, ledger, redactor)
        timers = Timers(
            ledger, source, watchdog, config.monitor_period, unjournalled, ballast, configuration, redactor
        )
        meta = MetaSource(ledger, ring, config.target_label, lambda: timers.evaluator)
        app = web.Application(client_max_size=LARGEST_BATCH)
        environment_of_pages = aiohttp_jinja2.setup(
            app, filters=FILTERS, default_helpers=False, **environment_settings()
        )
        public_command = PublishCommand(config.publish_command, ledger.item_faults)
        public_refresh = PublicRefresh(
            ledger,
            Publisher(config.state / "public", environment_of_pages),
            source.measure,
            lambda: configuration.components,
            PublicSettings(
                name=config.status_name,
                url=config.status_public_url or config.status_url,
                hold_down=config.status_hold_down,
                clears_after=config.status_clears_after,
                auto=config.public_auto,
                robots=config.status_robots,
                memory=folder / "status.json",
            ),
            public_command.take,
        )
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
        timelines = Timelines(archive, ledger.state)
        freezer = MetricsFreezer(ledger, source, folder / "incidents")
        signer = _signer(config, folder)
        link_of = signer.link_of if signer is not None else None
        outbox = PageOutbox(ledger, redactor.redacted, env, link_of=link_of, folder=folder)
        answers_elsewhere = _pagerduty(ledger, session, config, redactor)
        paging = Pager(ledger, outbox, session, config.heartbeat_url, answers_elsewhere)
        stack.push_async_callback(outbox.close)
        desk = WindowDesk(lambda: configuration.components, config.status_public_url or config.status_url)
        duty = WindowDuty(ledger)
        mirror = AlertmanagerMirror(ledger, session, config.alertmanager_url)
        texts = PublishedText(redactor)
        public_desk = PublicDesk(
            lambda: configuration.components,
            lambda: public_refresh.states,
            config.status_public_url or config.status_url,
        )
        audit = Audit(ledger, archive)
        loops = Loops(
            (
                *paging.loops,
                duty.loop,
                mirror.loop,
                freezer.loop,
                configuration.loop,
                windows.loop,
                *timers.loops(config.evaluation_interval),
                public_refresh.loop,
                public_command.loop,
                rehearsals.loop,
                watcher.loop,
                broadcaster.loop,
                Periodic("collector", COLLECT_EVERY, Collector().collect),
                audit.loop,
            )
        )
        guard = HostGuard(config.bind, config.allowed_hosts)
        blocked = _blocked(config.step_user)
        abilities = await asyncio.to_thread(abilities_here)
        health = OpsHealth(
            ledger,
            meta,
            boot,
            clock(),
            lambda: timers.evaluator,
            ballast,
            loops,
            configuration,
            paging,
            abilities,
            blocked,
            guard.takes_any,
        )
        metrics = OpsMetrics(
            ledger, lambda: streams.clients, lambda: timers.evaluator, lambda: rehearsals.postponed, loops
        )
        answers = IdempotentAnswers(ledger, redactor.redacted)
        stack.push_async_callback(answers.finish)

        await stack.enter_async_context(watcher.running())
        await stack.enter_async_context(rehearsals.running())
        http = OpsHttp(lambda: ledger.state, answers, _PROBLEMS)
        app.middlewares.append(guarded(guard, http.failure))
        app.on_shutdown.append(_close(ring))
        for part in (
            IncidentRoutes(ledger, meta, timelines, redactor),
            ExecutionRoutes(ledger, shelf, executions, environment),
            ProofRoutes(ledger, shelf, rehearsals, redactor),
            ChangeRoutes(ledger, executions, redactor),
            UserRoutes(ledger, archive, audit, config.state / "tokens", config.given_tokens, redactor.learn),
            streams,
            NoteRoutes(ledger, redactor),
            PageRoutes(ledger, redactor, env),
            MaintenanceRoutes(ledger, desk, texts, shelf),
            PublicWordsRoutes(ledger, public_desk, desk, public_refresh, texts),
            IncidentRecordRoutes(ledger, redactor),
            ReportRoutes(ledger, timelines, executions, freezer, folder),
            AlertmanagerRoutes(ledger, watchdog, boot, redactor, lambda: timers.poll_soon()),
            OperationsRoutes(
                health, metrics, source, TargetServices(environment, redactor), redactor, configuration
            ),
        ):
            http.mount(app, part.routes())
        mount_the_rest(app, http.failure)
        links = AnswerPages(ledger, signer, _link_guard(config)).app() if signer is not None else None
        yield Daemon(
            app,
            ledger,
            timers,
            public_refresh,
            watcher,
            rehearsals,
            tokens,
            loops,
            configuration,
            windows,
            paging,
            outbox,
            freezer,
            links,
            duty,
        )


def _follow_configuration(
    ledger: Ledger,
    config: OpsConfig,
    configuration: Configuration,
    source: PrometheusClient,
    broadcaster: Broadcaster,
) -> RuleWindows:
    """Has the state go by what is configured and by how far the source's rules look back, now and at each change."""
    state = ledger.state

    def take_windows(windows: Windows) -> None:
        state.inhibition.configure(configuration.inhibition, windows, state.alerts.values())
        broadcaster.follow_causes()

    def take_configuration() -> None:
        state.severities = configuration.severities
        state.contacts = placed(configuration.contacts, config.state, config.local_user)
        take_windows(state.inhibition.windows)

    state.severities = configuration.severities
    state.contacts = placed(configuration.contacts, config.state, config.local_user)
    state.paging_speedup = config.paging_speedup
    state.inhibition.configure(configuration.inhibition, {}, state.alerts.values())
    # Nobody has been shown anything yet.
    state.inhibition.changed.clear()
    configuration.when_changed(take_configuration)
    return RuleWindows(source, take_windows)


def _pagerduty(
    ledger: Ledger, session: aiohttp.ClientSession, config: OpsConfig, redactor: Redactor
) -> PagerDutyAnswers | None:
    if not config.pagerduty_token:
        return None
    return PagerDutyAnswers(
        ledger, session, config.pagerduty_token, config.pagerduty_api_url, redactor.redacted
    )


def _signer(config: OpsConfig, folder: Path) -> LinkSigner | None:
    """Whoever makes links in pages; None where nobody has asked for them."""
    return LinkSigner(take_link_key(folder / "link.key"), config.link_url) if config.link_url else None


def _link_guard(config: OpsConfig) -> HostGuard:
    host = urlsplit(config.link_url).hostname or ""
    return HostGuard(config.link_bind, (host, *config.allowed_hosts))


def _blocked(user: str) -> str:
    """Why steps cannot run as their user, said at the start too; empty where they can."""
    folders = blocked_at(user) if user else []
    if not folders:
        return ""
    said = f"{user} cannot pass through {', '.join(map(str, folders))}: chmod o+x, or install elsewhere"
    _log.error("OPS_STEP_USER: %s; no step of a runbook can run", said)
    return said


def _close(ring: Ring) -> Callable[[web.Application], Awaitable[None]]:
    async def close(app: web.Application) -> None:
        ring.close()

    return close
