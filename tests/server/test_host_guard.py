"""Facts about whose requests a listener takes: which names are its own, and what a foreign page may not have sent."""

from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from server.evaluator import query_pool
from server.http.host_guard import HostGuard, guarded, host_names
from tests.server.listeners import NAMES, process, said

LOCAL = HostGuard("127.0.0.1", ())
NAMED = HostGuard("0.0.0.0", host_names("ops.example.com, .example.org"))
OPEN = HostGuard("0.0.0.0", ())


@pytest.mark.parametrize(
    ("host", "local", "named"),
    [
        ("127.0.0.1:8001", True, True),
        ("[::1]:8001", True, True),
        ("::1", False, False),
        ("192.168.7.9", True, True),
        ("localhost", True, True),
        ("LOCALHOST.:8001", True, True),
        ("", True, True),
        ("evil.example", False, False),
        ("127.0.0.1.evil.example", False, False),
        ("localhost.evil.example", False, False),
        ("ops.example.com:443", False, True),
        ("ops.example.com.evil.example", False, False),
        ("a.b.example.org", False, True),
        ("example.org", False, False),
        ("badexample.org", False, False),
        ("user@localhost", False, False),
        ("localhost evil", False, False),
    ],
)
def test_a_name_is_ours_or_it_is_not(host: str, local: bool, named: bool) -> None:
    assert (LOCAL.is_ours(host), NAMED.is_ours(host)) == (local, named)
    assert (LOCAL.is_ours(host), NAMED.is_ours(host)) == (local, named)


def test_a_listener_for_others_takes_any_name_until_somebody_says_which() -> None:
    assert OPEN.is_ours("anything.example")
    assert not NAMED.is_ours("anything.example")
    assert HostGuard("127.0.0.1", ("*",)).is_ours("anything.example")


@pytest.mark.parametrize("wrong", ["http://a", "a/b", "a:80", "*.example.com", "é.example", "a@b"])
def test_what_is_no_name_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="is no host name"):
        host_names(f"good.example,{wrong}")


OWN = {"Host": "127.0.0.1:9090", "Origin": "http://127.0.0.1:9090"}
ELSEWHERE = {"Host": "127.0.0.1:9090", "Origin": "https://evil.example"}
FRAME = {"Host": "127.0.0.1:9090", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "iframe"}
LINK = {**FRAME, "Sec-Fetch-Dest": "document", "Sec-Fetch-User": "?1"}


@pytest.mark.parametrize(
    ("headers", "reading", "costly", "writing"),
    [
        (OWN, False, False, False),
        ({"Host": "127.0.0.1:9090"}, False, False, False),
        (ELSEWHERE, False, True, True),
        ({**ELSEWHERE, "Origin": "null"}, False, True, True),
        ({**ELSEWHERE, "Origin": "http://[broken"}, False, True, True),
        ({**ELSEWHERE, "Origin": "http://127.0.0.1:3000"}, False, True, True),
        (FRAME, False, True, True),
        (LINK, False, False, True),
        ({**FRAME, "Sec-Fetch-Site": "same-origin"}, False, False, False),
    ],
)
def test_a_foreign_page_may_neither_change_nor_cost(
    headers: dict[str, str], reading: bool, costly: bool, writing: bool
) -> None:
    guard = HostGuard("127.0.0.1", (), costly=("/graph",))
    asked = [guard.is_foreign(*what, headers) for what in (("GET", "/"), ("GET", "/graph"), ("POST", "/"))]
    assert asked == [reading, costly, writing]


def test_an_origin_that_is_named_is_ours() -> None:
    headers = {"Host": "10.0.0.1:8001", "Origin": "https://ops.example.com"}
    assert not NAMED.is_foreign("POST", "/", headers)


WRITING = {"api": "/v1/analyze/", "ops": "/api/v2/alerts", "evaluator": "/api/v1/query", "status": "/"}


@pytest.mark.parametrize("name", NAMES)
async def test_each_process_answers_for_its_own_names_and_pages_alone(name: str, tmp_path: Path) -> None:
    def asked(line: str, host: str, *more: str) -> bytes:
        return "\r\n".join((f"{line} HTTP/1.1", f"Host: {host}", "Connection: close", *more, "", "")).encode()

    post, foreign = f"POST {WRITING[name]}", "Origin: https://evil.example"
    async with process(name, tmp_path) as port:
        answers = [
            await said(port, asked("GET /", "rebound.example")),
            await said(port, asked("GET /nothing/here", "rebound.example:80")),
            await said(port, asked("GET /", f"127.0.0.1:{port}")),
            await said(port, asked(post, f"localhost:{port}", foreign, "Content-Length: 0")),
            await said(
                port,
                asked(post, f"localhost:{port}", f"Origin: http://localhost:{port}", "Content-Length: 0"),
            ),
        ]
    status = [int(answer[9:12]) for answer in answers]
    assert status[:2] == [421, 421]
    assert status[2] not in (403, 421)
    # The public page takes no writing from anybody, so that no page's word can change anything there.
    assert status[3] == (405 if name == "status" else 403)
    assert status[4] not in (403, 421)


@pytest.mark.parametrize("path", ["/graph?g0.expr=up", "/api/v1/query?query=up", "/api/v1/series?match[]=up"])
async def test_a_page_of_somebody_elses_has_the_evaluator_compute_nothing(path: str, tmp_path: Path) -> None:
    picture = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Dest: image\r\n\r\n"
    own = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    async with process("evaluator", tmp_path) as port:
        assert [(await said(port, text.encode()))[9:12] for text in (picture, own)] == [b"403", b"200"]


async def test_a_query_of_the_graph_page_has_the_budget_of_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query_pool, "TIMEOUT_S", 0.0)
    async with process("evaluator", tmp_path) as port:
        answers = [
            await said(port, f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            for path in ("/graph?g0.expr=vector(1)", "/api/v1/query?query=vector(1)")
        ]
    assert all(b"query timed out" in answer for answer in answers)


async def test_the_answer_is_421_or_403_in_the_envelope_of_the_process() -> None:
    async def fine(request: web.Request) -> web.Response:
        return web.Response(text="fine")

    def failure(request: web.Request, error: Exception) -> web.Response:
        assert isinstance(error, web.HTTPException)
        return web.json_response({"why": error.reason}, status=error.status)

    app = web.Application(middlewares=[guarded(LOCAL, failure)])
    app.router.add_route("*", "/", fine)
    async with TestClient(TestServer(app)) as client:
        answers = [
            await client.get("/", headers={"Host": "evil.example"}),
            await client.post("/", headers={"Origin": "https://evil.example"}),
            await client.post("/"),
        ]
        assert [answer.status for answer in answers] == [421, 403, 200]
        assert "ALLOWED_HOSTS" in (await answers[0].json())["why"]
