"""Answers as bytes: JSON always, XML where it was asked for."""

from typing import Any

import msgspec
from aiohttp import web

_encoder = msgspec.json.Encoder()


def json_response(value: Any, *, status: int = 200) -> web.Response:
    """``value`` as JSON."""
    return web.Response(body=_encoder.encode(value), status=status, content_type="application/json")
