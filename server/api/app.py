"""The API put together: parts made from the configuration, handed to each other, mounted on paths."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from time import time
from typing import NamedTuple

from server.api.analyze.analyzer import Analyzer
from server.api.analyze.batch import Batch
from server.api.analyze.cache import AnswerCache
from server.api.analyze.question import RequestReader
from server.api.auth.access import Authenticator
from server.api.auth.key_cache import KeyCache
from server.api.auth.key_table import KeyStore, KeyTable
from server.api.auth.rate_limit import Limiter
from server.api.background import LoopFactory
from server.api.clock import rfc3339
from server.api.cluster.this_worker import ThisWorker
from server.api.config import ApiConfig
from server.api.fault_injection import FaultSwitch
from server.api.health import HealthProbe
from server.api.http.drain import Drain
from server.api.http.envelope import envelope
from server.api.http.route import ApiHandler, ApiRoute
from server.api.http.router import Router
from server.api.migrate import migrate
from server.api.providers.chain import ProviderChain
from server.api.providers.guard import no_fault
from server.api.providers.registry import guarded_providers, without_keys
from server.api.release.version import VERSION
from server.api.routes.analyze import AnalyzeRoutes
from server.api.routes.cache import CacheRoutes
from server.api.routes.documentation import documentation
from server.api.routes.health import HealthRoutes
from server.api.routes.keys import KeyRoutes
from server.api.routes.metrics import MetricsRoutes
from server.api.routes.providers import ProviderRoutes
from server.api.routes.settings import SettingsRoutes
from server.api.routes.table import routes
from server.api.routes.usage import UsageRoutes
from server.api.schema import SchemaShelf
from server.api.schema_process import SchemaProcesses
from server.api.settings import LiveSettings, Settings
from server.api.telemetry.log import Log
from server.api.telemetry.metrics import ApiMetrics
from server.api.telemetry.request_log import RequestLog
from server.api.telemetry.request_log_months import rotate
from server.api.telemetry.request_recorder import RequestRecorder
from server.http.host_guard import HostGuard, host_names
from server.periodic import Loops
from server.store.postgres import Database
from server.store.redis import RedisStore


class ApiService(NamedTuple):
    """The API, ready to be served."""

    handle: ApiHandler
    table: tuple[ApiRoute, ...]
    probe: HealthProbe
    drain: Drain
    this_worker: ThisWorker
    running: Callable[[], AbstractAsyncContextManager[None]]
    """Everything that runs beside the requests, from start to end."""


def create_service(config: ApiConfig, log: Log) -> ApiService:
    """The API; nothing connects before it runs."""
    config.state.mkdir(parents=True, exist_ok=True)
    drain = Drain()
    metrics = ApiMetrics(
        version=VERSION,
        environment=config.environment,
        in_flight=lambda: drain.in_flight,
        lines_lost=lambda: log.dropped,
    )
    database = Database(config.database_url)
    redis = RedisStore(config.redis_url)
    switch = FaultSwitch(config.state / "faults.json") if config.drill_token else None

    def settings_changed(settings: Settings) -> None:
        log.set_level(settings.log_level)
        log.event("INFO", "settings_changed", "", part="settings")
        show(settings)

    def show(settings: Settings) -> None:
        metrics.cache_default_ttl.set(settings.cache_default_ttl)
        metrics.default_rate_limit.set(settings.default_rate_limit)
        metrics.blocked_clients.set(len(settings.blocked_clients))

    settings = LiveSettings(config, database, settings_changed)
    settings.recall()
    show(settings.now)
    report = without_keys(config, lambda level, word, text: log.event(level, word, text, part="providers"))
    chain = ProviderChain(
        guarded_providers(config, metrics, switch.at_the_provider if switch else no_fault, report),
        deadline_s=config.request_deadline_s,
        order=lambda: settings.now.provider_order,
        report=report,
    )
    cache = AnswerCache(redis, local_entries=config.cache_local_entries)
    keys = KeyCache(KeyTable(database), lambda reason: metrics.auth_failures.labels(reason).inc())
    limiter = Limiter(redis, processes=config.workers)
    this_worker = ThisWorker(metrics, limiter, config.releases)
    access = Authenticator(config, keys, limiter, settings, metrics)
    probe = HealthProbe(database, redis, chain, drain, metrics, disk=str(config.state))
    request_log = RequestLog(database, metrics, prompts=config.log_prompts)
    recorder = RequestRecorder(request_log)
    analyzer = Analyzer(cache, chain, metrics, lambda: settings.now.cache_default_ttl)
    schemas = SchemaShelf(SchemaProcesses())
    reader = RequestReader(schemas, frozenset(provider.name for provider in config.llm_providers))

    async def count_entries() -> None:
        metrics.cache_entries.set(await redis.count_matching("cache:*"))

    async def every_second() -> None:
        limiter.sweep()
        this_worker.look()
        if migrated:
            await settings.poll()

    async def follow() -> None:
        metrics.flush()
        await cache.follow_generation()
        if switch is not None:
            switch.follow()

    migrated = False
    month = ""

    async def bring_up_to_date() -> None:
        nonlocal migrated, month
        if not migrated:
            for name in await migrate(database):
                log.event("INFO", "migrated", name, part="migrate")
            migrated = True
        now = rfc3339(time())[:7]
        if now != month:
            await rotate(database, now, keep_months=config.request_log_retention_months)
            month = now

    make = LoopFactory(log, metrics)
    loops = Loops(
        (
            make.every(1.0, "probe", probe.look),
            make.every(0.5, "request log", request_log.write, sooner=request_log.due),
            make.every(1.0, "migrate", bring_up_to_date),
            make.every(0.25, "cache", follow),
            make.every(15.0, "cache entries", count_entries),
            make.every(0.9, "settings", every_second),
            make.every(0.1, "redis", redis.ping_if_open),
        )
    )
    probe.loops = loops

    @asynccontextmanager
    async def run() -> AsyncIterator[None]:
        log.event("INFO", "started", f"version {VERSION}")
        async with loops.running():
            yield
        for part in (cache, keys, limiter, chain, schemas):
            await part.close()
        await request_log.flush()
        metrics.flush()
        await database.close()
        await redis.close()
        log.event("INFO", "stopped", f"{request_log.depth} rows of the request log left")

    table = routes(
        AnalyzeRoutes(access, reader, analyzer, Batch(reader, analyzer, recorder, log), metrics),
        KeyRoutes(access, KeyStore(database), keys, settings),
        (
            ProviderRoutes(access, chain),
            UsageRoutes(access, database),
            CacheRoutes(access, cache, metrics),
            SettingsRoutes(access, settings),
            HealthRoutes(access, probe, this_worker, config.environment),
            MetricsRoutes(access, metrics),
        ),
    )
    table += documentation(table, [provider.name for provider in config.llm_providers])
    served = table if switch is None else (*map(switch.faulty, table), *switch.routes(config.drill_token))
    guard = HostGuard(config.api_bind, host_names(config.allowed_hosts))
    handle = envelope(Router(served), log, metrics, drain, recorder.request, guard)
    return ApiService(handle, table, probe, drain, this_worker, run)
