"""One worker: the application on the sockets that the master assigns, until it is told to stop."""

import asyncio
import gc
import logging
import signal
import socket
from itertools import count

import uvloop
from aiohttp import web

from server.api.app import create_service
from server.api.background import running
from server.api.cluster.assignment import Assignment
from server.api.cluster.listening_sockets import ListeningSockets, follow_master
from server.api.config import ApiConfig
from server.api.http.connection import Listener
from server.api.telemetry.log import LibraryLog, Log

_YOUNG_S = 1.0
_ALL_EVERY = 30
"""Looks from one at everything to the next."""


def serve(config: ApiConfig, master: socket.socket) -> None:
    """Run until SIGTERM, SIGINT or the end of ``master``, then finish what is in flight."""
    log = Log(level=config.log_level)
    try:
        uvloop.run(_serve(config, master, log))
    finally:
        log.close()


async def _serve(config: ApiConfig, master: socket.socket, log: Log) -> None:
    stop = _stop_signal()
    logging.getLogger().handlers = [LibraryLog(log)]
    master.setblocking(False)
    service = create_service(config, log)
    async with service.running():
        server = Listener(service.handle)
        runner = web.ServerRunner(server, shutdown_timeout=1.0)
        await runner.setup()
        sockets = ListeningSockets(runner)
        # What the start made lives as long as the process: the collector need not walk it again and again.
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)

        def assigned(assignment: Assignment) -> None:
            service.this_worker.stand(assignment.workers)

        async with running(lambda: follow_master(master, sockets, assigned, stop)), running(_collect):
            await stop.wait()
        service.this_worker.leave()
        service.drain.draining = True
        await sockets.close()
        await service.drain.finish(server, config.drain_timeout_s)
        await runner.cleanup()


async def _collect() -> None:
    """Free what circles of a few objects hold, once a second, and every half minute those that outlived such a look.

    Each statement of aiopg leaves one (cursor and transaction name each other) that holds its text: a batch of the request
    log is 150 KB. The thresholds count objects and not bytes, so that they would wait for hundreds of megabytes. Whatever
    is in flight during a look is looked at again only by a whole one, which the thresholds alone never begin: without it
    a busy worker grew by a megabyte a minute. What is not frozen is the cache's few ten thousand objects: milliseconds.
    """
    for turn in count(1):
        await asyncio.sleep(_YOUNG_S)
        gc.collect(2 if turn % _ALL_EVERY == 0 else 1)


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
