"""Facts about slow and large clients of the four processes: each is let go or refused, and holds up nobody."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

import server.evaluator.__main__ as evaluator_program
import server.ops.__main__ as ops_program
import server.status.__main__ as status_program
from server.api.http import body as api_body
from server.api.http import connection as api_connection
from server.http import listener_limits
from server.ops.config import OpsConfig
from tests.server.listeners import NAMES, TOKEN, process, said

SHORT_S = 0.3
SLOW_BODY = {
    "api": "POST /v1/api-keys/",
    "ops": "POST /api/v2/alerts",
    "evaluator": "POST /api/v1/query",
}
"""Of each that reads bodies; the status page reads none."""


@pytest.fixture(params=NAMES)
async def listener(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[str, int]]:
    """Each of the four, its limits of time cut short."""
    for module, limit in (
        (listener_limits, "IDLE_S"),
        (listener_limits, "BODY_S"),
        (api_body, "_TIMEOUT_S"),
        (api_connection, "_KEEPALIVE_S"),
    ):
        monkeypatch.setattr(module, limit, SHORT_S)
    async with process(request.param, tmp_path) as port:
        yield request.param, port


async def test_headers_that_never_end_are_waited_for_no_longer(listener: tuple[str, int]) -> None:
    _, port = listener
    answer = await said(port, b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
    assert answer in (b"",) or b" 4" in answer.partition(b"\r\n")[0]


async def test_a_connection_that_says_nothing_is_let_go(listener: tuple[str, int]) -> None:
    assert await said(listener[1]) == b""


@pytest.mark.slow
async def test_a_body_that_never_ends_is_408_and_the_end_of_the_connection(listener: tuple[str, int]) -> None:
    name, port = listener
    if name not in SLOW_BODY:
        answer = await said(port, b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nab")
        assert answer.startswith(b"HTTP/1.1 405")
        return
    kind = "application/x-www-form-urlencoded" if name == "evaluator" else "application/json"
    head = (
        f"{SLOW_BODY[name]} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n"
        f"Content-Type: {kind}\r\nContent-Length: 900\r\n\r\n"
    )
    answer = await said(port, head.encode(), b"[{")
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"did not arrive within" in answer


HUGE = {
    "a line": b"X-Long: " + b"x" * 100_000,
    "a path": b"",
    "many lines": b"\r\n".join(b"X-%d: y" % n for n in range(2_000)),
}


@pytest.mark.parametrize("what", HUGE)
async def test_headers_that_are_too_large_are_the_clients_mistake(
    listener: tuple[str, int], what: str
) -> None:
    path = b"/" + b"a" * 100_000 if what == "a path" else b"/"
    head = b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\n" + HUGE[what] + b"\r\n\r\n"
    answer = await said(listener[1], head)
    assert answer == b"" or answer[9:10] == b"4", answer[:80]
    fine = await said(listener[1], b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert fine.startswith(b"HTTP/1.1 ")


def test_the_evaluators_program_listens_with_these_limits(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given: dict[str, Any] = {}
    monkeypatch.setattr("sys.argv", ["evaluator"])
    monkeypatch.setenv("EVALUATOR_STATE", str(tmp_path))
    monkeypatch.setattr(web, "run_app", lambda app, **options: given.update(options))
    evaluator_program.main()
    assert given["keepalive_timeout"] == listener_limits.IDLE_S


@pytest.mark.parametrize("name", ["ops", "status"])
async def test_the_programs_listen_with_these_limits(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(ops_program, "IDLE_S", SHORT_S)
    monkeypatch.setattr(listener_limits, "IDLE_S", SHORT_S)
    bound: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    real: Callable[[web.TCPSite], Any] = web.TCPSite.start

    async def start(site: web.TCPSite) -> None:
        await real(site)
        bound.set_result(site._runner.addresses[0][1])

    monkeypatch.setattr(web.TCPSite, "start", start)
    page = status_program.StatusConfig(
        bind="127.0.0.1", port=0, allowed_hosts=(), public=tmp_path, stale_after_s=150
    )
    program = (
        ops_program.serve(OpsConfig(port=0, state=tmp_path, ballast_mb=0))
        if name == "ops"
        else status_program.serve(page)
    )
    serving = asyncio.create_task(program)
    try:
        assert await said(await bound) == b""
    finally:
        serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await serving
