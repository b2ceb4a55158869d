"""Tables of the command line: as wide as the terminal, or whole; all columns, or those that were asked for."""

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import click

from console.cli.answer import told
from console.text.plain import cell_width, cut_to, one_line, table

F = TypeVar("F", bound=Callable[..., Any])
_NARROWEST = 8
"""Cells below which no column is narrowed: a line that is still too long ends at the terminal's edge."""
_WIDE, _COLUMNS = "console.wide", "console.columns"


def tabular(command: F) -> F:
    """``--wide`` and ``--columns`` for a command that prints a table with ``shown_table``."""
    options = (
        click.option("--wide", is_flag=True, expose_value=False, callback=_keep(_WIDE), help="Cut nothing at a terminal's edge."),
        click.option("--columns", metavar="A,B", expose_value=False, callback=_keep(_COLUMNS), help="Only these columns, in this order."),
    )  # fmt: skip
    for option in options:
        command = option(command)
    return command


def _keep(key: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def keep(ctx: click.Context, param: click.Parameter, value: Any) -> None:
        if value:
            ctx.meta[key] = value

    return keep


def shown_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The table as text. At a terminal its lines end at the edge, with an ellipsis; into a pipe they are whole."""
    context = click.get_current_context(silent=True)
    meta = context.meta if context is not None else {}
    wanted = meta.get(_COLUMNS)
    if wanted:
        places = [_place(head, name) for name in wanted.split(",")]
        head, rows = [head[n] for n in places], ([row[n] for n in places] for row in rows)
    if not sys.stdout.isatty() or meta.get(_WIDE):
        return "\n".join(table(head, rows))
    import shutil

    width = shutil.get_terminal_size().columns
    cells = [[one_line(cell) for cell in row] for row in (head, *rows)]
    widths = _widths_within(cells, width)
    cut = [[cut_to(cell, cells_) for cell, cells_ in zip(row, widths, strict=True)] for row in cells]
    return "\n".join(cut_to(line, width) for line in table(cut[0], cut[1:], widest=width))


def _widths_within(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """Cells for each column so that all fit into ``width``: the widest give way first, the last no further than others."""
    widths = [max(cell_width(row[n]) for row in rows) for n in range(len(rows[0]))]
    spare = width - 2 * (len(widths) - 1)
    while sum(widths) > spare and max(widths) > _NARROWEST:
        widest = max(widths)
        at = max(n for n, cells in enumerate(widths) if cells == widest)
        # What comes last is the sentence: the columns before it give way as soon as they are as wide.
        if at == len(widths) - 1 and widths.count(widest) > 1:
            at = widths.index(widest)
        widths[at] -= 1
    return widths


def _place(head: Sequence[str], name: str) -> int:
    known = [one.lower() for one in head]
    if name.strip().lower() not in known:
        raise click.BadParameter(
            f"there is no column {name.strip()!r}; there are {', '.join(filter(None, head))}",
            param_hint="--columns",
        )
    return known.index(name.strip().lower())


def listed(head: Sequence[str], rows: Iterable[Sequence[str]], *, names: Iterable[str], empty: str) -> str:
    """A list as text: its table, or in a sentence what there is none of; under ``--quiet`` the names alone."""
    there = list(rows)
    return told(shown_table(head, there) if there else empty, *names)
