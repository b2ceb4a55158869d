"""The listening sockets that this worker accepts on, as the master assigns them."""

import asyncio
import os
import socket
from collections.abc import Callable

import msgspec
from aiohttp import web

from server.api.cluster.assignment import LARGEST, MOST, Assignment, AssignmentTaken
from server.api.release.version import VERSION


class ListeningSockets:
    """Opens and closes them; a socket that is closed here stays open at the master, and with another worker."""

    def __init__(self, runner: web.ServerRunner) -> None:
        self._runner = runner
        self._open: dict[int, web.SockSite] = {}

    async def assign(self, assignment: Assignment, descriptors: list[int]) -> None:
        """Accept on exactly these."""
        for number, descriptor in zip(assignment.listeners, descriptors, strict=True):
            if number in self._open:
                os.close(descriptor)
                continue
            site = web.SockSite(self._runner, socket.socket(fileno=descriptor), backlog=1024)
            await site.start()
            self._open[number] = site
        for number in self._open.keys() - set(assignment.listeners):
            await self._open.pop(number).stop()

    async def close(self) -> None:
        """Accept nothing more."""
        for site in self._open.values():
            await site.stop()
        self._open.clear()


async def follow_master(
    master: socket.socket,
    sockets: ListeningSockets,
    assigned: Callable[[Assignment], None],
    stop: asyncio.Event,
) -> None:
    """Do what the master says until it is gone, which sets ``stop``."""
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(master, readable.set)
    try:
        while True:
            await readable.wait()
            readable.clear()
            message, descriptors, _, _ = socket.recv_fds(master, LARGEST, MOST)
            if not message:
                return
            assignment = msgspec.json.decode(message, type=Assignment)
            await sockets.assign(assignment, descriptors)
            assigned(assignment)
            await loop.sock_sendall(master, msgspec.json.encode(AssignmentTaken(version=VERSION)))
    except (OSError, msgspec.DecodeError):
        return
    finally:
        loop.remove_reader(master)
        stop.set()
