"""Which path leads where."""

from collections.abc import Callable

from aiohttp import web
from aiohttp.typedefs import Handler

from server.api.routes.analyze import AnalyzeRoutes
from server.api.routes.keys import KeyRoutes
from server.api.routes.operate import OperateRoutes


def routes(analyze: AnalyzeRoutes, keys: KeyRoutes, operate: OperateRoutes) -> list[web.RouteDef]:
    """Every path; both spellings where clients use both."""
    return [
        *_both(web.post, "/v1/analyze", analyze.analyze),
        *_both(web.post, "/v1/api-keys", keys.create),
        *_both(web.get, "/v1/api-keys", keys.list),
        web.get("/v1/api-keys/{id}", keys.get),
        web.patch("/v1/api-keys/{id}", keys.change),
        web.delete("/v1/api-keys/{id}", keys.revoke),
        web.post("/v1/api-keys/{id}/rotate", keys.rotate),
        web.post("/v1/api-keys/{id}/activate", keys.activate),
        web.delete("/v1/cache", operate.clear_cache),
        web.get("/v1/settings", operate.show_settings),
        web.patch("/v1/settings", operate.change_settings),
        web.get("/v1/health", operate.health),
        web.get("/v1/ready", operate.ready),
        web.get("/v1/live", operate.live),
        web.get("/v1/metrics", operate.metrics),
        web.get("/", operate.index),
    ]


def _both(method: Callable[[str, Handler], web.RouteDef], path: str, handler: Handler) -> list[web.RouteDef]:
    return [method(path, handler), method(path + "/", handler)]
