"""Runs a real shim, in the foreground or in the background, as the daemon does."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from server.runner.launcher import read_status
from server.runner.spec import ShimSpec, ShimStatus


class Bench:
    """A folder for one execution and the ways to run its shim."""

    def __init__(self, folder: Path, enter: Callable[[], None] | None = None) -> None:
        self.folder = folder
        self._enter = enter
        """What the shim's process does before it is the shim."""

    def spec(self, *argv: str, **fields: Any) -> ShimSpec:
        values: dict[str, Any] = {
            "folder": str(self.folder),
            "argv": argv,
            "env": {"PATH": os.environ["PATH"]},
            "cwd": "/",
            "timeout_s": 20.0,
            "grace_s": 0.5,
            "drain_s": 0.5,
        }
        return ShimSpec(**(values | fields))

    def start(self, spec: ShimSpec) -> subprocess.Popen[bytes]:
        shim = subprocess.Popen(
            [sys.executable, "-m", "server.runner.shim"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=self._enter,
        )
        assert shim.stdin is not None
        shim.stdin.write(msgspec.json.encode(spec))
        shim.stdin.close()
        shim.stdin = None
        return shim

    def run(self, *argv: str, **fields: Any) -> ShimStatus:
        shim = self.start(self.spec(*argv, **fields))
        assert shim.stdout is not None
        with shim, shim.stdout:
            shim.wait(60)
        return self.status()

    def bash(self, text: str, **fields: Any) -> ShimStatus:
        return self.run("bash", "-c", text, **fields)

    def status(self) -> ShimStatus:
        status = read_status(self.folder)
        assert status is not None
        return status

    def kept(self, name: str = "stdout") -> bytes:
        pieces = sorted(self.folder.glob(f"{name}.*"), key=lambda path: int(path.suffix[1:]))
        return b"".join(path.read_bytes() for path in pieces)


def until(condition: Callable[[], bool], within_s: float = 20.0) -> None:
    """Waits for something that another process does."""
    end = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    yield Bench(tmp_path)
