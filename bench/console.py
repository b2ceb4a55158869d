"""The console in a pseudo-terminal, read as a terminal reads it: how soon it shows and answers, and what it costs."""

import argparse
import contextlib
import re
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import psutil

from bench.bar import Bar, tell
from bench.console_work import measure_work
from bench.ingest import MIB, Ingester, alerts, ours, post, send
from bench.terminal import Terminal, console, percentile

_NOISE = 1.2
"""By how much a bar may be missed on a machine that does other things too."""
_AT_WORK = 10_000
"""Alerts on the board while runbooks, graphs and outputs are looked at."""
_KEYS = 64
_WAY = 8
"""Rows that the cursor goes down before it goes up again; at 80×24 ten are seen."""
_SCREENS = (
    ("2", "WHO       WHAT"), ("3", "RUNBOOK"), ("4", "DETAIL"), ("5", "MESSAGE"), ("6", "loop lag"), ("7", "WHOM OR WHICH"), ("1", "CLOCK  ST"),
)  # fmt: skip
"""The key of each screen, and what stands on no other."""
_DIALOGS = ((":", "go where?"), ("s", "for how long"), ("?", "EVERYWHERE"))
_SETTLED_S = 8.0
"""After which nothing is left of the start: idle is what follows."""
_IDLE_S = 8.0
_BUSY_S = 4.0


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
            terminal.read_for(_SETTLED_S)
            process = psutil.Process(terminal.pid)
            used, received = sum(process.cpu_times()[:2]), terminal.received
            terminal.read_for(_IDLE_S)
            idle_share = (sum(process.cpu_times()[:2]) - used) / _IDLE_S
            idle_bytes = (terminal.received - received) / _IDLE_S
            rss = process.memory_info().rss / MIB
            quiet = _keys_ms(terminal)
            with Updates(to, 1_000):
                received = terminal.received
                terminal.read_for(_BUSY_S)
                busy_bytes = (terminal.received - received) / _BUSY_S
                busy = _keys_ms(terminal)
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
        "bytes a second at 1,000 updates/s": (busy_bytes, 5_000.0),
        "key to repaint idle p95, ms": (percentile(quiet, 0.95), 8.0),
        "key to repaint at 1,000 updates/s p50, ms": (statistics.median(busy), 25.0 if large else 8.0),
        "key to repaint at 1,000 updates/s p95, ms": (percentile(busy, 0.95), 25.0 if large else 20.0),
        "screen switch p95, ms": (percentile(screens, 0.95), 80.0),
        "dialog or palette open p95, ms": (percentile(dialogs, 0.95), 80.0),
        "filter keystroke to painted p95, ms": (percentile(filters, 0.95), 80.0 if large else 60.0),
        "quit, ms": (quit_s * 1_000, 350.0),
    }
    return _bars(many, bars)


def _bars(many: int, figures: Mapping[str, tuple[float, float]]) -> list[Bar]:
    return [
        Bar(f"{many:,} alerts: {name}", value, round(bar * _NOISE, 1), at_most=True)
        for name, (value, bar) in figures.items()
    ]


def _keys_ms(terminal: Terminal) -> list[float]:
    """Milliseconds of each of many keys; the mark goes up and down within the screen, so that every key moves it."""
    return [terminal.key_ms("j" if n % (2 * _WAY) < _WAY else "k") for n in range(_KEYS)]


def _dialog_ms(terminal: Terminal, key: str, words: str) -> float:
    """Milliseconds until a dialog is there; it is left again."""
    shown_ms = terminal.shown_ms(key, words)
    terminal.press("\x1b")
    terminal.until(lambda text: words not in text, 5)
    return shown_ms


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
    bars += _bars(_AT_WORK, measure_work(_AT_WORK))
    return tell(bars, as_json=given.json)


if __name__ == "__main__":
    sys.exit(main())
