"""The processes in which callers' schemas are compiled and applied: a thread cannot be ended, a process can."""

import asyncio
import os
import struct
import sys
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import Any

import msgspec

_LONGEST_S = 15.0
"""Of wall time; the processor time of one question is bounded by the process itself (``schema_child``)."""
_PROCESSES = 2
_BANNED = 1024
_BANNED_S = 600.0
_LENGTH = struct.Struct("!I")

Found = Sequence[tuple[Sequence[str | int], str]]
"""Faults: the place in the value and what is wrong there."""


class SchemaDeniedError(ValueError):
    """What was given is no schema; the message says why."""


class SchemaEndedError(Exception):
    """The schema took too long or too much memory, and its process was ended."""


class SchemaQuestion(msgspec.Struct, frozen=True, array_like=True):
    """What a process is asked: to compile a schema, and to apply it where there is a value."""

    digest: str
    definition: bytes
    """JSON; empty where the process ought to know it."""
    value: bytes | None
    """JSON."""


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """What the process answers."""

    known: bool
    """Whether it had the schema; if not it is to be sent again with its definition."""
    denied: str
    """Why it is no schema; empty where it is one."""
    faults: list[tuple[list[str | int], str]]
    slow: bool = False
    """Whether a pattern of the schema takes too long for the value."""
    leaving: bool = False
    """Whether the process has grown too large and is to be replaced."""


class SchemaProcesses:
    """Up to two processes, made when they are needed; one that ends is replaced."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(_PROCESSES)
        self._idle: list[_Child] = []
        self._banned: OrderedDict[str, float] = OrderedDict()

    async def ask(self, digest: str, definition: bytes, value: bytes | None) -> Found:
        """The faults of ``value``, none without one. Raises ``SchemaDeniedError`` or ``SchemaEndedError``."""
        if monotonic() - self._banned.get(digest, -_BANNED_S) < _BANNED_S:
            raise _ended()
        async with self._places:
            child = self._taken(digest) or await _Child.started()
            try:
                async with asyncio.timeout(_LONGEST_S):
                    answer = await child.ask(digest, definition, value)
            except (OSError, EOFError, TimeoutError, msgspec.DecodeError):
                await child.end()
                self._ban(digest)
                raise _ended() from None
            except BaseException:
                # Who asked has gone: what the process answers now would be taken for the answer to the next question.
                await child.end()
                raise
            if answer.leaving:
                await child.end()
            else:
                self._idle.append(child)
        if answer.denied:
            raise SchemaDeniedError(answer.denied)
        if answer.slow:
            raise SchemaEndedError(
                "A pattern of it takes too long to apply; write it without nested repetitions."
            )
        return answer.faults

    async def close(self) -> None:
        """End the idle ones; one at work ends with who asked it."""
        while self._idle:
            await self._idle.pop().end()

    def _taken(self, digest: str) -> "_Child | None":
        """An idle process, rather one that knows the schema."""
        best = next((child for child in self._idle if digest in child.knows), None) or (
            self._idle[-1] if self._idle else None
        )
        if best is not None:
            self._idle.remove(best)
        return best

    def _ban(self, digest: str) -> None:
        self._banned[digest] = monotonic()
        while len(self._banned) > _BANNED:
            self._banned.popitem(last=False)


class _Child:
    """One process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.knows: set[str] = set()

    @classmethod
    async def started(cls) -> "_Child":
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "server.api.schema_child",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            # It needs none of our secrets; the code is that of this process, whichever release that is.
            env={"PYTHONPATH": os.pathsep.join(part or str(Path.cwd()) for part in sys.path)},
        )
        return cls(process)

    async def ask(self, digest: str, definition: bytes, value: bytes | None) -> Answer:
        answer = await self._exchange(
            SchemaQuestion(digest, b"" if digest in self.knows else definition, value)
        )
        if not answer.known:
            answer = await self._exchange(SchemaQuestion(digest, definition, value))
        if not answer.denied:
            self.knows.add(digest)
        return answer

    async def end(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        if self._process.stdin is not None:
            self._process.stdin.close()
        await self._process.wait()

    async def _exchange(self, question: SchemaQuestion) -> Answer:
        into, out = self._process.stdin, self._process.stdout
        assert into is not None and out is not None
        data = msgspec.msgpack.encode(question)
        into.write(_LENGTH.pack(len(data)) + data)
        await into.drain()
        (length,) = _LENGTH.unpack(await out.readexactly(_LENGTH.size))
        return msgspec.msgpack.decode(await out.readexactly(length), type=Answer)


def _ended() -> SchemaEndedError:
    return SchemaEndedError("It takes too long or too much memory to apply; simplify it.")


def frame(value: Any) -> bytes:
    """``value`` as it goes through the pipe."""
    data = msgspec.msgpack.encode(value)
    return _LENGTH.pack(len(data)) + data
