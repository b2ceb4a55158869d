"""``/v1/usage``: what the caller's key used."""

from datetime import date

import msgspec
from aiohttp import web

from server.api.analyze.response import json_response
from server.api.auth.access import Authenticator
from server.api.http.route import ApiRoute
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


class UsageRoutes:
    """The caller's own figures."""

    def __init__(self, access: Authenticator, database: Statements) -> None:
        self._access = access
        self._database = database

    def routes(self) -> tuple[ApiRoute, ...]:
        """The path and what openapi.json says of it."""
        return (
            ApiRoute(
                method="GET", path="/v1/usage", handler=self.usage, summary="What the caller's key used",
                auth="key", answer=UsageView, errors=(403, 503),
            ),
        )  # fmt: skip

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
                cache_hit_rate=share(hits, requests),
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


def share(part: int, whole: int) -> float:
    """The part of the whole, 0 to 1; 0 where there is nothing."""
    return round(part / whole, 4) if whole else 0.0
