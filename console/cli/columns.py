"""Tables of the command line: as wide as the terminal, or whole; all columns, or those that were asked for."""

import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import click

from console.cli.answer import folded, show_while, told
from console.cli.options import COLUMNS, only_one, say_json
from console.terminal.paint import When, is_wanted, painted
from console.text.plain import WIDEST, cell_width, cut_to, one_line, table
from console.text.record_table import Tone

F = TypeVar("F", bound=Callable[..., Any])
_NARROWEST = 8
"""Cells below which no column is narrowed: a line that is still too long ends at the terminal's edge."""
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]")
_WIDE, _COLOUR = "console.wide", "console.colour"
_TONED = frozenset({"SEV", "SEVERITY", "STATE", "STATUS", "IMPACT", "LEVEL", "RESULT"})
"""Columns whose words have a tone."""
_TONES: Mapping[Tone, frozenset[str]] = {
    "critical": frozenset({
        "critical", "crit", "error", "fatal", "firing", "failed", "backoff", "exited", "major", "major_outage", "timed_out",
        "dropped", "unknown", "delayed",
    }),
    "warning": frozenset({
        "warning", "warn", "pending", "open", "starting", "stopping", "stopped", "stale", "minor", "degraded_performance", "partial_outage",
        "waiting", "asked", "in_force", "verifying", "investigating", "identified", "refused", "cancelled",
    }),
    "good": frozenset({
        "resolved", "succeeded", "passed", "running", "operational", "sent", "completed", "active", "approved", "closed",
    }),
    "dim": frozenset({"info", "none", "debug", "trace", "expired", "inactive", "used", "merged", "false_positive"}),
}  # fmt: skip
"""The first word of such a cell, in small letters, and the tone that the console gives to things that are so."""


def tabular(command: F) -> F:
    """``--wide``, ``--columns`` and ``--color`` for a command that prints a table with ``shown_table``."""
    options = (
        click.option("--wide", is_flag=True, expose_value=False, callback=_keep(_WIDE), help="Cut nothing at a terminal's edge."),
        click.option("--columns", metavar="A,B", expose_value=False, callback=_keep_columns, help="Only these columns, in this order, of every table."),
        click.option("--color", "--colour", type=click.Choice(["auto", "always", "never"]), expose_value=False, callback=_keep(_COLOUR), help="Colour what is grave and what is well; auto does at a terminal."),
    )  # fmt: skip
    for option in options:
        command = option(command)
    return command


def _keep(key: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def keep(ctx: click.Context, param: click.Parameter, value: Any) -> None:
        if value:
            ctx.meta[key] = value

    return keep


def _keep_columns(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    if value is not None and not any(name.strip() for name in value.split(",")):
        raise click.BadParameter("name one column at least", param_hint="--columns")
    _keep(COLUMNS)(ctx, param, value)
    only_one({"--json": ctx.params.get("as_json"), "--columns": value})


def columns_asked() -> Sequence[str]:
    """The names that ``--columns`` has; none where it is not given."""
    context = click.get_current_context(silent=True)
    given: str = context.meta.get(COLUMNS, "") if context is not None else ""
    return [name.strip() for name in given.split(",") if name.strip()]


def places_of(head: Sequence[str]) -> list[int]:
    """Where in ``head`` the columns are that were asked for; all of them where none was.

    Raises ``click.BadParameter`` where there is no such column.
    """
    return [_place(head, name) for name in columns_asked()] or list(range(len(head)))


def shown_tables(heads: Sequence[Sequence[str]]) -> Callable[[Sequence[str], Iterable[Sequence[str]]], str]:
    """How tables of one command are shown that have several ``heads``: of each those columns that it has.

    The first one, which says what a row is about, is there whenever another one is: what is asked for of one table has
    another first column than the next. A table that has none of them is empty. Raises ``click.BadParameter`` for a column that no table has.
    """
    _ = places_of(list(dict.fromkeys(name for head in heads for name in head)))

    def shown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
        asked = [name for name in columns_asked() if name.lower() in map(_key, head)]
        if columns_asked() and not asked:
            return ""
        places = [_place(head, name) for name in asked] or list(range(len(head)))
        places = places if 0 in places else [0, *places]
        return _drawn([head[n] for n in places], ([row[n] for n in places] for row in rows), WIDEST)

    return shown


def fits(head: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether nothing of a table would be cut at the terminal's edge."""
    if not sys.stdout.isatty() or is_wide():
        return True
    import shutil

    places = places_of(head)
    widths = (max(cell_width(one_line(row[n])) for row in (head, *rows)) for n in places)
    return sum(widths) + 2 * (len(places) - 1) <= shutil.get_terminal_size().columns


def shown_table(head: Sequence[str], rows: Iterable[Sequence[str]], *, widest: int = WIDEST) -> str:
    """The table as text. At a terminal its lines end at the edge, with an ellipsis; into a pipe they are whole.

    Where nothing is cut, no column is padded beyond ``widest`` cells.
    """
    places = places_of(head)
    return _drawn([head[n] for n in places], ([row[n] for n in places] for row in rows), widest)


def _drawn(head: Sequence[str], rows: Iterable[Sequence[str]], widest: int) -> str:
    cells = [[one_line(cell) for cell in row] for row in (head, *rows)]
    if not sys.stdout.isatty() or is_wide():
        lines = table(cells[0], cells[1:], widest=widest)
    else:
        import shutil

        width = shutil.get_terminal_size().columns
        widths = _widths_within(cells, width)
        cells = [[cut_to(cell, cells_) for cell, cells_ in zip(row, widths, strict=True)] for row in cells]
        lines = [cut_to(line, width) for line in table(cells[0], cells[1:], widest=width)]
    if is_coloured():
        lines = [
            _toned(
                [tone_of(name, cell) if n else "bold" for name, cell in zip(head, row, strict=True)],
                row,
                line,
            )
            for n, (row, line) in enumerate(zip(cells, lines, strict=True))
        ]
    return "\n".join(lines)


def is_wide() -> bool:
    """Whether nothing is to be cut at the terminal's edge."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get(_WIDE))


def is_coloured() -> bool:
    """Whether what the command prints has colour: at a terminal that can, or as ``--color`` says."""
    context = click.get_current_context(silent=True)
    when: When = context.meta.get(_COLOUR, "auto") if context is not None else "auto"
    return is_wanted(when, at_terminal=sys.stdout.isatty())


def tone_of(heading: str, text: str) -> Tone:
    """The tone of a cell under a heading."""
    if heading not in _TONED:
        return "normal"
    word = text.lower().lstrip("! ").replace(" ", ",").partition(",")[0].rstrip("…")
    return next((tone for tone, words in _TONES.items() if word in words), "normal")


def _toned(tones: Sequence[Tone], row: Sequence[str], line: str) -> str:
    """A line of a table with its cells in their tones."""
    done, at = "", 0
    for tone, cell in zip(tones, row, strict=True):
        place = line.find(cell, at)
        # What the terminal's edge has cut is left as it is.
        if cell and place >= 0:
            done, at = f"{done}{line[at:place]}{painted(cell, tone)}", place + len(cell)
    return done + line[at:]


def _widths_within(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """Cells for each column so that all fit into ``width``: the widest give way first, the last no further than others.

    Half a time says nothing: times give way when nothing else can.
    """
    widths = [max(cell_width(row[n]) for row in rows) for n in range(len(rows[0]))]
    spare = width - 2 * (len(widths) - 1)
    timeless = [n for n in range(len(widths)) if not any(_TIME.match(row[n]) for row in rows[1:])]
    for places in (timeless, range(len(widths))):
        while sum(widths) > spare and max((widths[n] for n in places), default=0) > _NARROWEST:
            widest = [n for n in places if widths[n] == max(widths[n] for n in places)]
            # What comes last is the sentence: the columns before it give way as soon as they are as wide.
            at = widest[0] if widest[-1] == len(widths) - 1 else widest[-1]
            widths[at] -= 1
    return widths


def _place(head: Sequence[str], name: str) -> int:
    known = [_key(one) for one in head]
    if name.lower() not in known:
        raise click.BadParameter(
            f"there is no column {name!r}; there are {', '.join(filter(None, head))}",
            param_hint="--columns",
        )
    return known.index(name.lower())


def _key(heading: str) -> str:
    """What is typed for a column: the zone behind a heading of times need not be."""
    return heading.lower().partition(" (")[0]


def listed(head: Sequence[str], rows: Iterable[Sequence[str]], *, names: Iterable[str], empty: str) -> str:
    """A list as text: its table, or in a sentence what there is none of; under ``--quiet`` the names alone."""
    there = list(rows)
    return told(shown_table(head, there) if there else folded(empty), *names)


class Numbered(Protocol):
    """A thing that is known by its number."""

    @property
    def id(self) -> int:
        """The number."""


N = TypeVar("N", bound=Numbered)


def show_list(
    found: Callable[[], Sequence[N]],
    head: Sequence[str],
    rows: Callable[[Sequence[N]], Iterable[Sequence[str]]],
    *,
    empty: str,
    watch: bool,
    as_json: bool,
) -> None:
    """Show numbered things as JSON or in a table, with ``watch`` anew whenever they are others."""
    if as_json:
        say_json(found())
        return

    def shown() -> str:
        there = found()
        return listed(head, rows(there), names=(str(one.id) for one in there), empty=empty)

    show_while(shown, watch=watch)
