"""The board: alerts, what is known of the one at hand, its runbook and what its steps print."""

import msgspec
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.widgets import Input

from alerts.wire import AlertView, IncidentView
from console.model.situation import Situation
from console.ops_api.client import OpsClient
from console.ops_api.errors import OpsError
from console.ops_api.execution import new_execution_id
from console.ops_api.feed import Feed
from console.text.alert_summary import detail_lines, summary_lines, summary_title
from console.text.forms import matchers_of
from console.text.glyphs import Glyphs
from console.text.quiet_board import Quiet, quiet_lines
from console.text.wording import summary_for_chat
from console.tui import calls as d
from console.tui.bulk import ACK, NOTE, SILENCE, BulkVerb, ask_bulk, choose_bulk
from console.tui.cure import Cure, is_verification
from console.tui.dialogs import ChoiceDialog, LineDialog, TextScreen
from console.tui.incident_verbs import BY_NAME, ask_verb
from console.tui.intake import Intake
from console.tui.ownership import Ownership
from console.tui.run_flow import RunFlow
from console.tui.screens.cockpit_screen import CockpitScreen
from console.tui.screens.incident_screen import IncidentScreen
from console.tui.screens.run_screen import RunScreen
from console.tui.silence_form import ask_silence
from console.tui.widgets.board import HEAD, AlertBoard
from console.tui.widgets.header import OneLine
from console.tui.widgets.lines_pane import LinesPane
from console.tui.widgets.output_pane import OutputPane
from console.tui.widgets.runbook_pane import RunbookPane
from console.tui.widgets.strips import DIM
from runbooks.wire import ExecutionRequest, ExecutionView

_WIDE, _HIGH = 120, 30
_LOOK_AGAIN_S = 5.0
"""How soon a runbook that was changed on disk is shown anew."""
_QUIET_S = 10.0
_READING_KEYS: list[BindingType] = [
    Binding("r", "run_step", "run step"),
    Binding("j,k", "", "step"),
    Binding("a", "acknowledge", "ack"),
    Binding("o", "pager", "output"),
    Binding("enter", "open", "incident"),
    Binding("q", "back", "back"),
]


class BoardScreen(CockpitScreen):
    """The list, and one at a time or beside it, as the width allows, summary, runbook and output."""

    VIEW = "alerts"
    FILTER_HINT = "words  !word  sev:>=warning  svc:api  is:acked  /regex/"
    BINDINGS = [
        Binding("a", "acknowledge", "ack", id="ack"),
        Binding("r", "read", "runbook", id="runbook"),
        Binding("enter", "open", "incident", id="open"),
        Binding("d", "details", "details", id="details"),
        Binding("s", "silence", "silence", id="silence"),
        Binding("x", "actions", "act", id="act"),
        Binding("w", "watch", "watch what runs", show=False, id="watch"),
        Binding("c", "note", "note", show=False, id="note"),
        Binding("E", "escalate", "escalate", show=False, id="escalate"),
        Binding("u", "undo", "undo ack (10 s)", show=False, id="undo"),
        Binding("n", "untaken(1)", "next untaken critical", show=False, id="untaken.next"),
        Binding("N", "untaken(-1)", "previous untaken", show=False, id="untaken.previous"),
        Binding("full_stop", "take_new", "take new rows", show=False, id="take_new"),
        Binding("p", "pause", "pause", show=False, id="pause"),
        Binding("y", "copy_id", "copy id", show=False, id="copy"),
        Binding("Y", "copy_summary", "copy summary", show=False, id="copy_summary"),
        Binding("o", "pager", "whole output", show=False, id="pager"),
        Binding("tab", "other_side", "list or runbook", show=False, priority=True),
        Binding("q,escape", "back", "back to the list", show=False),
        Binding("ctrl+c", "stop_run", "stop or leave a step", show=False, priority=True),
    ]

    def __init__(
        self,
        situation: Situation,
        feed: Feed,
        desk: d.Calls,
        glyphs: Glyphs,
        *,
        open_incident: int | None,
        bell: bool,
    ) -> None:
        super().__init__(situation, desk, glyphs)
        self._board, self._clock = situation.board, situation.clock
        self._open_incident, self._bell = open_incident, bell
        self._intake = Intake(situation, feed)
        self._own = Ownership(self.desk, situation)
        self._paused = False
        self._runs = RunFlow(self, self.desk, situation, self.action_read)
        self._cure = Cure()
        self._quiet: Quiet | None = None
        self._is_quiet = False

    def compose_body(self) -> ComposeResult:
        with Container(id="body"):
            with Vertical(id="list-frame", classes="frame") as frame:
                frame.border_title = self.tabs()
                yield OneLine(id="columns")
                yield AlertBoard(self._board, self.glyphs, id="list")
                yield LinesPane(id="quiet")
            with Vertical(id="runbook-frame", classes="frame") as frame:
                frame.border_title = "runbook"
                yield RunbookPane(self.glyphs, self._latest_run, self._clock.now, id="runbook")
            with Vertical(id="side"):
                yield LinesPane(id="summary", classes="frame")
                yield OutputPane(id="output", classes="frame")

    def on_mount(self) -> None:
        """Start the clocks; nothing is asked for before the first paint."""
        self.query_one("#output").display = False
        self.query_one("#quiet").display = False
        self.query_one("#columns", OneLine).show((HEAD, DIM))
        self._list.focus()
        self._arrange()
        self._intake.start()
        self.set_interval(0.1, self._flush)
        self.set_interval(1.0, self._tick)
        self.set_interval(10.0, self.desk.load_figures)
        self.set_interval(_LOOK_AGAIN_S, self._look_again)
        self.set_timer(0.5, self.desk.load_figures)
        self.set_interval(_QUIET_S, self._load_quiet)
        self._tick()

    def on_resize(self) -> None:
        self._arrange()

    @property
    def _list(self) -> AlertBoard:
        return self.query_one("#list", AlertBoard)

    @property
    def _pane(self) -> RunbookPane:
        return self.query_one("#runbook", RunbookPane)

    @property
    def _is_reading(self) -> bool:
        return self.has_class("reading")

    @property
    def _incident(self) -> IncidentView | None:
        return self._board.incident_of(self._list.cursor_alert)

    def _latest_run(self, runbook: str, step: str) -> ExecutionView | None:
        """What was done since the alert at hand began, in this outage and no earlier one; without one, what was done last."""
        alert, incident = self._list.cursor_alert, self._incident
        since = (incident.spell_detected_at or incident.detected_at) if incident else None
        if alert is not None and alert.state in ("pending", "firing"):
            since = alert.started_at
        return self._board.latest_run(runbook, step, since)

    def _arrange(self) -> None:
        wide = self.size.width >= _WIDE and self.size.height >= _HIGH
        self.set_class(wide, "wide")
        self.query_one("#list-frame").display = wide or not self._is_reading
        self.query_one("#runbook-frame").display = wide or self._is_reading
        self.query_one("#summary").display = (wide or not self._is_reading) and not self._is_quiet
        self.query_one("#side").set_class(self._is_reading and not wide, "output-only")
        # What an output has to say stands in the summary; the rows are the list's.
        self.query_one("#side").set_class(not self._is_reading and not wide, "summary-only")
        self.show_keys(_READING_KEYS if self._is_reading else None)

    # What the link brings

    def _flush(self) -> None:
        was_loading = self.situation.is_loading
        if self._intake.drain(self._follow_open_incident):
            self._pane.refresh_steps()
        self._tell_cured()
        self._settle_order()
        self._list.flush(self._clock.now())
        self._intake.settle()
        if self._intake.has_new_critical() and self._bell:
            self.app.bell()
        self.show_header()
        self._show_counts()
        self._show_summary()
        if (was_loading or self.situation.is_loading) and self._intake.is_behind:
            self.call_later(self._flush)

    def _settle_order(self) -> None:
        """Nothing moves while a person moves about or answers a dialog."""
        if self._paused or self._list.moved_lately or self.app.screen.is_modal:
            self._board.alerts.freeze()
        else:
            self._board.alerts.thaw()

    def _follow_open_incident(self) -> None:
        """``ops open ID`` begins on that incident's alert; one without an alert on the board is shown itself."""
        if self._open_incident is None:
            return
        incident = self._board.incidents.get(self._open_incident)
        for fingerprint in incident.fingerprints if incident else ():
            if self._list.put_cursor(fingerprint):
                self._open_incident = None
                self.action_read()
                return
        if (
            self.situation.heard_at is not None
            and not self.situation.is_loading
            and not self._intake.is_behind
        ):
            number, self._open_incident = self._open_incident, None
            self._show_incident(number)

    def _show_incident(self, number: int) -> None:
        self.app.push_screen(IncidentScreen(self.situation, self.desk, self.glyphs, number))

    def marks(self) -> str:
        return " ".join(filter(None, (super().marks(), "paused" if self._paused else "")))

    def _tick(self) -> None:
        link = self.situation.link
        self.show_header()
        self._list.dim(link.state not in ("live", "connecting"))
        self._list.tick(self._clock.now())
        self._pane.refresh_steps()
        if self._intake.refused:
            self.say(f"refused: {self._intake.refused}", bad=True)

    def _show_counts(self) -> None:
        """How many are shown, and what the list hides, at the bottom of its frame."""
        store = self._board.alerts
        shown, known = len(store.order), len(store.rows)
        words = f"/ {store.filter_text}" if store.filter_text else "no filter"
        count = f"{shown} of {known}" if store.filter_text else f"{known} alert{'s' * (known != 1)}"
        is_quiet = known == 0 and self.situation.meta is not None and not self.situation.is_loading
        if is_quiet:
            count = "no unresolved alerts"
        elif store.filter_text and not shown:
            count = f"nothing passes the filter ({known} hidden); / and Esc shows all"
        waiting = [f"{len(store.waiting)} new (.)"] if store.waiting else []
        marked = len(self._list.marked_alerts())
        if marked:
            waiting.append(f"{marked} marked: a c s x act on them, Esc lets go")
        text = ", ".join([count, words, *waiting]).replace("[", r"\[")
        frame = self.query_one("#list-frame", Vertical)
        if frame.border_subtitle != text:
            frame.border_subtitle = text
        self._show_quiet(is_quiet)

    def _show_quiet(self, is_quiet: bool) -> None:
        pane = self.query_one("#quiet", LinesPane)
        if pane.display != is_quiet:
            pane.display = self._is_quiet = is_quiet
            self.set_class(is_quiet, "quiet")
            self._arrange()
            self.query_one("#columns").display = not is_quiet
            self._load_quiet()
        if is_quiet and self._quiet is not None:
            pane.show(quiet_lines(self._quiet, self._clock.now()))

    def _load_quiet(self) -> None:
        if self.query_one("#quiet").display and self.is_current:
            self.desk.fetch(_read_quiet)

    def on_fetched(self, message: d.Fetched) -> None:
        if isinstance(message.found, Quiet):
            self._quiet = message.found

    def _show_summary(self) -> None:
        alert, pane = self._list.cursor_alert, self.query_one("#summary", LinesPane)
        if not pane.display:
            return
        if alert is None:
            pane.show([])
            title = "nothing at hand"
        else:
            runs = self._board.executions.values()
            pane.show(summary_lines(alert, self._incident, runs, self._clock.now()))
            title = summary_title(alert, self._incident).replace("[", r"\[")
        if pane.border_title != title:
            pane.border_title = title

    def _tell_cured(self) -> None:
        words = self._cure.told(self._board.alerts.rows)
        if words:
            self.say(words)
            self._runs.resolved(words)

    # What messages mean

    def on_alert_board_moved(self, message: AlertBoard.Moved) -> None:
        alert = message.alert
        self._show_summary()
        self._runs.look_at(alert.runbook if alert else None, None, alert.incident_id if alert else None)
        if alert is None or alert.runbook is None:
            self._show_runbook(None, "no runbook for this alert" if alert else "no alert")
        elif self._pane.runbook is None or self._pane.runbook.id != alert.runbook:
            self._show_runbook(None, f"loading {alert.runbook} …")
            self.desk.load_runbook(alert.runbook)

    def on_alert_board_opened(self) -> None:
        self.action_open()

    def _show_runbook(self, message: d.RunbookCame | None, words: str = "") -> None:
        runbook = message.runbook if message else None
        self._pane.show(runbook, words or (message.trouble if message else ""))
        frame = self.query_one("#runbook-frame", Vertical)
        frame.border_title = f"runbook {runbook.id}" if runbook else "runbook"

    def on_runbook_came(self, message: d.RunbookCame) -> None:
        alert = self._list.cursor_alert
        if alert is None or alert.runbook != message.runbook_id:
            return
        known = self._pane.runbook
        if known is None or known.id != message.runbook_id:
            self._show_runbook(message)
        elif message.runbook is not None:
            if message.runbook.digest != known.digest:
                self.say(f"{known.id} has changed on disk and is shown anew")
            self._show_runbook(message)

    def _look_again(self) -> None:
        """The runbook on the screen may have been changed on disk, or proven."""
        if self._pane.runbook is not None and self.query_one("#runbook-frame").display:
            self.desk.load_runbook(self._pane.runbook.id)

    def on_runbook_pane_step_chosen(self, message: RunbookPane.StepChosen) -> None:
        alert = self._list.cursor_alert
        self._runs.look_at(message.runbook, message.step, alert.incident_id if alert else None)

    def on_acknowledged(self, message: d.Acknowledged) -> None:
        words, bad = self._own.took(message)
        self.say(words, bad=bad)

    def on_runbook_pane_run_asked(self, message: RunbookPane.RunAsked) -> None:
        if message.step.kind != "read" and not self.may():
            return
        request = self._request(runbook=message.runbook.id, step=message.step.name)
        request = msgspec.structs.replace(request, runbook_digest=message.runbook.digest)
        self._runs.begin(request, message.step.inputs, message.step)

    def _request(
        self, *, runbook: str | None = None, step: str | None = None, action: str | None = None
    ) -> ExecutionRequest:
        incident = self._incident
        return ExecutionRequest(
            execution_id=new_execution_id(),
            runbook=runbook,
            step=step,
            action=action,
            incident_id=incident.id if incident else None,
        )

    def on_planned(self, message: d.Planned) -> None:
        self._runs.planned(message.request, message.plan, self.situation.target)

    def on_run_began(self, message: d.RunBegan) -> None:
        self._runs.began(message.execution)

    def on_run_printed(self, message: d.RunPrinted) -> None:
        self._runs.printed(message.output)

    def on_run_ended(self, message: d.RunEnded) -> None:
        run = message.execution
        self._board.executions[run.execution_id] = run
        self._runs.ended(run)
        self._pane.refresh_steps()
        verification = self._cure.after(run, self._pane.runbook, self._list.cursor_alert)
        if is_verification(run):
            self._pane.put_cursor(run.step or "")
            if words := self._cure.told_before(run):
                self._runs.resolved(words)
        elif verification is None:
            self._pane.go_to_fitting()
        else:
            self._pane.put_cursor(verification.name)
            self._pane.action_run()

    def on_run_trouble(self, message: d.RunTrouble) -> None:
        self._runs.trouble(message.request, message.text)
        self._look_again()
        self.say(message.text, bad=True)

    def on_figures_came(self, message: d.FiguresCame) -> None:
        self.situation.figures, self.situation.no_figures_because = message.figures, message.trouble
        self.show_header()

    def on_actions_came(self, message: d.ActionsCame) -> None:
        actions = {action.name: action for action in message.actions if action.available}
        service = alert.service if (alert := self._list.cursor_alert) else ""
        fitting = sorted(actions.values(), key=lambda a: not (service and service in (a.object, *a.locks)))
        choices = [(a.name, f"{a.name:<24} {a.kind:<12} {a.title}") for a in fitting]

        def chosen(name: str | None) -> None:
            if name is not None:
                self._runs.begin(self._request(action=name), actions[name].params)

        self.app.push_screen(ChoiceDialog("which action?", choices), chosen)

    def filter_changed(self, text: str) -> None:
        self._board.alerts.set_filter(text)
        self._list.flush(self._clock.now())
        self._show_counts()

    def focus_body(self) -> None:
        self._list.focus()

    # What keys mean

    def _alert_or_say(self) -> AlertView | None:
        """The alert at hand, of which something is to be changed."""
        if not self.may():
            return None
        if self._list.take_jump():
            self.say("another alert has just come under the cursor; look, and press the key again", bad=True)
            return None
        alert = self._list.cursor_alert
        if alert is None:
            self.say("no alert under the cursor", bad=True)
        return alert

    def _incident_or_say(self, *, changes: bool = True) -> int | None:
        alert = self._alert_or_say() if changes else self._list.cursor_alert
        if alert is not None and alert.incident_id is not None:
            return alert.incident_id
        if alert is not None or not changes:
            self.say("no incident for this alert yet" if alert else "no alert under the cursor", bad=True)
        return None

    def _on_marked(self, verb: BulkVerb) -> bool:
        """Do it to all that are marked; whether there are any."""
        marked = self._list.marked_alerts()
        if marked:
            ask_bulk(self, verb, marked, self._list.unmark)
        return bool(marked)

    def action_acknowledge(self) -> None:
        if self._on_marked(ACK):
            return
        incident_id = self._incident_or_say()
        if incident_id is not None and (why_not := self._own.take(incident_id)):
            self.say(why_not, bad=True)

    def action_undo(self) -> None:
        if why_not := self._own.undo():
            self.say(why_not)

    def action_note(self) -> None:
        if self._on_marked(NOTE):
            return
        incident_id = self._incident_or_say()
        if incident_id is None:
            return

        def written(text: str | None) -> None:
            if text:
                self.desk.note(incident_id, text)

        self.app.push_screen(LineDialog(f"note on incident {incident_id}"), written)

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
        alert = self._list.cursor_alert
        if alert is not None:
            text = "\n".join(detail_lines(alert, self._incident, self._clock.now()))
            self.app.push_screen(TextScreen(text, f"all that is known of {alert.alertname}"))

    def action_open(self) -> None:
        incident_id = self._incident_or_say(changes=False)
        if incident_id is not None:
            self._show_incident(incident_id)

    def action_read(self) -> None:
        self.add_class("reading")
        self._arrange()
        self._pane.focus()
        self._tick()

    def action_back(self) -> None:
        self._list.unmark()
        line = self.query_one("#filter", Input)
        if line.has_focus:
            line.value = ""
        line.display = False
        self.remove_class("reading")
        self._arrange()
        self._list.focus()
        self._tick()

    def action_other_side(self) -> None:
        self.action_back() if self._pane.has_focus else self.action_read()

    def action_run_step(self) -> None:
        self._pane.action_run()

    def action_actions(self) -> None:
        marked = self._list.marked_alerts()
        if not self.may():
            return
        if marked:
            choose_bulk(self, marked, self._list.unmark)
        else:
            self.desk.load_actions()

    def action_watch(self) -> None:
        """The output of what runs for the incident at hand, whoever began it; else of what ran last for it."""
        incident = self._incident
        runs = [r for r in self._board.executions.values() if incident and r.incident_id == incident.id]
        if not runs:
            self.say("nothing was run for this incident yet")
            return
        latest = max(runs, key=lambda run: (run.state == "running", run.requested_at))
        self.app.push_screen(RunScreen(self.situation, self.desk, self.glyphs, latest.execution_id))

    def action_untaken(self, direction: int) -> None:
        if not self._list.next_untaken(direction):
            self.say("no critical alert without an owner")

    def action_take_new(self) -> None:
        self._board.alerts.thaw()
        self._list.flush(self._clock.now())

    def action_pause(self) -> None:
        self._paused = not self._paused
        self.say("paused: the order stands still, p goes on" if self._paused else "going on")

    def action_copy_id(self) -> None:
        alert = self._list.cursor_alert
        if self._is_reading and self._pane.step is not None:
            self.copy(self._pane.step.command)
        elif alert is not None:
            self.copy(str(alert.incident_id or alert.fingerprint))

    def action_copy_summary(self) -> None:
        alert = self._list.cursor_alert
        if alert is not None:
            self.copy(summary_for_chat(alert, self._incident, self._clock.now()))

    def action_pager(self) -> None:
        if self._runs.watched is None:
            self.say("no step has been run from here yet")
            return
        self.app.show_in_pager(self._runs.watched.execution_id)  # type: ignore[attr-defined]  # the app is ours

    def action_stop_run(self) -> None:
        watched = self._runs.watched
        run = self._board.executions.get(watched.execution_id) if watched else None
        if run is None or run.state != "running":
            self.say("nothing runs from here; ctrl+q quits")
            return
        self._runs.ask_stop(run)


def _read_quiet(client: OpsClient) -> Quiet:
    """What of it there is: a target without services still has its incidents."""
    incidents, executions = client.incidents(everything=True), client.executions(50)
    try:
        services = client.services()
    except OpsError:
        services = ()
    return Quiet(incidents, services, executions, client.contacts())
