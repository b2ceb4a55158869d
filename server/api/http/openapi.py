"""openapi.json (3.1), made from the types that validate."""

from collections.abc import Sequence
from typing import Any

import msgspec

from server.api.http.route import ApiRoute, Auth
from server.api.release.version import VERSION
from server.api.wire import Analysis, ErrorResponse

_SECURITY: dict[Auth, list[dict[str, list[str]]]] = {
    "key": [{"apiKey": []}, {"bearer": []}],
    "admin": [{"adminToken": []}, {"bearer": []}],
    "metrics": [{}, {"bearer": []}],
    "none": [],
}
_SCHEMES = {
    "apiKey": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "`sp_` and 64 hex digits",
    },
    "adminToken": {"type": "apiKey", "in": "header", "name": "X-Admin-Token"},
    "bearer": {"type": "http", "scheme": "bearer"},
}
_REASONS = {
    400: "The body is no valid JSON",
    401: "The credentials are missing or wrong",
    403: "The key is blocked",
    404: "There is no such thing",
    408: "The body did not arrive in time",
    413: "The body is larger than 256 KiB",
    415: "The body is not plain JSON",
    422: "A field is wrong",
    429: "The hourly limit is reached",
    500: "Something went wrong on our side",
    502: "The provider failed",
    503: "A dependency is away, or we are full",
    504: "The provider did not answer in time",
}
_QUERY: dict[str, dict[str, Any]] = {
    "after": {"type": "string", "format": "uuid"},
    "limit": {"type": "integer", "minimum": 1, "maximum": 1000},
    "revoked": {"type": "string", "enum": ["0", "1", "false", "true"]},
}


def openapi(table: Sequence[ApiRoute], providers: Sequence[str] = ()) -> dict[str, Any]:
    """The document; with ``providers``, the names that a request may write."""
    types = [kind for route in table for kind in (route.body, route.answer) if kind not in (None, str)]
    unique = list(dict.fromkeys([*types, Analysis, ErrorResponse]))
    schemas, components = msgspec.json.schema_components(unique, ref_template="#/components/schemas/{name}")
    names = dict(zip(unique, schemas, strict=True))
    if providers and "AnalyzeRequest" in components:
        components["AnalyzeRequest"]["properties"]["llm_provider"]["enum"] = ["auto", *providers]
    paths: dict[str, dict[str, Any]] = {}
    for route in table:
        for path in (route.path, route.path + "/") if route.both else (route.path,):
            paths.setdefault(path, {})[route.method.lower()] = _operation(route, path, names)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Structured Prompt Service",
            "version": VERSION,
            "description": "Turns a natural-language prompt into validated structured data.",
        },
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": _SCHEMES},
    }


def _operation(route: ApiRoute, path: str, names: dict[Any, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": _operation_id(route, path),
        "summary": route.summary,
        "security": _SECURITY[route.auth],
        "responses": _responses(route, names),
    }
    parameters = [
        {"name": name, "in": "query", "required": False, "schema": _QUERY[name]} for name in route.query
    ]
    if "{id}" in path:
        parameters.append(
            {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
        )
    if parameters:
        operation["parameters"] = parameters
    if route.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": names[route.body]}},
        }
    return operation


def _responses(route: ApiRoute, names: dict[Any, Any]) -> dict[str, Any]:
    good: dict[str, Any] = {"description": route.summary}
    if route.answer is not None:
        schema = {"type": "string"} if route.answer is str else names[route.answer]
        good["content"] = {
            media: {"schema": schema if media == "application/json" else {"type": "string"}}
            for media in route.media
        }
    found = {str(route.status): good}
    for status in sorted({*route.errors, *((401,) if route.auth != "none" else ())}):
        found[str(status)] = _failure(route, status, names)
    return found


def _failure(route: ApiRoute, status: int, names: dict[Any, Any]) -> dict[str, Any]:
    schema = names[route.answer if route.path == "/v1/ready" else ErrorResponse]
    content = {
        "application/json": {"schema": schema},
        "application/problem+json": {"schema": {"type": "object"}},
    }
    return {"description": _REASONS[status], "content": content}


def _operation_id(route: ApiRoute, path: str) -> str:
    words = [word.strip("{}").replace("-", "_") for word in path.split("/") if word and word != "v1"]
    slash = ["slash"] if path.endswith("/") and words else []
    return "_".join([route.method.lower(), *(words or ["index"]), *slash])
