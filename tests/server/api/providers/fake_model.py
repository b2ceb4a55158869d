"""A provider of our own on a socket: speaks OpenAI's and Anthropic's dialect, and fails as it is told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

GOOD = '{"intent":"translate","subject":"guten Morgen","entities":{},"output_format":"text","original_language":"de","confidence":0.9}'


class FakeModel:
    """Answers what stands next in ``says``: text, or (status, headers); the last is repeated."""

    def __init__(self) -> None:
        self.says: list[str | tuple[int, dict[str, str]]] = [GOOD]
        self.finish = "stop"
        self.gate = asyncio.Event()
        self.gate.set()
        self.asked: list[dict[str, Any]] = []
        self.url = ""

    def app(self) -> web.Application:
        """The server's application."""
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._openai)
        app.router.add_post("/v1/messages", self._anthropic)
        return app

    async def _next(self, request: web.Request) -> str | web.Response:
        self.asked.append({"headers": dict(request.headers), "body": await request.json()})
        await self.gate.wait()
        said = self.says.pop(0) if len(self.says) > 1 else self.says[0]
        return said if isinstance(said, str) else web.Response(status=said[0], headers=said[1], text="no")

    async def _openai(self, request: web.Request) -> web.Response:
        said = await self._next(request)
        if isinstance(said, web.Response):
            return said
        choice = {"message": {"role": "assistant", "content": said}, "finish_reason": self.finish}
        return web.json_response({"choices": [choice], "usage": {"total_tokens": 21}})

    async def _anthropic(self, request: web.Request) -> web.Response:
        said = await self._next(request)
        if isinstance(said, web.Response):
            return said
        stop = "max_tokens" if self.finish == "length" else "end_turn"
        content = [{"type": "text", "text": said}]
        return web.json_response(
            {"content": content, "stop_reason": stop, "usage": {"input_tokens": 20, "output_tokens": 1}}
        )


@asynccontextmanager
async def fake_model() -> AsyncIterator[FakeModel]:
    """A running fake model."""
    model = FakeModel()
    async with TestServer(model.app()) as server:
        model.url = str(server.make_url("/v1"))
        yield model
