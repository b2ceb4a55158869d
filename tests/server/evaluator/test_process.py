"""Facts about the process: how it starts, ends, and does what a real Prometheus in its place would do."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from conftest import Peer
from tests.paths import CHECKOUT

pytestmark = pytest.mark.stack

_ROOT = CHECKOUT
_CONFIG = _ROOT / "deploy" / "prometheus" / "prometheus.yml"


def _environment(folder: Path, **settings: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "EVALUATOR_STATE": str(folder / "state"),
        "EVALUATOR_PORT": str(unused_port()),
        **settings,
    }


def _start(environment: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "server.evaluator", *arguments]
    return subprocess.Popen(command, env=environment, cwd=_ROOT, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"SCRAPE_INTERVAL": "soon", "RULES_SPEEDUP": "no"}, "SCRAPE_INTERVAL"),
        ({"RULES_DIR": "/nowhere"}, "no *.yml or *.yaml in /nowhere"),
    ],
)
def test_settings_that_make_no_sense_are_said_and_end_it(
    tmp_path: Path, settings: dict[str, str], reason: str
) -> None:
    process = _start(_environment(tmp_path, **settings))
    _, said = process.communicate(timeout=30)
    assert (process.returncode, reason in said) == (2, True)


def test_a_port_that_is_taken_is_one_clear_sentence(tmp_path: Path) -> None:
    environment = _environment(tmp_path)
    first, second = _start(environment), None
    try:
        assert first.stderr is not None
        next(line for line in first.stderr if " is " in line)
        second = _start(environment)
        _, said = second.communicate(timeout=30)
        assert second.returncode == 1
        assert "cannot listen on 127.0.0.1" in said and "Traceback" not in said
    finally:
        first.send_signal(signal.SIGTERM)
        first.communicate(timeout=30)
    assert first.returncode == 0


class _Outside:
    """An API that is down from the start, and a receiver that keeps what it is sent by whom."""

    def __init__(self) -> None:
        self.received: dict[str, list[dict[str, Any]]] = {"ours": [], "real": []}
        self.news = asyncio.Event()

    async def take(self, request: web.Request) -> web.Response:
        self.received[request.match_info["who"]].extend(json.loads(await request.read()))
        self.news.set()
        return web.json_response({})

    def down(self, who: str) -> dict[str, Any] | None:
        """The first APIDown from one of the two."""
        named = (one for one in self.received[who] if one["labels"]["alertname"] == "APIDown")
        return next(named, None)


@asynccontextmanager
async def _outside() -> AsyncIterator[tuple[_Outside, str]]:
    outside = _Outside()
    app = web.Application()
    app.router.add_post("/{who}/api/v2/alerts", outside.take)
    server = TestServer(app)
    await server.start_server()
    yield outside, str(server.make_url("")).rstrip("/")
    await server.close()


def _prometheus(
    program: str, folder: Path, receiver: str, api: str, address: str = "127.0.0.1:0"
) -> subprocess.Popen[bytes]:
    """A real Prometheus on the configuration that we deploy, its addresses replaced."""
    config = yaml.safe_load(_CONFIG.read_text())
    config["rule_files"] = [str(_ROOT / "alerts" / "rules" / "*.yml")]
    config["global"] |= {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    config["scrape_configs"] = [job for job in config["scrape_configs"] if job["job_name"] == "api"]
    config["scrape_configs"][0]["static_configs"] = [{"targets": [api]}]
    sender = config["alerting"]["alertmanagers"][0]
    del sender["authorization"]
    sender |= {"path_prefix": "/real", "static_configs": [{"targets": [receiver.removeprefix("http://")]}]}
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    command = [
        program,
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address={address}",
    ]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL)


@pytest.mark.peer
@pytest.mark.slow
async def test_a_real_prometheus_in_its_place_sends_the_same_alert(peer: Peer, tmp_path: Path) -> None:
    program, api = peer.find("prometheus"), f"127.0.0.1:{unused_port()}"
    async with _outside() as (outside, url):
        settings = {"SCRAPE_INTERVAL": "1s", "EVALUATION_INTERVAL": "1s", "OPS_URL": f"{url}/ours"}
        ours = _start(_environment(tmp_path, **settings), f"--target=api=http://{api}/v1/metrics")
        real = _prometheus(program, tmp_path, url, api)
        try:
            async with asyncio.timeout(60):
                while outside.down("ours") is None or outside.down("real") is None:
                    outside.news.clear()
                    await outside.news.wait()
        finally:
            for process in (ours, real):
                process.terminate()
                process.communicate()
    mine, theirs = outside.down("ours"), outside.down("real")
    assert mine is not None and theirs is not None
    assert mine["labels"] == theirs["labels"]
    assert mine["annotations"] == theirs["annotations"]
    assert mine.keys() == theirs.keys()
    assert "g0.expr=up%7Bjob%3D%22api%22%7D" in mine["generatorURL"]


_AWKWARD = """# HELP heat How hot.
# TYPE heat gauge
heat{place="a\\"b\\\\c\\n",job="mine",instance="there"} 21.5
heat{place=""} NaN
# TYPE hits counter
hits_total{code="200",} 3
hits_total {code = "500"} 1e3
# TYPE wait histogram
wait_bucket{le="0.1"} 1
wait_bucket{le="+Inf"} 2
wait_sum 0.5
wait_count 2
# TYPE odd untyped
odd +Inf
"""


async def _series(session: aiohttp.ClientSession, url: str) -> dict[frozenset[tuple[str, str]], str]:
    """What a server has of the job ``api``: labels and value; nothing where it is not there yet."""
    query = '{job="api",__name__!~"scrape_duration_seconds|scrape_series_added"}'
    try:
        async with session.get(f"{url}/api/v1/query", params={"query": query}) as response:
            body = await response.json()
    except aiohttp.ClientError:
        return {}
    return {frozenset(row["metric"].items()): row["value"][1] for row in body["data"]["result"]}


@pytest.mark.peer
@pytest.mark.slow
async def test_a_real_prometheus_makes_the_same_series_of_the_same_target(peer: Peer, tmp_path: Path) -> None:
    program, scrapes = peer.find("prometheus"), asyncio.Queue[str]()

    async def metrics(request: web.Request) -> web.Response:
        scrapes.put_nowait(request.headers["User-Agent"])
        return web.Response(text=_AWKWARD, headers={"Content-Type": "text/plain; version=0.0.4"})

    app = web.Application()
    app.router.add_get("/v1/metrics", metrics)
    target = TestServer(app)
    await target.start_server()
    settings = _environment(tmp_path, SCRAPE_INTERVAL="1s", OPS_URL="")
    ours = _start(settings, f"--target=api={target.make_url('/v1/metrics')}")
    address = f"127.0.0.1:{unused_port()}"
    real = _prometheus(program, tmp_path, "http://127.0.0.1:9", f"127.0.0.1:{target.port}", address)
    try:
        seen = Counter[str]()
        async with asyncio.timeout(60), aiohttp.ClientSession() as session:
            # Whoever asks for the third time has stored what it was told before.
            while len(seen) < 2 or min(seen.values()) < 3:
                seen[await scrapes.get()] += 1
            mine = await _series(session, f"http://127.0.0.1:{settings['EVALUATOR_PORT']}")
            theirs = await _series(session, f"http://{address}")
    finally:
        for process in (ours, real):
            process.terminate()
            process.communicate()
        await target.close()
    assert mine == theirs
    assert len(mine) == 12


@pytest.mark.peer
@pytest.mark.slow
async def test_a_real_alertmanager_takes_our_alerts(peer: Peer, tmp_path: Path) -> None:
    address = f"127.0.0.1:{unused_port()}"
    (tmp_path / "am.yml").write_text("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n")
    manager = subprocess.Popen(
        [
            peer.find("prometheus-alertmanager"),
            f"--config.file={tmp_path / 'am.yml'}",
            f"--storage.path={tmp_path / 'am'}",
            f"--web.listen-address={address}",
            "--cluster.listen-address=",
        ],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert manager.stderr is not None
    await asyncio.to_thread(lambda: next(line for line in manager.stderr or () if "Listening on" in line))
    settings = {"OPS_URL": "", "ALERTMANAGER_URLS": f"http://{address}", "EVALUATION_INTERVAL": "1s"}
    ours = _start(_environment(tmp_path, **settings), "--target=nothing=http://127.0.0.1:9/metrics")
    try:
        async with asyncio.timeout(30), aiohttp.ClientSession() as session:
            found: list[Any] = []
            while not found:
                async with session.get(f"http://{address}/api/v2/alerts") as response:
                    found = await response.json()
    finally:
        for process in (ours, manager):
            process.terminate()
            process.communicate()
    assert [(one["labels"]["alertname"], one["status"]["state"]) for one in found] == [("Watchdog", "active")]
    assert found[0]["generatorURL"].endswith("g0.expr=vector%281%29&g0.tab=1")


@pytest.mark.peer
def test_promtool_accepts_the_configuration_that_we_deploy(peer: Peer) -> None:
    command = [peer.find("promtool"), "check", "config", "--syntax-only", str(_CONFIG)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


async def test_it_answers_while_everything_else_is_away(tmp_path: Path) -> None:
    environment = _environment(
        tmp_path, DATABASE_URL="postgresql://x@127.0.0.1:9/x", REDIS_URL="redis://127.0.0.1:9"
    )
    process = _start(environment)
    try:
        assert process.stderr is not None
        await asyncio.to_thread(
            lambda: next(line for line in process.stderr or () if "target postgres" in line)
        )
        url = f"http://127.0.0.1:{environment['EVALUATOR_PORT']}/api/v1/query"
        async with (
            aiohttp.ClientSession() as session,
            session.get(url, params={"query": "pg_up"}) as response,
        ):
            body = await response.json()
        assert [one["value"][1] for one in body["data"]["result"]] == ["0"]
    finally:
        process.terminate()
        process.communicate(timeout=30)
