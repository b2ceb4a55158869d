"""What a running step prints, and how it ended."""

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Log

from console.ops_api.execution import result_line
from console.text.output import shown_output
from console.tui.widgets.header import OneLine
from console.tui.widgets.strips import BOLD, CRITICAL, DIM, GOOD, WARNING
from runbooks.wire import ExecutionView, Output


class OutputPane(Vertical):
    """A title line and a log, which belong to one run. Receives values only."""

    def compose(self) -> ComposeResult:
        yield OneLine(id="run-title")
        yield Log(id="run-log", max_lines=20_000)

    def begin(self, title: str) -> None:
        """Clear for a new run."""
        self.display = True
        self.query_one("#run-title", OneLine).show((f" {title} ", BOLD), ("starting", WARNING))
        self.query_one("#run-log", Log).clear()

    def started(self, execution: ExecutionView) -> None:
        """A run has begun."""
        title = self.query_one("#run-title", OneLine)
        title.show((f" {execution.title} ", BOLD), ("running ", WARNING), (execution.execution_id, DIM))

    def more(self, output: Output) -> None:
        """Add what came."""
        log = self.query_one("#run-log", Log)
        for part in (output.stdout, output.stderr):
            if part.data or part.cut_bytes:
                log.write(shown_output(part))

    def ended(self, execution: ExecutionView) -> None:
        """How the run ended, in words with the exit code."""
        good = execution.state == "succeeded" and execution.verdict != "unhealthy"
        first, *rest = result_line(execution).split("\n")
        self.query_one("#run-title", OneLine).show((f" {first}", GOOD if good else CRITICAL))
        if rest:
            self.query_one("#run-log", Log).write_lines(line.strip() for line in rest)

    def trouble(self, text: str) -> None:
        """The run did not begin, or nobody knows."""
        self.display = True
        self.query_one("#run-title", OneLine).show((f" {text}", CRITICAL))
