"""What the daemon hands the shim, and what the shim leaves on disk: the two texts that both speak."""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

from server.runner.control_group import ABILITIES, Ability
from server.runner.limits import StepLimits

STATUS = "status.json"
CLAIM = "claim"
STATUS_ROOM = 4096
"""Bytes the status file takes from the start, so that the end of a step can be written to a full disk."""

Phase = Literal["claimed", "running", "finished"]


def group_name(folder: Path) -> str:
    """What the control groups of the execution in ``folder`` are called: one name, found again by whoever looks."""
    return f"step-{hashlib.sha256(str(folder).encode()).hexdigest()[:16]}"


class ShimSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What to run and how; travels through a pipe and touches no disk, because it carries secrets."""

    folder: str
    argv: tuple[str, ...]
    env: dict[str, str]
    cwd: str
    user: str = ""
    """As whom it runs; empty for the shim's own user."""
    timeout_s: float
    precheck: tuple[str, ...] = ()
    """A read-only command that must exit 0 before ``argv`` is run; its output goes before."""
    dry_run: bool = False
    """Run the pre-check only."""
    secrets: tuple[str, ...] = ()
    end_leftovers: bool = True
    """Whether processes that outlive the step's own end are ended too (read steps) or only named."""
    grace_s: float = 10.0
    """Between TERM and KILL."""
    niceness: int = 0
    """How far it and the step stand back behind other processes (nice)."""
    kill_s: float = 5.0
    """How long whoever is left is killed again and again."""
    abilities: tuple[Ability, ...] = ABILITIES
    """What control groups are used for, as far as the machine has it."""
    limits: StepLimits = StepLimits()
    drain_s: float = 2.0
    """How long output is read on after the end, when somebody else holds the pipe."""


class ShimStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How far the step came; the file is rewritten in place."""

    phase: Phase
    shim_pid: int
    shim_start: int
    boot_id: str
    pid: int | None = None
    pgid: int | None = None
    groups: tuple[str, ...] = ()
    """Folders of the control groups that it runs in."""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    exit_code: int | None = None
    signal: int | None = None
    timed_out: bool = False
    cancelled: bool = False
    precheck_failed: bool = False
    fault: str | None = None
    """Why it could not be started."""
    survivors: tuple[int, ...] = ()
    """Processes that were still there at the end, as far as one could see them."""
    unconfirmed: bool = False
    """Whether it was to be ended and it is not certain that nobody of it is left."""
    escaped: bool = False
    """Whether some of them had left the step's process group."""
    cut: dict[str, int] = {}
    """Bytes of each stream that are not kept."""
    lost: int = 0
    """Bytes that a full disk did not take."""
