"""What a caller may know: its usage, the providers, the cache's figures."""

from datetime import date

import msgspec
from aiohttp import web

from server.api.analyze.cache import AnswerCache
from server.api.analyze.response import json_response
from server.api.auth.access import Authenticator
from server.api.providers.chain import ProviderChain
from server.api.telemetry.metrics import ApiMetrics
from server.store.postgres import Statements

_USAGE = """
SELECT day, requests, errors, cache_hits, tokens, input_tokens, output_tokens FROM usage_daily WHERE api_key_id = %s::uuid ORDER BY day DESC LIMIT 400
"""


class UsageDay(msgspec.Struct, frozen=True, kw_only=True):
    """What one key used on one day (UTC)."""

    day: date
    requests: int
    errors: int
    cache_hits: int
    tokens_used: int
    """Of failed calls too."""
    input_tokens: int
    output_tokens: int


class UsageView(msgspec.Struct, frozen=True, kw_only=True):
    """What the caller's key used; a call is counted within a second of its answer."""

    api_key_id: str
    name: str
    rate_limit_per_hour: int
    total_requests: int
    total_errors: int
    total_tokens: int
    input_tokens: int
    output_tokens: int
    """Of the total, what was read and what was written, where the provider says so."""
    cache_hits: int
    cache_hit_rate: float
    """0 to 1."""
    days: list[UsageDay]
    """Newest first, 400 at most."""


class ProviderView(msgspec.Struct, frozen=True, kw_only=True):
    """One provider as it is now."""

    name: str
    model: str
    available: bool
    breaker: str
    """``closed``, ``open`` or ``half_open``."""
    in_flight: int
    concurrency: int


class ProviderList(msgspec.Struct, frozen=True, kw_only=True):
    """The providers in the order in which ``auto`` tries them."""

    providers: list[ProviderView]
    default: str


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


class InformRoutes:
    """Figures for callers."""

    def __init__(
        self,
        access: Authenticator,
        database: Statements,
        chain: ProviderChain,
        cache: AnswerCache,
        metrics: ApiMetrics,
    ) -> None:
        self._access = access
        self._database = database
        self._chain = chain
        self._cache = cache
        self._metrics = metrics

    async def usage(self, request: web.BaseRequest) -> web.Response:
        """GET /v1/usage"""
        caller = await self._access.caller(request)
        rows = await self._database.fetch(_USAGE, (caller.id,))
        requests, errors, hits, tokens, read, written = (
            sum(int(row[i]) for row in rows) for i in range(1, 7)
        )
        return json_response(
            UsageView(
                api_key_id=caller.id,
                name=caller.name,
                rate_limit_per_hour=self._access.limit_of(caller),
                total_requests=requests,
                total_errors=errors,
                total_tokens=tokens,
                input_tokens=read,
                output_tokens=written,
                cache_hits=hits,
                cache_hit_rate=_share(hits, requests),
                days=[
                    UsageDay(
                        day=d,
                        requests=r,
                        errors=e,
                        cache_hits=h,
                        tokens_used=t,
                        input_tokens=i,
                        output_tokens=o,
                    )
                    for d, r, e, h, t, i, o in rows
                ],
            )
        )

    async def providers(self, request: web.BaseRequest) -> web.Response:
        """GET /v1/analyze/providers"""
        await self._access.caller(request)
        found = [
            ProviderView(
                name=provider.name,
                model=provider.model,
                available=provider.breaker.closed and provider.in_flight < provider.concurrency,
                breaker=provider.breaker.state,
                in_flight=provider.in_flight,
                concurrency=provider.concurrency,
            )
            for provider in self._chain.providers
        ]
        return json_response(ProviderList(providers=found, default=found[0].name))

    async def cache_stats(self, request: web.BaseRequest) -> web.Response:
        """GET /v1/analyze/cache/stats"""
        await self._access.caller(request)
        totals = self._metrics.totals("cache_hits_total", "cache_misses_total", "cache_entries")
        hits, misses, entries = (int(total) for total in totals)
        return json_response(
            CacheStats(
                hits=hits,
                misses=misses,
                hit_rate=_share(hits, hits + misses),
                entries=entries,
                local_entries=self._cache.local_size,
                default_ttl=self._access.default_ttl,
            )
        )


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
