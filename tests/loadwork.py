"""A steady load beside a test, from a process of its own, so that nothing the test does holds it up."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from server.stack.verify.constant_rate import CallCount
from tests.stackwork import until

_PATIENCE_S = 60
"""On a machine that is busy with other tests an answer may take long; one that is lost never comes."""


class Load:
    """Calls that go on until ``end``."""

    def __init__(self, url: str, key: str, rate: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "server.stack.verify.steady_load", "--url", url, "--rate", str(rate), "--patience", str(_PATIENCE_S), "--json"],
            env={**os.environ, "API_KEY": key}, stdout=subprocess.PIPE,
        )  # fmt: skip
        self._count: CallCount | None = None
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def good(self) -> int:
        """How many calls were answered well so far."""
        return 0 if self._count is None else self._count.good

    def goes_on(self, calls: int) -> None:
        """Wait for so many more good answers."""
        wanted = self.good + calls
        until(lambda: self.good >= wanted, timeout_s=60, what=f"{calls} more good answers: {self._count}")

    def end(self) -> CallCount:
        """Stop calling; what came of all of it."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(_PATIENCE_S + 30)
        self._reader.join(10)
        assert self._count is not None
        assert self._count.ended
        return self._count

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self._count = msgspec.json.decode(line, type=CallCount)


@contextmanager
def load(url: str, key: str, rate: int = 500) -> Iterator[Load]:
    """A load that is warm: its first five hundred calls have been answered."""
    running = Load(url, key, rate)
    try:
        running.goes_on(rate)
        yield running
    finally:
        running._process.kill()
        running._process.wait()
