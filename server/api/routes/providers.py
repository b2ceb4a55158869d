"""``/v1/analyze/providers``: the providers and how they are."""

import msgspec
from aiohttp import web

from server.api.analyze.response import json_response
from server.api.auth.access import Authenticator
from server.api.http.route import ApiRoute
from server.api.providers.chain import ProviderChain


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


class ProviderRoutes:
    """The providers as they are now, by configuration and breaker."""

    def __init__(self, access: Authenticator, chain: ProviderChain) -> None:
        self._access = access
        self._chain = chain

    def routes(self) -> tuple[ApiRoute, ...]:
        """The path and what openapi.json says of it."""
        return (
            ApiRoute(
                method="GET", path="/v1/analyze/providers", handler=self.providers, summary="The providers and how they are",
                auth="key", answer=ProviderList, errors=(403, 503),
            ),
        )  # fmt: skip

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
