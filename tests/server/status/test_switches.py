"""Facts about switching: however many ask while the site is switched, each gets one whole site, and bytes that its ETag names."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from server.ops.public.publisher import Publisher
from server.status.app import STATUS_APP, create_app
from tests.web.builders import ENVIRONMENT, SINCE, facts_of, incident_of
from web.page import SiteFacts

Client = TestClient[web.Request, web.Application]
_AT_ONCE = 8


def facts_number(number: int) -> SiteFacts:
    """Facts that name their number on every page."""
    return facts_of(name=f"Site {number:04}.", incidents=(incident_of(f"Number {number:04}."),))


@pytest.mark.parametrize(
    "requests", [2_000, pytest.param(100_000, marks=[pytest.mark.slow, pytest.mark.timeout(600)])]
)
async def test_no_set_is_mixed_and_every_etag_names_its_bytes(
    tmp_path: Path, aiohttp_client: Callable[..., Awaitable[Client]], requests: int
) -> None:
    publisher = Publisher(tmp_path / "public", ENVIRONMENT)
    publisher.publish(facts_number(0), SINCE)
    app = create_app(tmp_path / "public", stale_after=timedelta(days=20_000))
    client = await aiohttp_client(app, auto_decompress=False)
    site = client.app[STATUS_APP]
    seen: dict[str, set[str]] = {}
    left = requests

    async def ask() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            path = ("/", "/status.txt", "/incidents/incident0001")[left % 3]
            encoding = ("identity", "gzip", "br")[left // 3 % 3]
            async with client.get(path, headers={"Accept-Encoding": encoding}) as response:
                body = await response.read()
                etag = response.headers["ETag"]
                assert response.status == 200
                assert etag == f'"{hashlib.sha256(body).hexdigest()}"'
                assert response.headers.get("Content-Encoding", "identity") == encoding
                if encoding == "identity":
                    numbers = {part[:4] for part in body.decode().split("Site ")[1:]}
                    assert len(numbers) == 1, "a page is of one site"
                    seen.setdefault(path, set()).update(numbers)

    async def switch() -> None:
        number = 0
        while left > 0:
            number += 1
            at = SINCE + timedelta(seconds=number)
            await asyncio.to_thread(publisher.publish, facts_number(number), at)
            await site.look()

    await asyncio.gather(switch(), *(ask() for _ in range(_AT_ONCE)))
    assert len(seen["/"]) > 1, "it was switched meanwhile"
