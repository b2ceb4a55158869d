"""The API's log read for a diagnosis: the lines of a while ago until now, and every line of one request."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from server.api.telemetry.log import LogLine

_AT_MOST = 16 * 1024 * 1024
_BACKUPS = 3
"""As many as supervisord keeps (``stdout_logfile_backups``)."""


class TimedLogLine(LogLine):
    """A line as the API writes it, with its time to reckon with."""

    @property
    def at(self) -> datetime | None:
        """When the line was written, aware."""
        try:
            return datetime.fromisoformat(self.timestamp)
        except ValueError:
            return None


_decoder = msgspec.json.Decoder(TimedLogLine)


def lines_since(path: Path, start: datetime) -> tuple[list[TimedLogLine], bool]:
    """The lines from ``start`` on, and whether that is all: only the last 16 MB are read."""
    found: list[TimedLogLine] = []
    whole = True
    room = _AT_MOST
    for file in _files(path):
        raw, cut = _tail(file, room)
        room -= len(raw)
        lines = [line for line in _decoded(raw.splitlines()) if line.at is not None]
        found = [line for line in lines if line.at is not None and line.at >= start] + found
        if lines and len(found) < len(lines) and not cut and lines[0].at is not None and lines[0].at < start:
            return found, True
        if cut or room <= 0:
            whole = bool(lines) and lines[0].at is not None and lines[0].at < start
            break
    return found, whole


def lines_of(path: Path, request_id: str) -> list[TimedLogLine]:
    """Every line about one request that is still kept, oldest first."""
    wanted = request_id.encode()
    found: list[TimedLogLine] = []
    for file in reversed(list(_files(path))):
        with file.open("rb") as lines:
            found += _decoded(line for line in lines if wanted in line)
    return of_request(found, request_id)


def of_request(lines: Iterable[TimedLogLine], request_id: str) -> list[TimedLogLine]:
    """Those of the lines that are about one request."""
    named = f"request_id: {request_id}"
    return [
        line
        for line in lines
        if line.request_id == request_id or line.message.endswith(named) or f"{named} " in line.message
    ]


def kept_since(path: Path) -> datetime | None:
    """When the oldest line that is still kept was written; None where there is no log."""
    files = list(_files(path))
    if not files:
        return None
    with files[-1].open("rb") as lines:
        for _, line in zip(range(50), lines, strict=False):
            for decoded in _decoded([line]):
                if decoded.at is not None:
                    return decoded.at
    return None


def _files(path: Path) -> Iterator[Path]:
    """The log and what was rotated out of it, newest first."""
    for each in (path, *(path.with_name(f"{path.name}.{n}") for n in range(1, _BACKUPS + 1))):
        if each.exists():
            yield each


def _tail(file: Path, room: int) -> tuple[bytes, bool]:
    size = file.stat().st_size
    with file.open("rb") as source:
        source.seek(max(0, size - room))
        raw = source.read()
    cut = size > room
    return (raw.partition(b"\n")[2] if cut else raw), cut


def decoded(lines: Iterable[bytes]) -> list[TimedLogLine]:
    """Those of the lines that are lines of the API; what else its process printed is left out."""
    return list(_decoded(lines))


def _decoded(lines: Iterable[bytes]) -> Iterator[TimedLogLine]:
    for line in lines:
        if not line.lstrip().startswith(b"{"):
            continue
        try:
            yield _decoder.decode(line)
        except msgspec.MsgspecError:
            continue
