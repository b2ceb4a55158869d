"""What a client expects before it sends its body: the one thing that every process shares, the API too."""

from aiohttp import web
from aiohttp.hdrs import EXPECT


async def told_to_continue(request: web.BaseRequest) -> bool:
    """Tells a client that waits for it to send its body (RFC 9110, 10.1.1); False where it expects anything else.

    The handler that the framework brings names that by its bytes, and fails where these are no text.
    """
    if request.headers[EXPECT].lower() != "100-continue":
        return False
    await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    request.writer.output_size = 0
    return True
