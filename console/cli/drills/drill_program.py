"""The drill's own program as a child: what it says, and how it is told to end."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import Any

import msgspec

from runbooks.wire import DrillReport

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_LEAVE_WITHIN_S = 20.0


class Happening(msgspec.Struct, frozen=True):
    """One line of the program: something said, the stack being up, or the result of a drill."""

    say: str = ""
    up: str = ""
    """State folder of the drill's stack, which is quiet and can be looked at."""
    url: str = ""
    """Its ops daemon."""
    result: dict[str, Any] | None = None

    @property
    def report(self) -> DrillReport | None:
        """The result as the ops daemon journals it; None where it says nothing about the runbook.

        That is a control run, one that failed before the runbook was read, and a person who left.
        """
        if self.result is None or self.result["control"] or not self.result["digest"]:
            return None
        report = msgspec.convert(self.result, DrillReport)
        return None if report.human and report.resolved_s is None else report


class DrillProgram:
    """Started in a session of its own: keys of the terminal reach us, and we pass on what they mean.

    However we end, its standard input ends with us, and it cleans up.
    """

    def __init__(self, words: Sequence[str], module: str = "server.stack.drill") -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, "--events", *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip
        self.stopped_by: int | None = None
        """The signal that ended us."""

    def happenings(self) -> Iterator[Happening]:
        """What happens, until the program has cleaned up and ended; a line of another kind is passed on as said."""
        if self._process.stdout is None:
            return
        for line in self._process.stdout:
            try:
                yield msgspec.json.decode(line, type=Happening)
            except msgspec.MsgspecError:
                yield Happening(say=line.rstrip("\n"))

    def leave(self) -> None:
        """The person has left: it reports how far they came."""
        with contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()

    def stop(self) -> None:
        """End it at once; it cleans up first."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)

    def exit_code(self) -> int:
        """Waits for the end; of a program that was stopped, what a shell says of that signal."""
        code = self._process.wait()
        return 128 + self.stopped_by if self.stopped_by is not None else code

    @contextlib.contextmanager
    def passing_on_signals(self, also: Callable[[], None] = lambda: None) -> Iterator[None]:
        """INT, TERM and HUP end the program, after ``also``; we go on until it has cleaned up."""

        def stop(number: int, frame: FrameType | None) -> None:
            if self.stopped_by is None:
                self.stopped_by = number
                also()
                self.stop()

        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, stop) for number in _SIGNALS}
        try:
            yield
        finally:
            self.leave()
            for number, handler in before.items():
                signal.signal(number, handler)


def leave_in_any_case() -> None:
    """A console whose terminal has vanished waits for ever for somebody to read what it writes.

    The program of the drill cleans up without us.
    """
    last = threading.Timer(_LEAVE_WITHIN_S, os._exit, (1,))
    last.daemon = True
    last.start()
