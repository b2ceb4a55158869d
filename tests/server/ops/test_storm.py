"""A storm of a hundred thousand alerts while a step runs and three consoles watch: keys are answered, nothing is lost."""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.paths import CHECKOUT
from tests.server.ops.conftest import ACTIONS, RUNBOOK

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

STORM = 100_000
_BATCH = 500
_RUN = "run-00000001"


def batches() -> Iterator[bytes]:
    for first in range(0, STORM, _BATCH):
        yield json.dumps(
            [
                {
                    "labels": {
                        "alertname": f"Storm{n // 1_000 % 20}",
                        "service": f"service-{n % 5}",
                        "instance": f"host-{n:06}",
                        "severity": "critical" if n % 2 else "warning",
                    },
                    "annotations": {"summary": f"host {n} is in the storm"},
                }
                for n in range(first, first + _BATCH)
            ]
        ).encode()


class Storm:
    """A daemon in a process of its own, and a client of it."""

    def __init__(self, url: str, token: str, session: aiohttp.ClientSession) -> None:
        self.url, self.session = url, session
        self.headers = {"Authorization": f"Bearer {token}"}

    async def get(self, path: str) -> Any:
        async with self.session.get(self.url + path, headers=self.headers) as response:
            assert response.status == 200, await response.text()
            return await response.json(content_type=None)

    async def post(self, path: str, body: bytes) -> Any:
        async with self.session.post(self.url + path, data=body, headers=self.headers) as response:
            assert response.status < 300, await response.text()
            return await response.json()


@pytest.fixture
async def storm(tmp_path: Path, unused_tcp_port: int) -> AsyncIterator[Storm]:
    shelf = tmp_path / "runbooks"
    shelf.mkdir()
    (shelf / "actions.yml").write_text(ACTIONS.replace('"60"', '"600"').replace("60s", "600s"))
    (shelf / "APIDown.md").write_text(RUNBOOK)
    state = tmp_path / "var"
    env = {
        **os.environ,
        "OPS_STATE": str(state),
        "OPS_PORT": str(unused_tcp_port),
        "RUNBOOKS_DIR": str(shelf),
        "PROMETHEUS_URL": "http://127.0.0.1:9",
    }
    daemon = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server.ops", cwd=CHECKOUT, env=env, stdout=asyncio.subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{unused_tcp_port}"
    try:
        async with aiohttp.ClientSession() as session:
            await _answers(session, url)
            yield Storm(url, (state / "tokens" / "admin").read_text().strip(), session)
    finally:
        daemon.terminate()
        await asyncio.wait_for(daemon.wait(), 60)


async def _answers(session: aiohttp.ClientSession, url: str) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                async with session.get(url + "/v1/health"):
                    return
            except aiohttp.ClientError:
                await asyncio.sleep(0.05)


class Watcher:
    """A console's link: a snapshot, then what changes, for ever; a gap is answered by a new snapshot."""

    def __init__(self, storm: Storm) -> None:
        self._storm = storm
        self.alerts: dict[str, str] = {}
        self.snapshots = 0

    async def run(self) -> None:
        while True:
            meta = await self._snapshot()
            await self._follow(f"{meta['boot']}-{meta['seq']}")

    async def _snapshot(self) -> Any:
        self.snapshots += 1
        fresh: dict[str, str] = {}
        meta: Any = None
        async with self._storm.session.get(
            self._storm.url + "/v1/snapshot", headers=self._storm.headers
        ) as r:
            async for line in r.content:
                record = json.loads(line)
                if record["kind"] == "meta":
                    meta = record
                elif record["kind"] == "alert":
                    fresh[record["alert"]["fingerprint"]] = record["alert"]["state"]
        self.alerts = fresh
        return meta

    async def _follow(self, last_id: str) -> None:
        headers = {**self._storm.headers, "Last-Event-ID": last_id}
        event = ""
        async with self._storm.session.get(
            self._storm.url + "/v1/stream", headers=headers, timeout=None
        ) as r:
            async for line in r.content:
                if line.startswith(b"event: "):
                    event = line[7:].strip().decode()
                elif line.startswith(b"data: ") and event == "alert":
                    alert = json.loads(line[6:])
                    self.alerts[alert["fingerprint"]] = alert["state"]
                elif event == "reset":
                    return


async def test_a_storm_loses_nothing_and_holds_nobody_up(storm: Storm) -> None:
    watchers = [Watcher(storm) for _ in range(3)]
    watching = [asyncio.create_task(watcher.run()) for watcher in watchers]
    hold = {"execution_id": _RUN, "action": "hold-api", "confirm": "hold-api"}
    assert (await storm.post("/v1/executions", json.dumps(hold).encode()))["state"] == "running"
    waits: list[float] = []
    done = asyncio.Event()

    async def keys() -> None:
        """What a person does meanwhile: looks at the incidents and acknowledges the first."""
        n = 0
        while not done.is_set():
            begun = time.perf_counter()
            if n % 10 == 5:
                await storm.post("/v1/incidents/1/note", b'{"text": "still looking"}')
            else:
                await storm.get(f"/v1/executions/{_RUN}")
            n += 1
            waits.append(time.perf_counter() - begun)
            await asyncio.sleep(0.05)

    person = asyncio.create_task(keys())
    shared = batches()

    async def sender() -> None:
        for body in shared:
            await storm.post("/api/v2/alerts", body)

    await asyncio.gather(*(sender() for _ in range(4)))
    done.set()
    await person

    health = await storm.get("/v1/health")
    assert health["status"] in ("ok", "degraded")
    assert {name: loop["failures"] for name, loop in health["loops"].items() if name != "poll"} == {
        name: 0 for name in health["loops"] if name != "poll"
    }
    async with asyncio.timeout(120):
        while not all(len(watcher.alerts) >= STORM for watcher in watchers):
            await asyncio.sleep(0.2)
    assert (await storm.get(f"/v1/executions/{_RUN}"))["state"] == "running"
    await storm.post(f"/v1/executions/{_RUN}/cancel", b"{}")
    async with asyncio.timeout(30):
        while (run := await storm.get(f"/v1/executions/{_RUN}"))["state"] == "running":
            await asyncio.sleep(0.1)
    assert run["state"] == "cancelled"
    stored = await storm.get("/api/v2/alerts")
    assert (
        len({alert["fingerprint"] for alert in stored if alert["labels"]["alertname"][:5] == "Storm"})
        == STORM
    )
    verdict = await storm.get("/v1/audit/verify")
    assert verdict["ok"]
    assert len(waits) > 10
    for task in watching:
        task.cancel()
    await asyncio.gather(*watching, return_exceptions=True)
    print(
        f"longest answer {max(waits):.3f} s, {len(waits)} asked, snapshots {[w.snapshots for w in watchers]}"
    )
