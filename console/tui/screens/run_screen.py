"""One run and its output: live while it runs, whoever began it."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Log

from console.model.situation import Situation
from console.text.glyphs import Glyphs
from console.text.plain import clock, one_line
from console.tui.calls import Calls, RunBegan, RunEnded, RunPrinted
from console.tui.screens.cockpit_screen import CockpitScreen
from console.tui.widgets.output_pane import OutputPane
from runbooks.wire import ExecutionView


class RunScreen(CockpitScreen):
    """Stands above the list it was opened from; it only watches."""

    VIEW = "run"
    BINDINGS = [
        Binding("o", "pager", "whole output"),
        Binding("y", "copy_command", "copy command"),
        Binding("q,escape", "close", "back"),
    ]

    def __init__(self, situation: Situation, desk: Calls, glyphs: Glyphs, execution_id: str) -> None:
        super().__init__(situation, desk, glyphs)
        self._execution_id = execution_id
        self._run: ExecutionView | None = None

    def compose_body(self) -> ComposeResult:
        with Vertical(id="list-frame", classes="frame") as frame:
            frame.border_title = f"run {self._execution_id}"
            yield OutputPane(id="output")

    def on_mount(self) -> None:
        self.show_header()
        self.query_one("#output", OutputPane).begin("loading …")
        self.focus_body()
        self.desk.watch(self._execution_id)

    def on_run_began(self, message: RunBegan) -> None:
        self._run = run = message.execution
        frame = self.query_one("#list-frame", Vertical)
        frame.border_title = f"{one_line(run.title)} · {one_line(run.actor)}".replace("[", r"\[")
        about = f"incident {run.incident_id}, " if run.incident_id else ""
        frame.border_subtitle = f"{about}{clock(run.requested_at)}, {run.kind}"
        self.query_one("#output", OutputPane).started(run)

    def on_run_printed(self, message: RunPrinted) -> None:
        self.query_one("#output", OutputPane).more(message.output)

    def on_run_ended(self, message: RunEnded) -> None:
        self._run = message.execution
        self.query_one("#output", OutputPane).ended(message.execution)

    def filter_changed(self, text: str) -> None:
        """The output is searched in the pager (``o``)."""
        self.say("search the whole output with o, then /")

    def focus_body(self) -> None:
        self.set_focus(self.query_one("#run-log", Log))

    def action_pager(self) -> None:
        self.app.show_in_pager(self._execution_id)  # type: ignore[attr-defined]  # the app is ours

    def action_copy_command(self) -> None:
        if self._run is not None:
            self.copy(" ".join(self._run.argv))

    def action_close(self) -> None:
        self.app.pop_screen()
