"""Ending a drill from outside: a signal, or the end of whoever started it, goes through the cleaning up."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StoppedBySignal(SystemExit):
    """Somebody wants the drill to end; the exit code is that of the signal."""


class _Stopping:
    """One signal stops; none disturbs the cleaning up."""

    def __init__(self) -> None:
        self.held = 0
        self.came: int | None = None

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self.came is None:
            self.came = number
            if not self.held:
                raise StoppedBySignal(128 + number)


_stopping = _Stopping()


def stop_on_signals() -> None:
    """From now on, INT, TERM and HUP raise ``StoppedBySignal`` once, in the main thread."""
    for number in _SIGNALS:
        signal.signal(number, _stopping)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Signals that come within the block stop the program only after it."""
    _stopping.held += 1
    try:
        yield
    finally:
        _stopping.held -= 1
    if _stopping.came is not None and not _stopping.held:
        raise StoppedBySignal(128 + _stopping.came)


def when_starter_ends(do: Callable[[], None]) -> None:
    """Calls ``do`` in a thread once standard input ends: closed on purpose, or by the end of who holds it."""

    def wait() -> None:
        while os.read(sys.stdin.fileno(), 4096):
            pass
        do()

    threading.Thread(target=wait, name="starter", daemon=True).start()
