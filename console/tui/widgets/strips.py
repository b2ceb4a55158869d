"""Strips of text in columns: what every line-drawn widget of the console paints with.

Colours are named as a terminal names them; what each looks like is the theme's to say.
"""

from collections.abc import Iterable, Mapping

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from console.text.plain import one_row
from console.text.record_table import Cell, Tone

NORMAL = Style()
DIM = Style(color="bright_black")
BOLD = Style(bold=True)
CRITICAL = Style(color="red", bold=True)
WARNING = Style(color="yellow")
GOOD = Style(color="green")
ACCENT = Style(color="cyan")
CURSOR = Style(bgcolor="blue")
"""The bar of the chosen row; terminals without our colours get it reversed (see ``TerminalColours``)."""

TONES: Mapping[Tone, Style] = {
    "normal": NORMAL, "dim": DIM, "bold": BOLD, "critical": CRITICAL, "warning": WARNING, "good": GOOD,
    "accent": ACCENT,
}  # fmt: skip

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
            text, size = column(text, room), room
        segments.append(Segment(text, style + over))
        used += size
    if used < width:
        segments.append(Segment(" " * (width - used), over))
    return Strip(segments, width)


def column(text: str, width: int) -> str:
    """The text in exactly ``width`` cells; where it is cut it ends in ``…``."""
    text = one_row(text)
    if cell_len(text) > width > 1 and cell_len(text.rstrip()) > width:
        return set_cell_size(text, width - 1) + "…"
    return set_cell_size(text, width)


def broken(text: str, width: int) -> tuple[str, str]:
    """As much of a text as fits into ``width`` cells, broken at a blank where there is one, and the rest."""
    text = one_row(text)
    if cell_len(text) <= width:
        return text, ""
    fits = set_cell_size(text, width).rstrip()
    at = len(fits) if text[len(fits) : len(fits) + 1] == " " else fits.rfind(" ")
    if at <= 0 or cell_len(fits[:at]) < width // 2:
        at = len(fits)
    return text[:at].rstrip(), text[at:].lstrip()


def parts_of(cells: Iterable[Cell]) -> list[Part]:
    """Cells, one after another, as parts of a line."""
    return [(cell.text, TONES[cell.tone]) for cell in cells]
