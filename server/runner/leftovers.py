"""What an execution has left running although its shim is gone or does not answer: who it is, and ending it."""

import signal
import time
from pathlib import Path

import msgspec

from server.runner.control_group import ControlGroup
from server.runner.process import ProcessId, all_processes, boot_id, descendants, is_running, send, stat_of
from server.runner.spec import ShimStatus, group_name

_MARK = "OPS_EXECUTION_MARK"
_ROUNDS_S = 5.0
_LOOK_S = 0.05


class Leftover(msgspec.Struct, frozen=True):
    """A process that is still there."""

    pid: int
    command: str

    def __str__(self) -> str:
        return f"{self.pid} ({self.command})"


def marks(folder: Path) -> dict[str, str]:
    """Variables by which every process of an execution is known, whatever group and session it has moved to.

    The id is for the step to read. It is unique with one daemon only, and another daemon on this machine may have a
    step of the same id that runs: whose a process is, its folder tells.
    """
    return {"OPS_EXECUTION": folder.name, _MARK: group_name(folder)}


def leftovers(folder: Path, status: ShimStatus | None) -> list[Leftover]:
    """Processes that run of the execution in ``folder``: by control groups, mark, process group, and shim.

    Reads all of ``/proc``; run it in a thread. After another boot of the machine there are none.
    """
    if status is not None and status.boot_id and status.boot_id != boot_id():
        return []
    found = set(ControlGroup(_folders(status)).members()) | set(_marked(folder))
    if status is not None:
        found |= _of_group(status)
        shim = ProcessId(status.shim_pid, status.shim_start, status.boot_id)
        if status.shim_pid and is_running(shim):
            found |= {status.shim_pid, *descendants(status.shim_pid)}
    alive = [pid for pid in sorted(found) if (stat := stat_of(pid)) is not None and stat.state != "Z"]
    return [Leftover(pid, _command(pid)) for pid in alive]


def end_leftovers(folder: Path, status: ShimStatus | None) -> list[Leftover]:
    """Ends an execution in the place of its shim, the shim too; those who are there after that.

    Takes up to five seconds; run it in a thread.
    """
    group = ControlGroup(_folders(status))
    until = time.monotonic() + _ROUNDS_S
    while there := leftovers(folder, status):
        group.kill()
        # The shim last among them: while it lives, whoever is orphaned falls to it and is found as its descendant.
        others = [one.pid for one in there if status is None or one.pid != status.shim_pid]
        send(others, signal.SIGSTOP)
        send(others, signal.SIGKILL)
        if not others:
            send([one.pid for one in there], signal.SIGKILL)
        if time.monotonic() >= until:
            return leftovers(folder, status)
        time.sleep(_LOOK_S)
    group.remove()
    return []


def forget_groups(status: ShimStatus | None) -> None:
    """Removes the control groups of an execution whose shim could not; those that are in use stay."""
    ControlGroup(_folders(status)).remove()


def _folders(status: ShimStatus | None) -> tuple[Path, ...]:
    return tuple(map(Path, status.groups)) if status is not None else ()


def _marked(folder: Path) -> list[int]:
    mark = f"{_MARK}={group_name(folder)}".encode()
    return [stat.pid for stat in all_processes() if mark in _environment(stat.pid)]


def _environment(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def _of_group(status: ShimStatus) -> set[int]:
    """Members of its process group; a later group of the same number began before the shim did, or is taken for ours."""
    return {
        stat.pid
        for stat in all_processes()
        if status.pgid is not None and stat.group == status.pgid and stat.start_time >= status.shim_start
    }


def _command(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return "?"
    return words
