"""Foreign text made harmless, and times and tables in plain text."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from alerts.visible_text import OBEYED

_ESCAPES = re.compile(
    r"\x1b(?:\][^\x07\x1b]*(?:\x07|\x1b\\)?|[PX^_][^\x1b]*(?:\x1b\\)?|\[[0-?]*[ -/]*[@-~]?|[@-_])"
)
WIDEST = 40
_WITHOUT_WIDTH = (0xAD, *range(0xFFF9, 0xFFFC))
"""Soft hyphens and marks of annotations: a terminal may or may not give them a cell."""
_LEFT_OUT = {code: None for code in (*OBEYED, *_WITHOUT_WIDTH) if chr(code) not in "\t\n"}


def harmless(text: str) -> str:
    """Text without escape sequences, controls and invisible direction marks; line breaks and tabs stay."""
    if text.isprintable():
        return text
    return _ESCAPES.sub("", text.replace("\r\n", "\n")).translate(_LEFT_OUT)


def one_row(text: str) -> str:
    """Harmless text for a row of cells: line breaks and tabs are blanks."""
    return text if text.isprintable() else harmless(text).replace("\n", " ").replace("\t", " ")


def one_line(text: str) -> str:
    """Harmless text on one line."""
    return " ".join(harmless(text).split())


def since(start: datetime, now: datetime) -> str:
    """How long ago, in the notation of ``lasted``."""
    return lasted((now - start).total_seconds())


def lasted(span_s: float) -> str:
    """How long something took, in at most five characters: ``4s``, ``4m12``, ``9h40``, ``12d``."""
    seconds = max(0, int(span_s))
    if seconds < 60:
        return f"{seconds}s"
    if seconds < 3600:
        return f"{seconds // 60}m{seconds % 60:02}"
    if seconds < 86400:
        return f"{seconds // 3600}h{seconds % 3600 // 60:02}"
    return f"{seconds // 86400}d"


def left(deadline: datetime | None, now: datetime) -> str:
    """Time left to a deadline as ``05:48`` or ``1h52``; ``-04:10`` once it is past."""
    if deadline is None:
        return ""
    seconds = int((deadline - now).total_seconds())
    sign, rest = ("-", -seconds) if seconds < 0 else ("", seconds)
    if rest < 3600:
        return f"{sign}{rest // 60:02}:{rest % 60:02}"
    if rest < 360000:
        return f"{sign}{rest // 3600}h{rest % 3600 // 60:02}"
    return f"{sign}{rest // 86400}d"


def clock(at: datetime | None) -> str:
    """A time as ``02:14:07Z``; empty for none."""
    return "" if at is None else at.astimezone(UTC).strftime("%H:%M:%SZ")


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, widest: int = WIDEST) -> list[str]:
    """Lines of a table whose columns are as wide as they must be; the last column is not padded.

    No column is made wider than ``widest`` characters: what is longer is whole, and moves the rest of its own line.
    """
    lines = [[one_line(cell) for cell in row] for row in rows]
    widths = [min(widest, max(cell_width(row[i]) for row in [list(head), *lines])) for i in range(len(head))]
    return [
        "  ".join(
            cell + " " * (width - cell_width(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in [list(head), *lines]
    ]


def cell_width(text: str) -> int:
    """How many cells of a terminal a text takes: wide characters two, marks on others none."""
    if text.isascii():
        return len(text)
    return sum(_cells(char) for char in text)


def cut_to(text: str, cells: int) -> str:
    """The text where it fits into so many cells, else as much of it as does, with an ellipsis."""
    if cell_width(text) <= cells:
        return text
    kept, left = [], cells - 1
    for char in text:
        left -= _cells(char)
        if left < 0:
            break
        kept.append(char)
    return "".join(kept).rstrip() + "…"


def _cells(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
