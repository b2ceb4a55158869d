"""The real amtool and the real Prometheus against a real ops daemon."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from conftest import Peer
from tests.server.ops.conftest import Clock, House, Start

pytestmark = pytest.mark.peer

PROMETHEUS = """
global: {{evaluation_interval: 1s, scrape_interval: 1s, external_labels: {{region: north}}}}
rule_files: ["{rules}"]
alerting:
  alertmanagers:
    - authorization: {{credentials: "{token}"}}
      static_configs: [{{targets: ["{address}"]}}]
"""
RULES = """
groups:
  - name: all
    rules:
      - {alert: Watchdog, expr: vector(1), labels: {severity: none}}
      - {alert: APIDown, expr: vector(1), labels: {severity: critical, service: api}}
      - {alert: SlowlyComing, expr: vector(1), for: 1h, labels: {severity: warning, service: api}}
"""


async def run(*argv: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *argv, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await process.communicate()
    assert process.returncode == 0, out.decode()
    return out.decode()


async def test_amtool_sees_alerts_and_handles_silences(peer: Peer, house: House, tmp_path: Path) -> None:
    program = peer.find("amtool")
    house.clock.now = datetime.now(UTC)
    config = tmp_path / "http.yml"
    config.write_text(f"authorization: {{credentials: {house.built.tokens['admin']}}}\n")
    amtool = [program, f"--alertmanager.url={house.url}", f"--http.config.file={config}"]
    await house.fire()
    await house.fire("RedisDown")
    shown = json.loads(await run(*amtool, "alert", "query", "-o", "json", "alertname=~API.*"))
    assert [(a["labels"]["alertname"], a["status"]["state"]) for a in shown] == [("APIDown", "active")]
    silence_id = (
        await run(*amtool, "silence", "add", "service=api", "-d", "1h", "-a", "ana", "-c", "test")
    ).strip()
    house.clock.now = datetime.now(UTC)
    assert silence_id in await run(*amtool, "silence", "query")
    assert json.loads(await run(*amtool, "alert", "query", "-o", "json")) == []
    await run(*amtool, "silence", "expire", silence_id)
    assert len(json.loads(await run(*amtool, "alert", "query", "-o", "json"))) == 2


@asynccontextmanager
async def prometheus(program: str, folder: Path, house: House, port: int) -> AsyncIterator[None]:
    rules, config = folder / "rules.yml", folder / "prometheus.yml"
    rules.write_text(RULES)
    address = house.url.removeprefix("http://")
    config.write_text(PROMETHEUS.format(rules=rules, token=house.built.tokens["ingest"], address=address))
    process = await asyncio.create_subprocess_exec(
        program,
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--rules.alert.resend-delay=1s",
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        await process.wait()


async def test_prometheus_alerts_arrive_and_its_poll_joins_them_by_its_external_labels(
    peer: Peer, start: Start, tmp_path: Path, clock: Clock
) -> None:
    program = peer.find("prometheus")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    clock.now = datetime.now(UTC)
    async with (
        start(prometheus_url=f"http://127.0.0.1:{port}") as house,
        prometheus(program, tmp_path, house, port),
    ):
        shown: list[Any] = []
        async with asyncio.timeout(40):
            while len(shown) < 3:
                await asyncio.sleep(0.2)
                clock.now = datetime.now(UTC)
                await house.built.timers.poll()
                shown = (await house.get("/v1/alerts"))["alerts"]
                if not any(a["source"] == "prometheus" for a in shown):
                    shown = []
        assert {(a["alertname"], a["state"], a["labels"]["region"]) for a in shown} == {
            ("Watchdog", "firing", "north"),
            ("APIDown", "firing", "north"),
            ("SlowlyComing", "pending", "north"),
        }
        assert [i["alertname"] for i in (await house.get("/v1/incidents"))["incidents"]] == ["APIDown"]
