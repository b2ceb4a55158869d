"""A command at a real terminal of a size: what it writes there, and its exit code."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence

from tests.forked_program import OPS, ForkedProgram, Streams


class TerminalRun:
    """A program with a terminal of its own, which a test reads and types into."""

    def __init__(
        self, argv: Sequence[str], env: Mapping[str, str], *, columns: int = 80, rows: int = 24
    ) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process = _started(argv, {"TERM": "xterm", **env}, theirs)
        os.close(theirs)
        self.said = ""

    def write(self, text: str) -> None:
        """Type it."""
        os.write(self._ours, text.encode())

    def read_until(self, holds: Callable[[str], bool], *, within_s: float = 30.0) -> str:
        """All that was written once it is so; fails with it where that does not come."""
        ends = time.monotonic() + within_s
        while not holds(self.said):
            left = ends - time.monotonic()
            assert left > 0, f"it did not come; there is {self.said!r}"
            if not self._more(min(left, 0.5)) and self.process.poll() is not None:
                assert holds(self.said), f"it ended without it; there is {self.said!r}"
        return self.said

    def end(self) -> tuple[int, str]:
        """Its exit code and all that it wrote, once it has ended by itself."""
        while self._more(60.0):
            pass
        code = self.process.wait(timeout=60)
        os.close(self._ours)
        return code, self.said.replace("\r\n", "\n")

    def _more(self, within_s: float) -> bool:
        if not select.select([self._ours], [], [], within_s)[0]:
            return False
        try:
            raw = os.read(self._ours, 65536)
        except OSError:
            return False
        self.said += raw.decode(errors="replace")
        return bool(raw)


def _started(
    argv: Sequence[str], env: Mapping[str, str], terminal: int
) -> "subprocess.Popen[bytes] | ForkedProgram":
    if tuple(argv[: len(OPS)]) == OPS:
        streams = Streams(terminal, terminal, terminal)
        return ForkedProgram("console", argv[len(OPS) :], env, streams, has_terminal=True)
    return subprocess.Popen(
        argv, env=env, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True,
        preexec_fn=_as_a_terminal_starts_it,
    )  # fmt: skip


def at_terminal(
    argv: Sequence[str], env: Mapping[str, str], *, columns: int = 80, rows: int = 24
) -> tuple[int, str]:
    """Exit code and output of a command that ends by itself."""
    return TerminalRun(argv, env, columns=columns, rows=rows).end()


def _as_a_terminal_starts_it() -> None:
    """Its terminal in the full sense: Ctrl-C reaches it, also where the tests run in the background; a pager can open it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
