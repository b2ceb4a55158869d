"""The master: owns the listening sockets, keeps one worker on each, and replaces workers without closing a socket.

SIGHUP starts a new worker on each socket and ends the old one once the new one listens; a connection that waits in a
socket's queue meanwhile is taken by whichever accepts first. SIGTERM lets all finish.
"""

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

from server.api.config import Config
from server.api.worker_metrics import bury, clean

_READY_S = 20.0
_BIND_S = 5.0
_LONGEST_PAUSE_S = 5.0
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)


class Slot:
    """One listening socket and the worker on it."""

    def __init__(self, listener: socket.socket) -> None:
        self.listener = listener
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.pause_s = 0.1
        self.start_at = 0.0


class Master:
    """Workers and their sockets."""

    def __init__(self, config: Config, env: Mapping[str, str]) -> None:
        self._config = config
        self._metrics = config.state / "metrics"
        self._env = {**env, "PROMETHEUS_MULTIPROC_DIR": str(self._metrics)}
        self._slots = [Slot(listener) for listener in listeners(config)]
        self._leaving: list[subprocess.Popen[bytes]] = []
        self._lifeline, self._held = os.pipe()

    def run(self) -> int:
        """Work until SIGTERM or SIGINT; the exit code."""
        clean(self._metrics)
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        for slot in self._slots:
            self._start(slot)
        while True:
            received = signal.sigtimedwait(_SIGNALS, 0.5)
            number = received.si_signo if received is not None else None
            if number in (signal.SIGTERM, signal.SIGINT):
                return self._stop()
            if number == signal.SIGHUP:
                self._roll()
            self._reap()

    def _start(self, slot: Slot) -> int:
        """Start a worker on the slot's socket; the descriptor that is readable once it listens."""
        ready, told = os.pipe()
        descriptors = (slot.listener.fileno(), self._lifeline, told)
        slot.process = subprocess.Popen(
            [sys.executable, "-m", "server.api.worker", *map(str, descriptors)],
            env=self._env,
            pass_fds=descriptors,
            stdin=subprocess.DEVNULL,
        )
        os.close(told)
        slot.started_at = time.monotonic()
        return ready

    def _roll(self) -> None:
        """A new worker for every slot, one after the other; where the new one fails the old one stays."""
        for slot in self._slots:
            old = slot.process
            ready = self._start(slot)
            listens = bool(select.select([ready], [], [], _READY_S)[0]) and os.read(ready, 1) == b"1"
            os.close(ready)
            if not listens:
                assert slot.process is not None
                slot.process.kill()
                self._leaving.append(slot.process)
                slot.process = old
                continue
            if old is not None:
                old.send_signal(signal.SIGTERM)
                self._leaving.append(old)

    def _reap(self) -> None:
        """Bury who has ended, and start again who should not have."""
        for process in [process for process in self._leaving if process.poll() is not None]:
            self._leaving.remove(process)
            bury(self._metrics, process.pid)
        now = time.monotonic()
        for slot in self._slots:
            if slot.process is not None and slot.process.poll() is not None:
                bury(self._metrics, slot.process.pid)
                slot.pause_s = 0.1 if now - slot.started_at > 5 else min(_LONGEST_PAUSE_S, slot.pause_s * 2)
                slot.start_at = now + slot.pause_s
                slot.process = None
            if slot.process is None and now >= slot.start_at:
                os.close(self._start(slot))

    def _stop(self) -> int:
        for slot in self._slots:
            slot.listener.close()
        running = [slot.process for slot in self._slots if slot.process is not None] + self._leaving
        for process in running:
            process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + self._config.drain_timeout_s + 3
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        return 0


def listeners(config: Config) -> Sequence[socket.socket]:
    """A socket for each worker, all on one port (SO_REUSEPORT). Raises ``OSError`` when the port is taken.

    A master that was killed leaves workers that are closing theirs: it is tried again for a few seconds.
    """
    until = time.monotonic() + _BIND_S
    while True:
        try:
            return _bound(config)
        except OSError:
            if time.monotonic() >= until:
                raise
            time.sleep(0.1)


def _bound(config: Config) -> list[socket.socket]:
    family = socket.AF_INET6 if ":" in config.api_bind else socket.AF_INET
    with socket.create_server((config.api_bind, config.api_port), family=family) as alone:
        address = alone.getsockname()
    return [
        socket.create_server(address[:2], family=family, backlog=1024, reuse_port=True)
        for _ in range(config.workers)
    ]
