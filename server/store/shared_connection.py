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
        self._session: _Session | None = None

    async def command(self, *words: Any) -> Any:
        """The answer to one command.

        Raises ``refusal`` for a command that the server refuses, ``OSError`` where the connection fails, and
        ``TimeoutError``. One answer that is late ends the connection for all: those after it would be as late.
        """
        session = self._session
        if session is None or session.ended:
            session = self._session = _Session(self._make(), self._refusal)
        try:
            async with asyncio.timeout(self._timeout_s):
                return await session.command(words)
        except TimeoutError:
            # Answers carry no name, only their order: one that comes after its time-out would be taken for the next
            # caller's. So the connection ends, and with it everybody who waits on it.
            session.end()
            raise

    async def close(self) -> None:
        """End the connection; who waits gets ``ConnectionError``."""
        if self._session is not None:
            self._session.end()
            await self._session.over()


class _Session:
    """One connection from its beginning to its end, with those who wait for its answers: they outlive it in no queue."""

    def __init__(self, connection: Connection, refusal: type[Exception]) -> None:
        self._connection = connection
        self._refusal = refusal
        self._unsent: deque[tuple[tuple[Any, ...], _Answer]] = deque()
        self._unanswered: deque[_Answer] = deque()
        self._wake = asyncio.Event()
        self._work = asyncio.create_task(self._serve(), name="shared connection")
        self.ended = False
        """Whether nobody may ask here any more."""

    def command(self, words: tuple[Any, ...]) -> _Answer:
        """The answer to come."""
        answer: _Answer = asyncio.get_running_loop().create_future()
        self._unsent.append((words, answer))
        self._wake.set()
        return answer

    def end(self) -> None:
        """Break off, once however many ask for it: a second cancellation would cut the tidying up short."""
        if not self.ended:
            self.ended = True
            self._work.cancel()

    async def over(self) -> None:
        """Wait for the end."""
        await asyncio.gather(self._work, return_exceptions=True)

    async def _serve(self) -> None:
        fault: BaseException = ConnectionError("the connection was ended")
        reading: asyncio.Task[None] | None = None
        try:
            await self._connection.connect()
            reading = asyncio.create_task(self._read(), name="shared connection's answers")
            reading.add_done_callback(lambda _: self._wake.set())
            await self._write(reading)
        except Exception as error:  # noqa: BLE001  (whatever it was, those who wait are told)
            fault = error
        finally:
            # From here on nobody may queue here; then the reading ends, and only then is everybody told, so that none is
            # answered twice and none is left waiting.
            self.ended = True
            if reading is not None:
                reading.cancel()
                (ended,) = await asyncio.gather(reading, return_exceptions=True)
                fault = ended if isinstance(ended, Exception) else fault
            with contextlib.suppress(Exception):
                await self._connection.disconnect(nowait=True)
            self._fail_all(fault)

    async def _write(self, reading: asyncio.Task[None]) -> None:
        """Send what was asked since the last time, until the reading ends."""
        while not reading.done():
            packed: list[bytes] = []
            while self._unsent:
                words, answer = self._unsent.popleft()
                # Queued before it is sent: the answer may be read while the send still waits for the socket.
                self._unanswered.append(answer)
                packed += self._connection.pack_command(*words)
            if packed:
                await self._connection.send_packed_command(packed, check_health=False)
                continue
            self._wake.clear()
            await self._wake.wait()

    async def _read(self) -> None:
        while True:
            try:
                found, refused = await self._connection.read_response(timeout=math.inf), None
            except self._refusal as error:
                found, refused = None, error
            answer = self._unanswered.popleft()
            # Whoever gave up still has a place in the order: its answer is read and dropped.
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
