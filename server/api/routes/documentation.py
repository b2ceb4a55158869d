"""``/openapi.json`` and ``/docs``: the contract for programs and for people."""

from collections.abc import Sequence
from html import escape
from typing import Any

import msgspec
from aiohttp import web

from server.api.http.openapi import openapi
from server.api.http.route import ApiRoute

_STYLE = """
:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
code,pre{font-family:ui-monospace,monospace}pre{overflow-x:auto;padding:.75rem;border:1px solid #8886;border-radius:6px}
details{border:1px solid #8886;border-radius:6px;margin:.5rem 0;padding:.5rem .75rem}summary{cursor:pointer}
b.m{display:inline-block;min-width:4.5rem}
"""


def documentation(table: Sequence[ApiRoute], providers: Sequence[str] = ()) -> tuple[ApiRoute, ...]:
    """Both pages about ``table`` and themselves, made once."""

    async def document_json(request: web.BaseRequest) -> web.Response:
        return web.Response(body=encoded, content_type="application/json")

    async def docs(request: web.BaseRequest) -> web.Response:
        return web.Response(body=page, content_type="text/html", charset="utf-8")

    own = (
        ApiRoute(
            method="GET",
            path="/openapi.json",
            handler=document_json,
            summary="The contract for programs",
            answer=dict,
        ),
        ApiRoute(
            method="GET",
            path="/docs",
            handler=docs,
            summary="The contract for people",
            answer=str,
            media=("text/html",),
        ),
    )
    document = openapi([*table, *own], providers)
    encoded = msgspec.json.format(msgspec.json.encode(document), indent=2)
    page = _page(document).encode()
    return own


def _page(document: dict[str, Any]) -> str:
    info = document["info"]
    operations = "".join(
        _operation(path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if not operation["operationId"].endswith("_slash")
    )
    schemas = "".join(
        f'<details id="{escape(name)}"><summary><code>{escape(name)}</code></summary>{_json(schema)}</details>'
        for name, schema in document["components"]["schemas"].items()
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(info['title'])}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{escape(info['title'])} {escape(info['version'])}</h1><p>{escape(info['description'])} "
        'The same for programs: <a href="/openapi.json">openapi.json</a>.</p>'
        f"<h2>Paths</h2>{operations}<h2>Types</h2>{schemas}</body></html>"
    )


def _operation(path: str, method: str, operation: dict[str, Any]) -> str:
    rest = {
        name: operation[name]
        for name in ("security", "parameters", "requestBody", "responses")
        if name in operation
    }
    return (
        f'<details><summary><b class="m">{method.upper()}</b> <code>{escape(path)}</code> '
        f"{escape(operation['summary'])}</summary>{_json(rest)}</details>"
    )


def _json(value: Any) -> str:
    return f"<pre>{escape(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())}</pre>"
