"""A model that answers after a fixed time and counts its calls. ``python -m bench.mock_model PORT MILLISECONDS``"""

import asyncio
import sys

import uvloop
from aiohttp import web

_ANSWER = '{"intent":"answer","subject":"x","entities":{},"output_format":"text","original_language":"en","confidence":0.9}'


async def _serve(port: int, seconds: float) -> None:
    calls = 0

    async def complete(request: web.Request) -> web.Response:
        nonlocal calls
        calls += 1
        await request.read()
        await asyncio.sleep(seconds)
        choice = {"message": {"role": "assistant", "content": _ANSWER}, "finish_reason": "stop"}
        return web.json_response({"choices": [choice], "usage": {"total_tokens": 10}})

    async def count(_request: web.Request) -> web.Response:
        return web.json_response(calls)

    app = web.Application()
    app.router.add_post("/v1/chat/completions", complete)
    app.router.add_get("/calls", count)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1]), float(sys.argv[2]) / 1000))
