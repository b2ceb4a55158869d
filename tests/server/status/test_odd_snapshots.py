"""Whatever lies in the public folder, the page goes on with the last good snapshot."""

import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from server.ops.public.publisher import Publisher
from server.status.app import STATUS_APP, create_app
from tests.web.builders import ENVIRONMENT, facts_of

NOW = datetime(2026, 3, 1, 2, 14, tzinfo=UTC)
Client = TestClient[web.Request, web.Application]


@pytest.fixture
def public(tmp_path: Path) -> Path:
    folder = tmp_path / "public"
    Publisher(folder, ENVIRONMENT).publish(facts_of(), NOW)
    return folder


@pytest.fixture
async def client(public: Path, aiohttp_client: Callable[..., Awaitable[Client]]) -> Client:
    return await aiohttp_client(create_app(public, stale_after=timedelta(seconds=150), clock=lambda: NOW))


def manifest_of(public: Path) -> Any:
    return msgspec.json.decode((public / "current" / "manifest.json").read_bytes())


def switch(public: Path, manifest: object) -> None:
    """A newer snapshot that differs from the good one in its manifest alone."""
    newer = public / "snapshots" / "99999999999999999999"
    newer.mkdir()
    for path in (public / "current").resolve().iterdir():
        if path.name != "manifest.json":
            (newer / path.name).symlink_to(path)
    (newer / "manifest.json").write_bytes(msgspec.json.encode(manifest))
    point(public, Path("snapshots") / newer.name)


def point(public: Path, target: Path) -> None:
    (public / "next").symlink_to(target)
    (public / "next").replace(public / "current")


def variants(manifest: Any) -> Any:
    return manifest["live"]["/"]["variants"]["identity"]


def naive(manifest: Any) -> None:
    manifest["published_at"] = "2026-03-01T02:14:00"


def naive_change(manifest: Any) -> None:
    manifest["changed_at"] = "2026-03-01T02:14:00"


def before_all_time(manifest: Any) -> None:
    manifest["changed_at"] = "0001-01-01T00:00:00+23:59"


def with_nul(manifest: Any) -> None:
    variants(manifest)["file"] = "index\0.html"


def elsewhere(manifest: Any) -> None:
    variants(manifest)["file"] = "../../../memory.json"


def with_a_header(manifest: Any) -> None:
    variants(manifest)["etag"] = '"x"\r\nSet-Cookie: a=b'


def without_an_encoding(manifest: Any) -> None:
    del manifest["live"]["/"]["variants"]["identity"]


ODD = (naive, naive_change, before_all_time, with_nul, elsewhere, with_a_header, without_an_encoding)


async def still_well(client: Client) -> None:
    site = client.app[STATUS_APP]
    assert not await site.loop.turn()
    assert site.site is not None
    for path in ("/", "/healthz", "/api/v2/status.json"):
        response = await client.get(path)
        assert response.status == 200, path
    assert (await (await client.get("/healthz")).json())["status"] == "live"


@pytest.mark.parametrize("make_odd", ODD, ids=lambda odd: odd.__name__)
async def test_a_snapshot_that_cannot_be_served_leaves_the_last_good_one(
    client: Client, public: Path, make_odd: Callable[[Any], None]
) -> None:
    manifest = manifest_of(public)
    make_odd(manifest)
    switch(public, manifest)
    await still_well(client)


async def test_a_loop_of_links_leaves_the_last_good_one(client: Client, public: Path) -> None:
    (public / "other").symlink_to("current")
    point(public, Path("other"))
    await still_well(client)
    loop = public / "snapshots" / "loop"
    loop.symlink_to("loop")
    point(public, Path("snapshots/loop"))
    await still_well(client)


@pytest.mark.timeout(30)
async def test_a_file_that_nobody_writes_to_its_end_is_not_waited_for(client: Client, public: Path) -> None:
    newer = public / "snapshots" / "99999999999999999999"
    newer.mkdir()
    os.mkfifo(newer / "manifest.json")
    point(public, Path("snapshots") / newer.name)
    await still_well(client)


async def test_the_page_goes_on_when_a_good_snapshot_follows(client: Client, public: Path) -> None:
    good = Path("snapshots") / (public / "current").readlink().name
    (public / "other").symlink_to("current")
    point(public, Path("other"))
    await still_well(client)
    point(public, good)
    assert await client.app[STATUS_APP].loop.turn()
