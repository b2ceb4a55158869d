"""The daemon's side of a step: starting its shim, finding it again, asking it to end, reading what it left."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import msgspec

from server.runner.process import ProcessId, is_running
from server.runner.spec import CLAIM, STATUS, ShimSpec, ShimStatus

_MODULE = "server.runner.shim"
_HOUSE = Path(__file__).resolve().parents[2]


class ShimFailed(Exception):
    """The shim could not be started; nothing has run."""


class Shim:
    """A shim at work, whether this daemon started it or found it again."""

    def __init__(
        self, folder: Path, status: ShimStatus, child: asyncio.subprocess.Process | None = None
    ) -> None:
        self.folder = folder
        self.status = status
        self._child = child

    @property
    def process(self) -> ProcessId:
        """Who it is."""
        return ProcessId(self.status.shim_pid, self.status.shim_start, self.status.boot_id)

    async def wait(self) -> ShimStatus | None:
        """Waits for its end: the last status, None when it left none."""
        await wait_gone(self.process)
        if self._child is not None:
            await self._child.wait()
        status = read_status(self.folder)
        return status if status is not None and status.phase == "finished" else None

    def cancel(self) -> None:
        """Asks it to end its step: TERM, ten seconds, KILL."""
        signal_process(self.process, signal.SIGTERM)


async def launch(spec: ShimSpec) -> Shim:
    """Starts a shim in a session of its own and waits for its word that the step runs (or has ended at once).

    Raises ``ShimFailed`` only where it is certain that nothing runs and nothing will.
    """
    folder = Path(spec.folder)
    try:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            _MODULE,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
            cwd=_HOUSE,
            env={name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "HOME") if name in os.environ},
        )
    except OSError as error:
        give_up(folder)
        raise ShimFailed(f"the shim could not be started: {error}") from error
    if child.stdin is None or child.stdout is None:
        raise ShimFailed("the shim has no pipes")
    try:
        child.stdin.write(msgspec.json.encode(spec))
        await child.stdin.drain()
        child.stdin.close()
    except (BrokenPipeError, ConnectionResetError):
        pass
    line = await child.stdout.readline()
    status = msgspec.json.decode(line, type=ShimStatus) if line else read_status(folder)
    if status is None:
        await child.wait()
        give_up(folder)
        raise ShimFailed("the shim ended before it began")
    return Shim(folder, status, child)


def find_again(folder: Path) -> Shim | None:
    """The shim of an execution that an earlier daemon started; None when none has begun and none can any more."""
    status = read_status(folder)
    if status is not None:
        return Shim(folder, status)
    if give_up(folder):
        return None
    return Shim(folder, ShimStatus(phase="claimed", shim_pid=0, shim_start=0, boot_id=""))


def give_up(folder: Path) -> bool:
    """Takes the claim away from any shim that has not begun; False when one has."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        os.close(os.open(folder / CLAIM, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return False
    return True


def read_status(folder: Path) -> ShimStatus | None:
    """What the shim has written so far."""
    try:
        return msgspec.json.decode((folder / STATUS).read_bytes(), type=ShimStatus)
    except (OSError, msgspec.DecodeError):
        return None


async def wait_gone(process: ProcessId) -> None:
    """Returns when that very process no longer runs."""
    if not is_running(process):
        return
    try:
        descriptor = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return
    try:
        if is_running(process):
            await _readable(descriptor)
    finally:
        os.close(descriptor)


async def _readable(descriptor: int) -> None:
    loop = asyncio.get_running_loop()
    gone = asyncio.Event()
    loop.add_reader(descriptor, gone.set)
    try:
        await gone.wait()
    finally:
        loop.remove_reader(descriptor)


def signal_process(process: ProcessId, number: signal.Signals) -> bool:
    """The signal to that very process; False when it no longer runs."""
    if not is_running(process):
        return False
    try:
        descriptor = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return False
    try:
        if not is_running(process):
            return False
        signal.pidfd_send_signal(descriptor, number)
    except ProcessLookupError:
        return False
    finally:
        os.close(descriptor)
    return True
