"""One worker: the application on its sockets until it is told to stop."""

import asyncio
import signal
import socket
from collections.abc import Sequence

import uvloop
from aiohttp import web

from server.api.app import PROBE, create_app
from server.api.config import Config
from server.api.log import Log

_KEEPALIVE_S = 75.0


def serve(config: Config, sockets: Sequence[socket.socket]) -> None:
    """Run until SIGTERM or SIGINT, then finish what is in flight."""
    log = Log(level=config.log_level)
    try:
        uvloop.run(_serve(config, sockets, log))
    finally:
        log.close()


async def _serve(config: Config, sockets: Sequence[socket.socket], log: Log) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    app = create_app(config, log)
    runner = web.AppRunner(
        app, access_log=None, keepalive_timeout=_KEEPALIVE_S, shutdown_timeout=config.drain_timeout_s
    )
    await runner.setup()
    for listener in sockets:
        await web.SockSite(runner, listener, backlog=1024).start()
    await stop.wait()
    app[PROBE].draining = True
    await runner.cleanup()
