"""``/v1/health``, ``/v1/ready``, ``/v1/live`` and ``/``: how the service is, and what it is."""

import msgspec
from aiohttp import web

from server.api.analyze.response import json_response
from server.api.auth.access import Authenticator
from server.api.cluster.this_worker import ThisWorker
from server.api.health import HealthProbe, HealthReport
from server.api.http.route import ApiRoute
from server.api.release.version import VERSION


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """A state in a word."""

    status: str


class Index(msgspec.Struct, frozen=True, kw_only=True):
    """Where to go from here."""

    service: str = "structured-prompt-service"
    version: str = VERSION
    docs: str = "/docs"
    openapi: str = "/openapi.json"
    health: str = "/v1/health"


class HealthRoutes:
    """Answers from the probe in the background: asking costs nothing and asks nobody."""

    def __init__(
        self, access: Authenticator, probe: HealthProbe, this_worker: ThisWorker, environment: str
    ) -> None:
        self._access = access
        self._probe = probe
        self._this_worker = this_worker
        self._environment = environment

    def routes(self) -> tuple[ApiRoute, ...]:
        """The paths and what openapi.json says of them."""
        return (
            ApiRoute(method="GET", path="/v1/health", handler=self.health, summary="How the service and its dependencies are", answer=HealthReport),
            ApiRoute(method="GET", path="/v1/ready", handler=self.ready, summary="Whether new requests should come here", answer=Word, errors=(503,)),
            ApiRoute(method="GET", path="/v1/live", handler=self.live, summary="Whether the process turns", answer=Word),
            ApiRoute(method="GET", path="/", handler=self.index, summary="What this is", answer=Index),
        )  # fmt: skip

    async def health(self, request: web.BaseRequest) -> web.Response:
        """GET /v1/health"""
        details = self._access.insider(request)
        shown = self._probe.shown(
            VERSION, self._environment, workers=self._this_worker.workers, details=details
        )
        return json_response(shown)

    async def ready(self, request: web.BaseRequest) -> web.Response:
        """GET /v1/ready"""
        status = 200 if self._probe.ready else 503
        word = "draining" if self._probe.draining else "ready" if status == 200 else "not ready"
        return json_response(Word(status=word), status=status)

    async def live(self, request: web.BaseRequest) -> web.Response:
        """GET /v1/live"""
        return json_response(Word(status="alive"))

    async def index(self, request: web.BaseRequest) -> web.Response:
        """GET /"""
        return json_response(Index())
