"""``/v1/metrics``: what Prometheus scrapes."""

from aiohttp import web

from server.api.auth.access import Authenticator
from server.api.errors import ApiError
from server.api.http.route import ApiRoute
from server.api.telemetry.metrics import CONTENT_TYPE, ApiMetrics


class MetricsRoutes:
    """The exposition, off loopback with the metrics token only."""

    def __init__(self, access: Authenticator, metrics: ApiMetrics) -> None:
        self._access = access
        self._metrics = metrics

    def routes(self) -> tuple[ApiRoute, ...]:
        """The path and what openapi.json says of it."""
        return (
            ApiRoute(
                method="GET", path="/v1/metrics", handler=self.metrics, summary="Prometheus metrics",
                auth="metrics", media=("text/plain",), answer=str,
            ),
        )  # fmt: skip

    async def metrics(self, request: web.BaseRequest) -> web.Response:
        """GET /v1/metrics"""
        if not self._access.insider(request):
            raise ApiError(
                "authentication_error", "The metrics token is needed.", headers={"WWW-Authenticate": "Bearer"}
            )
        return web.Response(body=self._metrics.exposition(), headers={"Content-Type": CONTENT_TYPE})
