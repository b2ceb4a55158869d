"""Which path leads where, and what openapi.json says of it."""

from server.api.health import HealthReport
from server.api.http.route import ApiRoute, Auth
from server.api.routes.analyze import AnalyzeRoutes
from server.api.routes.health import Cleared, Index, OperateRoutes, Word
from server.api.routes.keys import KeyRoutes
from server.api.routes.usage import CacheStats, InformRoutes, ProviderList, UsageView
from server.api.settings import SettingsPatch, SettingsView
from server.api.wire import (
    AnalyzeRequest,
    AnalyzeResponse,
    BatchRequest,
    BatchResponse,
    KeyList,
    KeyPatch,
    KeyRequest,
    KeyView,
    NewKeyView,
)

_BODY = (400, 408, 413, 415, 422)
_PROVIDER = (500, 502, 503, 504)


def routes(
    analyze: AnalyzeRoutes, inform: InformRoutes, keys: KeyRoutes, operate: OperateRoutes
) -> tuple[ApiRoute, ...]:
    """Every path of the service."""
    both = ("application/json", "application/xml")
    key: Auth = "key"
    # fmt: off
    return (
        ApiRoute(method="POST", path="/v1/analyze", handler=analyze.analyze, summary="Turn a prompt into structured data",
              auth=key, body=AnalyzeRequest, answer=AnalyzeResponse, errors=(*_BODY, 403, 429, *_PROVIDER), media=both, both=True),
        ApiRoute(method="POST", path="/v1/analyze/batch", handler=analyze.batch, summary="Turn up to 100 prompts into structured data",
              auth=key, body=BatchRequest, answer=BatchResponse, errors=(*_BODY, 403, 429, *_PROVIDER)),
        ApiRoute(method="GET", path="/v1/analyze/providers", handler=inform.providers, summary="The providers and how they are",
              auth=key, answer=ProviderList, errors=(403, 503)),
        ApiRoute(method="GET", path="/v1/analyze/cache/stats", handler=inform.cache_stats, summary="The cache's counters",
              auth=key, answer=CacheStats, errors=(403, 503)),
        ApiRoute(method="GET", path="/v1/usage", handler=inform.usage, summary="What the caller's key used",
              auth=key, answer=UsageView, errors=(403, 503)),
        ApiRoute(method="POST", path="/v1/api-keys", handler=keys.create, summary="Make a key; its secret is shown this once",
              auth="admin", body=KeyRequest, answer=NewKeyView, status=201, errors=(*_BODY, 503), both=True),
        ApiRoute(method="GET", path="/v1/api-keys", handler=keys.list, summary="List keys", auth="admin", answer=KeyList,
              errors=(422, 503), query=("after", "limit", "revoked"), both=True),
        ApiRoute(method="GET", path="/v1/api-keys/{id}", handler=keys.get, summary="Show a key", auth="admin", answer=KeyView, errors=(404, 503)),
        ApiRoute(method="PATCH", path="/v1/api-keys/{id}", handler=keys.change, summary="Change a key", auth="admin",
              body=KeyPatch, answer=KeyView, errors=(*_BODY, 404, 503)),
        ApiRoute(method="DELETE", path="/v1/api-keys/{id}", handler=keys.revoke, summary="Revoke a key", auth="admin", status=204, errors=(404, 503)),
        ApiRoute(method="POST", path="/v1/api-keys/{id}/rotate", handler=keys.rotate, summary="Give a key a new secret",
              auth="admin", answer=NewKeyView, errors=(404, 503)),
        ApiRoute(method="POST", path="/v1/api-keys/{id}/activate", handler=keys.activate, summary="Let a revoked key in again",
              auth="admin", answer=KeyView, errors=(404, 503)),
        ApiRoute(method="DELETE", path="/v1/cache", handler=operate.clear_cache, summary="Remove every cached answer",
              auth="admin", answer=Cleared, errors=(503,)),
        ApiRoute(method="GET", path="/v1/settings", handler=operate.show_settings, summary="The live settings", auth="admin", answer=SettingsView),
        ApiRoute(method="PATCH", path="/v1/settings", handler=operate.change_settings, summary="Change live settings, with an end or without",
              auth="admin", body=SettingsPatch, answer=SettingsView, errors=(*_BODY, 503)),
        ApiRoute(method="GET", path="/v1/health", handler=operate.health, summary="How the service and its dependencies are", answer=HealthReport),
        ApiRoute(method="GET", path="/v1/ready", handler=operate.ready, summary="Whether new requests should come here", answer=Word, errors=(503,)),
        ApiRoute(method="GET", path="/v1/live", handler=operate.live, summary="Whether the process turns", answer=Word),
        ApiRoute(method="GET", path="/v1/metrics", handler=operate.metrics, summary="Prometheus metrics", auth="metrics", media=("text/plain",), answer=str),
        ApiRoute(method="GET", path="/", handler=operate.index, summary="What this is", answer=Index),
    )
    # fmt: on
