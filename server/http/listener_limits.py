"""How long a client of a listener may take: for the headers of a request, for its body, and between two requests."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from aiohttp import web

IDLE_S = 75.0
"""For the first headers, and from one request to the next; aiohttp itself would wait an hour.

How large headers may be is aiohttp's: 8,190 bytes a line, 128 lines, then 400.
"""
BODY_S = 30.0
"""For a whole body: the largest, 32 MiB, at 9 Mbit/s."""

T = TypeVar("T")


async def read_body(request: web.Request) -> bytes:
    """The whole body. Raises ``web.HTTPRequestTimeout`` where it takes too long, and what aiohttp raises."""
    if request.content.is_eof():
        # All of it is here: no clock is needed for it.
        return await request.read()
    return await in_time(request.read())


async def in_time(reading: Awaitable[T]) -> T:
    """What is read from a client. Raises ``web.HTTPRequestTimeout`` where it takes too long."""
    try:
        async with asyncio.timeout(BODY_S):
            return await reading
    except TimeoutError:
        raise web.HTTPRequestTimeout(
            reason=f"the body did not arrive within {BODY_S:g} s", headers={"Connection": "close"}
        ) from None
