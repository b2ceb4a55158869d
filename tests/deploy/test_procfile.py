"""Facts about the Procfile: a platform gives a process one PORT and nothing else, and that is enough."""

import os
import random
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.deploy.compose_file import ROOT
from tests.server.conftest import Postgres, Redis
from tests.stackwork import until

PROCFILE = dict(
    line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines() if not line.startswith("#")
)
STEP = 100
"""honcho counts PORT up by so many, process type by process type, in the order of the file."""


def test_it_has_the_four_processes() -> None:
    """And no release: whoever starts all of a Procfile ends when the first of them ends."""
    assert PROCFILE == {
        "web": "python -m server",
        "evaluator": "python -m server.evaluator",
        "ops": "python -m server.ops",
        "status": "python -m server.status",
    }


def free_base() -> int:
    """A port that is free with those that honcho counts up to, below the ports of outgoing connections."""
    bases = range(21_000, 31_000, 7)
    return next(base for base in random.sample(bases, len(bases)) if all(map(_is_free, _counted(base))))


def _counted(base: int) -> list[int]:
    return [base + STEP * n for n in range(4)]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


class Platform:
    """honcho with PORT, DATABASE_URL and REDIS_URL, and nothing else of ours."""

    def __init__(self, folder: Path, database_url: str, redis_url: str) -> None:
        (folder / "Procfile").write_text(
            "".join(f"{name}: {PROCFILE[name]}\n" for name in ("web", "evaluator", "ops", "status"))
        )
        base = free_base()
        self.ports = dict(zip(("web", "evaluator", "ops", "status"), _counted(base), strict=True))
        env = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "XDG_CONFIG_HOME": os.environ["XDG_CONFIG_HOME"],
            "PORT": str(base),
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
        }
        self._log = folder / "log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "honcho", "start"], cwd=folder, env=env, stdout=log, stderr=log
            )

    def listening_on(self, port: int) -> set[str]:
        """The addresses on which something of this platform listens at ``port``."""
        processes = [
            self._process.pid,
            *(p.pid for p in psutil.Process(self._process.pid).children(recursive=True)),
        ]
        return {
            connection.laddr.ip
            for connection in psutil.net_connections("tcp")
            if connection.status == psutil.CONN_LISTEN
            and connection.laddr
            and connection.laddr.port == port
            and connection.pid in processes
        }

    def status(self, name: str, path: str) -> int:
        """What a process answers at its own PORT; 0 where it does not."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[name]}{path}", timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def said(self) -> str:
        return self._log.read_text()

    def end(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(40)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)


@pytest.fixture
def platform(tmp_path: Path, postgres: Postgres, redis: Redis) -> Iterator[Platform]:
    running = Platform(tmp_path, postgres.url(), redis.url)
    try:
        yield running
    finally:
        running.end()


@pytest.mark.stack
def test_with_one_port_each_the_four_come_up(platform: Platform) -> None:
    paths = {"web": "/v1/ready", "status": "/healthz", "ops": "/v1/live", "evaluator": "/-/healthy"}
    try:
        until(
            lambda: {platform.status(name, path) for name, path in paths.items()} == {200},
            what="the answers of all four",
        )
    except AssertionError as error:
        raise AssertionError(platform.said()[-3000:]) from error
    assert platform.listening_on(platform.ports["web"]) == {"0.0.0.0"}
    assert platform.listening_on(platform.ports["status"]) == {"0.0.0.0"}
    assert platform.listening_on(platform.ports["ops"]) == {"127.0.0.1"}
    assert platform.listening_on(platform.ports["evaluator"]) == {"127.0.0.1"}
    assert platform.status("web", "/v1/metrics") == 401, "from outside, metrics ask for METRICS_TOKEN"


@pytest.mark.stack
def test_a_release_brings_the_database_to_the_newest_schema(postgres: Postgres) -> None:
    """The command that DEPLOYMENT.md names for a release phase."""
    command = "python -m server.api.migrate"
    assert f"`{command}`" in (ROOT / "DEPLOYMENT.md").read_text()
    env = {"PATH": os.environ["PATH"], "DATABASE_URL": postgres.url()}
    for expected in (r"applied 0001_initial", r"nothing to apply"):
        done = subprocess.run(
            [sys.executable, *command.split()[1:]], cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=60
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert re.search(expected, done.stdout)
