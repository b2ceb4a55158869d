"""A provider of our own on a socket: both dialects, http and https, every cut, pace and fault that a script asks for."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal

import msgspec
from aiohttp.http_exceptions import HttpProcessingError

GOOD = '{"intent":"translate","subject":"guten Morgen","entities":{},"output_format":"text","original_language":"de","confidence":0.9}'
Kind = Literal["openai", "anthropic"]


class Raw(msgspec.Struct, frozen=True, kw_only=True):
    """One answer, byte by byte as it goes out."""

    body: bytes | str = b""
    status: int = 200
    headers: dict[str, str] = {}
    pieces: int | Sequence[int] = 0
    """Bytes of each piece in which the body goes out, one number for all; 0: in one."""
    pace_s: float = 0.0
    """Pause between pieces."""
    chunked: bool = False
    """Whether it goes out in chunks instead of under a Content-Length."""
    end: Literal["keep", "close", "reset", "hang", "short"] = "keep"
    """What comes after it; short: the connection closes a byte before the body ends."""

    @property
    def data(self) -> bytes:
        """The body as bytes."""
        return self.body.encode() if isinstance(self.body, str) else self.body


Said = str | tuple[int, dict[str, str]] | Raw | dict[str, Any]
"""A model's text; a status with headers; an answer of its own; or an answer's JSON."""


class FakeModel:
    """Answers what stands next in ``says``; the last is repeated."""

    def __init__(self) -> None:
        self.says: list[Said] = [GOOD]
        self.finish = "stop"
        self.usage: Any = None
        """The report of tokens; None: twenty and one."""
        self.gate = asyncio.Event()
        self.gate.set()
        self.asked: list[dict[str, Any]] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer every request of one connection."""
        try:
            while (path := await self._request(reader)) is not None:
                await self.gate.wait()
                if not await self._send(
                    writer, self._next("anthropic" if path.endswith("/messages") else "openai")
                ):
                    return
        except (OSError, asyncio.IncompleteReadError, HttpProcessingError):
            return
        finally:
            writer.close()

    async def _request(self, reader: asyncio.StreamReader) -> str | None:
        line = await reader.readline()
        if not line:
            return None
        headers: dict[str, str] = {}
        while (header := (await reader.readline()).decode().rstrip()) != "":
            name, _, value = header.partition(": ")
            headers[name.lower()] = value
        if headers.get("transfer-encoding") == "chunked":
            body = await _chunks(reader)
        else:
            body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.asked.append({"path": line.split()[1].decode(), "headers": headers, "body": json.loads(body)})
        return line.split()[1].decode()

    def _next(self, kind: Kind) -> Raw:
        said = self.says.pop(0) if len(self.says) > 1 else self.says[0]
        if isinstance(said, Raw):
            return said
        if isinstance(said, tuple):
            return Raw(status=said[0], headers=said[1], body="no")
        answer = said if isinstance(said, dict) else said_as(kind, said, finish=self.finish, usage=self.usage)
        return Raw(body=json.dumps(answer))

    async def _send(self, writer: asyncio.StreamWriter, raw: Raw) -> bool:
        """Write one answer; whether the connection stays open."""
        length = {"Transfer-Encoding": "chunked"} if raw.chunked else {"Content-Length": str(len(raw.data))}
        head = {"Content-Type": "application/json", **length, **raw.headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        writer.write(f"HTTP/1.1 {raw.status} Said\r\n{lines}\r\n".encode())
        data = raw.data[:-1] if raw.end == "short" else raw.data
        for piece in _cut(data, raw.pieces):
            writer.write(b"%x\r\n%b\r\n" % (len(piece), piece) if raw.chunked else piece)
            await writer.drain()
            await asyncio.sleep(raw.pace_s)
        if raw.end == "hang":
            await asyncio.Event().wait()
        if raw.chunked and raw.end != "short":
            writer.write(b"0\r\n\r\n")
        await writer.drain()
        if raw.end == "reset":
            writer.transport.abort()
        return raw.end == "keep"


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int(await reader.readline(), 16):
        body += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return body


def said_as(kind: Kind, text: Any, *, finish: str = "stop", usage: Any = None) -> dict[str, Any]:
    """``text`` as a model of this kind answers."""
    if kind == "anthropic":
        stop = {"length": "max_tokens", "stop": "end_turn", "content_filter": "refusal"}.get(finish, finish)
        content = text if isinstance(text, list) else [{"type": "text", "text": text}]
        return {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "m-1",
            "content": content,
            "stop_reason": stop,
            "usage": usage or {"input_tokens": 20, "output_tokens": 1},
        }
    choice = {"message": {"role": "assistant", "content": text}, "finish_reason": finish}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1760000000,
        "model": "m-1",
        "choices": [choice],
        "usage": usage or {"prompt_tokens": 20, "completion_tokens": 1, "total_tokens": 21},
    }


def _cut(data: bytes, pieces: int | Sequence[int]) -> list[bytes]:
    if isinstance(pieces, int):
        return [data[i : i + pieces] for i in range(0, len(data), pieces)] if pieces else [data]
    cut, at = [], 0
    for size in pieces:
        cut.append(data[at : at + size])
        at += size
    return [piece for piece in (*cut, data[at:]) if piece]


@asynccontextmanager
async def fake_model(tls: ssl.SSLContext | None = None) -> AsyncIterator[FakeModel]:
    """A running fake model, over TLS where there is a context for it."""
    model = FakeModel()
    connections: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.add(asyncio.ensure_future(model.serve(reader, writer)))

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    model.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}/v1"
    try:
        yield model
    finally:
        server.close()
        for connection in connections:
            connection.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
