"""The master's ear: a socket in the state folder that only its owner can open, one order a connection."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

import msgspec

from server.api.cluster.master_client import Done, MasterStanding, Order, Progress, reachable
from server.api.tasks import Tasks
from server.api.telemetry.log import Log

_LARGEST = 4096


class OrderTaker(Protocol):
    """Carries orders out."""

    @property
    def standing(self) -> MasterStanding:
        """How things are."""

    async def carry_out(self, order: Order, say: Callable[[str], None]) -> Done:
        """Do what is asked, telling what happens."""


class ControlSocket:
    """Takes orders, and goes on with one whose asker has gone."""

    def __init__(self, master: OrderTaker, state: Path, log: Log) -> None:
        self._master = master
        self._state = state
        self._log = log
        self._tasks = Tasks()

    @asynccontextmanager
    async def answered(self) -> AsyncIterator[None]:
        """As long as this lasts, orders are taken; without the socket, signals still are."""
        try:
            listener = self._bound()
        except OSError as error:
            self._log.event("ERROR", "no_control", f"no orders are taken: {error}", part="master")
            yield
            return
        server = await asyncio.start_unix_server(self._take, sock=listener, limit=_LARGEST)
        try:
            yield
        finally:
            server.close()
            await self._tasks.close()
            (self._state / "master.sock").unlink(missing_ok=True)

    def _bound(self) -> socket.socket:
        listener = socket.socket(socket.AF_UNIX)
        try:
            (self._state / "master.sock").unlink(missing_ok=True)
            before = os.umask(0o177)
            try:
                with reachable(self._state) as path:
                    listener.bind(path)
            finally:
                os.umask(before)
            listener.listen(16)
        except OSError:
            listener.close()
            raise
        return listener

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def tell(words: Progress | Done) -> None:
            if not writer.is_closing():
                writer.write(msgspec.json.encode(words) + b"\n")

        try:
            order = msgspec.json.decode(await reader.readline(), type=Order)
        except (msgspec.DecodeError, ValueError, OSError) as error:
            self._log.event("ERROR", "no_order", str(error), part="master")
            tell(Done(ok=False, text=f"that is no order: {error}", standing=self._master.standing))
        else:
            done = self._master.carry_out(order, lambda text: tell(Progress(text=text)))
            tell(await asyncio.shield(self._tasks.start(done, name="order")))
        writer.close()
