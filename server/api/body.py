"""Reading a request's body: bounded in size and time, uncompressed, JSON."""

import asyncio

from aiohttp import web

from server.api.errors import ApiError

_TIMEOUT_S = 15.0


async def read_body(request: web.Request) -> bytes:
    """The whole body. Raises ``ApiError`` 408, 413 or 415."""
    headers = request.headers
    if headers.get("Content-Encoding", "identity").lower() != "identity":
        raise ApiError("unsupported_media_type", "Compressed bodies are not taken.", field="Content-Encoding")
    kind = headers.get("Content-Type", "application/json").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise ApiError("unsupported_media_type", "Send application/json.", field="Content-Type")
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            return await request.read()
    except TimeoutError:
        raise ApiError("request_timeout", f"The body did not arrive within {_TIMEOUT_S:.0f} s.") from None
