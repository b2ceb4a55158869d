"""Lines of a log as records: JSON lines in columns, any other line as it is."""

from collections.abc import Iterable

import msgspec

from console.text.log_line import ServiceLine, read_lines
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
_TONES: dict[str, Tone] = {"error": "critical", "critical": "critical", "warning": "warning", "debug": "dim"}


def read_log(service: str, text: str) -> tuple[ServiceLine, ...]:
    """The lines of a service's log in their parts."""
    return tuple(read_lines(service, text.splitlines()))


def log_tone(line: ServiceLine) -> Tone:
    """The tone of a line by its level."""
    return "normal" if line.goes_on else _TONES.get(line.level, "normal")


def log_records(lines: Iterable[ServiceLine]) -> list[Record]:
    """The lines in the order in which they were written; each is named by its place."""
    return [_record(number, line) for number, line in enumerate(lines)]


def _record(number: int, line: ServiceLine) -> Record:
    tone = log_tone(line)
    return Record(
        str(number),
        (
            Cell(_clock(line), "dim"),
            Cell(line.service, "normal"),
            Cell(line.level_word, tone),
            Cell(line.logger, "dim"),
            Cell(line.request_id, "accent"),
            Cell(one_line(line.message_alone or line.raw), tone),
        ),
    )


def _clock(line: ServiceLine) -> str:
    """Its time in UTC, with milliseconds; nothing for a line that goes on with the one before."""
    return "" if line.at is None or line.goes_on else f"{line.at:%H:%M:%S.%f}"[:-3]


def whole_line(line: ServiceLine) -> list[str]:
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
