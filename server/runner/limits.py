"""What one step may take of the machine: processes, memory, and its place when processor or memory are short."""

import os
import resource
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from server.runner.control_group import Ability
from server.runner.process import all_processes

_OOM_SCORE = "oom_score_adj"
_LIMITS = (resource.RLIMIT_NPROC, resource.RLIMIT_DATA)


class StepLimits(msgspec.Struct, frozen=True, kw_only=True):
    """The limits of one step and of everything that it starts."""

    processes: int = 512
    """Processes and threads at the same time."""
    memory_bytes: int = 4 * 1024**3
    """Of the whole step by a control group, else of each of its processes."""
    oom_score: int = 500
    """Added to its score when the kernel looks for a process to end for want of memory (0 to 1000)."""


def child_setup(
    limits: StepLimits, grouped: tuple[Ability, ...], enter: Callable[[], None], user: int | None = None
) -> Callable[[], None]:
    """What the child does between fork and exec: enters its group and takes on what the group does not bound.

    The processes of a user are counted over the whole machine (setrlimit(2), RLIMIT_NPROC), so those that are there
    already are added; for root the kernel does not count them at all. ``user`` is whose the child will be, None for ours.
    """
    own = sum(1 for _ in _of_user(os.getuid() if user is None else user)) if "processes" not in grouped else 0

    def in_child() -> None:
        enter()
        _write_score(os.getpid(), limits.oom_score)
        if "processes" not in grouped:
            _lower(resource.RLIMIT_NPROC, own + limits.processes)
        if "memory" not in grouped:
            _lower(resource.RLIMIT_DATA, limits.memory_bytes)

    return in_child


def lift_limits(pid: int) -> None:
    """Gives a process that outlives its step the limits that we have ourselves; what is not allowed stays."""
    with suppress(OSError, ValueError):
        _write_score(pid, max(0, int(Path(f"/proc/self/{_OOM_SCORE}").read_text())))
    for limit in _LIMITS:
        with suppress(OSError, ValueError):
            resource.prlimit(pid, limit, resource.getrlimit(limit))


def _lower(limit: int, to: int) -> None:
    soft, hard = resource.getrlimit(limit)
    soft = to if soft == resource.RLIM_INFINITY else min(soft, to)
    # The hard limit stays: lowered, nobody without privileges could ever lift it from a service that the step started.
    with suppress(OSError, ValueError):
        resource.setrlimit(limit, (soft, hard))


def _write_score(pid: int, score: int) -> None:
    with suppress(OSError):
        Path(f"/proc/{pid}/{_OOM_SCORE}").write_text(str(score))


def _of_user(uid: int) -> list[int]:
    found = []
    for stat in all_processes():
        with suppress(OSError):
            if Path(f"/proc/{stat.pid}").stat().st_uid == uid:
                found.append(stat.pid)
    return found
