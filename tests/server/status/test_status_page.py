"""Facts about the status page process, served from files as the ops daemon writes them."""

import gzip
import threading
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import brotli
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from server.ops.public.publisher import Publisher
from server.status.answer import Site, choose_encoding
from server.status.app import STATUS_APP, create_app, load_site
from tests.hostile import odd_answers, routes_of
from tests.web.builders import ENVIRONMENT, facts_of

NOW = datetime(2026, 3, 1, 2, 14, tzinfo=UTC)
Client = TestClient[web.Request, web.Application]


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def publisher(tmp_path: Path) -> Publisher:
    return Publisher(tmp_path / "public", ENVIRONMENT)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def client(
    tmp_path: Path, publisher: Publisher, clock: Clock, aiohttp_client: Callable[..., Awaitable[Client]]
) -> Client:
    publisher.publish(facts_of(), NOW)
    app = create_app(tmp_path / "public", stale_after=timedelta(seconds=150), clock=clock)
    return await aiohttp_client(app, auto_decompress=False)


async def _body(client: Client, path: str = "/", encoding: str = "identity") -> str:
    response = await client.get(path, headers={"Accept-Encoding": encoding})
    assert response.status == 200
    return (await response.read()).decode()


async def test_the_page_shows_an_outage_and_its_end(client: Client, publisher: Publisher) -> None:
    site = client.app[STATUS_APP]
    assert "All Systems Operational" in await _body(client)
    publisher.publish(facts_of("major_outage"), NOW)
    await site.look()
    assert "Major System Outage" in await _body(client)
    publisher.publish(facts_of(), NOW + timedelta(minutes=4))
    await site.look()
    assert "All Systems Operational" in await _body(client)


async def test_a_large_snapshot_is_read_beside_the_loop(
    client: Client, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[int] = []

    def noted(folder: Path) -> Site:
        threads.append(threading.get_ident())
        return load_site(folder)

    monkeypatch.setattr("server.status.app.load_site", noted)
    publisher.publish(facts_of("major_outage"), NOW)
    await client.app[STATUS_APP].look()
    assert len(threads) == 1
    assert threading.get_ident() not in threads


@pytest.mark.parametrize(("encoding", "decode"), [("br", brotli.decompress), ("gzip", gzip.decompress)])
async def test_each_encoding_decodes_to_the_same_page(
    client: Client, encoding: str, decode: Callable[[bytes], bytes]
) -> None:
    response = await client.get("/", headers={"Accept-Encoding": encoding})
    assert response.headers["Content-Encoding"] == encoding
    assert decode(await response.read()).decode() == await _body(client)


async def test_an_unchanged_page_is_answered_304_without_a_body(client: Client) -> None:
    first = await client.get("/", headers={"Accept-Encoding": "br"})
    again = await client.get("/", headers={"Accept-Encoding": "br", "If-None-Match": first.headers["ETag"]})
    assert again.status == 304
    assert await again.read() == b""


async def test_another_encoding_has_another_etag(client: Client) -> None:
    tags = {
        (await client.get("/", headers={"Accept-Encoding": e})).headers["ETag"]
        for e in ("br", "gzip", "identity")
    }
    assert len(tags) == 3


async def test_not_modified_since_the_last_change_is_304(client: Client) -> None:
    first = await client.get("/")
    again = await client.get("/", headers={"If-Modified-Since": first.headers["Last-Modified"]})
    assert again.status == 304


async def test_when_the_heartbeat_stops_the_page_says_so(client: Client, clock: Clock) -> None:
    clock.now = NOW + timedelta(seconds=151)
    await client.app[STATUS_APP].look()
    assert "live updates interrupted" in await _body(client)
    assert (await (await client.get("/healthz")).json(content_type=None))["status"] == "stale"


async def test_when_the_daemon_is_dead_for_an_hour_every_form_says_how_old_it_is(
    client: Client, clock: Clock
) -> None:
    clock.now = NOW + timedelta(hours=1)
    await client.app[STATUS_APP].look()
    said = "2026-03-01 02:14 UTC; live updates interrupted"
    for path in ("/api/v2/summary.json", "/api/v2/status.json", "/badge.json", "/badge.svg"):
        assert said in await _body(client, path), path
    for path in ("/", "/history", "/status.txt"):
        assert "live updates interrupted" in await _body(client, path), path


async def test_a_daemon_that_is_back_ends_that_at_once(
    client: Client, clock: Clock, publisher: Publisher
) -> None:
    clock.now = NOW + timedelta(hours=1)
    site = client.app[STATUS_APP]
    await site.look()
    publisher.publish(facts_of(), clock.now)
    await site.look()
    assert "interrupted" not in await _body(client)


async def test_a_page_that_only_grows_older_is_not_answered_304_by_its_time(
    client: Client, clock: Clock
) -> None:
    since = (await client.get("/")).headers["Last-Modified"]
    clock.now = NOW + timedelta(hours=1)
    await client.app[STATUS_APP].look()
    assert (await client.get("/", headers={"If-Modified-Since": since})).status == 200


async def test_a_broken_snapshot_leaves_the_last_good_one(client: Client, tmp_path: Path) -> None:
    broken = tmp_path / "public" / "snapshots" / "9"
    broken.mkdir()
    (broken / "manifest.json").write_text("{")
    link = tmp_path / "public" / "current"
    link.unlink()
    link.symlink_to(Path("snapshots") / "9")
    loop = client.app[STATUS_APP].loop
    assert not await loop.turn()
    assert "All Systems Operational" in await _body(client)
    shown = (await (await client.get("/healthz")).json(content_type=None))["loops"]["look"]
    assert (shown["failures"], "ValidationError" in shown["fault"] or "DecodeError" in shown["fault"]) == (
        1,
        True,
    )


async def test_only_reading_is_allowed(client: Client) -> None:
    response = await client.post("/")
    assert response.status == 405
    assert response.headers["Allow"] == "GET, HEAD"


async def test_head_has_the_headers_of_get(client: Client) -> None:
    head, get = await client.head("/"), await client.get("/")
    assert head.headers["ETag"] == get.headers["ETag"]
    assert await head.read() == b""


async def test_an_unknown_document_of_the_api_is_a_json_404(client: Client) -> None:
    response = await client.get("/api/v2/nothing.json")
    assert response.status == 404
    assert response.content_type == "application/json"


async def test_every_page_carries_the_security_headers(client: Client) -> None:
    for path in ("/", "/nothing", "/api/v2/nothing.json", "/healthz"):
        headers = (await client.get(path)).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert headers["X-Content-Type-Options"] == "nosniff"


async def test_before_anything_is_published_the_page_says_so(
    tmp_path: Path, aiohttp_client: Callable[..., Awaitable[Client]]
) -> None:
    client = await aiohttp_client(create_app(tmp_path / "none", stale_after=timedelta(seconds=150)))
    response = await client.get("/")
    assert response.status == 200
    assert "not known yet" in await response.text()


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip;q=1.0, br;q=0", "gzip"),
        ("", "identity"),
        ("*", "br"),
        ("identity", "identity"),
        ("br;q=nonsense", "identity"),
    ],
)
def test_the_encoding_follows_the_header(accepted: str, expected: str) -> None:
    assert choose_encoding(accepted) == expected


def test_what_did_not_change_is_not_written_again(publisher: Publisher) -> None:
    assert publisher.publish(facts_of(), NOW)
    assert not publisher.publish(facts_of(), NOW + timedelta(seconds=30))
    assert publisher.publish(facts_of(), NOW + timedelta(seconds=61))
    assert publisher.publish(facts_of("major_outage"), NOW + timedelta(seconds=62))


def test_a_heartbeat_is_due_as_well_when_the_clock_was_set_back(publisher: Publisher) -> None:
    assert publisher.publish(facts_of(), NOW)
    assert publisher.publish(facts_of(), NOW - timedelta(hours=1))


def test_a_heartbeat_links_what_is_as_it_was(tmp_path: Path, publisher: Publisher) -> None:
    first = publisher.publish(facts_of(), NOW)
    second = publisher.publish(facts_of(), NOW + timedelta(seconds=61))
    assert first and second
    same = [name for name in ("index.html", "stale/index.html") if (first / name).samefile(second / name)]
    assert same == ["index.html"]


async def test_no_request_is_a_fault_of_the_pages_own(client: Client) -> None:
    routes = [
        ("GET", path) for path in ("/", "/history", "/history.atom", "/api/v2/summary.json", "/healthz")
    ]
    async for odd in odd_answers(
        str(client.make_url("")), [*routes, *routes_of(client.app)], {}, each=40, seed=13
    ):
        assert odd.status < 500, (odd.request[:400], odd.answer[:600])
