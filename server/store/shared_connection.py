"""One connection that many callers share: their commands go out together and are answered in order.

A pool gives each command a connection, a time-out and a turn of its own; at hundreds of commands a second that is most
of what a command costs.
"""

import asyncio
import contextlib
import math
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol


class Connection(Protocol):
    """What is asked of a connection of the client library."""

    async def connect(self) -> None: ...
    async def disconnect(self, nowait: bool = ...) -> None: ...
    def pack_command(self, *words: Any) -> list[bytes]: ...
    async def send_packed_command(self, command: list[bytes], check_health: bool = ...) -> None: ...
    async def read_response(self, *, timeout: float) -> Any: ...


_Answer = asyncio.Future[Any]


class SharedConnection:
    """Connects when first asked, and anew after a fault."""

    def __init__(self, make: Callable[[], Connection], refusal: type[Exception], *, timeout_s: float) -> None:
        self._make = make
        self._refusal = refusal
        self._timeout_s = timeout_s
        self._unsent: deque[tuple[tuple[Any, ...], _Answer]] = deque()
        self._unanswered: deque[_Answer] = deque()
        self._wake = asyncio.Event()
        self._work: asyncio.Task[None] | None = None

    async def ask(self, *words: Any) -> Any:
        """The answer to one command.

        Raises ``refusal`` for a command that the server refuses, ``OSError`` where the connection fails, and
        ``TimeoutError``. One answer that is late ends the connection for all: those after it would be as late.
        """
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._serve(), name="shared connection")
        work = self._work
        answer: _Answer = asyncio.get_running_loop().create_future()
        self._unsent.append((words, answer))
        self._wake.set()
        try:
            async with asyncio.timeout(self._timeout_s):
                return await answer
        except TimeoutError:
            work.cancel()
            raise

    async def close(self) -> None:
        """End the connection; who waits gets ``ConnectionError``."""
        if self._work is not None:
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)

    async def _serve(self) -> None:
        connection = self._make()
        fault: BaseException = ConnectionError("the connection was ended")
        reading: asyncio.Task[None] | None = None
        try:
            await connection.connect()
            reading = asyncio.create_task(self._read(connection), name="shared connection's answers")
            reading.add_done_callback(lambda _: self._wake.set())
            await self._write(connection, reading)
        except Exception as error:  # noqa: BLE001  (whatever it was, those who wait are told)
            fault = error
        finally:
            if reading is not None:
                reading.cancel()
                (ended,) = await asyncio.gather(reading, return_exceptions=True)
                fault = ended if isinstance(ended, Exception) else fault
            with contextlib.suppress(Exception):
                await connection.disconnect(nowait=True)
            self._fail_all(fault)

    async def _write(self, connection: Connection, reading: asyncio.Task[None]) -> None:
        """Send what was asked since the last time, until the reading ends."""
        while not reading.done():
            packed: list[bytes] = []
            while self._unsent:
                words, answer = self._unsent.popleft()
                self._unanswered.append(answer)
                packed += connection.pack_command(*words)
            if packed:
                await connection.send_packed_command(packed, check_health=False)
                continue
            self._wake.clear()
            await self._wake.wait()

    async def _read(self, connection: Connection) -> None:
        while True:
            try:
                found, refused = await connection.read_response(timeout=math.inf), None
            except self._refusal as error:
                found, refused = None, error
            answer = self._unanswered.popleft()
            if answer.done():
                continue
            if refused is not None:
                answer.set_exception(refused)
            else:
                answer.set_result(found)

    def _fail_all(self, fault: BaseException) -> None:
        text = str(fault) or type(fault).__name__
        waiting = [*self._unanswered, *(answer for _, answer in self._unsent)]
        self._unanswered.clear()
        self._unsent.clear()
        for answer in waiting:
            if not answer.done():
                answer.set_exception(ConnectionError(text))
