"""``/v1/analyze/cache/stats`` and ``/v1/cache``: the cache's counters, and emptying it."""

import msgspec
from aiohttp import web

from server.api.analyze.cache import AnswerCache
from server.api.analyze.response import json_response
from server.api.auth.access import Authenticator
from server.api.http.route import ApiRoute
from server.api.routes.usage import share
from server.api.telemetry.metrics import ApiMetrics


class CacheStats(msgspec.Struct, frozen=True, kw_only=True):
    """The cache's own counters since the start of the service."""

    hits: int
    misses: int
    hit_rate: float
    """0 to 1."""
    entries: int
    """Keys under ``cache:*`` in Redis when they were last counted, at most 15 s ago."""
    local_entries: int
    """Answers held by the process that answers this call."""
    default_ttl: int


class Cleared(msgspec.Struct, frozen=True, kw_only=True):
    """How many answers Redis held."""

    removed: int


class CacheRoutes:
    """The cache for callers and for operators."""

    def __init__(self, access: Authenticator, cache: AnswerCache, metrics: ApiMetrics) -> None:
        self._access = access
        self._cache = cache
        self._metrics = metrics

    def routes(self) -> tuple[ApiRoute, ...]:
        """The paths and what openapi.json says of them."""
        return (
            ApiRoute(
                method="GET", path="/v1/analyze/cache/stats", handler=self.stats, summary="The cache's counters",
                auth="key", answer=CacheStats, errors=(403, 503),
            ),
            ApiRoute(
                method="DELETE", path="/v1/cache", handler=self.clear, summary="Remove every cached answer",
                auth="admin", answer=Cleared, errors=(503,),
            ),
        )  # fmt: skip

    async def stats(self, request: web.BaseRequest) -> web.Response:
        """GET /v1/analyze/cache/stats"""
        await self._access.caller(request)
        totals = self._metrics.totals("cache_hits_total", "cache_misses_total", "cache_entries")
        hits, misses, entries = (int(total) for total in totals)
        return json_response(
            CacheStats(
                hits=hits,
                misses=misses,
                hit_rate=share(hits, hits + misses),
                entries=entries,
                local_entries=self._cache.local_size,
                default_ttl=self._access.default_ttl,
            )
        )

    async def clear(self, request: web.BaseRequest) -> web.Response:
        """DELETE /v1/cache"""
        self._access.admin(request)
        return json_response(Cleared(removed=await self._cache.clear()))
