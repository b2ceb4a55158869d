"""A program in a pseudo-terminal, read as a terminal reads it: what it shows, when, and for how many bytes."""

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Iterator, Sequence

import pyte

from bench.ingest import Ingester

_COLUMNS, _LINES = 80, 24


class Terminal:
    """A program in a pseudo-terminal of 80×24, and the screen that it painted."""

    def __init__(self, argv: list[str], env: dict[str, str]) -> None:
        self.screen = pyte.Screen(_COLUMNS, _LINES)
        self._stream = pyte.ByteStream(self.screen)
        self.received = 0
        self.began = self.read_at = time.perf_counter()
        """When the latest bytes came: what pyte makes of them takes time that no terminal takes."""
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            os.execvpe(argv[0], argv, env)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", _LINES, _COLUMNS, 0, 0))

    def read(self, within_s: float) -> bool:
        """Takes what is there within that time; whether anything was."""
        if not select.select([self._master], [], [], within_s)[0]:
            return False
        try:
            data = os.read(self._master, 65_536)
        except OSError:
            return False
        self.read_at = time.perf_counter()
        self.received += len(data)
        self._stream.feed(data)
        return bool(data)

    def until(self, shown: Callable[[str], bool], within_s: float = 30.0) -> float:
        """Seconds until the screen is as wanted; raises ``RuntimeError`` where it never is."""
        begun = time.perf_counter()
        while time.perf_counter() - begun < within_s:
            if shown("\n".join(self.screen.display)):
                return time.perf_counter() - begun
            self.read(0.05)
        raise RuntimeError("\n".join(self.screen.display))

    def settle(self, quiet_s: float = 0.3, within_s: float = 5.0) -> None:
        """Reads until nothing more comes for a while."""
        until = time.perf_counter() + within_s
        while self.read(quiet_s) and time.perf_counter() < until:
            pass

    def press(self, key: str) -> None:
        """Types."""
        os.write(self._master, key.encode())

    def key_ms(self, key: str) -> float:
        """Milliseconds from a key until the mark stands on another line of the screen: no other repaint counts."""
        before = self.marked()
        begun = time.perf_counter()
        self.press(key)
        while self.marked() == before and time.perf_counter() - begun < 2.0:
            self.read(0.01)
        return (self.read_at - begun) * 1_000

    def marked_ms(self, key: str, words: str) -> float:
        """Milliseconds from a key until the mark stands before words, wherever their line is by then."""
        begun = time.perf_counter()
        self.press(key)
        while words not in self._marked_line() and time.perf_counter() - begun < 5.0:
            self.read(0.01)
        return (self.read_at - begun) * 1_000

    def _marked_line(self) -> str:
        marked = self.marked()
        return str(self.screen.display[marked]) if marked >= 0 else ""

    def shown_ms(self, key: str, words: str) -> float:
        """Milliseconds from a key until words are on the screen that were not."""
        self.settle(0.2, 2.0)
        begun = time.perf_counter()
        self.press(key)
        while words not in "\n".join(self.screen.display) and time.perf_counter() - begun < 5.0:
            self.read(0.01)
        return (self.read_at - begun) * 1_000

    def marked(self) -> int:
        """The number of the line that has the cursor's mark; -1 where none has."""
        return next(
            (
                n
                for n, line in enumerate(self.screen.display)
                if line[:3].strip(" │")[:1] in ("▌", ">", "❯", "▶")
            ),
            -1,
        )

    def read_for(self, seconds: float) -> None:
        """Reads that long, whatever comes."""
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            self.read(0.1)

    def end(self) -> float:
        """Leaves by ctrl+q; seconds until the process is gone."""
        begun = time.perf_counter()
        self.press("\x11")
        while time.perf_counter() - begun < 10:
            self.read(0.005)
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                return time.perf_counter() - begun
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        return float("inf")


@contextlib.contextmanager
def console(to: Ingester) -> Iterator[Terminal]:
    """The console on that daemon."""
    env = {
        "PATH": os.environ["PATH"],
        "HOME": tempfile.gettempdir(),
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "OPS_URL": f"http://127.0.0.1:{to.port}",
        "OPS_TOKEN": to.token,
    }
    terminal = Terminal([sys.executable, "-m", "console", "console"], env)
    try:
        yield terminal
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(terminal.pid, signal.SIGKILL)
            os.waitpid(terminal.pid, 0)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share lies."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
