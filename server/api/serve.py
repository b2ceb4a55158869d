"""One worker: the application on its socket until it is told to stop."""

import asyncio
import gc
import logging
import os
import signal
import socket

import uvloop
from aiohttp import web

from server.api.app import create_service
from server.api.config import Config
from server.api.listener import Listener
from server.api.log import LibraryLog, Log


def serve(
    config: Config, listener: socket.socket, *, lifeline: int | None = None, ready: int | None = None
) -> None:
    """Run until SIGTERM, SIGINT or the end of ``lifeline``, then finish what is in flight.

    ``lifeline`` is a descriptor that the master holds open; ``ready`` one that gets a byte once we listen.
    """
    log = Log(level=config.log_level)
    try:
        uvloop.run(_serve(config, listener, log, lifeline, ready))
    finally:
        log.close()


async def _serve(
    config: Config, listener: socket.socket, log: Log, lifeline: int | None, ready: int | None
) -> None:
    stop = _stop_signal(lifeline)
    logging.getLogger().handlers = [LibraryLog(log)]
    service = create_service(config, log)
    async with service.running():
        server = Listener(service.handle)
        runner = web.ServerRunner(server, shutdown_timeout=1.0)
        await runner.setup()
        site = web.SockSite(runner, listener, backlog=1024)
        await site.start()
        # What the start made lives as long as the process: the collector need not walk it again and again.
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)
        if ready is not None:
            os.write(ready, b"1")
            os.close(ready)
        await stop.wait()
        service.drain.draining = True
        await site.stop()
        await service.drain.finish(server, config.drain_timeout_s)
        await runner.cleanup()


def _stop_signal(lifeline: int | None) -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if lifeline is not None:

        def master_gone() -> None:
            loop.remove_reader(lifeline)
            stop.set()

        loop.add_reader(lifeline, master_gone)
    return stop
