"""What goes on beside an alert, in few lines: the end of an incident's timeline, the end of a log."""

from collections.abc import Sequence
from datetime import datetime

from alerts.wire import TimelineEntry
from console.text.log_line import ServiceLine
from console.text.plain import clock, one_line, since
from console.text.record_table import Cell
from console.text.records.logs import log_tone

_SILENT_S = 10.0
"""A log that has had no line for longer says so."""

_LEVELS = {"WARNING": "WARN", "CRITICAL": "CRIT"}

Lines = list[list[Cell]]


def timeline_lines(entries: Sequence[TimelineEntry], height: int) -> Lines:
    """The latest entries, as many as fit, the latest last; how many stand before them is said."""
    shown = list(entries[-height:]) if height > 0 else []
    if len(shown) < len(entries) and len(shown) > 1:
        shown = shown[1:]
    before = len(entries) - len(shown)
    lines = [_entry(entry) for entry in shown]
    return [[Cell(f" {before} before, ⏎ shows all", "dim")], *lines] if before else lines


def _entry(entry: TimelineEntry) -> list[Cell]:
    is_run = entry.kind.startswith("execution.")
    return [
        Cell(f" {clock(entry.at)} ", "dim"),
        Cell(f"{one_line(entry.actor)[:9]:<10}", "accent"),
        Cell(one_line(entry.text), "bold" if is_run else "normal"),
    ]


def log_lines(lines: Sequence[ServiceLine], height: int, now: datetime) -> Lines:
    """The latest lines of a log; where it has been silent for a while, for how long."""
    silent = _silence(lines[-1], now) if lines else ""
    room = height - bool(silent)
    shown = [_log_line(line) for line in lines[-room:]]
    return [*shown, [Cell(f" {silent}", "warning")]] if silent else shown


def _log_line(line: ServiceLine) -> list[Cell]:
    tone = log_tone(line)
    at = "" if line.at is None or line.goes_on else f"{line.at:%H:%M:%S}"
    level = line.level_word.upper()
    return [
        Cell(f" {at:<8} ", "dim"),
        Cell(f"{_LEVELS.get(level, level)[:5]:<6}", tone),
        Cell(one_line(line.message_alone or line.raw), tone),
    ]


def _silence(last: ServiceLine, now: datetime) -> str:
    if last.at is None or (now - last.at).total_seconds() <= _SILENT_S:
        return ""
    return f"no line for {since(last.at, now)}"
