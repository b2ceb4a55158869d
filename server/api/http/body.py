"""Reading a request's body: bounded in size and time, uncompressed, JSON."""

import asyncio

from aiohttp import web
from aiohttp.hdrs import CONTENT_ENCODING, CONTENT_TYPE

from server.api.errors import ApiError

MAX_BODY = 256 * 1024
_TIMEOUT_S = 15.0
_JSON = "application/json"


async def read_body(request: web.BaseRequest) -> bytes:
    """The whole body. Raises ``ApiError`` 408, 413 or 415."""
    headers = request.headers
    if headers.get(CONTENT_ENCODING, "identity").lower() != "identity":
        raise ApiError("unsupported_media_type", "Compressed bodies are not taken.", field="Content-Encoding")
    kind = headers.get(CONTENT_TYPE, _JSON)
    if kind != _JSON:
        kind = kind.partition(";")[0].strip().lower()
    if kind != _JSON and not kind.endswith("+json"):
        raise ApiError("unsupported_media_type", "Send application/json.", field="Content-Type")
    if request.content.is_eof():
        return _bounded(request.content.read_nowait())
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            return _bounded(await request.read())
    except TimeoutError:
        raise ApiError("request_timeout", f"The body did not arrive within {_TIMEOUT_S:.0f} s.") from None


def _bounded(body: bytes) -> bytes:
    """A body that had arrived before we asked for it."""
    if len(body) > MAX_BODY:
        raise ApiError("payload_too_large", "The body is larger than 256 KiB.")
    return body
