"""One worker as its master sees it: a process, and the socket pair over which it is told what to accept on."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic

import msgspec

from server.api.cluster.assignment import LARGEST, Assignment, AssignmentTaken


class WorkerSilentError(Exception):
    """The worker did not do what it was told; the message says whether it ended or was silent."""


class WorkerProcess:
    """A started worker; it accepts nothing before it is told to."""

    def __init__(self, env: Mapping[str, str], release: Path | None) -> None:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, *_of(release), "-m", "server.api.worker", str(theirs.fileno())],
                env=env if release is None else {**env, "PYTHONPATH": _path(release, env)},
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
            )
        self._link = ours
        self._telling = asyncio.Lock()
        self.release = release
        self.started_at = monotonic()
        self.version = ""
        """Of the code that it runs, by its own word."""

    @property
    def pid(self) -> int:
        """The worker's process id."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether the process is gone."""
        return self._process.poll() is not None

    async def tell(
        self, assignment: Assignment, listeners: Sequence[socket.socket], *, within_s: float
    ) -> None:
        """Give it the assignment and wait until it is in force. Raises ``WorkerSilentError``."""
        loop = asyncio.get_running_loop()
        descriptors = [listeners[number].fileno() for number in assignment.listeners]
        try:
            async with self._telling, asyncio.timeout(within_s):
                socket.send_fds(self._link, [msgspec.json.encode(assignment)], descriptors)
                heard = await loop.sock_recv(self._link, LARGEST)
            self.version = msgspec.json.decode(heard, type=AssignmentTaken).version
        except TimeoutError as error:
            raise WorkerSilentError(
                f"pid {self.pid} does not accept connections after {within_s:.0f} s"
            ) from error
        except (OSError, msgspec.DecodeError) as error:
            raise WorkerSilentError(
                f"pid {self.pid} ended before it accepted connections; see ops logs api"
            ) from error

    def leave(self) -> None:
        """Ask it to finish what it has in flight and go."""
        self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def wait(self, seconds: float) -> None:
        """Until it is gone; killed when it is not by then."""
        try:
            self._process.wait(max(0.1, seconds))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def close(self) -> None:
        """Let go of the socket pair of a worker that has ended."""
        self._link.close()


def _of(release: Path | None) -> tuple[str, ...]:
    """A release comes before the folder that we stand in, which would else be looked into first."""
    return () if release is None else ("-P",)


def _path(release: Path, env: Mapping[str, str]) -> str:
    return os.pathsep.join([str(release), *([env["PYTHONPATH"]] if env.get("PYTHONPATH") else [])])
