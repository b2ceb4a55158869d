"""The processes that a measurement needs: PostgreSQL, Redis, the API, the yardstick, the mock; and how they are driven."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from tests.server.conftest import Postgres, Redis

_TICK_US = 1_000_000 / os.sysconf("SC_CLK_TCK")


class Api(NamedTuple):
    """A running API and a key of it."""

    url: str
    key: str
    master: int
    ready_s: float
    """From its start until ``/v1/ready`` said 200."""

    @property
    def workers(self) -> list[int]:
        """Process ids of its workers."""
        return [child.pid for child in psutil.Process(self.master).children()]


class Load(NamedTuple):
    """What wrk measured."""

    requests: int
    failed: int
    each_second: float


@contextmanager
def stores() -> Iterator[dict[str, str]]:
    """PostgreSQL and Redis; the environment that names them."""
    directory = Path(tempfile.mkdtemp(prefix="sps-bench-"))
    directory.chmod(0o755)
    postgres, redis = Postgres(directory), Redis(directory)
    try:
        postgres.start()
        redis.start()
        yield {"DATABASE_URL": postgres.url(), "REDIS_URL": redis.url, "STATE": str(directory)}
    finally:
        postgres.stop()
        redis.stop()
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def program(*argv: str, env: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A program in the background, ended at the end."""
    with subprocess.Popen(
        [sys.executable, *argv], env={**os.environ, **(env or {})}, stdout=subprocess.DEVNULL
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


@contextmanager
def api(env: Mapping[str, str], *, limit: int = 10**9, **settings: Any) -> Iterator[Api]:
    """The API with ``settings`` as environment, ready, with a key of ``limit`` calls an hour."""
    port = free_port()
    started = time.perf_counter()
    own = {"API_PORT": str(port), "ADMIN_TOKEN": "bench", "API_STATE": f"{env['STATE']}/api-{port}", **env}
    with program(
        "-m", "server", env={**own, **{name.upper(): str(value) for name, value in settings.items()}}
    ) as process:
        url = f"http://127.0.0.1:{port}"
        _wait(f"{url}/v1/ready")
        ready_s = time.perf_counter() - started
        key = ""
        while not key:
            key = _key(url, limit)
        yield Api(url, key, process.pid, ready_s)


def wrk(
    url: str, key: str, *, seconds: int, connections: int, prompt: str = "Translate guten Morgen"
) -> Load:
    """Drive ``url`` with POSTs of one prompt."""
    body = json.dumps({"prompt": prompt}).replace("'", "")
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(
            f"wrk.method='POST' wrk.headers['Content-Type']='application/json' wrk.headers['X-API-Key']='{key}' wrk.body='{body}'"
        )
        script.flush()
        return _driven(url, seconds, connections, "-s", script.name)


def wrk_get(url: str, *, seconds: int, connections: int, headers: Mapping[str, str] | None = None) -> Load:
    """Drive ``url`` with GETs."""
    words = [word for name, value in (headers or {}).items() for word in ("-H", f"{name}: {value}")]
    return _driven(url, seconds, connections, *words)


def _driven(url: str, seconds: int, connections: int, *words: str) -> Load:
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}", *words, url]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    total = int(re.search(r"(\d+) requests in", text)[1])  # type: ignore[index]  # wrk always says so
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])  # type: ignore[index]  # as above
    return Load(total, int(failed[1]) if failed else 0, rate)


def cpu_us(pids: list[int]) -> float:
    """Processor time that these processes have used, in microseconds."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total * _TICK_US


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _wait(url: str) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=1) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.005)
    raise RuntimeError(f"{url} did not become ready")


def _key(url: str, limit: int) -> str:
    body = json.dumps({"name": "bench", "rate_limit_per_hour": limit}).encode()
    headers = {"Content-Type": "application/json", "Authorization": "Bearer bench"}
    try:
        with urllib.request.urlopen(
            urllib.request.Request(f"{url}/v1/api-keys", body, headers), timeout=3
        ) as answer:
            return str(json.load(answer)["key"])
    except (urllib.error.URLError, OSError):
        time.sleep(0.05)
        return ""
