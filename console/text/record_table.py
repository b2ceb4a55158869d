"""Tables of records: which columns fit a width, and what each cell says in which tone."""

from collections.abc import Sequence
from typing import Literal

import msgspec

Tone = Literal["normal", "dim", "bold", "critical", "warning", "good", "accent"]


class Cell(msgspec.Struct, frozen=True):
    """One text in one tone; what it says can be read without the tone."""

    text: str
    tone: Tone = "normal"


class Column(msgspec.Struct, frozen=True):
    """One column of a table."""

    title: str
    width: int
    """Cells; of the column that takes the rest, the fewest that it is worth showing with."""
    gives_way: int = 0
    """The column with the highest number goes first where the width does not suffice; 0 stays."""
    takes_rest: bool = False


class Record(msgspec.Struct, frozen=True):
    """One row, known by its id; a heading has one cell and no id."""

    id: str
    cells: tuple[Cell, ...]

    @property
    def is_heading(self) -> bool:
        """Whether it only says what the rows below it are."""
        return not self.id


def heading(text: str) -> Record:
    """A row that stands over others and cannot be chosen."""
    return Record("", (Cell(text, "accent"),))


def columns_that_fit(columns: Sequence[Column], width: int) -> list[tuple[int, int]]:
    """Places and widths of the columns shown in ``width`` cells, one blank between them; more width never shows less."""
    shown = list(range(len(columns)))
    while sum(columns[i].width + 1 for i in shown) > width:
        goes = max(shown, key=lambda i: columns[i].gives_way)
        if not columns[goes].gives_way:
            break
        shown.remove(goes)
    rest = width - sum(columns[i].width + 1 for i in shown)
    return [(i, columns[i].width + (max(0, rest) if columns[i].takes_rest else 0)) for i in shown]
