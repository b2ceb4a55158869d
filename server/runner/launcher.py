"""The daemon's side of a step: starting its shim, finding it again, asking it to end, reading what it left."""

import asyncio
import os
import select
import signal
import sys
from pathlib import Path

import msgspec

from server.paths import CHECKOUT
from server.runner.process import ProcessId, is_running
from server.runner.spec import CLAIM, STATUS, ShimSpec, ShimStatus

_WORD_S = 3.0
"""As long as a shim may be silent before it is woken; as long again, and its step is followed without its word."""
_MODULE = "server.runner.shim"
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "HOME")


class ShimFailedError(Exception):
    """The shim could not be started; nothing has run."""


class Shim:
    """A shim at work, whether this daemon started it or found it again."""

    def __init__(self, folder: Path, status: ShimStatus, *, is_child: bool = False) -> None:
        self.folder = folder
        self.status = status
        self._is_child = is_child

    @property
    def process(self) -> ProcessId:
        """Which process the shim is."""
        return ProcessId(self.status.shim_pid, self.status.shim_start, self.status.boot_id)

    async def wait(self) -> ShimStatus | None:
        """Waits for its end: the last status, None when it left none."""
        await wait_gone(self.process)
        if self._is_child:
            _reap(self.process.pid)
        status = read_status(self.folder)
        return status if status is not None and status.phase == "finished" else None

    def cancel(self) -> None:
        """Asks it to end its step: TERM, ten seconds, KILL."""
        signal_process(self.process, signal.SIGTERM)
        self.wake()

    def wake(self) -> None:
        """Lets it go on where somebody has stopped it; its own clock has not stood still meanwhile."""
        signal_process(self.process, signal.SIGCONT)


async def launch(spec: ShimSpec) -> Shim:
    """Starts a shim in a session of its own and waits for its word that the step runs (or has ended at once).

    Raises ``ShimFailedError`` only where it is certain that nothing runs and nothing will.
    """
    return await asyncio.to_thread(_launch, spec)


def _launch(spec: ShimSpec) -> Shim:
    folder = Path(spec.folder)
    try:
        pid, line = _spawn(msgspec.json.encode(spec), folder)
    except OSError as error:
        # Only a claim that we hold ourselves proves that no shim will run: without it nothing certain can be said.
        if not give_up(folder):
            raise ShimFailedError(f"the shim was started twice: {error}") from error
        raise ShimFailedError(f"the shim could not be started: {error}") from error
    status = msgspec.json.decode(line, type=ShimStatus) if line else read_status(folder)
    if status is None:
        os.waitpid(pid, 0)
        give_up(folder)
        raise ShimFailedError("the shim ended before it began")
    return Shim(folder, status, is_child=True)


def _spawn(spec: bytes, folder: Path) -> tuple[int, bytes]:
    """The shim's pid and its first line, once the spec has gone through its stdin; no line where it gives none."""
    spec_read, spec_write = os.pipe()
    word_read, word_write = os.pipe()
    with os.fdopen(spec_write, "wb") as to_shim, os.fdopen(word_read, "rb") as from_shim:
        try:
            pid = os.posix_spawn(
                sys.executable,
                [sys.executable, "-m", _MODULE],
                {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
                | {"PYTHONPATH": str(CHECKOUT)},
                file_actions=[
                    (os.POSIX_SPAWN_DUP2, spec_read, 0),
                    (os.POSIX_SPAWN_DUP2, word_write, 1),
                    (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
                ],
                setsid=True,
            )
        # Our copies of the child's ends go at once, or the read below would never see the end of a shim that died.
        finally:
            os.close(spec_read)
            os.close(word_write)
        try:
            # The spec goes through stdin, never through argv: it holds secrets, and argv is everybody's to read.
            to_shim.write(spec)
            to_shim.close()
        except BrokenPipeError:
            pass
        return pid, first_line(from_shim.fileno(), pid, folder)


def first_line(pipe: int, pid: int, folder: Path) -> bytes:
    """The shim's word; empty where it ended without one, or has claimed its step and says nothing.

    A step may stop its shim before the word is out. It is woken then, and one that stays silent is followed by its
    status file and the daemon's own clock, like one that was found again.
    """
    line, silent = b"", 0
    while not line.endswith(b"\n"):
        if select.select([pipe], [], [], _WORD_S)[0]:
            piece = os.read(pipe, 65_536)
            if not piece:
                return b""
            line += piece
            continue
        silent += 1
        os.kill(pid, signal.SIGCONT)
        if silent > 1 and read_status(folder) is not None:
            return b""
    return line


def _reap(pid: int) -> None:
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        pass


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
