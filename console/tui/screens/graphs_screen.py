"""Graphs: what callers see, over half an hour to a day, and any query that is typed."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container
from textual.widgets import Input, Static

from console.model.graphs import QUERIES, RANGES, Graph, Graphs, marks_between, read_graphs
from console.ops_api.client import OpsClient
from console.text.plain import clock, one_line
from console.tui.calls import Fetched
from console.tui.dialogs import ChoiceDialog
from console.tui.metric_suggester import MetricSuggester
from console.tui.screens.cockpit_screen import CockpitScreen
from console.tui.widgets.graph_pane import GraphPane
from console.tui.widgets.header import OneLine
from console.tui.widgets.strips import CRITICAL, DIM, NORMAL, WARNING, Part

_LOOK_EVERY_S = 10.0
_WIDE = 110


class MetricNames(tuple[str, ...]):
    """Names of all metrics that there are."""


class GraphsScreen(CockpitScreen):
    """A frame for each figure; marks say when something was changed (yellow) or began to fire (red)."""

    VIEW = "graphs"
    FILTER_HINT = "PromQL, such as rate(http_requests_total[1m])  → completes  Enter draws"
    BINDINGS = [
        Binding("r,right_square_bracket", "span(1)", "longer"),
        Binding("left_square_bracket", "span(-1)", "shorter"),
        Binding("slash", "filter", "query"),
        Binding("m", "metric", "metrics"),
    ]

    def compose_body(self) -> ComposeResult:
        yield Static(self.tabs(), id="columns")
        with Container(id="graphs"):
            for _ in QUERIES:
                yield GraphPane(self.glyphs, classes="frame")
        yield OneLine(id="legend")

    def on_mount(self) -> None:
        self._found: Graphs | None = None
        self._trouble, self._typed, self._range, self._asked = "", "", 0, False
        self._chooses = False
        self.set_interval(_LOOK_EVERY_S, self.look)
        self._arrange()
        self._show()

    def on_screen_resume(self) -> None:
        """What is opened is asked for at once."""
        self.look()

    def on_resize(self) -> None:
        self._arrange()

    def _arrange(self) -> None:
        self.set_class(self.size.width >= _WIDE, "wide")

    def look(self) -> None:
        """Ask for the figures, unless they are being asked for or nobody looks."""
        if self.is_current and not self._asked:
            self._asked = True
            now, at, typed = self.situation.clock.now(), self._range, self._typed
            self.desk.fetch(lambda client: read_graphs(client, now, at, typed))

    def on_fetched(self, message: Fetched) -> None:
        if isinstance(message.found, MetricNames):
            self.query_one("#filter", Input).suggester = MetricSuggester(message.found)
            if self._chooses:
                self._chooses = False
                self._choose_metric(message.found)
            return
        self._asked = self._chooses = False
        self._trouble = message.trouble
        if isinstance(message.found, Graphs):
            self._found = message.found
            if message.found.range_name != RANGES[self._range][0]:
                self.look()
        self._show()

    def _show(self) -> None:
        found, board = self._found, self.situation.board
        marks = (
            marks_between(found.begins, found.ends, board.executions.values(), board.alerts.rows.values())
            if found
            else []
        )
        panes = list(self.query(GraphPane))
        for i, pane in enumerate(panes):
            if found is not None and i < len(found.graphs):
                pane.show(found.graphs[i], found, marks)
            else:
                title, unit, _ = QUERIES[i]
                pane.show(Graph(title, unit, (), self._trouble or "loading …"), None, [])
        state = one_line(self._trouble) if self._trouble else "" if found else "loading …"
        latest = marks[-3:]
        words: list[Part] = (
            [(f" {len(marks)} marks", DIM)]
            if marks
            else [(" no marks: nothing was changed or fired in this time", DIM)]
        )
        for mark in latest:
            words += [
                (f"  │ {clock(mark.at)} ", WARNING if mark.is_change else CRITICAL), (one_line(mark.text), NORMAL)
            ]  # fmt: skip
        if state:
            words = [(f" {state}", CRITICAL if self._trouble else DIM)]
        self.query_one("#legend", OneLine).show(*words)

    def action_span(self, step: int) -> None:
        self._range = (self._range + step) % len(RANGES)
        self.say(f"the last {RANGES[self._range][0]}")
        self.look()

    def filter_changed(self, text: str) -> None:
        """A query is asked for once it is typed to its end."""
        if not text and self._typed:
            self._typed = ""
            self.look()

    def on_input_submitted(self) -> None:
        line = self.query_one("#filter")
        self._typed = getattr(line, "value", "").strip()
        super().on_input_submitted()
        self.look()

    def focus_body(self) -> None:
        self.set_focus(None)

    def action_filter(self) -> None:
        """The line for a query, which offers the names of metrics once they are known."""
        super().action_filter()
        if self.query_one("#filter", Input).suggester is None:
            self.desk.fetch(lambda client: MetricNames(_metrics(client)))

    def action_metric(self) -> None:
        self._chooses = True
        self.desk.fetch(lambda client: MetricNames(_metrics(client)))

    def _choose_metric(self, names: MetricNames) -> None:
        def chosen(query: str | None) -> None:
            if query:
                self._typed = query
                self.look()

        self.app.push_screen(ChoiceDialog("which metric?", [(n, n) for n in names], free=True), chosen)


def _metrics(client: OpsClient) -> list[str]:
    found = client.prometheus("query", {"query": "group by (__name__) ({__name__=~'.+'})"})
    return sorted(filter(None, (one.metric.get("__name__", "") for one in found.series)))
