"""A window is a silence in Debian's Alertmanager too: set at check-in, prolonged under its id, ended with the window."""

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from conftest import Peer
from tests.server.ops.conftest import Clock, House, Start
from tests.server.ops.maintenance.conftest import CONTACTS, Upkeep


@pytest.fixture
async def alertmanager(peer: Peer, tmp_path: Path) -> AsyncIterator[str]:
    program = peer.find("prometheus-alertmanager")
    config = tmp_path / "alertmanager.yml"
    config.write_text("route: {receiver: ops}\nreceivers: [{name: ops}]\n")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        program,
        f"--config.file={config}",
        f"--storage.path={tmp_path / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await _answers(f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        await process.wait()


async def _answers(url: str) -> None:
    async with aiohttp.ClientSession() as session, asyncio.timeout(20):
        while True:
            try:
                async with session.get(f"{url}/-/ready") as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientError:
                await asyncio.sleep(0.05)


async def mirrored(house: House) -> None:
    loop = next(loop for loop in house.built.loops.loops if loop.name == "alertmanager mirror")
    assert await loop.turn()


async def silences(house: House, url: str) -> list[Any]:
    async with house.session.get(f"{url}/api/v2/silences") as response:
        return list(await response.json())


@pytest.mark.peer
async def test_a_window_is_a_silence_there_for_as_long_as_it_mutes(
    start: Start, clock: Clock, alertmanager: str
) -> None:
    clock.now = datetime.now(UTC)
    async with start(alertmanager_url=alertmanager) as house:
        upkeep = Upkeep(house)
        await upkeep.contacts(CONTACTS)
        await upkeep.schedule(begins_in=10, matchers=['alertname=~"API.*|Database.*"'])
        await mirrored(house)
        assert await silences(house, alertmanager) == []
        await upkeep.step("check-in", reason="a test")
        await mirrored(house)
        (first,) = await silences(house, alertmanager)
        assert first["status"]["state"] == "active"
        assert first["matchers"] == [
            {"name": "alertname", "value": "API.*|Database.*", "isRegex": True, "isEqual": True}
        ]
        assert (await upkeep.show())["silence_id"] == first["id"]
        window = await upkeep.step("extend", for_s=1800)
        await mirrored(house)
        (longer,) = await silences(house, alertmanager)
        assert longer["id"] == first["id"], "an extension keeps the id"
        ends = datetime.fromisoformat(longer["endsAt"])
        assert abs(ends - datetime.fromisoformat(window["ends_at"])) < timedelta(seconds=1)
        await upkeep.step("verify")
        await upkeep.step("complete", reason="a test")
        await mirrored(house)
        (over,) = await silences(house, alertmanager)
        assert over["status"]["state"] == "expired"


@pytest.mark.peer
async def test_after_a_restart_it_is_the_same_silence(start: Start, clock: Clock, alertmanager: str) -> None:
    clock.now = datetime.now(UTC)
    async with start(alertmanager_url=alertmanager) as house:
        upkeep = Upkeep(house)
        await upkeep.contacts(CONTACTS)
        await upkeep.begun()
        await mirrored(house)
    async with start(alertmanager_url=alertmanager) as house:
        await mirrored(house)
        assert len(await silences(house, alertmanager)) == 1


async def test_an_alertmanager_that_is_away_is_shown_and_stops_nothing(start: Start) -> None:
    async with start(alertmanager_url="http://127.0.0.1:1") as house:
        upkeep = Upkeep(house)
        await upkeep.contacts(CONTACTS)
        await upkeep.begun()
        await mirrored(house)
        assert "the silence of maintenance 1" in (await house.get("/v1/health"))["parts"]["maintenance"]
        await house.fire()
        await upkeep.pass_by(2)
        assert upkeep.got("bo") == []
