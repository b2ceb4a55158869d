"""kill -9 of the daemon at any moment: what was decided is sent, and decided once."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from server.ops.state.state import STATE_FORMAT
from server.store.archive import Archive

pytestmark = pytest.mark.slow
ROUNDS = 25
CONTACTS = "people:\n  ana: {channels: ['file:ana.log']}\nlevels: {L1: ana}\n"


class Killable:
    """An ops daemon of its own process."""

    def __init__(self, state: Path) -> None:
        self.state = state
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        env = {**os.environ, "OPS_STATE": str(self.state), "OPS_PORT": str(self.port), "PROMETHEUS_URL": "http://127.0.0.1:9", "LOG_LEVEL": "ERROR", "BALLAST_MB": "0"}  # fmt: skip
        self.process = subprocess.Popen(
            [sys.executable, "-m", "server.ops"], env=env, stdout=subprocess.DEVNULL
        )
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                self.call("GET", "/v1/health")
                return
            except OSError:
                time.sleep(0.02)
        raise RuntimeError("the daemon did not start")

    def call(self, method: str, path: str, body: Any = None) -> Any:
        token = (self.state / "tokens" / "admin").read_text().strip()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read() or b"null")

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@pytest.mark.timeout(300)
def test_every_decided_page_is_sent_and_decided_once(tmp_path: Path) -> None:
    (tmp_path / "contacts.yml").write_text(CONTACTS)
    daemon, chance = Killable(tmp_path), random.Random(7)
    daemon.start()
    for n in range(ROUNDS):
        labels = {"alertname": f"Trouble{n}", "service": "api", "severity": "critical"}
        daemon.call("POST", "/api/v2/alerts", [{"labels": labels, "annotations": {"summary": "x"}}])
        time.sleep(chance.uniform(0, 1.6))
        daemon.kill()
        daemon.start()
    until = time.monotonic() + 60
    while True:
        pages = daemon.call("GET", "/v1/pages")["pages"]
        copies = [copy for page in pages for copy in page["deliveries"]]
        about = {page["incident_id"] for page in pages}
        if len(about) == ROUNDS and all(copy["state"] == "sent" for copy in copies):
            break
        assert time.monotonic() < until, copies
        time.sleep(0.1)
    daemon.kill()
    lines = (tmp_path / "ana.log").read_text()
    assert all(f"incident {n + 1}  " in lines for n in range(ROUNDS))
    archive = Archive(tmp_path / "ops", STATE_FORMAT)
    decided = [
        (body["page"]["incident_id"], body["due"]["due_at"])
        for entry in archive.read(0, 100_000)
        if entry.kind == "page.decided"
        for body in [json.loads(entry.body)]
    ]
    assert len(decided) == len(set(decided))
