"""A daemon in a process of its own, which a test may kill at any moment."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any


class Killable:
    """An ops daemon of its own process."""

    def __init__(self, state: Path, **settings: str) -> None:
        self.state, self.settings = state, settings
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        env = {**os.environ, "OPS_STATE": str(self.state), "OPS_PORT": str(self.port), "PROMETHEUS_URL": "http://127.0.0.1:9", "LOG_LEVEL": "ERROR", "BALLAST_MB": "0", **self.settings}  # fmt: skip
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
