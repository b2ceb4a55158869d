"""The API put together: parts made from the configuration, handed to each other, mounted on paths."""

import logging
from collections.abc import AsyncIterator
from time import time

from aiohttp import web

from server.api.access import Access
from server.api.answers import Answers
from server.api.ask import AskReader
from server.api.background import every, running
from server.api.batch import Batch
from server.api.body import MAX_BODY
from server.api.cache import AnswerCache
from server.api.clock import rfc3339
from server.api.config import Config
from server.api.drain import Drain
from server.api.drill import FaultSwitch
from server.api.envelope import envelope
from server.api.health import HealthProbe
from server.api.key_store import KeyStore
from server.api.keys import KeyRing, KeyTable
from server.api.limit import Limiter
from server.api.log import LibraryLog, Log
from server.api.metrics import Metrics
from server.api.migrate import migrate
from server.api.providers.chain import ProviderChain
from server.api.providers.guard import no_fault
from server.api.providers.make import guarded_providers
from server.api.recorder import Recorder
from server.api.request_log import RequestLog
from server.api.rotation import rotate
from server.api.routes.analyze import AnalyzeRoutes
from server.api.routes.documentation import documentation
from server.api.routes.inform import InformRoutes
from server.api.routes.keys import KeyRoutes
from server.api.routes.operate import OperateRoutes
from server.api.routes.table import mount, routes
from server.api.schema import SchemaShelf
from server.api.settings import LiveSettings, Settings
from server.api.version import VERSION
from server.store.postgres import Database
from server.store.redis import RedisStore

DRAIN: web.AppKey[Drain] = web.AppKey("drain", Drain)
PROBE: web.AppKey[HealthProbe] = web.AppKey("probe", HealthProbe)


def create_app(config: Config, log: Log) -> web.Application:
    """The application; nothing connects before it starts."""
    config.state.mkdir(parents=True, exist_ok=True)
    metrics = Metrics(version=VERSION, environment=config.environment)
    database = Database(config.database_url)
    redis = RedisStore(config.redis_url)
    switch = FaultSwitch(config.state / "faults.json") if config.drill_token else None

    def settings_changed(settings: Settings) -> None:
        log.set_level(settings.log_level)
        log.event("INFO", "settings_changed", "", part="settings")

    settings = LiveSettings(config, database, settings_changed)
    settings.recall()
    chain = ProviderChain(
        guarded_providers(config, metrics, switch.at_the_provider if switch else no_fault),
        deadline_s=config.request_deadline_s,
        order=lambda: settings.now.provider_order,
    )
    cache = AnswerCache(redis, local_entries=config.cache_local_entries)
    ring = KeyRing(KeyTable(database), lambda reason: metrics.auth_failures.labels(reason).inc())
    limiter = Limiter(redis, processes=config.workers)
    access = Access(config, ring, limiter, settings, metrics)
    drain = Drain()
    probe = HealthProbe(database, redis, chain, drain, metrics, disk=str(config.state))
    request_log = RequestLog(database, metrics, prompts=config.log_prompts)
    recorder = Recorder(request_log)
    answers = Answers(cache, chain, metrics, lambda: settings.now.cache_default_ttl)
    reader = AskReader(SchemaShelf(), frozenset(provider.name for provider in config.llm_providers))

    async def count_entries() -> None:
        metrics.cache_entries.set(await redis.count_matching("cache:*"))

    async def every_second() -> None:
        limiter.sweep()
        if migrated:
            await settings.poll()

    async def follow() -> None:
        metrics.flush()
        await cache.follow_generation()
        if switch is not None:
            switch.follow()

    migrated = False

    async def bring_up_to_date() -> None:
        nonlocal migrated
        if not migrated:
            for name in await migrate(database):
                log.event("INFO", "migrated", name, part="migrate")
            migrated = True
        await rotate(database, rfc3339(time())[:7], keep_months=config.request_log_retention_months)

    async def parts(_app: web.Application) -> AsyncIterator[None]:
        logging.getLogger().handlers = [LibraryLog(log)]
        log.event("INFO", "started", f"version {VERSION}")
        yield
        for part in (cache, ring, limiter, chain):
            await part.close()
        await request_log.flush()
        metrics.flush()
        await database.close()
        await redis.close()
        log.event("INFO", "stopped", f"{request_log.depth} rows of the request log left")

    middlewares = [envelope(log, metrics, drain, recorder.request)]
    if switch is not None:
        middlewares.append(switch.middleware())
    app = web.Application(middlewares=middlewares, client_max_size=MAX_BODY)
    app[PROBE] = probe
    app[DRAIN] = drain
    app.cleanup_ctx.append(parts)
    for work in (
        probe.run,
        request_log.run,
        every(5.0, "migrate", log, bring_up_to_date),
        every(0.25, "cache", log, follow),
        every(15.0, "cache", log, count_entries),
        every(0.9, "settings", log, every_second),
        every(0.1, "redis", log, redis.ping_if_open),
    ):
        app.cleanup_ctx.append(running(work))
    table = routes(
        AnalyzeRoutes(access, reader, answers, Batch(reader, answers, recorder), metrics),
        InformRoutes(access, database, chain, cache, metrics),
        KeyRoutes(access, KeyStore(database), ring, settings),
        OperateRoutes(access, probe, metrics, cache, settings, config.environment),
    )
    mount(app, table)
    mount(app, documentation(table))
    if switch is not None:
        app.add_routes(switch.routes(config.drill_token))
    return app
