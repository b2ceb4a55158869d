"""Lines of a log as records: JSON lines in columns, any other line as it is."""

from collections.abc import Iterable

import msgspec

from console.text.plain import one_line
from console.text.record_table import Cell, Column, Record, Tone

LOG_COLUMNS = (
    Column("TIME", 12),
    Column("LEVEL", 8),
    Column("LOGGER", 12, gives_way=2),
    Column("REQUEST", 10, gives_way=1),
    Column("MESSAGE", 16, takes_rest=True),
)
_TONES: dict[str, Tone] = {
    "ERROR": "critical", "CRITICAL": "critical", "WARNING": "warning", "WARN": "warning", "DEBUG": "dim",
}  # fmt: skip


class LogLine(msgspec.Struct, frozen=True):
    """One line of a log."""

    number: int
    """Its place among the lines that were read."""
    raw: str
    time: str = ""
    level: str = ""
    logger: str = ""
    request_id: str = ""
    message: str = ""


class _Json(msgspec.Struct):
    timestamp: object = ""
    level: object = ""
    logger: object = ""
    request_id: object = ""
    message: object = ""


def read_line(number: int, raw: str) -> LogLine:
    """A line in its parts; what is no JSON object is all message."""
    try:
        found = msgspec.json.decode(raw, type=_Json)
    except (msgspec.MsgspecError, UnicodeError):
        return LogLine(number, raw, message=raw)
    words = {name: one_line(str(getattr(found, name) or "")) for name in _Json.__struct_fields__}
    at = words.pop("timestamp")
    return LogLine(number, raw, time=at.partition("T")[2].removesuffix("Z")[:12] or at, **words)


def log_records(lines: Iterable[LogLine]) -> list[Record]:
    """The lines in the order in which they were written."""
    return [_record(line) for line in lines]


def _record(line: LogLine) -> Record:
    tone = _TONES.get(line.level.upper(), "normal")
    return Record(
        str(line.number),
        (
            Cell(line.time, "dim"),
            Cell(line.level, tone),
            Cell(line.logger, "dim"),
            Cell(line.request_id, "accent"),
            Cell(one_line(line.message or line.raw), tone),
        ),
    )


def whole_line(line: LogLine) -> list[str]:
    """Every field of a line, one below the other; a line that is no JSON object is itself."""
    try:
        fields = msgspec.json.decode(line.raw, type=dict[str, object])
    except (msgspec.MsgspecError, UnicodeError):
        return [line.raw]
    width = max((len(name) for name in fields), default=0)
    rows = []
    for name, value in fields.items():
        first, *rest = (value if isinstance(value, str) else msgspec.json.encode(value).decode()).split("\n")
        rows += [f"{name:<{width}}  {first}", *(f"{'':<{width}}  {more}" for more in rest)]
    return rows
