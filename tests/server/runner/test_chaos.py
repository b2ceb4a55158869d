"""The daemon killed with -9 at any moment: no step runs twice, none is lost, and what was answered stays answered."""

import asyncio
import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.paths import CHECKOUT

ACTIONS = """
count:
  title: Count its own runs
  kind: change
  object: counter
  timeout: 20s
  params: {{id: {{type: string, required: true}}, hold: {{type: string, default: "0"}}}}
  locks: ["run:{{id}}"]
  targets:
    local: [bash, -c, 'echo "$0" >> {counter}; sleep "$1"; echo counted', "{{id}}", "{{hold}}"]
"""
HOUSE = CHECKOUT


class Victim:
    """A real daemon in a process of its own, which is killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.counter = folder / "runs"
        shelf = folder / "runbooks"
        shelf.mkdir()
        (shelf / "actions.yml").write_text(ACTIONS.format(counter=self.counter))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._env = {
            **os.environ,
            "OPS_STATE": str(folder / "var"),
            "OPS_PORT": str(self.port),
            "RUNBOOKS_DIR": str(shelf),
            "PROMETHEUS_URL": "http://127.0.0.1:9",
            "BALLAST_MB": "0",
            "LOG_LEVEL": "ERROR",
        }
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self, session: aiohttp.ClientSession) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "server.ops"], env=self._env, cwd=HOUSE, start_new_session=True
        )
        async with asyncio.timeout(30):
            while True:
                with contextlib.suppress(aiohttp.ClientError):
                    async with session.get(self.url + "/v1/live") as response:
                        if response.status == 200:
                            return
                assert self._process.poll() is None, "the daemon did not start"
                await asyncio.sleep(0.02)

    def kill(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait()

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {(self._folder / 'var' / 'tokens' / 'admin').read_text().strip()}"}

    def runs(self) -> list[str]:
        return self.counter.read_text().split() if self.counter.exists() else []


class Client:
    """Posts and remembers what it was told; after a lost answer it asks before it posts again."""

    def __init__(self, victim: Victim, session: aiohttp.ClientSession, chance: random.Random) -> None:
        self._victim = victim
        self._session = session
        self._chance = chance
        self.accepted: set[str] = set()
        self.fired: set[str] = set()
        self.in_doubt: dict[str, dict[str, Any]] = {}

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        async with self._session.request(
            method, self._victim.url + path, json=body, headers=self._victim.headers
        ) as response:
            return response.status, await response.json()

    async def work_until_it_dies(self, round_number: int) -> None:
        for n in range(10_000):
            execution_id = f"run-{round_number:05d}-{n:05d}"
            body = {
                "execution_id": execution_id,
                "action": "count",
                "confirm": "count",
                "params": {"id": execution_id, "hold": self._chance.choice(["0", "0", "0.2", "1"])},
            }
            self.in_doubt[execution_id] = body
            name = f"Alert{round_number:05d}x{n}"
            try:
                status, answer = await self.ask("POST", "/v1/executions", body)
                assert status == 202, answer
                self.accepted.add(execution_id)
                del self.in_doubt[execution_id]
                status, _ = await self.ask("POST", "/api/v2/alerts", [{"labels": {"alertname": name}}])
                assert status == 200
                self.fired.add(name)
            except (aiohttp.ClientError, ConnectionError):
                return

    async def settle_doubts(self) -> None:
        """Asks for each id whose answer was lost; what never arrived is posted again with the same id."""
        for execution_id, body in self.in_doubt.items():
            status, _ = await self.ask("GET", f"/v1/executions/{execution_id}")
            if status == 404:
                status, answer = await self.ask("POST", "/v1/executions", body)
                assert status == 202, answer
            self.accepted.add(execution_id)
        self.in_doubt.clear()


@pytest.mark.slow
@pytest.mark.timeout(0)
async def test_killed_at_any_moment_no_step_runs_twice_and_none_is_lost(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    rounds = int(request.config.getoption("--chaos-rounds"))
    victim, chance = Victim(tmp_path), random.Random(20_260_314)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as session:
        client = Client(victim, session, chance)
        await victim.start(session)
        try:
            for n in range(rounds):
                work = asyncio.create_task(client.work_until_it_dies(n))
                await asyncio.sleep(chance.uniform(0.0, 0.35))
                victim.kill()
                await work
                await victim.start(session)
                await client.settle_doubts()
                await check_round(client, victim, n)
                if (n + 1) % 50 == 0:
                    print(
                        f"{n + 1} of {rounds} rounds: {len(client.accepted)} executions accepted, {len(victim.runs())} ran once"
                    )
            status, verdict = await client.ask("GET", "/v1/audit/verify")
            assert (status, verdict["ok"], verdict["first_bad"]) == (200, True, None)
        finally:
            victim.stop()


async def check_round(client: Client, victim: Victim, n: int) -> None:
    """Everything accepted in this round has one end and was run exactly once, or provably never began."""
    mine = {execution_id for execution_id in client.accepted if execution_id.startswith(f"run-{n:05d}-")}
    ends: dict[str, Any] = {}
    async with asyncio.timeout(30):
        while set(ends) != mine:
            for execution_id in mine - set(ends):
                status, answer = await client.ask("GET", f"/v1/executions/{execution_id}")
                assert status == 200, f"{execution_id} was accepted and is lost"
                if answer["state"] != "running":
                    ends[execution_id] = answer
            await asyncio.sleep(0.02)
    runs = victim.runs()
    assert len(runs) == len(set(runs)), "a step ran twice"
    for execution_id, answer in ends.items():
        ran = runs.count(execution_id)
        expected = {"succeeded": 1, "failed": 0}
        assert ran == expected.get(answer["state"]), (
            f"{execution_id} is {answer['state']} and ran {ran} times"
        )
        assert answer["state"] == "succeeded" or "nothing has run" in answer["reason"]
    _, shown = await client.ask("GET", "/v1/alerts?all=1")
    assert client.fired <= {alert["alertname"] for alert in shown["alerts"]}
