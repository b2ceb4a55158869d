"""A real ops daemon, alone: no API, no evaluator, no stores; alerts are posted to it as Prometheus would."""

import contextlib
import json
import os
import shutil
import tempfile
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from console.ops_api.client import DaemonAccess, OpsClient
from console.ops_api.errors import OpsError
from tests.forked_daemon import ForkedDaemon
from tests.paths import CHECKOUT
from tests.stackwork import end_whoever_knows, free_port_base, until


class LoneDaemon:
    """``python -m server.ops`` on a state folder of its own."""

    def __init__(self, state: Path, shelf: Path | None = None) -> None:
        self.state, self.port = state, free_port_base()
        self.shelf = shelf or CHECKOUT / "runbooks"
        self._process: ForkedDaemon | None = None
        self.start()

    def start(self) -> None:
        """Start it and wait until it answers."""
        env = {
            "PATH": os.environ["PATH"], "OPS_STATE": str(self.state), "OPS_PORT": str(self.port),
            "PROMETHEUS_URL": "http://127.0.0.1:1", "API_URL": "http://127.0.0.1:1", "BALLAST_MB": "1", "REHEARSAL_AT": "off",
            "RUNBOOKS_DIR": str(self.shelf), "XDG_CONFIG_HOME": os.environ["XDG_CONFIG_HOME"],
        }  # fmt: skip
        self._process = ForkedDaemon(env, self.state / "log")
        until(self._answers, timeout_s=20, what="the daemon's answer")

    def _answers(self) -> bool:
        assert self._process is not None
        assert not self._process.ended, (self.state / "log").read_text()[-2000:]
        try:
            self.client().me()
        except (OpsError, OSError):
            return False
        return True

    def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        if self._process is not None:
            self._process.kill()

    def client(self, user: str = "admin") -> OpsClient:
        """A client with a user's token."""
        token = (self.state / "tokens" / user).read_text().strip()
        return OpsClient(DaemonAccess(f"http://127.0.0.1:{self.port}", token))

    def post_alert(
        self, name: str = "APIDown", *, severity: str = "critical", resolved: bool = False, **labels: str
    ) -> None:
        """One alert as Prometheus sends it."""
        now = datetime.now(UTC)
        alert = {
            "labels": {"alertname": name, "severity": severity, "service": "api", **labels},
            "annotations": {
                "summary": f"{name} is there", "mttr_target": "5m", "runbook_url": f"https://x/runbooks/{name}.md"
            },
            "startsAt": (now - timedelta(seconds=30)).isoformat(),
            "endsAt": (now if resolved else now + timedelta(minutes=5)).isoformat(),
        }  # fmt: skip
        token = (self.state / "tokens" / "ingest").read_text().strip()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/v2/alerts",
            data=json.dumps([alert]).encode(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.status == 200


@pytest.fixture
def daemon_with_shelf(tmp_path: Path) -> Iterator[LoneDaemon]:
    """With runbooks of its own, which a test may edit."""
    shelf = tmp_path / "runbooks"
    shutil.copytree(CHECKOUT / "runbooks", shelf)
    (tmp_path / "state").mkdir()
    daemon = LoneDaemon(tmp_path / "state", shelf)
    try:
        yield daemon
    finally:
        daemon.kill()
        end_whoever_knows(tmp_path)


@contextlib.contextmanager
def running_daemon() -> Iterator[LoneDaemon]:
    """A lone daemon in a folder of its own, for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="sps-ops-") as folder:
        daemon = LoneDaemon(Path(folder))
        try:
            yield daemon
        finally:
            daemon.kill()
            end_whoever_knows(Path(folder))


@pytest.fixture
def lone_daemon() -> Iterator[LoneDaemon]:
    with running_daemon() as daemon:
        yield daemon
