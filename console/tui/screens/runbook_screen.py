"""Any runbook of the shelf: chosen by typing, read, and its steps run."""

import msgspec
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical

from alerts.wire import IncidentView
from console.model.situation import Situation
from console.ops_api.execution import new_execution_id
from console.text.glyphs import Glyphs
from console.tui import calls as d
from console.tui.dialogs import ChoiceDialog
from console.tui.screens.runner_screen import RunnerScreen
from console.tui.widgets.output_pane import OutputPane
from console.tui.widgets.runbook_pane import RunbookPane
from runbooks.wire import ExecutionRequest, ExecutionView


class Shelf(tuple[str, ...]):
    """The ids of all runbooks."""


class RunbookScreen(RunnerScreen):
    """Stands above the screen it was opened from; what is run here belongs to the incident it was opened for, or to none."""

    VIEW = "runbook"
    BINDINGS = [
        Binding("r", "run_step", "run step"),
        Binding("b", "choose", "other runbook"),
        Binding("o", "pager", "whole output"),
        Binding("y", "copy_command", "copy command"),
        Binding("q,escape", "close", "back"),
    ]

    def __init__(
        self,
        situation: Situation,
        desk: d.Calls,
        glyphs: Glyphs,
        runbook_id: str,
        incident: IncidentView | None = None,
    ) -> None:
        super().__init__(situation, desk, glyphs)
        self._runbook_id = runbook_id
        self._incident = incident

    def _latest_run(self, runbook: str, step: str) -> ExecutionView | None:
        """What was done in this outage and no earlier one; without an incident, what was done last."""
        incident = self._incident
        began_at = (incident.spell_detected_at or incident.detected_at) if incident else None
        return self.situation.board.latest_run(runbook, step, began_at)

    @property
    def _title(self) -> str:
        return f"runbook {self._runbook_id}" + (f" · incident {self._incident.id}" if self._incident else "")

    def compose_body(self) -> ComposeResult:
        with Vertical(id="list-frame", classes="frame") as frame:
            frame.border_title = self._title
            yield RunbookPane(self.glyphs, self._latest_run, self.situation.clock.now, id="runbook")
        yield OutputPane(id="output", classes="frame")

    def on_mount(self) -> None:
        self.query_one("#output").display = False
        self.show_header()
        self.focus_body()
        self.set_interval(0.5, self.tell_cured)
        if self._runbook_id:
            self.desk.load_runbook(self._runbook_id)
        else:
            self.action_choose()

    @property
    def _pane(self) -> RunbookPane:
        return self.query_one("#runbook", RunbookPane)

    def action_choose(self) -> None:
        self.desk.fetch(lambda client: Shelf(runbook.id for runbook in client.shelf()[0]))

    def on_fetched(self, message: d.Fetched) -> None:
        if not isinstance(message.found, Shelf):
            self.say(message.trouble, bad=True)
            return

        def chosen(runbook_id: str | None) -> None:
            if runbook_id is not None:
                self._runbook_id = runbook_id
                self.query_one("#output").display = False
                self.desk.load_runbook(runbook_id)

        choices = [(name, name) for name in message.found]
        self.app.push_screen(ChoiceDialog("which runbook?", choices), chosen)

    def on_runbook_came(self, message: d.RunbookCame) -> None:
        if message.runbook_id == self._runbook_id:
            self.query_one("#list-frame", Vertical).border_title = self._title
            self._pane.show(message.runbook, message.trouble)

    def on_runbook_pane_run_asked(self, message: RunbookPane.RunAsked) -> None:
        if message.step.kind != "read" and not self.may():
            return
        request = ExecutionRequest(
            execution_id=new_execution_id(),
            runbook=message.runbook.id,
            step=message.step.name,
            incident_id=self._incident.id if self._incident else None,
        )
        request = msgspec.structs.replace(request, runbook_digest=message.runbook.digest)
        self.runs.begin(request, message.step.inputs, message.step)

    def on_runbook_pane_step_chosen(self, message: RunbookPane.StepChosen) -> None:
        self.runs.look_at(message.runbook, message.step, self._incident.id if self._incident else None)

    def after_run(self, message: d.RunEnded) -> None:
        number = self._incident.id if self._incident else None
        alerts = self.situation.board.alerts.rows.values()
        about = (a for a in alerts if number is not None and a.incident_id == number)
        alert = next((a for a in about if a.runbook == message.execution.runbook), None)
        self.go_on_after(message.execution, self._pane, alert)

    def filter_changed(self, text: str) -> None:
        """Go to the first line that has the text."""
        if text and not self._pane.find(text):
            self.say(f"{text!r} is not in this runbook", bad=True)

    def focus_body(self) -> None:
        self._pane.focus()

    def action_run_step(self) -> None:
        self._pane.action_run()

    def action_copy_command(self) -> None:
        if self._pane.step is not None:
            self.copy(self._pane.step.command)

    def action_close(self) -> None:
        self.app.pop_screen()
