"""The API as tests use it: in this process, on real PostgreSQL and Redis, with a client that holds a key."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import RawTestServer, TestClient

from server.api.app import ApiService, create_service
from server.api.config import ApiConfig
from server.api.telemetry.log import Log

ADMIN = {"Authorization": "Bearer admin-secret"}


class Reply(NamedTuple):
    """An answer, read to its end."""

    status: int
    headers: Any
    body: Any
    """Decoded where it is JSON, else text."""


class Api:
    """A running application and a client of it."""

    def __init__(self, client: "TestClient[Any, Any]", service: ApiService, log_file: Path) -> None:
        self.client = client
        self.service = service
        self.log_file = log_file
        self.key = ""

    async def call(self, method: str, path: str, **kwargs: Any) -> Reply:
        """One request without credentials of its own."""
        async with self.client.request(method, path, **kwargs) as response:
            return await _reply(response)

    async def admin(self, method: str, path: str, **kwargs: Any) -> Reply:
        """One request with the admin token."""
        return await self.call(method, path, headers=ADMIN, **kwargs)

    async def new_key(self, name: str = "test", limit: int | None = None) -> str:
        """A fresh API key."""
        reply = await self.admin("POST", "/v1/api-keys/", json={"name": name, "rate_limit_per_hour": limit})
        assert reply.status == 201, reply.body
        return str(reply.body["key"])

    async def analyze(self, prompt: str, *, key: str | None = None, **fields: Any) -> Reply:
        """POST /v1/analyze/ with a key."""
        headers = {"X-API-Key": key or self.key}
        return await self.call("POST", "/v1/analyze/", json={"prompt": prompt, **fields}, headers=headers)


StartApi = Callable[..., Awaitable[Api]]


async def _reply(response: ClientResponse) -> Reply:
    kind = response.headers.get("Content-Type", "")
    body = await response.json(content_type=None) if "json" in kind else await response.text()
    return Reply(response.status, response.headers, body)


async def until(question: Callable[[], Any], *, seconds: float = 10.0) -> None:
    """Ask until the answer is true."""
    async with asyncio.timeout(seconds):
        while True:
            answer = question()
            if isinstance(answer, Awaitable):
                answer = await answer
            if answer:
                return
            await asyncio.sleep(0.02)


@pytest.fixture
async def start_api(tmp_path: Path) -> AsyncIterator[StartApi]:
    """Starts applications with whatever configuration a test needs, and ends them."""
    ends: list[Callable[[], Awaitable[None]]] = []

    async def start(*, ready: bool = True, **settings: Any) -> Api:
        values: dict[str, Any] = {
            "admin_token": "admin-secret",
            "api_state": str(tmp_path / "api"),
            **settings,
        }
        log_file = tmp_path / "api.log"
        descriptor = os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        log = Log(level="DEBUG", descriptor=descriptor)
        service = create_service(ApiConfig(**values), log)
        running = service.running()
        await running.__aenter__()
        client: TestClient[Any, Any] = TestClient(RawTestServer(service.handle))
        await client.start_server()
        api = Api(client, service, log_file)

        async def end() -> None:
            await client.close()
            await running.__aexit__(None, None, None)
            log.close()
            os.close(descriptor)

        ends.append(end)
        if ready:
            probe = service.probe
            await until(lambda: probe.ready and probe.dependencies["postgres"].status == "healthy")
            await until(lambda: _can_make_keys(api))
        return api

    yield start
    for end in reversed(ends):
        await end()


async def _can_make_keys(api: Api) -> bool:
    return (await api.admin("GET", "/v1/api-keys/")).status == 200


@pytest.fixture
async def api(start_api: StartApi, database_url: str, redis_url: str) -> Api:
    """The API as it stands by default, with a key of a high limit."""
    api = await start_api(database_url=database_url, redis_url=redis_url)
    api.key = await api.new_key(limit=1_000_000)
    return api
