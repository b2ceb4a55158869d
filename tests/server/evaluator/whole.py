"""A whole evaluator on a clock of the test's own, with a target and an ops daemon that the test plays."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from server.evaluator.app import create_app
from server.evaluator.config import EvaluatorConfig
from server.evaluator.rule_files import load_rules
from tests.server.evaluator.fake_clock import FakeClock

START_MS = 1_700_000_000_000


@dataclass
class World:
    """What the evaluator sees of the world, and what the world sees of it."""

    clock: FakeClock
    text: str = "x 1\n"
    status: int = 200
    scrapes: int = 0
    received: list[dict[str, Any]] = field(default_factory=list)
    session: aiohttp.ClientSession = field(init=False)
    url: str = ""
    app: web.Application = field(init=False)
    loops: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def metrics(self, _: web.Request) -> web.Response:
        self.scrapes += 1
        return web.Response(text=self.text, status=self.status)

    async def take(self, request: web.Request) -> web.Response:
        self.received.extend(await request.json())
        self.news.set()
        return web.json_response({})

    async def get(self, path: str, **query: str) -> Any:
        """The body of an answer of the evaluator."""
        async with self.session.get(self.url + path, params=query) as response:
            return await response.json()

    async def alerts(self) -> dict[str, str]:
        """Name and state of what is pending or firing."""
        body = await self.get("/api/v1/alerts")
        return {one["labels"]["alertname"]: one["state"] for one in body["data"]["alerts"]}

    async def run(self, seconds: int) -> None:
        """Lets time pass, a second at a time; the clock stands while those whom it woke do what is due."""
        for _ in range(seconds):
            self.clock.move_to(self.clock.now_ms() + 1_000)
            await self.clock.asleep(self.loops)

    async def told(self, count: int) -> None:
        """Waits until the ops daemon has been told of so many alerts."""
        async with asyncio.timeout(10):
            while len(self.received) < count:
                self.news.clear()
                await self.news.wait()


@asynccontextmanager
async def evaluator(
    folder: Path, rules: str, *, now_ms: int = START_MS, env: dict[str, str] | None = None
) -> AsyncIterator[World]:
    """Runs an evaluator with these rules; its state is kept in the folder."""
    world = World(FakeClock(now_ms))
    outside = web.Application()
    outside.router.add_get("/metrics", world.metrics)
    outside.router.add_post("/api/v2/alerts", world.take)
    outside_server = TestServer(outside)
    await outside_server.start_server()
    base = str(outside_server.make_url("")).rstrip("/")
    (folder / "rules").mkdir(exist_ok=True)
    (folder / "rules" / "test.yml").write_text(rules)
    settings = {
        "RULES_DIR": str(folder / "rules"),
        "EVALUATOR_STATE": str(folder / "state"),
        "OPS_URL": base,
        **(env or {}),
    }
    config = EvaluatorConfig.from_env(settings, targets=[f"api={base}/metrics"])
    loaded = load_rules(config)
    app = create_app(config, loaded, world.clock)
    server = TestServer(app)
    await server.start_server()
    # One loop for each target (the API, the host, the evaluator), one for each group, one that forgets.
    world.loops = 3 + len(loaded.groups) + 1
    async with aiohttp.ClientSession() as session:
        world.session, world.app, world.url = session, app, str(server.make_url("")).rstrip("/")
        await world.clock.asleep(world.loops)
        yield world
    await server.close()
    await outside_server.close()
