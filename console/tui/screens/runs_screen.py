"""Runs: what waits for a second person, temporary changes, locks, and every execution with its output."""

from datetime import datetime

import msgspec
from textual.binding import Binding

from console.model.record_filter import execution_filter, records_that_pass
from console.ops_api.client import OpsClient
from console.text.plain import one_line
from console.text.record_table import Record
from console.text.records.runs import RUN_COLUMNS, Runs, run_records
from console.tui.dialogs import ChoiceDialog, YesDialog
from console.tui.form_dialog import Field, FormDialog, Given
from console.tui.screens.record_screen import RecordScreen
from console.tui.screens.run_screen import RunScreen
from console.tui.widgets.record_list import RecordList

_MANY = 200


class RunsScreen(RecordScreen):
    """The list; ``enter`` shows a run's output, live while it runs."""

    VIEW = "runs"
    COLUMNS = RUN_COLUMNS
    EMPTY = "nothing has been run yet; r on an alert opens its runbook"
    FILTER_HINT = "words  by:ana  kind:change  is:failed  #12  /regex/"
    BINDINGS = [
        Binding("enter", "open", "output"),
        Binding("A", "approve", "approve"),
        Binding("X", "stop_run", "stop"),
        Binding("B", "way_back", "take back"),
        Binding("K", "settle", "settle unknown", show=False),
        Binding("m", "preset('mine')", "mine"),
        Binding("v", "preset('kind:change')", "changes"),
        Binding("f", "preset('is:failed')", "failed"),
        Binding("w", "preset('is:unknown')", "unknown", show=False),
        Binding("y", "copy_id", "copy id", show=False),
    ]

    def read(self, client: OpsClient) -> object:
        return Runs(client.executions(_MANY), client.approvals(), client.changes(), client.locks())

    def _runs(self, found: object) -> Runs:
        """What was asked for, with what the stream has said since."""
        asked = found if isinstance(found, Runs) else Runs()
        newer = {run.execution_id: run for run in asked.executions}
        for run in self.situation.board.executions.values():
            known = newer.get(run.execution_id)
            if (known is None and not run.rehearsal) or (known is not None and run.version >= known.version):
                newer[run.execution_id] = run
        return msgspec.structs.replace(asked, executions=tuple(newer.values()))

    def rows(self, found: object, now: datetime) -> list[Record]:
        return run_records(self._runs(found), now)

    def passing(self, found: object, text: str, now: datetime) -> list[Record]:
        if "#" in text or not text.strip():
            return records_that_pass(self.rows(found, now), text)
        passes, runs = execution_filter(text), self._runs(found)
        return run_records(Runs(executions=tuple(filter(passes, runs.executions))), now)

    def on_record_list_opened(self, message: RecordList.Opened) -> None:
        kind, _, rest = message.record_id.partition(":")
        if kind == "approval":
            self.action_approve()
            return
        execution_id = rest.split(":")[0] if rest else message.record_id
        self.app.push_screen(RunScreen(self.situation, self.desk, self.glyphs, execution_id))

    def action_open(self) -> None:
        self.records.action_open()

    def action_preset(self, text: str) -> None:
        """A filter on one key; the same key again takes it away."""
        text = f"by:{self.situation.user}" if text == "mine" else text
        self.set_filter("" if self.filter_text == text else text)

    def _chosen(self, kind: str) -> str:
        """The id behind the cursor, where it is of that kind; else it is said what to stand on."""
        found, _, rest = self.records.cursor_id.partition(":")
        if found == kind and rest:
            return rest
        self.say(f"put the cursor on a row of the kind {kind}", bad=True)
        return ""

    def action_approve(self) -> None:
        if not self.may_approve() or not (approval_id := self._chosen("approval")):
            return
        runs = self._runs(self.found)
        one = next((a for a in runs.approvals if a.id == approval_id), None)
        if one is None:
            return
        lines = [
            one_line(one.title), f"asked by     {one_line(one.asked_by)}", f"environment  {self.situation.target}",
            f"object       {one_line(one.object)}", f"command      {' '.join(map(one_line, one.argv))}",
        ]  # fmt: skip

        def call(client: OpsClient) -> str:
            return f"approved: {client.approve(approval_id).title}; {one.asked_by} can run it now"

        self.app.push_screen(YesDialog("approve", lines, lambda dialog: self.desk.do(call, dialog)))

    def may_approve(self) -> bool:
        """Whether this role may agree to what others ask; where not, it is said before any dialog."""
        refusal = self.situation.refusal("approver")
        if refusal:
            self.say(refusal, bad=True)
        return not refusal

    def action_stop_run(self) -> None:
        if not self.may():
            return
        run = self.situation.board.executions.get(self.records.cursor_id)
        if run is None or run.state != "running":
            self.say("this does not run", bad=True)
            return

        def decided(choice: str, dialog: ChoiceDialog) -> bool:
            if choice == "stop":
                self.desk.cancel(run.execution_id, dialog)
            return choice == "stop"

        choices = [("leave", "leave it running"), ("stop", "stop it: TERM, then KILL after 10 s")]
        self.app.push_screen(
            ChoiceDialog(f"{one_line(run.title)} of {one_line(run.actor)} is running", choices, send=decided)
        )

    def action_way_back(self) -> None:
        if not self.may() or not (execution_id := self._chosen("change")):
            return
        change = next((c for c in self._runs(self.found).changes if c.execution_id == execution_id), None)
        if change is None:
            return

        def call(client: OpsClient) -> str:
            client.end_change(execution_id)
            return f"put down as taken back: {change.action} on {change.object}"

        lines = [
            f"{one_line(change.action)} on {one_line(change.object)}, by {one_line(change.actor)}",
            f"the way back: {one_line(change.way_back or 'not known')}", "",
            "y says that it was taken back; it runs nothing.",
        ]  # fmt: skip
        self.app.push_screen(YesDialog("temporary change", lines, lambda dialog: self.desk.do(call, dialog)))

    def action_settle(self) -> None:
        run = self.situation.board.executions.get(self.records.cursor_id)
        if not self.may():
            return
        if run is None or run.state != "unknown":
            self.say("only a run whose end is unknown is settled by hand", bad=True)
            return
        execution_id = run.execution_id

        def given(form: Given, dialog: FormDialog) -> None:
            self.desk.do(
                lambda client: f"settled: {client.clear(execution_id, form['reason']).title}", dialog
            )

        self.app.push_screen(FormDialog("settle", (Field("reason", "what became of it"),), given))

    def action_copy_id(self) -> None:
        self.copy(self.records.cursor_id.rpartition(":")[2])
