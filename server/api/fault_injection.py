"""Faults caused on purpose, in a drill stack only: without ``DRILL_TOKEN`` none of this exists."""

import asyncio
import hmac
import os
import random
import time
from pathlib import Path
from typing import Annotated

import msgspec
from aiohttp import web

from server.api.analyze.question import convert, read_object
from server.api.errors import ApiError
from server.api.http.route import ApiHandler, ApiRoute
from server.api.providers.provider import ProviderBrokenError, ProviderKeyRefusedError

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=600_000)]


class Faults(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What goes wrong on purpose; the defaults are nothing."""

    error_rate: Share = 0.0
    """Share of analyze calls answered with 500."""
    handler_delay_ms: Milliseconds = 0
    """Added to every analyze call."""
    blocking_ms: Milliseconds = 0
    """How long every analyze call computes on the event loop, so that all others wait."""
    provider_delay_ms: Milliseconds = 0
    """Added to every call of the provider."""
    provider_error_rate: Share = 0.0
    """Share of provider calls that fail."""
    provider_key_refused: bool = False
    """Whether the provider refuses our key."""
    provider: str | None = None
    """The one provider that is faulty; None: all."""


class FaultSwitch:
    """The faults in force, kept in a file so that every worker of the drill stack obeys them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = 0
        self.faults = Faults()

    def set(self, faults: Faults) -> None:
        """Put ``faults`` in force here at once, in other workers within a quarter of a second."""
        part = self._path.with_suffix(f".{os.getpid()}.part")
        part.write_bytes(msgspec.json.encode(faults))
        part.replace(self._path)
        self.faults = faults

    def follow(self) -> None:
        """Read the file if another worker wrote it."""
        try:
            stamp = self._path.stat().st_mtime_ns
        except OSError:
            return
        if stamp != self._stamp:
            self._stamp = stamp
            self.faults = msgspec.json.decode(self._path.read_bytes(), type=Faults)

    async def at_the_provider(self, provider: str) -> None:
        """What happens to a call of ``provider``. Raises ``ProviderError``."""
        faults = self.faults
        if faults.provider not in (None, provider):
            return
        if faults.provider_key_refused:
            raise ProviderKeyRefusedError("a drill makes this provider refuse our key")
        if faults.provider_delay_ms:
            await asyncio.sleep(faults.provider_delay_ms / 1000)
        if random.random() < faults.provider_error_rate:  # noqa: S311  # no secret
            raise ProviderBrokenError("a drill makes this provider fail")

    def around(self, handler: ApiHandler) -> ApiHandler:
        """What happens to analyze calls, around their ``handler``."""

        async def fail(request: web.BaseRequest) -> web.StreamResponse:
            faults = self.faults
            if faults.handler_delay_ms:
                await asyncio.sleep(faults.handler_delay_ms / 1000)
            if faults.blocking_ms:
                _compute(faults.blocking_ms / 1000)
            if random.random() < faults.error_rate:  # noqa: S311  # no secret
                raise ApiError("internal_error", "A drill makes this call fail.")
            return await handler(request)

        return fail

    def faulty(self, route: ApiRoute) -> ApiRoute:
        """``route`` with its faults, if it is one of those that a drill can make fail."""
        if not route.path.startswith("/v1/analyze"):
            return route
        return msgspec.structs.replace(route, handler=self.around(route.handler))

    def routes(self, token: str) -> list[ApiRoute]:
        """``/v1/drill/faults``: POST puts faults in force, GET shows them, DELETE withdraws them."""

        def check(request: web.BaseRequest) -> None:
            given = request.headers.get("Authorization", "").removeprefix("Bearer ")
            given = request.headers.get("X-Drill-Token", given)
            if not hmac.compare_digest(given.encode(errors="backslashreplace"), token.encode()):
                raise ApiError("authentication_error", "The drill token is needed.")

        async def post(request: web.BaseRequest) -> web.Response:
            check(request)
            self.set(convert(read_object(await request.read()), Faults))
            return await get(request)

        async def get(request: web.BaseRequest) -> web.Response:
            check(request)
            return web.json_response(body=msgspec.json.encode(self.faults))

        async def delete(request: web.BaseRequest) -> web.Response:
            check(request)
            self.set(Faults())
            return await get(request)

        path = "/v1/drill/faults"
        return [
            ApiRoute(method="POST", path=path, handler=post, summary="Put faults in force"),
            ApiRoute(method="GET", path=path, handler=get, summary="The faults in force"),
            ApiRoute(method="DELETE", path=path, handler=delete, summary="Withdraw the faults"),
        ]


def _compute(seconds: float) -> None:
    """Use a processor for so long, and let nobody else do anything meanwhile."""
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass
