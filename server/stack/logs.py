"""Reading service logs: the tail, a search, one request, a count by field."""

import collections
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from alerts.visible_text import OBEYED
from server.config import secret_values
from server.runner.redaction import Redaction

_LEFT_OUT = dict.fromkeys(code for code in OBEYED if chr(code) not in "\t\n")


def read_log(path: Path, **wanted: Any) -> Iterator[str]:
    """What ``select`` takes of a log file and of the one rotated before it."""
    return select(_lines(path), **wanted)


def select(
    lines: Iterable[str],
    *,
    tail: int,
    grep: str | None = None,
    request_id: str | None = None,
    count_by: str | None = None,
) -> Iterator[str]:
    """The last ``tail`` lines that match; with ``count_by``, counts over all that match, largest first."""
    matching = (line for line in lines if _matches(line, grep, request_id))
    if count_by is None:
        yield from collections.deque(matching, maxlen=tail)
        return
    counts = collections.Counter(_field(line, count_by) for line in matching)
    counts.pop("", None)
    for value, count in counts.most_common():
        yield f"{count:>8}  {value}"


def shown_line(tokens: Path | None) -> Callable[[str], str]:
    """What makes a line of a log fit to be shown: no secret of ours in it, and nothing that a terminal would obey.

    ``tokens`` is the folder of the stack's own secrets, one a file.
    """
    held = [_secret_in(path) for path in tokens.iterdir()] if tokens is not None and tokens.is_dir() else []
    redaction = Redaction([*secret_values(os.environ), *held])
    return lambda line: redaction.of(line).translate(_LEFT_OUT)


def _secret_in(path: Path) -> str:
    try:
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _lines(path: Path) -> Iterator[str]:
    rotated = path.with_name(f"{path.name}.1")
    for each in (rotated, path):
        if each.exists():
            with each.open(errors="replace") as file:
                yield from (line.rstrip("\n") for line in file)


def _matches(line: str, grep: str | None, request_id: str | None) -> bool:
    return (grep is None or grep in line) and (request_id is None or request_id in line)


def _field(line: str, name: str) -> str:
    """The field of a JSON line; for ``type`` the error type, or the level where there is none."""
    try:
        record = json.loads(line)
    except ValueError:
        return ""
    if not isinstance(record, dict):
        return ""
    if name == "type":
        return str(record.get("error_type") or record.get("type") or record.get("level") or "")
    return str(record.get(name, ""))


def follow(path: Path, say: Callable[[str], None], *, grep: str | None, request_id: str | None) -> None:
    """Say each new line until interrupted, across rotations."""
    file = path.open(errors="replace")
    file.seek(0, 2)
    try:
        while True:
            line = file.readline()
            if line:
                if _matches(line, grep, request_id):
                    say(line.rstrip("\n"))
                continue
            if path.exists() and path.stat().st_ino != _inode(file.fileno()):
                file.close()
                file = path.open(errors="replace")
            time.sleep(0.2)
    except KeyboardInterrupt:
        return
    finally:
        file.close()


def _inode(descriptor: int) -> int:
    return os.fstat(descriptor).st_ino
