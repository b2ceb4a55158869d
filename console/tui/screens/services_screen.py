"""Services: what runs, the parts of the daemon, and starting, stopping and diagnosing from here."""

from datetime import datetime

from textual.app import ComposeResult
from textual.binding import Binding

from console.ops_api.client import OpsClient
from console.ops_api.errors import OpsError
from console.ops_api.execution import new_execution_id
from console.text.record_table import Record
from console.text.records.services import SERVICE_COLUMNS, Services, parts_of, service_records
from console.tui import calls as d
from console.tui.dialogs import ChoiceDialog
from console.tui.screens.record_screen import RecordScreen
from console.tui.screens.runner_screen import RunnerScreen
from console.tui.widgets.output_pane import OutputPane
from console.tui.widgets.record_list import RecordList
from runbooks.wire import ExecutionRequest


class ServicesScreen(RecordScreen, RunnerScreen):
    """The list above, below it what was last done from here."""

    VIEW = "services"
    COLUMNS = SERVICE_COLUMNS
    EMPTY = "this target has no services that the daemon knows"
    BINDINGS = [
        Binding("S", "act('start')", "start"),
        Binding("T", "act('stop')", "stop"),
        Binding("R", "act('restart')", "restart"),
        Binding("l,enter", "logs", "logs"),
        Binding("D", "diagnose", "diagnose"),
        Binding("o", "pager", "whole output", show=False),
        Binding("y", "copy_id", "copy name", show=False),
    ]

    def compose_body(self) -> ComposeResult:
        yield from super().compose_body()
        yield OutputPane(id="output", classes="frame")

    def on_mount(self) -> None:
        self.query_one("#output").display = False

    def read(self, client: OpsClient) -> object:
        parts = parts_of(client.health())
        try:
            return Services(client.services(), parts)
        except OpsError as error:
            return Services((), parts, str(error))

    def rows(self, found: object, now: datetime) -> list[Record]:
        return service_records(found, now) if isinstance(found, Services) else []

    @property
    def _service(self) -> str:
        kind, _, name = self.records.cursor_id.partition(":")
        return name if kind == "service" else ""

    def on_record_list_opened(self, message: RecordList.Opened) -> None:
        self.action_logs()

    def action_act(self, verb: str) -> None:
        if not self._service:
            self.say("put the cursor on a service", bad=True)
        elif self.may():
            self._begin(f"{verb}-{self._service}", {})

    def action_diagnose(self) -> None:
        """Ask the action itself which parts it can look at."""
        if self.may():
            self.desk.load_actions()

    def on_actions_came(self, message: d.ActionsCame) -> None:
        found = next((a for a in message.actions if a.name == "diagnose" and a.available), None)
        about = next((p for p in found.params if p.name == "about"), None) if found else None
        if about is None:
            self.say("nothing can be diagnosed on this target", bad=True)
            return

        def chosen(part: str | None) -> None:
            if part is not None:
                self._begin("diagnose", {"about": part})

        choices = [(part, part) for part in about.choices if part != "request"]
        self.app.push_screen(ChoiceDialog("what is looked at?", choices), chosen)

    def _begin(self, action: str, params: dict[str, str]) -> None:
        request = ExecutionRequest(execution_id=new_execution_id(), action=action, params=params)
        self.runs.begin(request, ())

    def action_logs(self) -> None:
        if self._service:
            self.app.run_worker(self.app.run_action(f"app.go_logs('{self._service}')"))

    def action_copy_id(self) -> None:
        self.copy(self._service)

    def after_run(self, message: d.RunEnded) -> None:
        self.look()
