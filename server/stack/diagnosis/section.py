"""One part of a diagnosis: its figures, its tables, and the verdict in its last line."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

import msgspec

State = Literal["ok", "wrong", "away"]
_NARROWEST = 6


class Table(msgspec.Struct, frozen=True):
    """Rows of text under their heads."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    wraps: bool = False
    """Whether the last column goes on in the next line where it is too long, instead of being cut."""


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """What one look found."""

    name: str
    state: State
    """``away``: what was to be looked at does not answer."""
    verdict: str
    """``ok`` and perhaps more, or what is wrong; the last line is the name and this."""
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()
    """Sentences beside the figures: what to do, what could not be seen."""
    figures: dict[str, Any] = {}
    """The same for programs: numbers as numbers, durations in ``_s``, sizes in ``_bytes``."""


def well(name: str, *tables: Table, figures: dict[str, Any], notes: Iterable[str] = ()) -> Section:
    """A section in which nothing is wrong."""
    return Section(name=name, state="ok", verdict="ok", tables=tables, notes=tuple(notes), figures=figures)


def judged(
    name: str, faults: Sequence[str], *tables: Table, figures: dict[str, Any], notes: Iterable[str] = ()
) -> Section:
    """A section that is well when there are no ``faults``, and names them all otherwise."""
    found = well(name, *tables, figures=figures, notes=notes)
    return msgspec.structs.replace(found, state="wrong", verdict=", ".join(faults)) if faults else found


def away(name: str, what: str, why: str, cure: str) -> Section:
    """A section whose object does not answer; ``cure`` is the command that starts it."""
    return Section(
        name=name,
        state="away",
        verdict=f"{what} does not answer",
        notes=(f"{what} does not answer: {' '.join(why.split())}; start it with {cure}",),
        figures={"away": what, "why": why},
    )


def section_lines(section: Section, width: int) -> Iterator[str]:
    """The section as text of at most ``width`` columns; the last line is its verdict."""
    for table in section.tables:
        if table.rows:
            yield from table_lines(table, width)
    for note in section.notes:
        yield from textwrap.wrap(note, width, break_long_words=False, break_on_hyphens=False)
    yield f"{section.name}: {section.verdict}"


def table_lines(table: Table, width: int) -> list[str]:
    """A table of at most ``width`` columns; the widest of its columns are cut first."""
    lines = [table.head, *(tuple(" ".join(cell.split()) for cell in row) for row in table.rows)]
    widths = [max(len(row[i]) for row in lines) for i in range(len(table.head))]
    while (over := sum(widths) + 2 * (len(widths) - 1) - width) > 0 and max(widths) > _NARROWEST:
        widest = widths.index(max(widths))
        second = max((each for i, each in enumerate(widths) if i != widest), default=0)
        widths[widest] = max(widths[widest] - over, min(second, widths[widest] - 1), _NARROWEST)
    return [
        "  ".join(_cut(cell, room).ljust(room) for cell, room in zip(row, widths, strict=True)).rstrip()
        for line in lines
        for row in (_wrapped(line, widths[-1]) if table.wraps else [line])
    ]


def _wrapped(row: tuple[str, ...], room: int) -> list[tuple[str, ...]]:
    """The row, and rows of nothing but the rest of its last cell."""
    first, *rest = textwrap.wrap(row[-1], room, break_on_hyphens=False) or [""]
    return [(*row[:-1], first), *((*("",) * (len(row) - 1), part) for part in rest)]


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: room - 1]}…"


def size(count: float) -> str:
    """Bytes in the unit that suits: ``3.1 MB``."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1024:
            return f"{count:.0f} {unit}" if unit == "B" or count >= 100 else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} TB"


def age(seconds: float | None) -> str:
    """A duration in at most six characters: ``0.4s``, ``12s``, ``4m12``, ``5m``, ``9h40``, ``12d``; empty for none."""
    if seconds is None:
        return ""
    if seconds < 10:
        return f"{max(0.0, seconds):.1f}".removesuffix(".0") + "s"
    whole = int(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m" + (f"{whole % 60:02}" if whole % 60 else "")
    return f"{whole // 3600}h{whole % 3600 // 60:02}" if whole < 86400 else f"{whole // 86400}d"
