"""Facts about whose requests a listener takes: which names are its own, and what a foreign page may not have sent."""

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from server.http.host_guard import HostGuard, guarded, host_names

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
