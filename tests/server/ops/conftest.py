"""A real ops daemon in the test's own process: real journal, real shims, a clock that the test sets."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import BaseTestServer, TestServer

from server.ops.app import Daemon, daemon
from server.ops.config import OpsConfig

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)

ACTIONS = """
greet:
  title: Greet
  kind: change
  object: api
  timeout: 20s
  params: {word: {type: string, default: hello}}
  targets: {local: [echo, "{word}"]}
hold-api:
  title: Hold the api
  kind: change
  object: api
  timeout: 60s
  targets: {local: [sleep, "60"]}
linger:
  title: Take too long
  kind: change
  object: api
  timeout: 1s
  targets: {local: [sleep, "60"]}
wipe:
  title: Wipe everything
  kind: destructive
  object: all
  timeout: 20s
  locks: ["service:api", "service:redis"]
  targets: {local: [echo, wiped]}
restore:
  title: Restore
  kind: destructive
  object: appdb
  people: 2
  targets: {local: [echo, restored]}
tune:
  title: Tune
  kind: change
  object: cache
  temporary: true
  rollback: ops act tune --param value=1
  targets: {local: [echo, tuned, "{for}"]}
turn:
  title: Turn to a value
  kind: change
  object: cache
  temporary: true
  params: {value: {type: string, required: true}}
  targets: {local: [echo, "{value}", "{for}"]}
bar:
  title: Keep one out
  kind: change
  object: "{client}"
  temporary: true
  params: {client: {type: string, required: true}}
  rollback: ops act unbar --param client={client}
  targets: {local: [echo, "{client}", "{for}"]}
unbar:
  title: Let one in
  kind: change
  object: "{client}"
  params: {client: {type: string, required: true}}
  targets: {local: [echo, "{client}"]}
measured:
  title: Act on a metric
  kind: change
  object: api
  verify: {query: up, expect: "== 1", within: 2s, text: api up}
  rollback: ops act greet
  targets: {local: [echo, acted]}
guarded:
  title: Guarded
  kind: change
  object: api
  precheck: {local: [bash, -c, "echo not now; exit 3"]}
  targets: {local: [touch, "{state}/guarded-ran"]}
raze:
  title: Raze what may be razed
  kind: destructive
  object: all
  precheck: {local: [echo, "it may be"]}
  targets: {local: [touch, "{state}/razed"]}
unproven:
  title: From the documentation
  kind: change
  object: api
  unverified: [local]
  targets: {local: [echo, perhaps]}
elsewhere:
  title: Only elsewhere
  kind: change
  object: api
  targets: {compose: [docker, compose, restart, api]}
"""

RUNBOOK = """---
alert: APIDown
severity: critical
mttr_target: 5m
owner: platform
---
# APIDown

## Overview
It is down.

## Diagnosis
```bash {"name":"look","kind":"read","timeout":"20s"}
echo looking
```
```bash {"name":"who-am-i","kind":"read","timeout":"20s"}
printf '%s' "$OPS_TOKEN" > "$OPS_STATE/lent"; echo "token $OPS_TOKEN"
```
```bash {"name":"verify","kind":"read","timeout":"20s","healthy":"^well","unhealthy":"^ill"}
echo well
```
"""


class Clock:
    """The time, as the test says."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


class House:
    """A running daemon and a client of it."""

    def __init__(
        self,
        built: Daemon,
        server: BaseTestServer,
        session: aiohttp.ClientSession,
        clock: Clock,
        config: OpsConfig,
    ) -> None:
        self.built = built
        self.server = server
        self.url = str(server.make_url("")).rstrip("/")
        self.session = session
        self.clock = clock
        self.config = config

    @property
    def handling(self) -> bool:
        """Whether any request is being handled."""
        assert self.server.handler is not None
        return any(connection._current_request is not None for connection in self.server.handler.connections)

    async def ask(
        self, method: str, path: str, body: Any = None, *, token: str | None = None, **headers: str
    ) -> tuple[int, Any]:
        given = {"Authorization": f"Bearer {token or self.built.tokens['admin']}", **headers}
        async with self.session.request(method, self.url + path, json=body, headers=given) as response:
            if response.content_type == "application/json":
                return response.status, await response.json()
            return response.status, await response.text()

    async def get(self, path: str, *, token: str | None = None) -> Any:
        status, answer = await self.ask("GET", path, token=token)
        assert status == 200, answer
        return answer

    async def post(self, path: str, body: Any = None, *, token: str | None = None) -> Any:
        status, answer = await self.ask("POST", path, body if body is not None else {}, token=token)
        assert status < 300, answer
        return answer

    async def fire(self, alertname: str = "APIDown", *, severity: str = "critical", **labels: str) -> None:
        await self.post("/api/v2/alerts", [alert(alertname, severity, labels)])

    async def resolve(self, alertname: str = "APIDown", *, severity: str = "critical", **labels: str) -> None:
        ended = {**alert(alertname, severity, labels), "endsAt": self.clock().isoformat()}
        await self.post("/api/v2/alerts", [ended])

    async def tick(self, **by: float) -> None:
        self.clock.forward(**by)
        await self.built.timers.tick()

    async def lapse(self, seconds: int) -> None:
        """Lets time pass as a daemon that is never held up sees it."""
        for _ in range(seconds // 5):
            await self.tick(seconds=5)

    async def settled(self, execution_id: str) -> Any:
        """The execution once its output is complete and it is verified."""
        answer: Any = {"done": False, "stdout": {"next_offset": 0}, "stderr": {"next_offset": 0}}
        async with asyncio.timeout(40):
            while not answer["done"]:
                offsets = f"stdout={answer['stdout']['next_offset']}&stderr={answer['stderr']['next_offset']}"
                answer = await self.get(f"/v1/executions/{execution_id}/output?wait=20&{offsets}")
        return await self.get(f"/v1/executions/{execution_id}")

    async def user(self, name: str, role: str) -> str:
        return str((await self.post("/v1/users", {"name": name, "role": role}))["token"])


def alert(alertname: str, severity: str, labels: dict[str, str]) -> dict[str, Any]:
    return {
        "labels": {"alertname": alertname, "service": "api", "severity": severity, **labels},
        "annotations": {
            "summary": f"{alertname} it is",
            "mttr_target": "5m",
            "runbook_url": f"https://example.org/runbooks/{alertname}.md",
        },
    }


Start = Callable[..., "contextlib.AbstractAsyncContextManager[House]"]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def start(tmp_path: Path, clock: Clock) -> Start:
    """Starts a daemon on the test's folder; a second time it finds what the first one left."""
    shelf = tmp_path / "runbooks"
    shelf.mkdir()
    (shelf / "actions.yml").write_text(ACTIONS)
    (shelf / "APIDown.md").write_text(RUNBOOK)

    @contextlib.asynccontextmanager
    async def started(**settings: Any) -> AsyncIterator[House]:
        # A stack that somebody runs on this machine beside the tests is not theirs to ask.
        settings = {"state": tmp_path / "var", "prometheus_url": "http://127.0.0.1:1", **settings}
        config = OpsConfig(runbooks=shelf, ballast_mb=0, **settings)
        async with (
            daemon(config, os.environ, clock) as built,
            TestServer(built.app) as server,
            aiohttp.ClientSession() as session,
        ):
            yield House(built, server, session, clock, config)

    return started


@pytest.fixture
async def house(start: Start) -> AsyncIterator[House]:
    async with start() as running:
        yield running


class Metrics:
    """A stand-in for the source of metrics that we own: answers instant queries and lists alerts."""

    def __init__(self) -> None:
        self.value: float | None = 0.0
        self.alerts: list[dict[str, Any]] = []
        self.rules: list[dict[str, Any]] = []
        self.targets: list[dict[str, Any]] = []
        self.ok = True

    async def answer(self, request: web.Request) -> web.Response:
        if not self.ok:
            raise web.HTTPServiceUnavailable
        if request.path.endswith("/alerts"):
            return web.json_response({"status": "success", "data": {"alerts": self.alerts}})
        if request.path.endswith("/rules"):
            return web.json_response({"status": "success", "data": {"groups": self.rules}})
        if request.path.endswith("/targets"):
            return web.json_response({"status": "success", "data": {"activeTargets": self.targets}})
        if request.path.endswith("/query"):
            result = [] if self.value is None else [{"metric": {}, "value": [0, str(self.value)]}]
            return web.json_response(
                {"status": "success", "data": {"resultType": "vector", "result": result}}
            )
        raise web.HTTPNotFound


@pytest.fixture
async def metrics() -> AsyncIterator[tuple[Metrics, str]]:
    source = Metrics()
    app = web.Application()
    app.router.add_get("/{path:.*}", source.answer)
    async with TestServer(app) as server:
        yield source, str(server.make_url("")).rstrip("/")


Settled = Callable[[str], Awaitable[Any]]
