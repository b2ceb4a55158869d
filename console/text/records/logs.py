"""Lines of a log as records: JSON lines in columns, any other line as it is."""

import heapq
import re
from collections.abc import Iterable

import msgspec

from console.text.plain import one_line
from console.text.record_table import Cell, Record, TableColumn, Tone

LOG_COLUMNS = (
    TableColumn("TIME", 12),
    TableColumn("SERVICE", 9, gives_way=1),
    TableColumn("LEVEL", 8),
    TableColumn("LOGGER", 12, gives_way=3),
    TableColumn("REQUEST", 10, gives_way=2),
    TableColumn("MESSAGE", 30, takes_rest=True),
)
_ISO = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:[.,]\d{1,3})?)\d*Z?(?: UTC)? ?(.*)")
_REDIS = re.compile(r"\d+:[A-Z] (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d:\d\d:\d\d\.\d{3}) (.*)")
_PYTHON_LEVEL = re.compile(r"(DEBUG|INFO|WARNING|ERROR|CRITICAL) (\S+) (.*)")
_POSTGRES_LEVEL = re.compile(r"\[\d+\] ([A-Z]+\d?):\s+(.*)")
_REDIS_LEVELS = {". ": "DEBUG", "- ": "INFO", "* ": "INFO", "# ": "WARNING"}
_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"
_TONES: dict[str, Tone] = {
    "ERROR": "critical", "CRITICAL": "critical", "FATAL": "critical", "PANIC": "critical", "WARNING": "warning", "WARN": "warning", "DEBUG": "dim",
}  # fmt: skip


class ReadLogLine(msgspec.Struct, frozen=True):
    """One line of a log."""

    number: int
    """Its place among the lines that were read."""
    raw: str
    time: str = ""
    level: str = ""
    logger: str = ""
    request_id: str = ""
    message: str = ""
    service: str = ""
    at: str = ""
    """When it was written, as far as that can be compared: of a line without a time, when the one before was."""


class _Json(msgspec.Struct):
    timestamp: object = ""
    level: object = ""
    logger: object = ""
    request_id: object = ""
    message: object = ""


def read_log(service: str, text: str) -> list[ReadLogLine]:
    """The lines of a service's log in their parts."""
    lines: list[ReadLogLine] = []
    for raw in text.splitlines():
        line = read_line(len(lines), raw)
        at = line.at or (lines[-1].at if lines else "")
        lines.append(msgspec.structs.replace(line, service=service, at=at))
    return lines


def in_order(logs: Iterable[Iterable[ReadLogLine]]) -> tuple[ReadLogLine, ...]:
    """Several logs as one, by time; lines of one log stay in their order."""
    merged = heapq.merge(*logs, key=lambda line: line.at)
    return tuple(msgspec.structs.replace(line, number=n) for n, line in enumerate(merged))


def read_line(number: int, raw: str) -> ReadLogLine:
    """A line in its parts; what is no JSON object is all message, less the time that it begins with."""
    try:
        found = msgspec.json.decode(raw, type=_Json)
    except (msgspec.MsgspecError, UnicodeError):
        return _plain_line(number, raw)
    words = {name: one_line(str(getattr(found, name) or "")) for name in _Json.__struct_fields__}
    at = words.pop("timestamp")
    time = at.partition("T")[2].removesuffix("Z")[:12] or at
    words["message"] = _without_repeats(words["message"], words["level"], words["request_id"])
    return ReadLogLine(number, raw, time=time, at=at.replace("T", " ")[:23], **words)


def _without_repeats(message: str, level: str, request_id: str) -> str:
    """The message without what stands in columns of its own beside it."""
    message = message.removeprefix(f"{level} ") if level else message
    return message.replace(f"request_id: {request_id} ", "") if request_id else message


def _plain_line(number: int, raw: str) -> ReadLogLine:
    """PostgreSQL, Redis and Python's logging write their times and levels each in their own way."""
    if stamped := _ISO.match(raw):
        day, time, rest = stamped.groups()
        time = time.replace(",", ".")
        at = f"{day} {time}"
    elif stamped := _REDIS.match(raw):
        day, month, year, time, rest = stamped.groups()
        at = f"{year}-{_MONTHS.index(month) // 3 + 1:02}-{day} {time}" if month in _MONTHS else ""
    else:
        return ReadLogLine(number, raw, message=raw)
    level, logger, message = "", "", rest
    if found := _PYTHON_LEVEL.match(rest):
        level, logger, message = found.groups()
    elif found := _POSTGRES_LEVEL.match(rest):
        level, message = found.groups()
    elif rest[:2] in _REDIS_LEVELS:
        level, message = _REDIS_LEVELS[rest[:2]], rest[2:]
    return ReadLogLine(number, raw, time=time, level=level, logger=logger, message=message, at=at)


def log_tone(level: str) -> Tone:
    """The tone of a line of that level."""
    return _TONES.get(level.upper(), "normal")


def log_records(lines: Iterable[ReadLogLine]) -> list[Record]:
    """The lines in the order in which they were written."""
    return [_record(line) for line in lines]


def _record(line: ReadLogLine) -> Record:
    tone = log_tone(line.level)
    return Record(
        str(line.number),
        (
            Cell(line.time, "dim"),
            Cell(line.service, "normal"),
            Cell(line.level, tone),
            Cell(line.logger, "dim"),
            Cell(line.request_id, "accent"),
            Cell(one_line(line.message or line.raw), tone),
        ),
    )


def whole_line(line: ReadLogLine) -> list[str]:
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
