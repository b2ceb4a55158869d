"""Facts about the real processes: master, workers, rolling restart, the end under load. Slow ones are marked."""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import msgspec
import psutil
import psycopg2
import pytest

from server.api.cluster.master_client import Done, MasterAwayError, Order, Roll, Scale, send_order, standing
from server.api.migrate import Migration, migrate, migrations
from server.api.release import release
from server.api.release.version import VERSION
from server.store.postgres import Database
from tests.loadwork import load
from tests.paths import CHECKOUT
from tests.server.api.conftest import until

ROOT = CHECKOUT
_ADMIN = {"Authorization": "Bearer admin-secret"}


class Service:
    """``python -m server`` as a process of its own."""

    def __init__(self, env: dict[str, str], log: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = log
        self.state = Path(env["API_STATE"])
        self.releases = self.state.with_name("releases")
        self._output = log.open("wb")
        mine = {"API_PORT": str(self.port), "ADMIN_TOKEN": "admin-secret", "API_RELEASES": str(self.releases)}
        self._env = {**os.environ, **mine, **env}
        self.process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-m", "server"], env=self._env, stdout=self._output, stderr=subprocess.STDOUT
        )

    def restart(self) -> None:
        """End it, and start it anew."""
        self.process.terminate()
        self.process.wait(20)
        self.process = self._start()

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
        await until(lambda: _up(service, 2), seconds=20)
    connector = aiohttp.TCPConnector(limit=100)
    async with aiohttp.ClientSession(
        service.url, headers={"X-API-Key": keys[-1]}, connector=connector
    ) as session:
        yield session


def done(service: Service, order: Order) -> Done:
    """What the master says at the end of an order."""
    *_, last = send_order(service.state, order, wait_s=60)
    assert isinstance(last, Done)
    return last


def key_of(client: aiohttp.ClientSession) -> str:
    """The key that the client calls with."""
    return client.headers["X-API-Key"]


@pytest.mark.slow
async def test_a_rolling_restart_at_500_requests_a_second_loses_none(
    service: Service, client: aiohttp.ClientSession
) -> None:
    before = service.workers
    with load(service.url, key_of(client)) as calls:
        service.process.send_signal(signal.SIGHUP)
        await until(lambda: not set(before) & set(service.workers) and len(service.workers) == 2, seconds=40)
        calls.goes_on(500)
        count = calls.end()
    assert (count.failures, count.good) == ({}, count.sent)
    await until(lambda: _answered(client, count.good))


@pytest.mark.slow
@pytest.mark.stack
async def test_going_to_three_workers_and_to_one_under_load_loses_no_request(
    service: Service, client: aiohttp.ClientSession
) -> None:
    with load(service.url, key_of(client)) as calls:
        assert done(service, Scale(workers=3)).text == "workers 2 → 3"
        assert len(service.workers) == 3
        calls.goes_on(300)
        assert done(service, Scale(workers=1)).text == "workers 3 → 1"
        assert len(service.workers) == 1
        calls.goes_on(300)
        count = calls.end()
    assert (count.failures, count.good) == ({}, count.sent)
    await until(lambda: _answered(client, count.good))


@pytest.mark.slow
async def test_a_migration_that_locks_the_tables_for_more_than_a_second_loses_no_request(
    service: Service, client: aiohttp.ClientSession, database_url: str
) -> None:
    pending = Migration(
        "9999_of_this_test",
        "ALTER TABLE api_keys ADD COLUMN note text; ALTER TABLE request_logs ADD COLUMN note text;"
        "CREATE INDEX request_logs_note ON request_logs (note); SELECT pg_sleep(1.2);",
    )
    database = Database(database_url)
    with load(service.url, key_of(client)) as calls:
        assert await migrate(database, [*migrations(), pending]) == [pending.name]
        await asyncio.to_thread(calls.goes_on, 500)
        count = calls.end()
    await database.close()
    assert (count.failures, count.good) == ({}, count.sent)
    await until(lambda: _answered(client, count.good))
    await until(lambda: _logged(database_url) == count.good, seconds=20)


def _logged(database_url: str) -> int:
    connection = psycopg2.connect(database_url)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM request_logs WHERE status = 200 AND path LIKE '/v1/analyze%'")
        (rows,) = cursor.fetchone() or (0,)
    connection.close()
    return int(rows)


@pytest.mark.stack
@pytest.mark.slow
async def test_connections_that_wait_for_a_worker_are_answered_by_another_when_it_is_taken_away(
    service: Service, client: aiohttp.ClientSession
) -> None:
    leaver = standing(service.state).workers[1].pid
    os.kill(leaver, signal.SIGSTOP)
    try:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as fresh:

            async def call() -> int:
                async with fresh.get(f"{service.url}/v1/live") as response:
                    return response.status

            calls = [asyncio.create_task(call()) for _ in range(40)]
            await until(lambda: 0 < sum(call.done() for call in calls) < 40)
            taken_away = asyncio.create_task(asyncio.to_thread(done, service, Scale(workers=1)))
            async with asyncio.timeout(20):
                assert await asyncio.gather(*calls) == [200] * 40
    finally:
        os.kill(leaver, signal.SIGCONT)
    assert (await taken_away).ok


@pytest.mark.slow
@pytest.mark.stack
@pytest.mark.slow
async def test_the_number_of_workers_outlives_a_crash_and_a_restart(
    service: Service, client: aiohttp.ClientSession
) -> None:
    assert done(service, Scale(workers=1)).ok
    os.kill(service.workers[0], signal.SIGKILL)
    await until(lambda: len(standing(service.state).workers) == 1)
    async with client.get("/v1/health") as response:
        assert (await response.json())["workers"] == 1
    service.restart()
    await until(lambda: len(service.workers) == 1 and _up(service, 1))
    assert standing(service.state).configured == 2


@pytest.mark.slow
@pytest.mark.stack
async def test_a_temporary_number_of_workers_ends_by_itself(
    service: Service, client: aiohttp.ClientSession
) -> None:
    begun = done(service, Scale(workers=3, for_s=1))
    assert (begun.standing.wanted, begun.standing.until_at is not None) == (3, True)
    await until(lambda: standing(service.state).wanted == 2, seconds=20)
    assert standing(service.state).until_at is None


@pytest.mark.stack
@pytest.mark.slow
async def test_an_order_that_is_none_is_answered_and_changes_nothing(
    service: Service, client: aiohttp.ClientSession
) -> None:
    before = service.workers
    for order in (b'{"type": "scale", "workers": 0}', b'{"type": "scale", "workers": 99}', b"scale 3", b""):
        with socket.socket(socket.AF_UNIX) as link, link.makefile("rb") as answer:
            link.connect(str(service.state / "master.sock"))
            link.sendall(order + b"\n")
            said = msgspec.json.decode(answer.readline(), type=Done)
        assert (said.ok, said.standing.wanted) == (False, 2)
        assert "no order" in said.text
    assert service.workers == before


@pytest.mark.stack
@pytest.mark.slow
async def test_a_damaged_number_of_workers_is_told_and_the_configured_one_counts(
    service: Service, client: aiohttp.ClientSession
) -> None:
    (service.state / "workers.json").write_text('{"workers": "many"}')
    service.restart()
    await until(lambda: _up(service, 2))
    await until(lambda: "workers_file" in service.log.read_text())


@pytest.mark.stack
@pytest.mark.slow
async def test_two_changes_at_once_are_one_and_a_refusal(
    service: Service, client: aiohttp.ClientSession
) -> None:
    first = asyncio.create_task(asyncio.to_thread(done, service, Roll()))
    await until(lambda: len(service.workers) == 3)
    second = done(service, Scale(workers=1))
    assert (second.ok, second.text) == (False, "already replacing the workers; wait for its end")
    assert (await first).ok


@pytest.mark.slow
@pytest.mark.stack
async def test_workers_come_from_the_marked_release_and_a_broken_one_leaves_the_old(
    service: Service, client: aiohttp.ClientSession, tmp_path: Path
) -> None:
    old = service.workers
    release.take(service.releases, ROOT, "v1", in_use=set)
    rolled = done(service, Roll())
    assert [worker.version for worker in rolled.standing.workers] == ["v1", "v1"]
    assert not set(old) & set(service.workers)
    assert all(_imports_only_from(service.releases / "v1", pid) for pid in service.workers)
    async with client.get("/v1/health") as response:
        assert (await response.json())["version"] == "v1"

    code = shutil.copytree(ROOT / "server", tmp_path / "code" / "server").parent
    (code / "server" / "api" / "worker" / "serve.py").write_text(
        "def serve(config, link): raise SystemExit(3)"
    )
    release.take(service.releases, code, "v2", in_use=set)
    kept = service.workers
    for order in (Roll(), Scale(workers=3)):
        failed = done(service, order)
        assert not failed.ok
        assert "no request was lost" in failed.text
        assert sorted(worker.pid for worker in failed.standing.workers) == kept
        assert [worker.version for worker in failed.standing.workers] == ["v1", "v1"]
    os.kill(kept[0], signal.SIGKILL)
    await until(lambda: _up(service, 2) and kept[0] not in service.workers)
    await until(lambda: [worker.version for worker in standing(service.state).workers] == ["v1", "v1"])


@pytest.mark.slow
@pytest.mark.stack
async def test_a_release_that_was_changed_on_disk_is_not_rolled_in_and_at_a_start_not_run(
    service: Service, client: aiohttp.ClientSession
) -> None:
    release.take(service.releases, ROOT, "v1", in_use=set)
    (service.releases / "v1" / "server" / "api" / "ids.py").write_text("")
    rolled = done(service, Roll())
    assert (rolled.ok, "not as it was taken" in rolled.text) == (False, True)
    service.restart()
    await until(lambda: _up(service, 2))
    assert {worker.version for worker in standing(service.state).workers} == {VERSION}
    await until(lambda: "workers run the code in place" in service.log.read_text())


def _imports_only_from(folder: Path, pid: int) -> bool:
    """Whether its path of imports begins with ``folder``, and nothing comes before that."""
    process = psutil.Process(pid)
    first = process.environ()["PYTHONPATH"].split(os.pathsep)[0]
    return first == str(folder) and "-P" in process.cmdline()


def _up(service: Service, count: int) -> bool:
    try:
        return len(standing(service.state).workers) == count
    except MasterAwayError:
        return False


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


@pytest.mark.slow
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
