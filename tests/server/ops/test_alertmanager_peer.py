"""Debian's Alertmanager and the ops daemon asked the same: silences, matchers, parameters."""

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest

from conftest import Peer
from tests.server.ops.conftest import House

pytestmark = pytest.mark.peer


def matcher(name: str, value: str, *, regex: bool = False, equal: bool = True) -> dict[str, Any]:
    return {"name": name, "value": value, "isRegex": regex, "isEqual": equal}


SILENCES: list[list[dict[str, Any]]] = [
    [],
    [matcher("a", "x")],
    [matcher("a", "x", equal=False)],
    [matcher("a", "")],
    [matcher("a", "", equal=False)],
    [matcher("a", ".*", regex=True)],
    [matcher("a", ".*", regex=True, equal=False)],
    [matcher("a", "x|", regex=True)],
    [matcher("a", "(", regex=True)],
    [matcher("a", "(?=x)", regex=True)],
    [matcher("a", "(?P<n>x)", regex=True)],
    [matcher("a", "[[:alpha:]]+", regex=True)],
    [matcher("a", r"\z", regex=True)],
    [matcher("a", r"\pL+", regex=True)],
    [matcher("1a", "x")],
    [matcher("a:b", "x")],
    [{"name": "a", "value": "x", "isRegex": False}],
    [matcher("a", ""), matcher("b", "x")],
]
FILTERS = [
    'alertname="A"', "alertname=A", 'alertname="B"', "alertname!=A", r'path="C:\\temp"', r'path="C:\temp"', r"path=C:\temp",
    r'path=~"C:.temp"', r'path=~"C:\\\\temp"', 'path=~"("', "path", 'path="x', '{alertname="A"}', 'alertname="A",path="x"',
    'missing=""', 'missing!=""', 'alertname=~"[[:upper:]]"', ' alertname = "A" ', "alertname=~a", 'alertname=~"(?i:a)"', r'alertname=~"A\z"',
]  # fmt: skip
PARAMETERS = ["receiver=op", "receiver=ops", "receiver=o.*", "receiver=(", "receiver="] + [
    f"{name}={value}"
    for name in ("active", "silenced", "inhibited")
    for value in ("", "true", "1", "T", "on", "yes", "false", "0", "no", "maybe")
]


@pytest.fixture
async def alertmanager(peer: Peer, tmp_path: Path) -> AsyncIterator[str]:
    program = peer.find("prometheus-alertmanager")
    config = tmp_path / "alertmanager.yml"
    config.write_text("route: {receiver: ops, group_wait: 0s}\nreceivers: [{name: ops}]\n")
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
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        await process.wait()


class Both:
    """The same call of both."""

    def __init__(self, house: House, alertmanager: str) -> None:
        self._house, self._url = house, alertmanager

    async def call(self, method: str, path: str, body: Any = None) -> tuple[tuple[int, Any], tuple[int, Any]]:
        ours = await self._house.ask(method, path, body)
        async with self._house.session.request(method, self._url + path, json=body) as response:
            text = await response.text()
            theirs = await response.json() if text and response.content_type == "application/json" else None
        return ours, (response.status, theirs)


@pytest.fixture
async def both(house: House, alertmanager: str) -> Both:
    house.clock.now = datetime.now(UTC)
    async with asyncio.timeout(20):
        while True:
            try:
                async with house.session.get(f"{alertmanager}/-/ready") as response:
                    if response.status == 200:
                        break
            except aiohttp.ClientError:
                await asyncio.sleep(0.05)
    return Both(house, alertmanager)


def wanted(house: House, matchers: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    now = house.clock()
    times = {"startsAt": now.isoformat(), "endsAt": (now + timedelta(hours=1)).isoformat()}
    return {"matchers": matchers, **times, "createdBy": "ana", "comment": "why", **more}


async def test_the_same_silences_are_taken_and_refused(both: Both, house: House) -> None:
    differ = []
    for matchers in SILENCES:
        ours, theirs = await both.call("POST", "/api/v2/silences", wanted(house, matchers))
        if (ours[0] == 200) is not (theirs[0] == 200) or ours[0] >= 500:
            differ.append((matchers, ours, theirs))
    assert differ == []


async def test_an_edited_silence_keeps_its_id_exactly_where_theirs_does(both: Both, house: House) -> None:
    later = house.clock() + timedelta(hours=2)
    first = wanted(
        house,
        [matcher("a", "x")],
        startsAt=later.isoformat(),
        endsAt=(later + timedelta(hours=1)).isoformat(),
    )
    ours, theirs = await both.call("POST", "/api/v2/silences", first)
    edits: list[dict[str, Any]] = [
        {"endsAt": (later + timedelta(hours=3)).isoformat()},
        {"startsAt": (later + timedelta(minutes=5)).isoformat()},
        {"matchers": [matcher("a", "y")]},
    ]
    kept = []
    for edit in edits:
        body = {**first, **edit}
        mine = await house.ask("POST", "/api/v2/silences", {**body, "id": ours[1]["silenceID"]})
        async with house.session.post(
            both._url + "/api/v2/silences", json={**body, "id": theirs[1]["silenceID"]}
        ) as response:
            other = await response.json()
        kept.append(
            (mine[1]["silenceID"] == ours[1]["silenceID"], other["silenceID"] == theirs[1]["silenceID"])
        )
    assert kept == [(True, True), (True, True), (False, False)]
    unknown = wanted(house, [matcher("a", "x")], id="44d60195-858f-446f-9ec7-baac3a161850")
    assert [status for status, _ in await both.call("POST", "/api/v2/silences", unknown)] == [404, 404]


async def test_filters_and_parameters_choose_the_same_alerts(both: Both, house: House) -> None:
    alerts = [
        {"labels": {"alertname": "A", "path": "C:\\temp"}},
        {"labels": {"alertname": "B", "path": "/var"}},
    ]
    assert [status for status, _ in await both.call("POST", "/api/v2/alerts", alerts)] == [200, 200]
    async with asyncio.timeout(20):
        while True:
            _, (_, found) = await both.call("GET", "/api/v2/alerts?unprocessed=false")
            if [alert["status"]["state"] for alert in found or []] == ["active", "active"]:
                break
            await asyncio.sleep(0.05)
    differ = []
    for query in [*(f"filter={quote(text)}" for text in FILTERS), *(quote(p, safe="=") for p in PARAMETERS)]:
        ours, theirs = await both.call("GET", f"/api/v2/alerts?{query}")
        names = [
            sorted(alert["labels"]["alertname"] for alert in answer) if status == 200 else status
            for status, answer in (ours, theirs)
        ]
        if names[0] != names[1]:
            differ.append((query, names))
    assert differ == []
