"""Requests as nobody means them well: every route with odd paths, parameters, headers and bodies, over a plain socket."""

import asyncio
import random
import re
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from aiohttp import web

_AT_ONCE = 16
_TEXTS = (
    "%00", "%ff", "%C3%28", "²", "٣", "9" * 400, "-1", "NaN", "1e999", "../../etc/passwd", "%2e%2e%2f", "%0d%0a",
    "a" * 3_000, "'", "[[[[", "{", "99999999999999999999", "%F0%9F%92%A9", "null", "2026-13-45T00:00:00Z",
    "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "%ED%A0%80", "1", "0", "api",
)  # fmt: skip
_NAMES = (
    "q", "query", "start", "end", "step", "time", "timeout", "limit", "after", "before", "since", "until", "page",
    "match[]", "filter", "state", "severity", "tail", "grep", "at", "cursor", "from", "to", "count_by", "request_id",
    "hash", "seq", "g0.expr", "silenced", "active", "receiver", "stdout", "stderr", "incident", "days", "lookback_delta",
)  # fmt: skip
_HEADERS = (
    b"Authorization", b"X-API-Key", b"Idempotency-Key", b"X-Request-ID", b"Last-Event-ID", b"If-None-Match",
    b"Accept-Encoding", b"Host", b"Cookie", b"If-Modified-Since", b"Range", b"Accept", b"Accept-Language",
    b"X-Admin-Token", b"Content-Encoding", b"traceparent", b"Expect",
)  # fmt: skip
_VALUES = (
    b"\xff\xfe", b"\xc3\xa9", b"x" * 7_000, b"Bearer \xff", b"Basic \xff\xff==", b"Bearer ", b"Basic Og==", b"0-0",
    b"Bearer \xc3\x28", b"gzip", b"bytes=0-0,5-", b"Thu, 99 Foo 2026 25:00:00 GMT", b",;q=9", b"*",
)  # fmt: skip
_BODIES = (
    b"", b"[", b"{}", b"[]", b"null", b'"\\ud800"', b'{"a":' * 5_000, b"[" * 100_000, b"\xff", b'{"text":"\\u0000"}',
    b'{"text":"\\ud800","note":7,"state":{}}', b'{"id":99999999999999999999,"ids":[1e99],"for":"9999y","reason":"\\ud800"}',
    b'{"matchers":[{"name":"\\ud800","value":"(","isRegex":true}],"startsAt":"0001-01-01T00:00:00Z"}',
    b'{"matchers":[{"name":"a","value":"b","isRegex":false}],"startsAt":"0001-01-01T00:00:00+23:59",'
    b'"endsAt":"9999-12-31T23:59:59-23:59","createdBy":"x","comment":"x"}',
    b'[{"labels":{"alertname":"A","severity":"P1"},"startsAt":"0001-01-01T00:00:00+23:59",'
    b'"endsAt":"9999-12-31T23:59:59-23:59","annotations":{"mttr_target":"100000y"}},{"labels":[]},7]',
    b'{"name":"\\u0000","role":"admin"}', b'{"at":"9999-12-31T23:59:59-23:59","until":"0001-01-01T00:00:00+23:59"}',
    b'{"prompt":"\\ud800","response_schema":{"$ref":"#"}}', b'{"rate_limit_per_hour":1e300,"name":"x"}', b"query=%ff\xff",
    b"\xef\xbb\xbf{}", b"{} {}", b'{"a":NaN}', b'{"a":1,"a":2}',
)  # fmt: skip
_KINDS = (
    b"application/json", b"application/x-www-form-urlencoded", b"text/plain; charset=nosuch", b"\xff",
    b"application/json; charset=utf-7", b"multipart/form-data; boundary=x", b"multipart/form-data",
)  # fmt: skip


class Odd(NamedTuple):
    """One request and what came back."""

    request: bytes
    status: int
    answer: bytes


def routes_of(app: web.Application) -> list[tuple[str, str]]:
    """Method and path of every route."""
    return [
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None
    ]


async def odd_answers(
    url: str, routes: Iterable[tuple[str, str]], headers: Mapping[str, str], *, each: int, seed: int
) -> AsyncIterator[Odd]:
    """Sends ``each`` odd requests to every route (method and path as aiohttp writes it), the same ones for a seed.

    ``headers`` are sent where the request does not give odd ones of these names. Raises ``TimeoutError`` where an
    answer takes longer than 20 s, and ``ConnectionError`` where there is none.
    """
    chance = random.Random(seed)
    requests = [_request(method, path, headers, chance) for method, path in routes for _ in range(each)]
    chance.shuffle(requests)
    waiting = iter(requests)
    for batch in iter(lambda: [next_ for _, next_ in zip(range(_AT_ONCE), waiting, strict=False)], []):
        for odd in await asyncio.gather(*(_send(url, request) for request in batch)):
            yield odd


def _request(method: str, path: str, headers: Mapping[str, str], chance: random.Random) -> bytes:
    method = chance.choice(("GET", "HEAD", "POST", "PUT")) if method == "*" else method
    path = re.sub(r"\{[^}]*\}", lambda _: chance.choice(_TEXTS), path)
    query = "&".join(f"{chance.choice(_NAMES)}={chance.choice(_TEXTS)}" for _ in range(chance.randrange(4)))
    target = quote(f"{path}?{query}" if query else path, safe="/?&=%:@+,")
    body = b"" if method in ("GET", "HEAD") else chance.choice(_BODIES)
    lines = dict(_lines(headers))
    if chance.random() < 0.5:
        lines[chance.choice(_HEADERS).lower()] = chance.choice(_VALUES)
    lines[b"content-type"] = _KINDS[0] if chance.random() < 0.7 else chance.choice(_KINDS)
    lines |= {b"content-length": str(len(body)).encode(), b"connection": b"close"}
    head = b"".join(name + b": " + value + b"\r\n" for name, value in lines.items())
    return f"{method} {target} HTTP/1.1\r\n".encode() + head + b"\r\n" + body


def _lines(headers: Mapping[str, str]) -> Iterator[tuple[bytes, bytes]]:
    yield b"host", b"localhost"
    for name, value in headers.items():
        yield name.lower().encode(), value.encode()


async def send_again(url: str, odd: Odd) -> Odd:
    """The very same request once more, and what comes back now."""
    return await _send(url, odd.request)


async def _send(url: str, request: bytes) -> Odd:
    parts = urlsplit(url)
    async with asyncio.timeout(20):
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        try:
            writer.write(request)
            answer = await reader.read(65_536)
        finally:
            writer.close()
    if not answer.startswith(b"HTTP/1."):
        raise ConnectionError(f"no answer to {request[:300]!r}: {answer[:300]!r}")
    return Odd(request, int(answer[9:12]), answer)
