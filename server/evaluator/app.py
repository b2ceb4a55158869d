"""The evaluator put together: what it scrapes, evaluates, sends and answers."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from urllib.parse import quote

import aiohttp
from aiohttp import web

from alerts.promql import SampleStore
from alerts.rule import Rule, RuleGroup, recordings
from alerts.wire import make_ready
from server.evaluator import probe_node, probe_postgres, probe_redis
from server.evaluator.clock import Clock, Grid
from server.evaluator.config import EvaluatorConfig
from server.evaluator.coverage import Coverage
from server.evaluator.http import failed, mount_in_envelope
from server.evaluator.http_pages import Pages
from server.evaluator.http_queries import QueryRoutes
from server.evaluator.http_state import StateRoutes
from server.evaluator.notifier import Outbox
from server.evaluator.own_metrics import exposition
from server.evaluator.pool import ScrapePool
from server.evaluator.query_pool import QueryPool
from server.evaluator.rule_files import RuleFiles
from server.evaluator.rule_groups import RuleGroups, Sending
from server.evaluator.rule_runner import GroupRunner
from server.evaluator.scrape import fetch
from server.evaluator.target import ScrapeTarget
from server.exposition import Exposition, parse_exposition
from server.http.host_guard import HostGuard, guarded
from server.http.route import mount_the_rest
from server.periodic import Loops, Periodic

_CUT_EVERY_MS = 60_000
_LAST_WORDS_S = 2


def create_app(config: EvaluatorConfig, rules: RuleFiles, clock: Clock) -> web.Application:
    """The application; its tasks begin when it starts and end with it."""
    make_ready()
    guard = HostGuard(config.bind, config.allowed_hosts, costly=("/graph", "/api/"))
    app = web.Application(middlewares=[guarded(guard, failed)])
    store = SampleStore(max_series=config.max_series)
    pool = ScrapePool(store, clock)
    loops = Loops()
    recorded = recordings(rules.groups)
    coverage = Coverage(pool, config.evaluation_interval_ms)
    runners = [_runner(group, store, clock, config, recorded, coverage) for group in rules.groups]

    async def running(_: web.Application) -> AsyncIterator[None]:
        timeout = aiohttp.ClientTimeout(total=None, connect=config.scrape_timeout_ms / 1000)
        async with aiohttp.ClientSession(timeout=timeout, trust_env=False) as session:
            alerting.outboxes = [Outbox(receiver, session) for receiver in config.receivers]
            _add_targets(pool, config, session, alerting, loops)
            alerting.restore()
            cutting = Grid(clock, _CUT_EVERY_MS)

            async def cut() -> None:
                pool.cut(cutting.due_ms - config.retention_ms)

            loops.add(*pool.loops(), *alerting.loops(), *(box.loop() for box in alerting.outboxes))
            loops.add(Periodic("cut", cutting.every, cut, pause=cutting.wait))
            async with loops.running():
                yield
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LAST_WORDS_S):
                        await asyncio.gather(*(box.drained() for box in alerting.outboxes))

    sending = Sending(config.resend_ms, config.external_labels, config.external_url)
    alerting = RuleGroups(
        runners, [], sending, config.state_dir / "state.json", clock, rules.faults, config.scrape_faults
    )
    queries = QueryPool(store, clock, compat=config.compat, subquery_step_ms=config.evaluation_interval_ms)
    mount_in_envelope(app, QueryRoutes(store, pool, clock, queries, compat=config.compat).routes())
    mount_in_envelope(app, StateRoutes(pool, alerting, loops, clock, config).routes())
    mount_in_envelope(app, Pages(queries, pool, alerting, clock).routes())
    mount_the_rest(app, failed)
    app.cleanup_ctx.append(running)
    return app


def _runner(
    group: RuleGroup,
    store: SampleStore,
    clock: Clock,
    config: EvaluatorConfig,
    recorded: Mapping[str, Rule],
    coverage: Coverage,
) -> GroupRunner:
    return GroupRunner(
        group,
        store,
        clock,
        interval_ms=config.evaluation_interval_ms,
        scrape_interval_ms=config.scrape_interval_ms,
        compat=config.compat,
        external=config.external_labels,
        recorded=recorded,
        external_url=config.external_url,
        unseen=coverage.unseen,
    )


def _add_targets(
    pool: ScrapePool,
    config: EvaluatorConfig,
    session: aiohttp.ClientSession,
    alerting: RuleGroups,
    loops: Loops,
) -> None:
    for target in config.targets:
        pool.add(target, lambda target: fetch(session, target))
    timeout_s = min(2.0, config.scrape_timeout_ms / 1000)
    if config.database_url:
        target = _internal("postgres", probe_postgres.instance_of(config.database_url), config)
        pool.add(target, lambda _: probe_postgres.probe_postgres(config.database_url, timeout_s=timeout_s))
    if config.redis_url:
        target = _internal("redis", probe_redis.instance_of(config.redis_url), config)
        pool.add(target, lambda _: probe_redis.probe_redis(config.redis_url, timeout_s=timeout_s))

    pool.add(_internal("node", probe_node.instance(), config), probe_node.probe_node)

    async def own(_: ScrapeTarget) -> Exposition:
        return parse_exposition(exposition(pool, alerting, loops))

    pool.add(_internal("evaluator", f"{config.bind}:{config.port}", config), own)


def _internal(job: str, instance: str, config: EvaluatorConfig) -> ScrapeTarget:
    """A target that this process asks itself, without HTTP."""
    url = f"{config.external_url}/probe/{job}?target={quote(instance)}"
    return ScrapeTarget(job, url, instance, config.scrape_interval_ms, config.scrape_timeout_ms)
