"""JSON lines on standard output: one a request, in the words that the runbooks grep for.

The message of a line reads ``LEVEL METHOD PATH STATUS TYPE request_id: ID …``; cut at spaces, its fifth word is the
type of the error, which is what the runbook counts.
"""

import logging
import os
import threading
from collections import deque
from time import time

import msgspec

from server.api.clock import rfc3339

_LEVELS = {"DEBUG": 10, "INFO": 20, "WARNING": 30, "ERROR": 40, "CRITICAL": 50}
_LIMIT = 20_000
"""Lines that wait at most; past it the oldest are dropped and counted."""


class LogLine(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One line of the log."""

    level: str
    message: str
    timestamp: str
    logger: str = "api"
    request_id: str = ""
    trace_id: str = ""
    method: str = ""
    path: str = ""
    status: int = 0
    error_type: str = ""
    duration_ms: float = 0.0
    api_key_id: str = ""
    provider: str = ""
    cache: str = ""
    pid: int = 0
    detail: str = ""


class Log:
    """Lines on their way to a descriptor, written by a thread so that a full pipe never stops the loop."""

    def __init__(self, *, level: str = "INFO", descriptor: int = 1) -> None:
        self.level = level
        self._threshold = _LEVELS[level]
        self._descriptor = descriptor
        self._encoder = msgspec.json.Encoder()
        self._waiting: deque[bytes] = deque(maxlen=_LIMIT)
        self._wake = threading.Event()
        self._stopping = False
        self.dropped = 0
        """Lines that were lost: there were too many, or nobody takes them."""
        self._thread = threading.Thread(target=self._write_all, name="log", daemon=True)
        self._thread.start()

    def set_level(self, level: str) -> None:
        """Show lines of ``level`` and above from now on."""
        self.level = level
        self._threshold = _LEVELS[level]

    def shows(self, level: str) -> bool:
        """Whether a line of ``level`` would be written."""
        return _LEVELS[level] >= self._threshold

    def event(self, level: str, type: str, text: str, *, part: str = "api", detail: str = "") -> None:
        """Something that happened outside any request; ``type`` is one word."""
        if self.shows(level):
            message = f"{level} event {part} - {type} {text}"
            self.write(
                LogLine(
                    level=level,
                    message=message,
                    timestamp=rfc3339(time()),
                    logger=part,
                    error_type=type,
                    detail=detail,
                )
            )

    def write(self, line: LogLine) -> None:
        """Queue one line."""
        if len(self._waiting) >= _LIMIT:
            self.dropped += 1
        self._waiting.append(self._encoder.encode(line))
        if line.level in ("ERROR", "CRITICAL"):
            self._wake.set()

    def close(self) -> None:
        """Write what waits and stop."""
        self._stopping = True
        self._wake.set()
        self._thread.join(timeout=2)

    def _write_all(self) -> None:
        while True:
            self._wake.wait(timeout=0.05)
            stopping = self._stopping
            self._wake.clear()
            while self._waiting:
                self._write_some()
            if stopping:
                return

    def _write_some(self) -> None:
        lines: list[bytes] = []
        while self._waiting and len(lines) < 500:
            lines.append(self._waiting.popleft())
        data = memoryview(b"\n".join(lines) + b"\n")
        try:
            while data:
                data = data[os.write(self._descriptor, data) :]
        except OSError:
            self.dropped += len(lines) + len(self._waiting)
            self._waiting.clear()


class LibraryLog(logging.Handler):
    """Passes on what libraries say through ``logging``."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        level = record.levelname if record.levelname in _LEVELS else "INFO"
        detail = logging.Formatter().formatException(record.exc_info) if record.exc_info else ""
        self._log.event(level, "library", record.getMessage(), part=record.name, detail=detail)
