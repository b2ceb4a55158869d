"""Paths for those who operate the service: health, metrics, the cache and the settings."""

import msgspec
from aiohttp import web

from server.api.analyze.cache import AnswerCache
from server.api.analyze.question import convert, read_object
from server.api.analyze.response import json_response
from server.api.auth.access import Authenticator
from server.api.cluster.this_worker import ThisWorker
from server.api.errors import ApiError
from server.api.health import HealthProbe
from server.api.http.body import read_body
from server.api.release.version import VERSION
from server.api.settings import LiveSettings, SettingsPatch
from server.api.telemetry.metrics import CONTENT_TYPE, ApiMetrics


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """A state in a word."""

    status: str


class Cleared(msgspec.Struct, frozen=True, kw_only=True):
    """How many answers Redis held."""

    removed: int


class Index(msgspec.Struct, frozen=True, kw_only=True):
    """Where to go from here."""

    service: str = "structured-prompt-service"
    version: str = VERSION
    docs: str = "/docs"
    openapi: str = "/openapi.json"
    health: str = "/v1/health"


class OperateRoutes:
    """Health, metrics, cache, settings."""

    def __init__(
        self,
        access: Authenticator,
        probe: HealthProbe,
        metrics: ApiMetrics,
        cache: AnswerCache,
        settings: LiveSettings,
        crew: ThisWorker,
        environment: str,
    ) -> None:
        self._access = access
        self._probe = probe
        self._metrics = metrics
        self._cache = cache
        self._settings = settings
        self._crew = crew
        self._environment = environment

    async def health(self, request: web.BaseRequest) -> web.Response:
        """GET /v1/health"""
        details = self._access.insider(request)
        shown = self._probe.shown(VERSION, self._environment, workers=self._crew.workers, details=details)
        return json_response(shown)

    async def ready(self, request: web.BaseRequest) -> web.Response:
        """GET /v1/ready"""
        status = 200 if self._probe.ready else 503
        word = "draining" if self._probe.draining else "ready" if status == 200 else "not ready"
        return json_response(Word(status=word), status=status)

    async def live(self, request: web.BaseRequest) -> web.Response:
        """GET /v1/live"""
        return json_response(Word(status="alive"))

    async def metrics(self, request: web.BaseRequest) -> web.Response:
        """GET /v1/metrics"""
        if not self._access.insider(request):
            raise ApiError(
                "authentication_error", "The metrics token is needed.", headers={"WWW-Authenticate": "Bearer"}
            )
        return web.Response(body=self._metrics.exposition(), headers={"Content-Type": CONTENT_TYPE})

    async def index(self, request: web.BaseRequest) -> web.Response:
        """GET /"""
        return json_response(Index())

    async def clear_cache(self, request: web.BaseRequest) -> web.Response:
        """DELETE /v1/cache"""
        self._access.admin(request)
        return json_response(Cleared(removed=await self._cache.clear()))

    async def show_settings(self, request: web.BaseRequest) -> web.Response:
        """GET /v1/settings"""
        self._access.admin(request)
        return json_response(self._settings.view())

    async def change_settings(self, request: web.BaseRequest) -> web.Response:
        """PATCH /v1/settings"""
        self._access.admin(request)
        await self._settings.change(convert(read_object(await read_body(request)), SettingsPatch))
        return json_response(self._settings.view())
