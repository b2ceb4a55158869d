"""Who may call what: keys for the service, the admin token for operators, the metrics token off loopback."""

import hmac
from time import time

from aiohttp import web
from multidict import istr

from server.api.auth.key_cache import KeyCache, KeyOwner
from server.api.auth.rate_limit import Limiter, headers
from server.api.call import CALL
from server.api.config import ApiConfig
from server.api.errors import ApiError
from server.api.settings import LiveSettings
from server.api.telemetry.metrics import ApiMetrics

_X_API_KEY = istr("X-API-Key")


class Authenticator:
    """Checks the credentials of a request."""

    def __init__(
        self, config: ApiConfig, keys: KeyCache, limiter: Limiter, settings: LiveSettings, metrics: ApiMetrics
    ) -> None:
        self._config = config
        self._keys = keys
        self._limiter = limiter
        self._settings = settings
        self._metrics = metrics

    async def caller(self, request: web.BaseRequest) -> KeyOwner:
        """The owner of the request's key. Raises ``ApiError`` 401, 403 or 503."""
        key = _key(request)
        try:
            caller = (self._keys.at_hand(key) if key is not None else None) or await self._keys.caller(key)
        except ApiError:
            request[CALL].api_key_id = self._keys.owner_of(key)
            raise
        request[CALL].api_key_id = caller.id
        blocked = self._settings.now.blocked_clients
        if blocked and (caller.id in blocked or caller.name in blocked):
            self._metrics.auth_failures.labels("blocked").inc()
            raise ApiError("forbidden", "This API key is blocked; ask the operators.")
        return caller

    async def take_from_limit(self, request: web.BaseRequest, caller: KeyOwner, weight: int = 1) -> None:
        """Spend ``weight`` calls of the caller's hourly limit. Raises ``ApiError`` 429."""
        limit = self.limit_of(caller)
        standing = self._limiter.spend(caller.id, limit) if weight == 1 else None
        if standing is None:
            standing = await self._limiter.take(caller.id, limit, weight)
        request[CALL].headers.update(headers(standing, time()))
        if not standing.admitted:
            self._metrics.rate_limit_exceeded.inc()
            raise ApiError("rate_limit_exceeded", f"The limit of {limit} requests an hour is reached.")

    def limit_of(self, caller: KeyOwner) -> int:
        """Requests an hour that this caller may make."""
        return caller.limit if caller.limit is not None else self._settings.now.default_rate_limit

    @property
    def default_ttl(self) -> int:
        """Seconds for which an answer is kept unless the caller says otherwise."""
        return self._settings.now.cache_default_ttl

    def admin(self, request: web.BaseRequest) -> None:
        """Let the admin token pass. Raises ``ApiError`` 401."""
        given = request.headers.get("X-Admin-Token") or _bearer(request) or ""
        if not _same(given, self._config.admin_token):
            self._metrics.auth_failures.labels("admin").inc()
            raise ApiError(
                "authentication_error",
                "The admin token is needed.",
                headers={"WWW-Authenticate": 'Bearer realm="sps-admin"'},
            )

    def insider(self, request: web.BaseRequest) -> bool:
        """Whether details and metrics may be shown: we listen on loopback only, or the token is right."""
        if self._config.loopback_only:
            return True
        given = _bearer(request) or ""
        return _same(given, self._config.metrics_token) or _same(given, self._config.admin_token)


def _same(given: str, wanted: str) -> bool:
    return bool(wanted) and hmac.compare_digest(given.encode(errors="backslashreplace"), wanted.encode())


def _key(request: web.BaseRequest) -> str | None:
    headers = request.headers
    return headers.get(_X_API_KEY) or _bearer(request)


def _bearer(request: web.BaseRequest) -> str | None:
    word, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if word.lower() == "bearer" and token else None
