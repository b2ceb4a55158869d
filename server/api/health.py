"""What the service depends on and how that is, from a probe in the background: asking for health costs nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from time import monotonic, perf_counter, process_time
from typing import Literal

import msgspec
import psutil

from server.api.http.drain import Drain
from server.api.providers.chain import ProviderChain
from server.api.telemetry.metrics import ApiMetrics
from server.periodic import LoopHealth, Loops
from server.store.postgres import Database, PostgresDownError, PostgresRefusedError
from server.store.redis import RedisDownError, RedisStore

State = Literal["healthy", "degraded", "unhealthy"]
_EVERY_S = 1.0


class DependencyHealth(msgspec.Struct, frozen=True, kw_only=True):
    """One dependency as the last probe found it."""

    status: State
    latency_ms: float | None = None
    detail: str = ""
    checked_at: datetime | None = None


class SystemHealth(msgspec.Struct, frozen=True, kw_only=True):
    """The machine."""

    cpu_percent: float
    memory_percent: float
    disk_percent: float


class HealthReport(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of ``/v1/health``; without the token only the first five fields off loopback."""

    status: State
    version: str
    environment: str
    uptime_seconds: float
    timestamp: datetime
    dependencies: dict[str, DependencyHealth] | None = None
    system: SystemHealth | None = None
    workers: int | None = None
    """Processes that share the port."""
    loops: dict[str, LoopHealth] | None = None
    """The background loops of the process that answers."""


class HealthProbe:
    """Asks every dependency once a second and remembers the answers."""

    def __init__(
        self,
        database: Database,
        redis: RedisStore,
        chain: ProviderChain,
        drain: Drain,
        metrics: ApiMetrics,
        *,
        disk: str,
    ) -> None:
        self._database = database
        self._redis = redis
        self._chain = chain
        self._drain = drain
        self._metrics = metrics
        self._disk = disk
        self._started = monotonic()
        self._rested: tuple[float, float] | None = None
        """When the look before ended, and the processor time used until then."""
        self.loops = Loops(())
        """The background loops that are shown."""
        self._system = SystemHealth(cpu_percent=0.0, memory_percent=0.0, disk_percent=0.0)
        unknown = DependencyHealth(status="unhealthy", detail="not asked yet")
        self.dependencies = {"postgres": unknown, "redis": unknown, "llm": unknown}

    async def look(self) -> None:
        """Probe, and measure how late the loop ran the timer of this look and how busy it kept a processor since."""
        if self._rested is not None:
            began, used = self._rested
            took = max(monotonic() - began, 1e-6)
            self._metrics.loop_lag.set(max(0.0, took - _EVERY_S))
            self._metrics.worker_cpu.set((process_time() - used) / took)
        await self.probe()
        self._rested = monotonic(), process_time()

    async def probe(self) -> None:
        """Ask every dependency now."""
        postgres, redis = await asyncio.gather(
            _asked(self._ask_postgres, (PostgresDownError, PostgresRefusedError)),
            _asked(self._redis.ping, (RedisDownError,)),
        )
        self.dependencies = {"postgres": postgres, "redis": redis, "llm": self._providers()}
        for name, found in self.dependencies.items():
            self._metrics.dependency_up.labels(name).set(found.status != "unhealthy")
        self._system = SystemHealth(
            cpu_percent=psutil.cpu_percent(),
            memory_percent=psutil.virtual_memory().percent,
            disk_percent=psutil.disk_usage(self._disk).percent,
        )

    @property
    def status(self) -> State:
        """Unhealthy: nothing can be answered. Degraded: something is missing, and we do without."""
        if self.dependencies["llm"].status == "unhealthy" or self._drain.draining:
            return "unhealthy"
        return "degraded" if any(d.status != "healthy" for d in self.dependencies.values()) else "healthy"

    @property
    def draining(self) -> bool:
        """Whether we are leaving."""
        return self._drain.draining

    @property
    def ready(self) -> bool:
        """Whether new requests should come here."""
        return not self._drain.draining and self.dependencies["llm"].status != "unhealthy"

    def shown(self, version: str, environment: str, *, workers: int | None, details: bool) -> HealthReport:
        """What a caller sees."""
        return HealthReport(
            status=self.status,
            version=version,
            environment=environment,
            uptime_seconds=round(monotonic() - self._started, 3),
            timestamp=datetime.now(UTC),
            dependencies=self.dependencies if details else None,
            system=self._system if details else None,
            workers=workers if details else None,
            loops=self.loops.health if details else None,
        )

    async def _ask_postgres(self) -> None:
        await self._database.fetch("SELECT 1")

    def _providers(self) -> DependencyHealth:
        """From the breakers: a provider is not called for the sake of a probe, it would cost money."""
        providers = self._chain.providers
        broken = [provider.name for provider in providers if not provider.breaker.closed]
        refused = [provider.name for provider in providers if provider.key_refused]
        for provider in providers:
            provider.show()
        state: State = "degraded" if broken or refused else "healthy"
        if len(broken) == len(providers):
            state = "unhealthy"
        parts = (("breaker open", broken), ("key refused", refused))
        detail = "; ".join(f"{word}: {', '.join(names)}" for word, names in parts if names)
        return DependencyHealth(status=state, latency_ms=0.0, detail=detail, checked_at=datetime.now(UTC))


async def _asked(
    question: Callable[[], Awaitable[None]], faults: tuple[type[Exception], ...]
) -> DependencyHealth:
    started = perf_counter()
    try:
        await question()
    except faults as error:
        return DependencyHealth(status="unhealthy", detail=str(error)[:300], checked_at=datetime.now(UTC))
    latency_ms = round((perf_counter() - started) * 1000, 3)
    return DependencyHealth(status="healthy", latency_ms=latency_ms, checked_at=datetime.now(UTC))
