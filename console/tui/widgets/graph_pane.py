"""One figure over time in a frame: bars, gaps, and vertical marks of what was done and what fired."""

from collections.abc import Sequence

from textual.strip import Strip
from textual.widget import Widget

from console.model.graphs import Graph, GraphMark, Graphs
from console.text.glyphs import Glyphs
from console.text.graph import graph_rows, scale_words
from console.text.plain import one_line
from console.tui.widgets.strips import ACCENT, CRITICAL, DIM, NORMAL, WARNING, Part, strip_of


class GraphPane(Widget):
    """Shows one graph. Receives values only."""

    def __init__(self, glyphs: Glyphs, *, classes: str | None = None) -> None:
        super().__init__(classes=classes)
        self._glyphs = glyphs
        self._graph: Graph | None = None
        self._marks: list[tuple[float, bool]] = []
        self._rows: list[str] = []
        self._rows_of: tuple[object, ...] = ()
        self._shown: tuple[object, ...] = ()

    def show(self, graph: Graph, of: Graphs | None, marks: Sequence[GraphMark]) -> None:
        """Show a figure, with marks at their shares of the time from left to right."""
        shown = (graph, of, list(marks))
        if shown == self._shown:
            return
        self._shown, self._graph = shown, graph
        span = (of.ends - of.begins).total_seconds() if of else 1.0
        self._marks = [((m.at - of.begins).total_seconds() / span, m.is_change) for m in marks] if of else []
        values = [v for v in graph.samples if v is not None]
        now = "no data" if graph.latest is None else scale_words(graph.latest, graph.unit)
        self.border_title = f"{graph.title} {now}"
        top = f"top {scale_words(max(values), graph.unit)}" if values else ""
        # Whole or not at all: a number that is cut is another number.
        whole = f"{of.range_name}, {top}" if values and of else ""
        self.border_subtitle = whole if len(whole) + 6 <= self.size.width else top
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width, height, graph = self.size.width, self.size.height, self._graph
        if graph is None or y >= height:
            return strip_of([("", NORMAL)], width)
        if graph.trouble or not any(v is not None for v in graph.samples):
            words = one_line(graph.trouble) or "nothing was measured in this time"
            return strip_of([(f" {words}" if y == 0 else "", DIM)], width)
        rows_of = (graph, width, height)
        if self._rows_of != rows_of:
            self._rows, self._rows_of = graph_rows(graph.samples, width, height, self._glyphs.bars), rows_of
        return strip_of(self._marked(self._rows[y], width, is_top=y == 0), width)

    def _marked(self, row: str, width: int, *, is_top: bool) -> list[Part]:
        """The row with its marks: lines where nothing is drawn and at the top, else the bar itself in the mark's colour.

        Many marks beside each other hide no data so, and each is still seen without colour.
        """
        styles = {
            min(width - 1, int(share * width)): WARNING if change else CRITICAL
            for share, change in self._marks
        }
        parts: list[Part] = []
        begin = 0
        for at in sorted(styles):
            drawn = row[at : at + 1]
            parts += [(row[begin:at], ACCENT), ("│" if is_top or not drawn.strip() else drawn, styles[at])]
            begin = at + 1
        return [*parts, (row[begin:], ACCENT)]
