"""Which path leads where, and what openapi.json says of it."""

from collections.abc import Iterable
from typing import Protocol

from server.api.http.route import ApiRoute, Auth
from server.api.routes.analyze import AnalyzeRoutes
from server.api.routes.keys import KeyRoutes
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


class HasRoutes(Protocol):
    """The handlers of one resource, with their paths."""

    def routes(self) -> tuple[ApiRoute, ...]:
        """Each path and what openapi.json says of it."""


def routes(analyze: AnalyzeRoutes, keys: KeyRoutes, others: Iterable[HasRoutes]) -> tuple[ApiRoute, ...]:
    """Every path of the service."""
    both = ("application/json", "application/xml")
    key: Auth = "key"
    # fmt: off
    return (
        *(route for other in others for route in other.routes()),
        ApiRoute(method="POST", path="/v1/analyze", handler=analyze.analyze, summary="Turn a prompt into structured data",
              auth=key, body=AnalyzeRequest, answer=AnalyzeResponse, errors=(*_BODY, 403, 429, *_PROVIDER), media=both, both=True),
        ApiRoute(method="POST", path="/v1/analyze/batch", handler=analyze.batch, summary="Turn up to 100 prompts into structured data",
              auth=key, body=BatchRequest, answer=BatchResponse, errors=(*_BODY, 403, 429, *_PROVIDER)),
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
    )
    # fmt: on
