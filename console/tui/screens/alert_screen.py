"""What is done with the alert at hand, or with all that are marked: every key of the board that is about an alert."""

from alerts.wire import AlertView, IncidentView
from console.model.board import is_muted
from console.model.mutes import Mutes, read_mutes
from console.model.situation import Situation
from console.ops_api.execution import new_execution_id
from console.text.alert_summary import detail_lines
from console.text.forms import matchers_of
from console.text.glyphs import Glyphs
from console.text.wording import summary_for_chat
from console.tui import calls as d
from console.tui.bulk import ACK, NOTE, SILENCE, BulkVerb, ask_bulk, choose_bulk
from console.tui.dialogs import ChoiceDialog, TextScreen
from console.tui.form_dialog import Field, FormDialog, Given
from console.tui.incident_verbs import BY_NAME, ask_verb
from console.tui.ownership import Ownership
from console.tui.screens.runner_screen import RunnerScreen
from console.tui.silence_form import ask_silence
from console.tui.widgets.board import AlertBoard
from console.tui.widgets.runbook_pane import RunbookPane
from runbooks.wire import ExecutionRequest


class AlertScreen(RunnerScreen):
    """A screen with an ``AlertBoard`` with the id ``list`` and a ``RunbookPane`` with the id ``runbook``."""

    _details: TextScreen | None = None

    def __init__(self, situation: Situation, desk: d.Calls, glyphs: Glyphs) -> None:
        super().__init__(situation, desk, glyphs)
        self._own = Ownership(self.desk, situation)

    @property
    def alert_list(self) -> AlertBoard:
        """The list."""
        return self.query_one("#list", AlertBoard)

    @property
    def pane(self) -> RunbookPane:
        """The runbook of the alert at hand."""
        return self.query_one("#runbook", RunbookPane)

    @property
    def is_reading(self) -> bool:
        """Whether the keys are the runbook's."""
        return self.has_class("reading")

    def run_request(
        self, *, runbook: str | None = None, step: str | None = None, action: str | None = None
    ) -> ExecutionRequest:
        """A run for the incident at hand."""
        incident = self.incident
        return ExecutionRequest(
            execution_id=new_execution_id(),
            runbook=runbook,
            step=step,
            action=action,
            incident_id=incident.id if incident else None,
        )

    def on_actions_came(self, message: d.ActionsCame) -> None:
        actions = {action.name: action for action in message.actions if action.available}
        service = alert.service if (alert := self.alert_list.cursor_alert) else ""
        fitting = sorted(actions.values(), key=lambda a: not (service and service in (a.object, *a.locks)))
        choices = [(a.name, f"{a.name:<24} {a.kind:<12} {a.title}") for a in fitting]

        def chosen(name: str | None) -> None:
            if name is not None:
                self.runs.begin(self.run_request(action=name), actions[name].params)

        self.app.push_screen(ChoiceDialog("which action?", choices), chosen)

    def on_acknowledged(self, message: d.Acknowledged) -> None:
        self.situation.learn(message.incident)
        words, bad = self._own.took(message)
        self.say(words, bad=bad)

    @property
    def incident(self) -> IncidentView | None:
        """The incident of the alert at hand."""
        return self.situation.board.incident_of(self.alert_list.cursor_alert)

    def show_incident(self, number: int) -> None:
        """Show an incident above this."""
        from console.tui.screens.incident_screen import IncidentScreen

        self.app.push_screen(IncidentScreen(self.situation, self.desk, self.glyphs, number))

    def _alert_or_say(self) -> AlertView | None:
        """The alert at hand, of which something is to be changed."""
        if not self.may():
            return None
        self.alert_list.choose()
        if surprise := self.alert_list.take_jump():
            self.say(surprise, bad=True)
            return None
        alert = self.alert_list.cursor_alert
        if alert is None:
            self.say("no alert under the cursor", bad=True)
        return alert

    def _looked_at(self) -> AlertView | None:
        """The alert at hand, of which something is to be seen; it is the one that is meant from now on."""
        self.alert_list.choose()
        if gone := self.alert_list.take_gone():
            self.say(f"{gone}, and press the key again", bad=True)
            return None
        return self.alert_list.cursor_alert

    def _incident_or_say(self, *, changes: bool = True) -> int | None:
        alert = self._alert_or_say() if changes else self._looked_at()
        if alert is None and not changes and self.alert_list.cursor_alert is not None:
            return None
        if alert is not None and alert.incident_id is not None:
            return alert.incident_id
        if alert is not None or not changes:
            self.say("no incident for this alert yet" if alert else "no alert under the cursor", bad=True)
        return None

    def _on_marked(self, verb: BulkVerb) -> bool:
        """Do it to all that are marked; whether there are any."""
        marked = self.alert_list.marked_alerts()
        if marked:
            ask_bulk(self, verb, marked, self.alert_list.unmark)
        return bool(marked)

    def action_acknowledge(self) -> None:
        if self._on_marked(ACK):
            return
        incident_id = self._incident_or_say()
        if incident_id is not None and (why_not := self._own.take(incident_id)):
            self.say(why_not, bad=True)

    def action_note(self) -> None:
        if self._on_marked(NOTE):
            return
        incident_id = self._incident_or_say()
        if incident_id is None:
            return

        def written(form: Given, dialog: FormDialog) -> None:
            self.desk.note(incident_id, form["text"], dialog)

        self.app.push_screen(FormDialog(f"note on incident {incident_id}", (Field("text", "note"),), written))

    def action_escalate(self) -> None:
        incident_id = self._incident_or_say()
        if incident_id is not None:
            ask_verb(self, BY_NAME["escalate"], incident_id)

    def action_silence(self) -> None:
        if self._on_marked(SILENCE):
            return
        alert = self._alert_or_say()
        if alert is not None:
            ask_silence(self, matchers_of(alert))

    def action_details(self) -> None:
        alert = self._looked_at()
        if alert is None:
            return
        self._details = TextScreen(self._detail_text(alert), f"all that is known of {alert.alertname}")
        self.app.push_screen(self._details)
        if is_muted(alert):
            self.desk.fetch(lambda client: read_mutes(client, alert))

    def _detail_text(self, alert: AlertView, mutes: Mutes | None = None) -> str:
        incident = self.situation.board.incident_of(alert)
        return "\n".join(detail_lines(alert, incident, self.situation.clock.now(), mutes))

    def show_mutes(self, mutes: Mutes) -> None:
        """Say in the details that are read who mutes the alert."""
        alert = self.situation.board.alerts.rows.get(mutes.fingerprint)
        if alert is not None and self._details is self.app.screen:
            self._details.show(self._detail_text(alert, mutes))

    def action_open(self) -> None:
        incident_id = self._incident_or_say(changes=False)
        if incident_id is not None:
            self.show_incident(incident_id)

    def action_actions(self) -> None:
        marked = self.alert_list.marked_alerts()
        if not self.may():
            return
        if marked:
            choose_bulk(self, marked, self.alert_list.unmark)
        elif self._looked_at() is not None or self.alert_list.cursor_alert is None:
            self.desk.load_actions()

    def action_watch(self) -> None:
        """The output of what runs for the incident at hand, whoever began it; else of what ran last for it."""
        self.alert_list.choose()
        incident = self.incident
        runs = [
            r for r in self.situation.board.executions.values() if incident and r.incident_id == incident.id
        ]
        if not runs:
            self.say("nothing was run for this incident yet")
            return
        from console.tui.screens.run_screen import RunScreen

        latest = max(runs, key=lambda run: (run.state == "running", run.requested_at))
        self.app.push_screen(RunScreen(self.situation, self.desk, self.glyphs, latest.execution_id))

    def action_untaken(self, direction: int) -> None:
        if not self.alert_list.next_untaken(direction):
            self.say("no critical alert without an owner")

    def action_copy_id(self) -> None:
        self.alert_list.choose()
        alert = self.alert_list.cursor_alert
        if self.is_reading and self.pane.step is not None:
            self.copy(self.pane.step.command)
        elif alert is not None:
            self.copy(str(alert.incident_id or alert.fingerprint))

    def action_copy_summary(self) -> None:
        self.alert_list.choose()
        alert = self.alert_list.cursor_alert
        if alert is not None:
            self.copy(summary_for_chat(alert, self.incident, self.situation.clock.now()))

    def action_stop_run(self) -> None:
        watched = self.runs.watched
        run = self.situation.board.executions.get(watched.execution_id) if watched else None
        if run is None or run.state != "running":
            self.say("nothing runs from here; ctrl+q quits")
            return
        self.runs.ask_stop(run)
