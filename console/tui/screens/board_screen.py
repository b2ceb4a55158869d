"""The board: alerts, what is known of the one at hand, its runbook and what its steps print."""

import msgspec
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.widgets import Input

from console.model.graphs import OVERVIEW
from console.model.mutes import Mutes
from console.model.situation import Situation
from console.ops_api.client import OpsClient
from console.ops_api.errors import OpsError
from console.ops_api.feed import Feed
from console.text.alert_summary import summary_lines, summary_title, without_runbook
from console.text.glyphs import Glyphs
from console.text.quiet_board import Quiet, quiet_lines
from console.tui import calls as d
from console.tui.beside_alert import BesideAlert
from console.tui.intake import Intake
from console.tui.screens.alert_screen import AlertScreen
from console.tui.widgets.board import HEAD, AlertBoard
from console.tui.widgets.graph_pane import GraphPane
from console.tui.widgets.header import OneLine
from console.tui.widgets.lines_pane import LinesPane
from console.tui.widgets.output_pane import OutputPane
from console.tui.widgets.runbook_pane import RunbookPane
from console.tui.widgets.strips import DIM
from runbooks.wire import ExecutionView

_WIDE, _HIGH = 120, 30
_COLUMNS_WIDE, _COLUMNS_HIGH = 190, 50
"""From where on there are three columns."""
_MARGIN = 6
"""Lines that have to be free before they come back, so that one alert more or less does not turn everything over."""
_LINES_OF_FRAME, _LINES_ABOUT_LIST, _LINES_OF_SUMMARY = 3, 3, 6
"""Header and keys; the list's border and headings; what stands below the list on a narrow screen."""
_STEP = 4
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


class BoardScreen(AlertScreen):
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
        self._open_incident, self._bell = open_incident, bell
        self._intake = Intake(situation, feed)
        self._paused = False
        self._beside = BesideAlert(self, self.desk, situation)
        self._has_moved = False
        """Whether the cursor stands on another alert than the one that is shown beside it."""
        self._quiet: Quiet | None = None
        self._is_quiet = False
        self._list_rows: int | None = None

    def compose_body(self) -> ComposeResult:
        with Container(id="body"):
            with Vertical(id="list-frame", classes="frame") as frame:
                frame.border_title = self.tabs()
                yield OneLine(id="columns")
                yield AlertBoard(self.situation.board, self.glyphs, id="list")
                yield LinesPane(id="quiet")
                yield Horizontal(id="quiet-graphs")
            with Vertical(id="runbook-frame", classes="frame") as frame:
                frame.border_title = "runbook"
                yield RunbookPane(self.glyphs, self._latest_run, self.situation.clock.now, id="runbook")
            with Vertical(id="side"):
                yield LinesPane(id="summary", classes="frame")
                yield OutputPane(id="output", classes="frame")
                yield Vertical(id="graphs")
                yield LinesPane(id="tail", classes="frame")
            yield LinesPane(id="timeline", classes="frame")

    def on_mount(self) -> None:
        """Start the clocks; nothing is asked for before the first paint."""
        self.query_one("#output").display = False
        self.query_one("#quiet").display = self.query_one("#quiet-graphs").display = False
        self.query_one("#columns", OneLine).show((HEAD, DIM))
        self.alert_list.focus()
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

    def _latest_run(self, runbook: str, step: str) -> ExecutionView | None:
        """What was done since the alert at hand began, in this outage and no earlier one; without one, what was done last."""
        alert, incident = self.alert_list.cursor_alert, self.incident
        since = (incident.spell_detected_at or incident.detected_at) if incident else None
        if alert is not None and alert.state in ("pending", "firing"):
            since = alert.started_at
        return self.situation.board.latest_run(runbook, step, since)

    def _arrange(self) -> None:
        wide = self.size.width >= _WIDE and self.size.height >= _HIGH
        columns = self._has_columns()
        quiet = self._is_quiet and not self.is_reading
        self.set_class(wide, "wide")
        self.set_class(columns, "columns")
        self.set_class(quiet, "quiet")
        self.query_one("#list-frame").display = wide or not self.is_reading
        self.query_one("#runbook-frame").display = not quiet and (wide or self.is_reading)
        self.query_one("#summary").display = (wide or not self.is_reading) and not quiet
        self.query_one("#side").display = not quiet
        if wide:
            self._fill("#graphs")
        if quiet:
            self._fill("#quiet-graphs")
        self._share_rows()
        self.alert_list.fit(roomy=columns)
        self.pane.folds = wide
        self.query_one("#side").set_class(self.is_reading and not wide, "output-only")
        # What an output has to say stands in the summary; the rows are the list's.
        self.query_one("#side").set_class(not self.is_reading and not wide, "summary-only")
        self.show_keys(_READING_KEYS if self.is_reading else None)

    def _rows_of_list(self) -> int | None:
        """Lines of the list's frame above runbook and output: as many as a narrow screen has, where there are alerts for them; None for half."""
        if not self.has_class("wide") or self.has_class("columns") or self._is_quiet or self.is_reading:
            return None
        room = self.size.height - _LINES_OF_FRAME
        wanted = len(self.situation.board.alerts.order) + _LINES_ABOUT_LIST
        # In steps, so that one alert more or less does not move the others.
        wanted += -wanted % _STEP
        return min(wanted, room - _LINES_OF_SUMMARY) if wanted > room // 2 else None

    def _share_rows(self) -> None:
        rows = self._rows_of_list()
        if rows == self._list_rows:
            return
        self._list_rows = rows
        body = self.query_one("#body")
        if rows is None:
            body.styles.clear_rule("grid_rows")
        else:
            body.styles.grid_rows = f"{rows} 1fr"
        # A widget that is to be laid out anew forgets what its ancestors have arranged, and not what it has itself.
        self.query_one("#list-frame").refresh(layout=True)

    def _make_room_for_output(self) -> None:
        """On a narrow screen an output leaves the runbook room for its steps alone."""
        narrow = self.is_reading and not self.has_class("wide")
        compact = narrow and self.query_one("#output").display
        self.pane.compact(compact)
        words = f"{self.pane.place}  f text" if compact else ""
        frame = self.query_one("#runbook-frame", Vertical)
        if frame.border_subtitle != words:
            frame.border_subtitle = words

    def _fill(self, place: str) -> None:
        """Put the four graphs there; where they are never seen, the first paint does without."""
        box = self.query_one(place)
        if not box.children:
            box.mount(*(GraphPane(self.glyphs, classes="frame") for _ in OVERVIEW))

    def _has_columns(self) -> bool:
        """Three columns, where every alert has two lines in its own: a crowded list has the whole width."""
        room = (self.size.height - 3) * 2 // 3 - 3
        few = 2 * len(self.situation.board.alerts.order) <= room - (
            0 if self.has_class("columns") else _MARGIN
        )
        return few and self.size.width >= _COLUMNS_WIDE and self.size.height >= _COLUMNS_HIGH

    # What the link brings

    def _flush(self) -> None:
        was_loading = self.situation.is_loading
        if self._intake.drain(self._follow_open_incident):
            self.pane.refresh_steps()
        self.tell_cured()
        self._settle_order()
        self.alert_list.flush(self.situation.clock.now())
        if not self.alert_list.moved_lately:
            if self._has_columns() != self.has_class("columns"):
                self._arrange()
            self._share_rows()
        self._intake.settle()
        if self._intake.has_new_critical() and self._bell:
            self.app.bell()
        self.show_header()
        self._show_counts()
        self._follow_cursor()
        self._show_summary()
        self._make_room_for_output()
        if (was_loading or self.situation.is_loading) and self._intake.is_behind:
            self.call_later(self._flush)

    def _settle_order(self) -> None:
        """Nothing moves while a person moves about or answers a dialog."""
        if self._paused or self.alert_list.moved_lately or self.app.screen.is_modal:
            self.situation.board.alerts.freeze()
        else:
            self.situation.board.alerts.thaw()

    def _follow_open_incident(self) -> None:
        """``ops open ID`` begins on that incident's alert; one without an alert on the board is shown itself."""
        if self._open_incident is None:
            return
        incident = self.situation.board.incidents.get(self._open_incident)
        for fingerprint in incident.fingerprints if incident else ():
            if self.alert_list.put_cursor(fingerprint):
                self._open_incident = None
                self.action_read()
                return
        if (
            self.situation.heard_at is not None
            and not self.situation.is_loading
            and not self._intake.is_behind
        ):
            number, self._open_incident = self._open_incident, None
            self.show_incident(number)

    def marks(self) -> str:
        return " ".join(filter(None, (super().marks(), "paused" if self._paused else "")))

    def _tick(self) -> None:
        link = self.situation.link
        self.show_header()
        self.alert_list.dim(link.state not in ("live", "connecting"))
        self.alert_list.tick(self.situation.clock.now())
        self.pane.refresh_steps()
        if self.is_current:
            self._beside.look(self.alert_list.cursor_alert, self.incident)
        if self._intake.refused:
            self.say(f"refused: {self._intake.refused}", bad=True)

    def _show_counts(self) -> None:
        """How many are shown, and what the list hides, at the bottom of its frame."""
        store = self.situation.board.alerts
        shown, known = len(store.order), len(store.rows)
        words = f"/ {store.filter_text}" if store.filter_text else "no filter"
        count = f"{shown} of {known}" if store.filter_text else f"{known} alert{'s' * (known != 1)}"
        is_quiet = known == 0 and self.situation.meta is not None and not self.situation.is_loading
        if self.situation.is_loading:
            count = f"loading, {known} so far"
        elif is_quiet:
            count = "no unresolved alerts"
        elif store.filter_text and not shown:
            count = f"nothing passes the filter ({known} hidden); / and Esc shows all"
        waiting = [f"{len(store.waiting)} new (.)"] if store.waiting else []
        marked = len(self.alert_list.marked_alerts())
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
            self.query_one("#quiet-graphs").display = is_quiet
            self._arrange()
            self.query_one("#columns").display = not is_quiet
            self._load_quiet()
        if is_quiet and self._quiet is not None:
            pane.show(quiet_lines(self._quiet, self.situation.clock.now()))

    def _load_quiet(self) -> None:
        if self.query_one("#quiet").display and self.is_current:
            self.desk.fetch(_read_quiet)

    def on_fetched(self, message: d.Fetched) -> None:
        if isinstance(message.found, Quiet):
            self._quiet = message.found
        elif isinstance(message.found, Mutes):
            self.show_mutes(message.found)
        elif self._beside.take(message.found):
            self._beside.show(self.alert_list.cursor_alert, self.incident)

    def _show_summary(self) -> None:
        alert, pane = self.alert_list.cursor_alert, self.query_one("#summary", LinesPane)
        if not pane.display:
            return
        if alert is None:
            pane.show([])
            title = "nothing at hand"
        else:
            runs = self.situation.board.executions.values()
            pane.show(summary_lines(alert, self.incident, runs, self.situation.clock.now()))
            title = summary_title(alert, self.incident).replace("[", r"\[")
        if pane.border_title != title:
            pane.border_title = title

    # What messages mean

    def on_alert_board_moved(self) -> None:
        # The cursor is painted by itself, at once; what stands beside it follows with the next flush.
        self._has_moved = True

    def _follow_cursor(self) -> None:
        """Show what belongs to the alert under the cursor, where that is another one now."""
        if not self._has_moved:
            return
        self._has_moved = False
        alert = self.alert_list.cursor_alert
        self._show_summary()
        self._beside.look(alert, self.incident)
        self.runs.look_at(alert.runbook if alert else None, None, alert.incident_id if alert else None)
        if alert is None or alert.runbook is None:
            self._show_runbook(None, without_runbook(alert) if alert else "no alert")
        elif self.pane.runbook is None or self.pane.runbook.id != alert.runbook:
            self._show_runbook(None, f"loading {alert.runbook} …")
            self.desk.load_runbook(alert.runbook)

    def on_alert_board_opened(self) -> None:
        self.action_open()

    def _show_runbook(self, message: d.RunbookCame | None, words: str = "") -> None:
        runbook = message.runbook if message else None
        self.pane.show(runbook, words or (message.trouble if message else ""))
        frame = self.query_one("#runbook-frame", Vertical)
        frame.border_title = f"runbook {runbook.id}" if runbook else "runbook"

    def on_runbook_came(self, message: d.RunbookCame) -> None:
        alert = self.alert_list.cursor_alert
        if alert is None or alert.runbook != message.runbook_id:
            return
        known = self.pane.runbook
        if known is None or known.id != message.runbook_id:
            self._show_runbook(message)
        elif message.runbook is not None:
            if message.runbook.digest != known.digest:
                self.say(f"{known.id} has changed on disk and is shown anew")
            self._show_runbook(message)

    def _look_again(self) -> None:
        """The runbook on the screen may have been changed on disk, or proven."""
        if self.pane.runbook is not None and self.query_one("#runbook-frame").display:
            self.desk.load_runbook(self.pane.runbook.id)

    def on_runbook_pane_step_chosen(self, message: RunbookPane.StepChosen) -> None:
        alert = self.alert_list.cursor_alert
        self.runs.look_at(message.runbook, message.step, alert.incident_id if alert else None)

    def on_runbook_pane_run_asked(self, message: RunbookPane.RunAsked) -> None:
        if message.step.kind != "read" and not self.may():
            return
        request = self.run_request(runbook=message.runbook.id, step=message.step.name)
        request = msgspec.structs.replace(request, runbook_digest=message.runbook.digest)
        self.runs.begin(request, message.step.inputs, message.step)

    def show_run(self) -> None:
        self.action_read()

    def after_run(self, message: d.RunEnded) -> None:
        self.go_on_after(message.execution, self.pane, self.alert_list.cursor_alert)

    def after_trouble(self, message: d.RunTrouble) -> None:
        self._look_again()

    def on_figures_came(self, message: d.FiguresCame) -> None:
        self.situation.figures, self.situation.no_figures_because = message.figures, message.trouble
        self.show_header()

    def filter_changed(self, text: str) -> None:
        self.situation.board.alerts.set_filter(text)
        self.alert_list.flush(self.situation.clock.now())
        self._show_counts()

    def focus_body(self) -> None:
        self.set_focus(self.alert_list)

    # What keys mean

    def action_back(self) -> None:
        self.alert_list.unmark()
        line = self.query_one("#filter", Input)
        if line.has_focus:
            line.value = ""
        line.display = False
        self.show_list()

    def show_list(self) -> None:
        """Leave the runbook for the list of alerts."""
        self.remove_class("reading")
        self._arrange()
        self.set_focus(self.alert_list)
        self._tick()

    def action_read(self) -> None:
        if self._looked_at() is None and self.alert_list.cursor_alert is not None:
            return
        self._follow_cursor()
        self.add_class("reading")
        self._arrange()
        self.pane.focus()
        self._tick()

    def action_other_side(self) -> None:
        self.action_back() if self.pane.has_focus else self.action_read()

    def action_run_step(self) -> None:
        if gone := self.alert_list.take_gone():
            self.say(gone, bad=True)
        else:
            self.pane.action_run()

    def action_take_new(self) -> None:
        self.situation.board.alerts.thaw()
        self.alert_list.flush(self.situation.clock.now())

    def action_pause(self) -> None:
        self._paused = not self._paused
        self.say("paused: the order stands still, p goes on" if self._paused else "going on")


def _read_quiet(client: OpsClient) -> Quiet:
    """What of it there is: a target without services still has its incidents."""
    incidents, executions = client.incidents(everything=True), client.executions(50)
    try:
        services = client.services()
    except OpsError:
        services = ()
    windows = client.maintenances(everything=False)
    return Quiet(incidents, services, executions, client.contacts(), windows)
