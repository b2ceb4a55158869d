"""Facts about the listener as the program makes it: what it says of itself, and to what is no request."""

from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from server.ops.public.publisher import Publisher
from server.status.app import PUBLIC_ROUTES, create_app
from server.status.connection import StatusListener
from tests.server.listeners import listening, said
from tests.web.builders import ENVIRONMENT, SINCE, facts_of

REQUESTS = [
    b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    b"HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    b"GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nExpect: miracles\r\nConnection: close\r\n\r\n",
    b"NONSENSE\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nBroken header\r\n\r\n",
]


@pytest.mark.parametrize("request_bytes", REQUESTS)
async def test_no_answer_names_a_library_or_its_version(tmp_path: Path, request_bytes: bytes) -> None:
    Publisher(tmp_path / "public", ENVIRONMENT).publish(facts_of(), SINCE)
    app = create_app(tmp_path / "public", stale_after=timedelta(days=20_000))
    keeper = web.AppRunner(app)
    await keeper.setup()
    async with listening(web.ServerRunner(StatusListener(app[PUBLIC_ROUTES].handle))) as port:
        answer = await said(port, request_bytes)
    await keeper.cleanup()
    head = answer.partition(b"\r\n\r\n")[0].lower()
    assert head.startswith(b"http/1.")
    assert int(head.split()[1]) < 500
    assert b"server: status" in head
    assert b"aiohttp" not in answer.lower()
    assert b"python" not in answer.lower()
    assert b"content-security-policy: default-src 'none'" in head
