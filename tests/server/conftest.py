"""Real PostgreSQL and real Redis for tests: started once a test process on sockets in a short tmp directory.

``postgres`` and ``redis`` are the servers themselves, which a test may stop, pause and start again; ``database_url``
is a fresh empty database and ``redis_url`` a Redis emptied before the test. What uses them is marked ``stack``.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg2
import pytest
import redis as redis_library

from server.stack.local.wheels import let_through, postgres_program, postgres_user, redis_program

_BIN = postgres_program("postgres").parent
_REDIS_SERVER = redis_program("redis-server")
_SERVER_FIXTURES = {"postgres", "redis", "database_url", "redis_url"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever starts a real server is a ``stack`` test, said or not."""
    for item in items:
        if _SERVER_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("stack")


def _owner() -> pwd.struct_passwd | None:
    """Who PostgreSQL runs as: it refuses root."""
    name = postgres_user()
    if name is None:
        return None
    let_through(_BIN)
    return pwd.getpwnam(name)


class Postgres:
    """One PostgreSQL cluster on a socket, without fsync: it outlives its own crashes, not the machine's."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._data = directory / "pg"
        self._owner = _owner()
        self._process: subprocess.Popen[bytes] | None = None
        if self._owner is not None:
            os.chown(directory, self._owner.pw_uid, self._owner.pw_gid)
        self._run("initdb", "-D", str(self._data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")

    def url(self, database: str = "postgres") -> str:
        """Where a database of it is."""
        return f"postgresql://postgres@/{database}?host={quote(str(self._directory), safe='')}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = ("fsync=off", "full_page_writes=off", "max_connections=200")
        command = [str(_BIN / "postgres"), "-D", str(self._data), "-k", str(self._directory), "-h", ""]
        for option in options:
            command += ["-c", option]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            **self._as_owner(),
        )
        self._run("pg_isready", "-q", "-h", str(self._directory), "-t", "0", retry=True)

    def stop(self) -> None:
        """Stop it at once, as an outage would (immediate shutdown)."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(20)
            self._process = None

    def pause(self) -> None:
        """Freeze every process of it (SIGSTOP): connections stay, nothing answers."""
        self._signal_all(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on (SIGCONT)."""
        self._signal_all(signal.SIGCONT)

    def ensure_running(self) -> None:
        """Start it again if a test stopped it."""
        if self._process is None:
            self.start()
        else:
            self.resume()

    def _signal_all(self, number: int) -> None:
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        for pid in (self._process.pid, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def _as_owner(self) -> dict[str, Any]:
        if self._owner is None:
            return {}
        return {
            "user": self._owner.pw_uid,
            "group": self._owner.pw_gid,
            "extra_groups": [],
            "cwd": self._directory,
        }

    def _run(self, program: str, *arguments: str, retry: bool = False) -> None:
        for _ in range(300 if retry else 1):
            done = subprocess.run(
                [str(_BIN / program), *arguments],
                capture_output=True,
                check=False,
                text=True,
                **self._as_owner(),
            )
            if done.returncode == 0:
                return
            if retry:
                select_nothing(0.05)
        raise RuntimeError(f"{program} failed: {done.stdout}{done.stderr}")


class Redis:
    """One redis-server on a socket, nothing on disk."""

    def __init__(self, directory: Path) -> None:
        self.socket = directory / "redis.sock"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it is."""
        return f"unix://{self.socket}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._process = subprocess.Popen(
            [
                str(_REDIS_SERVER),
                "--port",
                "0",
                "--unixsocket",
                str(self.socket),
                "--save",
                "",
                "--appendonly",
                "no",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for _ in range(300):
            try:
                self.client().ping()
                return
            except redis_library.exceptions.ConnectionError:
                select_nothing(0.02)
        raise RuntimeError("redis-server did not start")

    def client(self) -> "redis_library.Redis":
        """A plain client, for looking and for preparing."""
        return redis_library.Redis(unix_socket_path=str(self.socket), socket_timeout=5)

    def stop(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.kill()
            self._process.wait(10)
            self._process = None
            self.socket.unlink(missing_ok=True)

    def pause(self) -> None:
        """Freeze it (SIGSTOP): connections stay, nothing answers."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on (SIGCONT)."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def ensure_running(self) -> None:
        """Start it again if a test stopped it."""
        if self._process is None:
            self.start()
        else:
            self.resume()


def select_nothing(seconds: float) -> None:
    """Give a starting server a moment before it is asked again."""
    signal.sigtimedwait([], seconds)


@pytest.fixture(scope="session")
def _server_directory() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="sps-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def _postgres_server(_server_directory: Path) -> Iterator[Postgres]:
    server = Postgres(_server_directory)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def _redis_server(_server_directory: Path) -> Iterator[Redis]:
    server = Redis(_server_directory)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def postgres(_postgres_server: Postgres) -> Iterator[Postgres]:
    """The PostgreSQL server; a test may stop or pause it, it runs again before the next."""
    _postgres_server.ensure_running()
    yield _postgres_server
    _postgres_server.ensure_running()


@pytest.fixture
def redis(_redis_server: Redis) -> Iterator[Redis]:
    """The Redis server, emptied; a test may stop or pause it, it runs again before the next."""
    _redis_server.ensure_running()
    _redis_server.client().flushall()
    yield _redis_server
    _redis_server.ensure_running()


@pytest.fixture
def database_url(postgres: Postgres, request: pytest.FixtureRequest) -> Iterator[str]:
    """A fresh empty database."""
    name = f"t{os.getpid()}_{abs(hash(request.node.nodeid)) % 10**12}"
    _administer(postgres, f'CREATE DATABASE "{name}"')
    yield postgres.url(name)
    postgres.ensure_running()
    _administer(postgres, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def redis_url(redis: Redis) -> str:
    """An empty Redis."""
    return redis.url


def _administer(postgres: Postgres, statement: str) -> None:
    connection = psycopg2.connect(postgres.url())
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()
