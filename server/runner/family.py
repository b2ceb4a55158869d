"""Everybody whom a step has started: who is there, ending them all, and whether it is certain that nobody is left."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from server.runner.control_group import ControlGroup
from server.runner.limits import lift_limits
from server.runner.process import descendants, send, stat_of

_STOPS = 5
_CHASE_S = 0.05
_RELEASES = 20


class Wait(Protocol):
    """Waits a little, and reads on what the step writes."""

    def __call__(self, at_most_s: float) -> None: ...


class Family:
    """A step's own process and all that descend from it; we are the process that orphans among them fall to.

    That is what makes the end certain: as a child subreaper (prctl(2)) we have at least one child for as long as
    anybody descends from us, so that ``waitpid`` without children proves what no list of processes can.
    """

    def __init__(self, process: subprocess.Popen[bytes], group: ControlGroup) -> None:
        self._process = process
        self._group = group

    def reap(self) -> bool:
        """Takes the ends of our children; whether the step's own process has ended."""
        self._reaped_all()
        return self._process.returncode is not None

    def members(self) -> list[int]:
        """Those who are there now, as far as one can see them; one that forks all the time may be missed."""
        self._reaped_all()
        found = set(descendants(os.getpid())) | set(self._group.members())
        return sorted(pid for pid in found if _lives(pid))

    def is_gone(self) -> bool:
        """Whether nobody is left for certain."""
        return self._reaped_all() and not self._group.members()

    def left_group(self, members: list[int]) -> bool:
        """Whether some of them are no longer in the step's process group."""
        return any(_group_of(pid) not in (None, self._process.pid) for pid in members)

    def end(self, grace_s: float, kill_s: float, wait: Wait) -> None:
        """TERM to everybody, a time of grace, then KILL again and again until nobody is left or ``kill_s`` are over."""
        send(self.members(), signal.SIGTERM)
        # Who is stopped takes no TERM before it goes on.
        send(self.members(), signal.SIGCONT)
        self._wait_until_gone(grace_s, wait)
        until = time.monotonic() + kill_s
        while not self.is_gone() and time.monotonic() < until:
            self._strike()
            self._wait_until_gone(min(0.1, kill_s), wait)

    def release(self) -> None:
        """Lets those who outlive the step go on without its group and its limits."""
        for _ in range(_RELEASES):
            members = self.members()
            for pid in members:
                self._group.release(pid)
                lift_limits(pid)
            if not self._group.members():
                break
        self._group.lift()

    def _strike(self) -> None:
        """One blow at all of them."""
        self._group.kill()
        # Whoever is outside of any group is stopped before it is killed: what runs while a list of processes is read
        # may have a child that is on no list. A signal to a process group reaches all of it at once.
        stopped: set[int] = set()
        for _ in range(_STOPS):
            fresh = set(descendants(os.getpid())) - stopped
            if not fresh:
                break
            self._signal(fresh, signal.SIGSTOP)
            stopped |= fresh
        self._signal(stopped, signal.SIGKILL)
        self._chase()

    def _signal(self, members: set[int], number: signal.Signals) -> None:
        # The number of a group of which nobody is left may be somebody else's by now.
        if any(_group_of(pid) == self._process.pid for pid in members):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)
        send(sorted(members), number)

    def _chase(self) -> None:
        """Kills along the lines of descent, without a look at anybody else: as quick as somebody who only forks."""
        until = time.monotonic() + _CHASE_S
        while not self._reaped_all() and time.monotonic() < until:
            line = _children(os.getpid())
            while line:
                send(line, signal.SIGKILL)
                line = [child for pid in line for child in _children(pid)]

    def _wait_until_gone(self, for_s: float, wait: Wait) -> None:
        until = time.monotonic() + for_s
        while not self.is_gone():
            left = until - time.monotonic()
            if left <= 0:
                return
            wait(min(0.05, left))

    def _reaped_all(self) -> bool:
        """Takes every end there is to take; whether we have no child any more."""
        while True:
            try:
                pid, code = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return True
            if pid == 0:
                return False
            if pid == self._process.pid:
                self._process.returncode = os.waitstatus_to_exitcode(code)


def _children(pid: int) -> list[int]:
    """Those that any of its threads has started, the ended ones too."""
    found: list[int] = []
    with suppress(OSError, ValueError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (thread / "children").read_text().split())
    return found


def _lives(pid: int) -> bool:
    stat = stat_of(pid)
    return stat is not None and stat.state != "Z"


def _group_of(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None
