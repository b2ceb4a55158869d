"""A few lines of text in a frame: a summary that is replaced as a whole."""

from collections.abc import Sequence

from textual.strip import Strip
from textual.widget import Widget

from console.text.record_table import Cell
from console.tui.widgets.strips import NORMAL, parts_of, strip_of


class LinesPane(Widget):
    """Shows lines of cells. Receives values only."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: Sequence[Sequence[Cell]] = ()

    def show(self, lines: Sequence[Sequence[Cell]]) -> None:
        """Replace the lines; repaints only where they are others."""
        if lines != self._lines:
            self._lines = lines
            self.refresh()

    def render_line(self, y: int) -> Strip:
        parts = parts_of(self._lines[y]) if y < len(self._lines) else [("", NORMAL)]
        return strip_of(parts, self.size.width)
