"""Strips of text in columns: what every line-drawn widget of the console paints with."""

from collections.abc import Iterable

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from console.text.plain import one_row

NORMAL = Style()
DIM = Style(dim=True)
BOLD = Style(bold=True)
CRITICAL = Style(color="red", bold=True)
WARNING = Style(color="yellow")
GOOD = Style(color="green")
ACCENT = Style(color="cyan")
CURSOR = Style(reverse=True)

Part = tuple[str, Style]


def strip_of(parts: Iterable[Part], width: int, *, over: Style = NORMAL) -> Strip:
    """One line of exactly ``width`` cells: the parts one after another, cut or padded, all styled ``over``."""
    segments, used = [], 0
    for text, style in parts:
        room = width - used
        if room <= 0:
            break
        text = one_row(text)
        size = cell_len(text)
        if size > room:
            text, size = set_cell_size(text, room), room
        segments.append(Segment(text, style + over))
        used += size
    if used < width:
        segments.append(Segment(" " * (width - used), over))
    return Strip(segments, width)


def column(text: str, width: int) -> str:
    """The text in exactly ``width`` cells."""
    return set_cell_size(one_row(text), width)
