"""The console in a pseudo-terminal, read as a terminal reads it: how soon it shows and answers, and what it costs."""

import argparse
import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import statistics
import struct
import sys
import tempfile
import termios
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psutil
import pyte

from bench.bar import Bar, tell
from bench.ingest import MIB, Ingester, alerts, ours, post, send

_COLUMNS, _LINES = 80, 24
_NOISE = 1.2
"""By how much a bar may be missed on a machine that does other things too."""
_KEYS = 60
_SCREENS = (
    ("2", "WHO       WHAT"), ("3", "RUNBOOK"), ("4", "DETAIL"), ("5", "MESSAGE"), ("6", "loop lag"), ("7", "WHOM OR WHICH"), ("1", "CLOCK  ST"),
)  # fmt: skip
"""The key of each screen, and what stands on no other."""
_DIALOGS = ((":", "go where?"), ("s", "for how long"), ("?", "EVERYWHERE"))
_SETTLED_S = 8.0
"""After which nothing is left of the start: idle is what follows."""
_IDLE_S = 8.0


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
        """Milliseconds from a key until the line that is marked is another one."""
        before = self._marked()
        begun = time.perf_counter()
        self.press(key)
        while self._marked() == before and time.perf_counter() - begun < 2.0:
            self.read(0.01)
        return (self.read_at - begun) * 1_000

    def shown_ms(self, key: str, words: str) -> float:
        """Milliseconds from a key until words are on the screen that were not."""
        self.settle(0.2, 2.0)
        begun = time.perf_counter()
        self.press(key)
        while words not in "\n".join(self.screen.display) and time.perf_counter() - begun < 5.0:
            self.read(0.01)
        return (self.read_at - begun) * 1_000

    def _marked(self) -> str:
        display = self.screen.display
        at = next(
            (n for n, line in enumerate(display) if line[:3].strip(" │")[:1] in ("▌", ">", "❯", "▶")), -1
        )
        return f"{at} {display[at]}"

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


class Updates:
    """Posts known alerts with another annotation, so many a second, from a thread."""

    def __init__(self, to: Ingester, each_second: int) -> None:
        self._to, self._each_second = to, each_second
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Updates":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        n = 0
        while not self._stop.wait(0.1):
            changed = alerts(n * 100 % 5_000, self._each_second // 10)
            for alert in changed:
                alert["annotations"] = {"summary": f"update {n}"}
            with contextlib.suppress(OSError, RuntimeError):
                send(self._to, [post(self._to, changed)], 1)
            n += 1


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


def measure(many: int) -> list[Bar]:
    """Every figure with so many alerts on the board."""
    large = many > 10_000
    with tempfile.TemporaryDirectory() as folder, ours(Path(folder)) as to:
        send(to, [post(to, alerts(n, 1_000)) for n in range(0, many, 1_000)], 2)
        with console(to) as terminal:
            terminal.until(lambda text: bool(text.strip()))
            skeleton_s = time.perf_counter() - terminal.began
            terminal.until(lambda text: "HostProblem" in text)
            rows_s = time.perf_counter() - terminal.began
            terminal.until(lambda text: re.search(rf"\b{many}\b|\b{many:,}\b", text) is not None)
            live_s = time.perf_counter() - terminal.began
            _read_for(terminal, _SETTLED_S)
            process = psutil.Process(terminal.pid)
            used, received = sum(process.cpu_times()[:2]), terminal.received
            _read_for(terminal, _IDLE_S)
            idle_share = (sum(process.cpu_times()[:2]) - used) / _IDLE_S
            idle_bytes = (terminal.received - received) / _IDLE_S
            rss = process.memory_info().rss / MIB
            quiet = [terminal.key_ms("j" if n % 40 < 20 else "k") for n in range(_KEYS)]
            with Updates(to, 1_000):
                busy = [terminal.key_ms("j" if n % 40 < 20 else "k") for n in range(_KEYS)]
            terminal.settle()
            screens = [terminal.shown_ms(key, words) for _ in range(3) for key, words in _SCREENS]
            dialogs = [_dialog_ms(terminal, key, words) for _ in range(4) for key, words in _DIALOGS]
            filters = _filter_ms(terminal)
            terminal.press("\r")
            terminal.settle()
            quit_s = terminal.end()
    bars = {
        "skeleton, ms": (skeleton_s * 1_000, 400.0),
        "first rows, ms": (rows_s * 1_000, 700.0 if large else 600.0),
        "all live, ms": (live_s * 1_000, 2_500.0 if large else 700.0),
        "idle processor, %": (idle_share * 100, 2.5 if large else 1.5),
        "resident, MiB": (rss, 150.0 if large else 90.0),
        "bytes a second idle": (idle_bytes, 3_000.0),
        "key to repaint idle p95, ms": (percentile(quiet, 0.95), 8.0),
        "key to repaint at 1,000 updates/s p50, ms": (statistics.median(busy), 25.0 if large else 8.0),
        "key to repaint at 1,000 updates/s p95, ms": (percentile(busy, 0.95), 25.0 if large else 20.0),
        "screen switch p95, ms": (percentile(screens, 0.95), 80.0),
        "dialog or palette open p95, ms": (percentile(dialogs, 0.95), 80.0),
        "filter keystroke to painted p95, ms": (percentile(filters, 0.95), 80.0 if large else 60.0),
        "quit, ms": (quit_s * 1_000, 350.0),
    }
    return [
        Bar(f"{many:,} alerts: {name}", value, round(bar * _NOISE, 1), at_most=True)
        for name, (value, bar) in bars.items()
    ]


def _dialog_ms(terminal: Terminal, key: str, words: str) -> float:
    """Milliseconds until a dialog is there; it is left again."""
    shown_ms = terminal.shown_ms(key, words)
    terminal.press("\x1b")
    terminal.until(lambda text: words not in text, 5)
    return shown_ms


def _read_for(terminal: Terminal, seconds: float) -> None:
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        terminal.read(0.1)


def _filter_ms(terminal: Terminal) -> list[float]:
    """Milliseconds from each letter of a filter until the number of alerts that pass is another one."""
    terminal.press("/")
    terminal.settle()
    times = []
    for letter in "host 1234":
        before = terminal.received
        begun = time.perf_counter()
        terminal.press(letter)
        while terminal.received == before and time.perf_counter() - begun < 2.0:
            terminal.read(0.01)
        while terminal.read(0.03):
            pass
        times.append((terminal.read_at - begun) * 1_000)
    return times


def main() -> int:
    """Prints the figures; fails where one misses its bar by more than a busy machine explains."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--alerts", type=int, nargs="+", default=[10_000, 50_000])
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    bars = [bar for many in given.alerts for bar in measure(many)]
    return tell(bars, as_json=given.json)


if __name__ == "__main__":
    sys.exit(main())
