"""Facts about the real processes: master, workers, rolling restart, the end under load. Slow ones are marked."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from time import monotonic

import aiohttp
import psutil
import psycopg2
import pytest

from tests.server.api.conftest import until

_ADMIN = {"Authorization": "Bearer admin-secret"}


class Service:
    """``python -m server`` as a process of its own."""

    def __init__(self, env: dict[str, str], log: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = log
        self._output = log.open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "server"],
            env={**os.environ, "API_PORT": str(self.port), "ADMIN_TOKEN": "admin-secret", **env},
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )

    @property
    def workers(self) -> list[int]:
        """Process ids of the workers."""
        return sorted(child.pid for child in psutil.Process(self.process.pid).children())

    def end(self) -> None:
        """Stop it whatever it is doing."""
        family = psutil.Process(self.process.pid).children() if self.process.poll() is None else []
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
        for child in family:
            if child.is_running():
                child.kill()
        self._output.close()


@pytest.fixture
def service(database_url: str, redis_url: str, tmp_path: Path) -> Iterator[Service]:
    """The service with two workers."""
    env = {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "API_STATE": str(tmp_path / "s"),
        "WORKERS": "2",
    }
    running = Service(env, tmp_path / "api.log")
    yield running
    running.end()


@pytest.fixture
async def client(service: Service) -> AsyncIterator[aiohttp.ClientSession]:
    """A client that waits until the service is ready and holds a key."""
    async with aiohttp.ClientSession(service.url) as admin:

        async def made_a_key() -> str:
            try:
                async with admin.post(
                    "/v1/api-keys", json={"name": "t", "rate_limit_per_hour": 10**8}, headers=_ADMIN
                ) as r:
                    return str((await r.json())["key"]) if r.status == 201 else ""
            except aiohttp.ClientError:
                return ""

        keys: list[str] = []

        async def ready() -> bool:
            keys.append(await made_a_key())
            return bool(keys[-1])

        await until(ready, seconds=20)
    connector = aiohttp.TCPConnector(limit=100)
    async with aiohttp.ClientSession(
        service.url, headers={"X-API-Key": keys[-1]}, connector=connector
    ) as session:
        yield session


class Load:
    """Calls at a steady pace, half over kept connections and half over fresh ones; every failure is kept."""

    def __init__(self, client: aiohttp.ClientSession, service: Service, each_second: int) -> None:
        self._client = client
        self._pause = 1 / each_second
        self._fresh = aiohttp.ClientSession(
            service.url,
            headers=dict(client.headers),
            connector=aiohttp.TCPConnector(force_close=True, limit=100),
        )
        self.good = 0
        self.bad: list[str] = []
        self._calls: set[asyncio.Task[None]] = set()

    async def run(self, done: asyncio.Event) -> None:
        """Until ``done``."""
        due, n = monotonic(), 0
        while not done.is_set():
            n += 1
            call = asyncio.create_task(self._call(self._fresh if n % 2 else self._client, n))
            self._calls.add(call)
            call.add_done_callback(self._calls.discard)
            due += self._pause
            await asyncio.sleep(max(0.0, due - monotonic()))
        await asyncio.gather(*self._calls)
        await self._fresh.close()

    async def _call(self, session: aiohttp.ClientSession, n: int) -> None:
        try:
            async with session.post("/v1/analyze", json={"prompt": f"Translate {n % 50}"}) as response:
                await response.read()
                if response.status == 200:
                    self.good += 1
                else:
                    self.bad.append(str(response.status))
        except aiohttp.ClientError as error:
            self.bad.append(repr(error))


@pytest.mark.slow
async def test_a_rolling_restart_at_500_requests_a_second_loses_none(
    service: Service, client: aiohttp.ClientSession
) -> None:
    before = service.workers
    load, done = Load(client, service, 500), asyncio.Event()
    running = asyncio.create_task(load.run(done))
    await until(lambda: load.good > 500)
    service.process.send_signal(signal.SIGHUP)
    await until(lambda: not set(before) & set(service.workers) and len(service.workers) == 2, seconds=40)
    done.set()
    await running
    assert (load.bad, load.good > 1000) == ([], True)
    await until(lambda: _answered(client, load.good))


async def test_sigterm_under_load_fails_no_request_in_flight_and_loses_no_log_row(
    service: Service, client: aiohttp.ClientSession, database_url: str
) -> None:
    answered = 0

    async def call(n: int, *, accepted: bool) -> None:
        nonlocal answered
        try:
            async with client.post("/v1/analyze", json={"prompt": f"Summarize {n}"}) as response:
                await response.read()
                assert response.status == 200
                answered += 1
        except aiohttp.ClientOSError:
            # A connection that nobody had accepted when the listener closed: no request in flight.
            assert not accepted

    await asyncio.gather(*(call(n, accepted=True) for n in range(100)))
    first = [asyncio.create_task(call(100 + n, accepted=True)) for n in range(100)]
    await until(lambda: answered > 120)
    service.process.send_signal(signal.SIGTERM)
    second = [asyncio.create_task(call(200 + n, accepted=False)) for n in range(50)]
    await asyncio.gather(*first, *second)
    await asyncio.to_thread(service.process.wait, 20)
    connection = psycopg2.connect(database_url)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM request_logs WHERE status = 200")
        assert cursor.fetchone() == (answered,)
    connection.close()


async def test_a_worker_that_is_killed_comes_back_and_its_counts_stay(
    service: Service, client: aiohttp.ClientSession
) -> None:
    for n in range(20):
        async with client.post("/v1/analyze", json={"prompt": f"hello {n}"}) as response:
            assert response.status == 200
    await until(lambda: _answered(client, 20))
    victim = service.workers[0]
    os.kill(victim, signal.SIGKILL)
    await until(lambda: len(service.workers) == 2 and victim not in service.workers)
    await until(lambda: _answered(client, 20))


async def test_workers_end_with_their_master_and_free_the_port(
    service: Service, client: aiohttp.ClientSession
) -> None:
    workers = service.workers
    service.process.kill()
    service.process.wait()
    await until(lambda: not any(psutil.pid_exists(pid) for pid in workers), seconds=20)
    with socket.create_server(("127.0.0.1", service.port)):
        pass


async def test_what_is_no_request_gets_the_envelope_too(
    service: Service, client: aiohttp.ClientSession
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
    writer.write(b"GARBAGE\r\n\r\n")
    answer = await reader.read()
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.split(b" ")[1] == b"400"
    assert json.loads(body)["error"]["type"] == "bad_request"


async def test_a_client_that_waits_for_100_continue_is_told_to_go_on(
    service: Service, client: aiohttp.ClientSession
) -> None:
    async with client.post("/v1/analyze", json={"prompt": "hello"}, expect100=True) as response:
        assert response.status == 200


def test_a_wrong_environment_is_told_in_one_message() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "server"],
        env={**os.environ, "API_PORT": "x", "WORKERS": "0", "LLM_PROVIDERS": "[]"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert all(name in done.stderr for name in ("API_PORT", "WORKERS", "LLM_PROVIDERS"))
    assert len(done.stderr.splitlines()) == 1


async def test_a_line_of_the_log_is_what_the_runbooks_grep_for(
    service: Service, client: aiohttp.ClientSession
) -> None:
    async with client.post(
        "/v1/analyze", json={"prompt": ""}, headers={"X-Request-ID": "abc-123"}
    ) as response:
        assert response.status == 422
    await until(lambda: "request_id: abc-123" in service.log.read_text())
    line = next(x for x in service.log.read_text().splitlines() if "abc-123" in x)
    assert json.loads(line)["error_type"] == "validation_error"
    assert line.split(" ")[4] == "validation_error"


async def _answered(client: aiohttp.ClientSession, count: int) -> bool:
    """Whether the metrics of all workers together say so (they are added up four times a second)."""
    try:
        async with client.get("/v1/metrics") as response:
            text = await response.text()
    except aiohttp.ClientError:
        return False
    return f'http_requests_total{{handler="/v1/analyze",method="POST",status="200"}} {count}.0' in text


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
