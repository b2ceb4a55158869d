"""Who a process is, beyond its number: start time and boot id; and which processes descend from one."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import msgspec

_STATE, _PARENT, _GROUP, _START = 0, 1, 2, 19


class ProcessId(msgspec.Struct, frozen=True):
    """A process that no later one can be mistaken for."""

    pid: int
    start_time: int
    """Clock ticks between the machine's boot and the process's start."""
    boot_id: str


class Stat(msgspec.Struct, frozen=True):
    """What ``/proc/PID/stat`` says."""

    pid: int
    state: str
    parent: int
    group: int
    start_time: int


def boot_id() -> str:
    """The machine's boot, empty where the system does not tell."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def stat_of(pid: int) -> Stat | None:
    """The process's line of ``/proc``, None when it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return Stat(pid, fields[_STATE], int(fields[_PARENT]), int(fields[_GROUP]), int(fields[_START]))


def identify(pid: int) -> ProcessId | None:
    """The identity of a running process, None when it is gone."""
    stat = stat_of(pid)
    return ProcessId(pid, stat.start_time, boot_id()) if stat else None


def is_running(process: ProcessId) -> bool:
    """Whether exactly this process still runs; one that only waits to be reaped does not."""
    stat = stat_of(process.pid)
    return (
        stat is not None
        and stat.state != "Z"
        and stat.start_time == process.start_time
        and process.boot_id == boot_id()
    )


def all_processes() -> Iterator[Stat]:
    """Every process of the machine."""
    with os.scandir("/proc") as entries:
        numbers = [int(entry.name) for entry in entries if entry.name.isdigit()]
    for pid in numbers:
        if (stat := stat_of(pid)) is not None:
            yield stat


def descendants(of: int) -> list[int]:
    """Running processes that descend from ``of``."""
    alive = [stat for stat in all_processes() if stat.state != "Z"]
    found = {of}
    grown = True
    while grown:
        more = {stat.pid for stat in alive if stat.parent in found} - found
        found |= more
        grown = bool(more)
    return sorted(found - {of})


def send(pids: list[int], number: signal.Signals) -> None:
    """The signal to each of them that is still there."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except (ProcessLookupError, PermissionError):
            continue
