"""What a running step prints, how it ended, and the line of it that tells."""

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Log

from console.ops_api.execution import result_line, shows_trouble
from console.text.output import shown_output
from console.tui.widgets.header import OneLine
from console.tui.widgets.strips import BOLD, CRITICAL, DIM, GOOD, WARNING, Part
from runbooks.wire import ExecutionView, Output


class OutputPane(Vertical):
    """A result line, the telling line, and a log, which belong to one run. Receives values only."""

    _is_line_open = False
    """Whether what comes next goes on with the last line of the log."""
    _said: tuple[Part, ...] = ()
    _execution_id = ""
    _other: str | None = None
    """The step that is looked at, where it is not the one whose run this is."""

    def compose(self) -> ComposeResult:
        yield OneLine(id="run-title")
        yield OneLine(id="run-telling")
        yield Log(id="run-log", max_lines=20_000)

    def begin(self, title: str) -> None:
        """Clear for a new run."""
        self.display = True
        self._is_line_open, self._execution_id = False, ""
        self.stand_beside(None)
        self.border_title = "output"
        self._title((f" {title} ", BOLD), ("starting", WARNING))
        self.query_one("#run-telling").display = False
        self.query_one("#run-log", Log).clear()

    def started(self, execution: ExecutionView) -> None:
        """A run has begun."""
        self._execution_id = execution.execution_id
        self._title((f" {execution.title} ", BOLD), ("running ", WARNING), (execution.execution_id, DIM))

    def more(self, output: Output) -> None:
        """Add what came."""
        for part in (output.stdout, output.stderr):
            if part.data or part.cut_bytes:
                self._append(shown_output(part))

    def _append(self, text: str) -> None:
        """Whole lines go in together, which costs a twentieth of one by one; whoever has scrolled back stays there."""
        log = self.query_one("#run-log", Log)
        if self._is_line_open:
            head, newline, text = text.partition("\n")
            log.write(head, scroll_end=log.is_vertical_scroll_end)
            self._is_line_open = not newline
        if text:
            log.write_lines([text])
            self._is_line_open = not text.endswith("\n")

    def ended(self, execution: ExecutionView, telling: str = "") -> None:
        """How the run ended, in words with the exit code, and the line that made its verdict."""
        good = execution.state == "succeeded" and not shows_trouble(execution)
        first, *rest = result_line(execution).split("\n")
        self._title((f" {first}", GOOD if good else CRITICAL))
        line = self.query_one("#run-telling", OneLine)
        line.display = bool(telling)
        line.show((" » ", DIM), (telling, BOLD if good else CRITICAL))
        if rest:
            self.query_one("#run-log", Log).write_lines(line.strip() for line in rest)

    def resolved(self, words: str) -> None:
        """What the run was to cure is cured; that is said whichever step is looked at."""
        self.stand_beside(None)
        self._title((f" ✓ {words}", GOOD + BOLD))

    def trouble(self, text: str) -> None:
        """The run did not begin, or nobody knows; that is said whichever step is looked at."""
        self.display = True
        self.stand_beside(None)
        self._title((f" {text}", CRITICAL))

    def stand_beside(self, other: str | None) -> None:
        """Show nothing of the run while another step is looked at (None: show it); the pane keeps its place."""
        self._other = other
        for part in ("#run-telling", "#run-log"):
            self.query_one(part).visible = other is None
        self._show_title()

    def _title(self, *parts: Part) -> None:
        self._said = parts
        self._show_title()

    def _show_title(self) -> None:
        self.border_subtitle = self._execution_id if self._other is None else ""
        words = self._said if self._other is None else ((f" {self._other}: no output here", DIM),)
        self.query_one("#run-title", OneLine).show(*words)
