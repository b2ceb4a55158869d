"""Facts about scraping over HTTP, hostile targets included."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from server.evaluator.scrape import ScrapeError, fetch
from server.evaluator.target import Limits, ScrapeTarget
from server.exposition import ExpositionError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Ask = Callable[..., Awaitable[list[float]]]


@pytest.fixture
async def ask() -> AsyncIterator[Ask]:
    """Serves a handler, scrapes it once and gives the values."""
    servers: list[TestServer] = []

    async def once(
        handler: Handler, *, timeout_ms: int = 2_000, limits: Limits | None = None, **more: object
    ) -> list[float]:
        app = web.Application()
        app.router.add_get("/metrics", handler)
        server = TestServer(app)
        servers.append(server)
        await server.start_server()
        target = ScrapeTarget(
            "t", str(server.make_url("/metrics")), "i", 5_000, timeout_ms, limits=limits or Limits()
        )
        async with aiohttp.ClientSession() as session:
            found = await fetch(session, replace(target, **more))  # type: ignore[arg-type]  # fields by name
        return [sample.value for sample in found.samples]

    yield once
    for server in servers:
        await server.close()


async def _plain(_: web.Request) -> web.Response:
    return web.Response(text="x 1\ny 2\n")


async def test_a_target_is_read(ask: Ask) -> None:
    assert await ask(_plain) == [1.0, 2.0]


async def test_openmetrics_is_read_by_its_content_type(ask: Ask) -> None:
    async def openmetrics(_: web.Request) -> web.Response:
        return web.Response(
            body=b"x_total 1 2.5\n# EOF\n",
            headers={"Content-Type": "application/openmetrics-text; version=1.0.0"},
        )

    assert await ask(openmetrics) == [1.0]


async def test_a_large_packed_body_is_read(ask: Ask) -> None:
    async def packed(_: web.Request) -> web.Response:
        body = gzip.compress(b"".join(b'x{i="%d"} 1\n' % i for i in range(30_000)))
        return web.Response(body=body, headers={"Content-Encoding": "gzip", "Content-Type": "text/plain"})

    assert sum(await ask(packed)) == 30_000


async def test_a_target_gets_the_token_and_the_timeout(ask: Ask) -> None:
    async def guarded(request: web.Request) -> web.Response:
        told = request.headers["X-Prometheus-Scrape-Timeout-Seconds"]
        allowed = request.headers.get("Authorization") == "Bearer secret"
        return web.Response(text=f"timeout {told}\n") if allowed else web.Response(status=401)

    assert await ask(guarded, token="secret") == [2.0]
    with pytest.raises(ScrapeError, match="HTTP status 401"):
        await ask(guarded)


async def test_a_probe_only_needs_an_answer(ask: Ask) -> None:
    async def page(_: web.Request) -> web.Response:
        return web.Response(text="<html>no metrics here")

    assert await ask(page, probe_only=True) == [1.0]
    with pytest.raises(ExpositionError):
        await ask(page)


async def test_an_endless_target_is_cut_off_by_size(ask: Ask) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x 1\n" * 4_000)

    with pytest.raises(ScrapeError, match="body_size_limit"):
        await ask(endless, limits=Limits(body_bytes=1_000_000))


async def test_a_small_body_that_unpacks_to_a_huge_one_is_cut_off(ask: Ask) -> None:
    bomb = gzip.compress(b"\n" * 50_000_000)

    async def packed(_: web.Request) -> web.Response:
        return web.Response(body=bomb, headers={"Content-Encoding": "gzip", "Content-Type": "text/plain"})

    with pytest.raises(ScrapeError):
        await ask(packed, limits=Limits(body_bytes=1_000_000))


async def test_a_target_that_drips_is_cut_off_by_time(ask: Ask) -> None:
    async def dripping(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"x 1\n")
        await asyncio.Event().wait()
        return response

    with pytest.raises(ScrapeError, match=r"no answer within 0\.1 s"):
        await ask(dripping, timeout_ms=100)


async def test_what_is_no_text_is_refused(ask: Ask) -> None:
    async def binary(_: web.Request) -> web.Response:
        return web.Response(body=b"x 1\n\xff\xfe", content_type="text/plain")

    with pytest.raises(ScrapeError):
        await ask(binary)


async def test_a_target_that_is_not_there_is_an_error_of_the_scrape(unused_tcp_port: int) -> None:
    target = ScrapeTarget("t", f"http://127.0.0.1:{unused_tcp_port}/metrics", "i", 5_000, 1_000)
    async with aiohttp.ClientSession() as session:
        with pytest.raises(ScrapeError, match="onnect"):
            await fetch(session, target)
