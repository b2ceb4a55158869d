"""The one screen of the console: it decides what keys and messages mean, its widgets only show and tell."""

import gc
import time
from datetime import datetime

import msgspec
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import Input

from alerts.wire import AlertView, StreamMeta
from console.model.board import Board
from console.model.filter import FilterError
from console.ops_api.client import DaemonAccess
from console.ops_api.execution import new_execution_id
from console.ops_api.feed import Feed, Gone, Heard, Item, ServerClock, ServerSnapshot, SnapshotAlerts
from console.ops_api.link import LinkView
from console.terminal.clipboard import copy_out
from console.text.call_list import paging_line
from console.text.glyphs import Glyphs
from console.text.incident_page import incident_page
from console.text.plain import clock, harmless
from console.text.wording import summary_for_chat
from console.tui import calls as d
from console.tui.dialogs import ChoiceDialog, LineDialog, TextScreen
from console.tui.help import HELP
from console.tui.run_flow import RunFlow
from console.tui.widgets.board import HEAD, AlertBoard
from console.tui.widgets.header import Header, OneLine
from console.tui.widgets.output_pane import OutputPane
from console.tui.widgets.runbook_pane import RunbookPane
from console.tui.widgets.strips import BOLD, CRITICAL, DIM, NORMAL
from runbooks.wire import ExecutionRequest, ExecutionView

_WIDE = 120
_UNDO_S = 10.0
_SAID_S = 8.0
_SLICE_S = 0.008
_LOADING_SLICE_S = 0.05
"""While a snapshot is read: nobody works with half a board, so it is there sooner and keys wait a little longer."""
_TEXTS_AT_ONCE = 1_000
_LOOK_AGAIN_S = 5.0
"""How soon a runbook that was changed on disk is shown anew."""
_HINT = "a ack  enter open  r runbook  x actions  / filter  ? help  ctrl+q quit"
_READING_HINT = "r run step  j k step  o output  q back  ? help"


class BoardScreen(Screen[None]):
    """List on the left, runbook and output on the right; on a narrow terminal one at a time."""

    BINDINGS = [
        Binding("a", "acknowledge", show=False),
        Binding("u", "undo", show=False),
        Binding("c", "note", show=False),
        Binding("r", "read", show=False),
        Binding("x", "actions", show=False),
        Binding("enter", "open", show=False),
        Binding("n", "untaken(1)", show=False),
        Binding("N", "untaken(-1)", show=False),
        Binding("slash", "filter", show=False),
        Binding("full_stop", "take_new", show=False),
        Binding("p", "pause", show=False),
        Binding("y", "copy_id", show=False),
        Binding("Y", "copy_summary", show=False),
        Binding("o", "pager", show=False),
        Binding("tab", "other_side", show=False, priority=True),
        Binding("q,escape", "back", show=False),
        Binding("question_mark", "help", show=False),
        Binding("ctrl+c", "stop_run", show=False, priority=True),
    ]

    def __init__(
        self,
        board: Board,
        feed: Feed,
        desk: d.Calls,
        glyphs: Glyphs,
        access: DaemonAccess,
        *,
        open_incident: int | None,
        bell: bool,
        read_only: bool,
    ) -> None:
        super().__init__()
        self._board, self._feed, self._desk, self._glyphs, self._access = board, feed, desk, glyphs, access
        self._clock = ServerClock()
        self._meta: StreamMeta | None = None
        self._heard_at: datetime | None = None
        self._open_incident, self._bell = open_incident, bell
        self._acked: tuple[int, float] | None = None
        """The incident that was taken from here, and when; nobody had it before."""
        self._held_before = False
        """Whether somebody had the incident already that is being acknowledged."""
        self._said_until = 0.0
        self._paused = False
        self._runs = RunFlow(self, desk, read_only=read_only)
        self._read_only = read_only
        self._known_criticals: set[str] | None = None
        self._loading = False
        """Whether a snapshot is being read."""
        self._is_frozen = False

    def compose(self) -> ComposeResult:
        yield Header(self._glyphs, id="header")
        yield OneLine(id="columns")
        with Horizontal(id="body"):
            yield AlertBoard(self._board, self._glyphs, id="list")
            with Vertical(id="side"):
                yield RunbookPane(self._glyphs, self._latest_run, self._clock.now, id="runbook")
                yield OutputPane(id="output")
        yield Input(id="filter", placeholder="words  !word  sev:>=warning  svc:api  is:acked  /regex/")
        yield OneLine(id="summary")
        yield OneLine(id="hint")

    def on_mount(self) -> None:
        """Start the clocks; nothing is asked for before the first paint."""
        self.query_one("#output").display = False
        self.query_one("#filter").display = False
        self.query_one("#columns", OneLine).show((HEAD, DIM))
        self._list.focus()
        self._arrange()
        self._feed.start()
        self.set_interval(0.1, self._flush)
        self.set_interval(1.0, self._tick)
        self.set_interval(10.0, self._desk.load_figures)
        self.set_interval(_LOOK_AGAIN_S, self._look_again)
        self.set_timer(0.5, self._desk.load_figures)
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

    def _latest_run(self, runbook: str, step: str) -> ExecutionView | None:
        """What was done for the incident at hand; without one, what was done last."""
        incident = self._board.incident_of(self._list.cursor_alert)
        return self._board.latest_run(
            runbook, step, (incident.spell_detected_at or incident.detected_at) if incident else None
        )

    def _arrange(self) -> None:
        wide = self.size.width >= _WIDE
        self.set_class(wide, "wide")
        self.query_one("#side").display = wide or self._is_reading
        self._list.display = wide or not self._is_reading
        self.query_one("#columns").display = wide or not self._is_reading

    # What the link brings

    def _flush(self) -> None:
        deadline = time.perf_counter() + (_LOADING_SLICE_S if self._loading else _SLICE_S)
        items = self._feed.items
        while items and time.perf_counter() < deadline:
            self._take(items.popleft())
        store = self._board.alerts
        if self._paused or self._list.moved_lately or len(self.app.screen_stack) > 1:
            store.freeze()
        else:
            store.thaw()
        self._list.flush(self._clock.now())
        if not items and not self._board.alerts.read_texts(_TEXTS_AT_ONCE) and not self._loading:
            self._leave_alone()
        self._ring()
        self._show_header()
        self._show_summary()
        if self._loading and items:
            self.call_later(self._flush)

    def _take(self, item: Item) -> None:
        match item:
            case SnapshotAlerts():
                self._loading = True
                self._board.alerts.replace(a for a in item.alerts if a.severity != "none")
            case ServerSnapshot():
                self._board.alerts.keep_only(item.fingerprints)
                self._loading = False
                self._board.incidents = {incident.id: incident for incident in item.incidents}
                self._board.executions = {e.execution_id: e for e in item.executions}
                self._pane.refresh_steps()
                self._follow_open_incident()
                self._show_open_incident()
            case AlertView(severity="none"):
                pass
            case AlertView():
                self._board.alerts.apply(item)
            case Gone():
                self._board.alerts.remove(item.fingerprint)
            case Heard():
                self._clock.apply(item)
                self._meta, self._heard_at = item.meta, item.meta.server_time
            case ExecutionView():
                self._board.executions[item.execution_id] = item
                self._pane.refresh_steps()
            case _:
                self._board.incidents[item.id] = item
        self._follow_open_incident()

    def _follow_open_incident(self) -> None:
        """``ops open ID`` begins on that incident's alert."""
        incident = self._board.incidents.get(self._open_incident or -1)
        if incident is None:
            return
        for fingerprint in incident.fingerprints:
            if self._list.put_cursor(fingerprint):
                self._open_incident = None
                self.action_read()
                return

    def _show_open_incident(self) -> None:
        """An incident none of whose alerts is on the board is shown itself."""
        if self._open_incident is not None:
            self._desk.load_incident(self._open_incident)
            self._open_incident = None

    def _show_header(self) -> LinkView:
        link = self._feed.view()
        self.query_one("#header", Header).show(
            link,
            self._board.alerts.counts,
            self._meta,
            self._clock.now(),
            self._heard_at,
            marks=" ".join(
                word for word, on in (("read-only", self._read_only), ("paused", self._paused)) if on
            ),
        )
        return link

    def _tick(self) -> None:
        is_live = (link := self._show_header()).state == "live"
        self._list.dim(not is_live and link.state != "connecting")
        self._list.tick(self._clock.now())
        self._pane.refresh_steps()
        if self._feed.refused:
            self._say(f"refused: {self._feed.refused}", bad=True)
        if time.monotonic() > self._said_until:
            hint = _READING_HINT if self._is_reading else _HINT
            self.query_one("#hint", OneLine).show((f" {hint}", DIM))

    def _leave_alone(self) -> None:
        """Once all is loaded the collector need not walk over it again and again."""
        if self._meta is not None and not self._is_frozen:
            self._is_frozen = True
            gc.collect()
            gc.freeze()

    def _ring(self) -> None:
        """Bell once for criticals that are new since the first snapshot."""
        criticals = self._board.alerts.firing_criticals
        if self._known_criticals is not None and self._bell and not criticals <= self._known_criticals:
            self.app.bell()
        if self._meta is not None and not self._loading and criticals != self._known_criticals:
            self._known_criticals = set(criticals)

    def _show_summary(self) -> None:
        store = self._board.alerts
        shown, known = len(store.order), len(store.rows)
        words = f" / {store.filter_text}" if store.filter_text else ""
        count = f"{shown} of {known}" if store.filter_text else f"{known} alert{'s' * (known != 1)}"
        if known == 0 and self._meta is not None:
            count = "no unresolved alerts"
        elif store.filter_text and not shown:
            count = f"nothing passes the filter ({known} hidden); / and Enter on an empty line shows all"
        waiting = f"   {len(store.waiting)} new (.)" if store.waiting else ""
        incident = self._board.incident_of(self._list.cursor_alert)
        calls = f"   incident {incident.id}: {paging_line(incident)}" if incident is not None else ""
        self.query_one("#summary", OneLine).show(
            (words, BOLD), (f"  {count}", NORMAL), (waiting, CRITICAL), (calls, DIM)
        )

    def _say(self, text: str, *, bad: bool = False) -> None:
        self._said_until = time.monotonic() + _SAID_S
        self.query_one("#hint", OneLine).show((f" {text}", CRITICAL if bad else BOLD))

    # What messages mean

    def on_alert_board_moved(self, message: AlertBoard.Moved) -> None:
        alert = message.alert
        self._show_summary()
        self._runs.look_at(alert.runbook if alert else None, None, alert.incident_id if alert else None)
        if alert is None or alert.runbook is None:
            self._pane.show(None, "no runbook for this alert" if alert else "no alert")
        elif self._pane.runbook is None or self._pane.runbook.id != alert.runbook:
            self._pane.show(None, f"loading {alert.runbook} …")
            self._desk.load_runbook(alert.runbook)

    def on_runbook_came(self, message: d.RunbookCame) -> None:
        alert = self._list.cursor_alert
        if alert is None or alert.runbook != message.runbook_id:
            return
        known = self._pane.runbook
        if known is None or known.id != message.runbook_id:
            self._pane.show(message.runbook, message.trouble)
        elif message.runbook is not None:
            if message.runbook.digest != known.digest:
                self._say(f"{known.id} has changed on disk and is shown anew")
            self._pane.show(message.runbook)

    def _look_again(self) -> None:
        """The runbook on the screen may have been changed on disk, or proven."""
        if self._pane.runbook is not None and self.query_one("#side").display:
            self._desk.load_runbook(self._pane.runbook.id)

    def on_runbook_pane_step_chosen(self, message: RunbookPane.StepChosen) -> None:
        alert = self._list.cursor_alert
        self._runs.look_at(message.runbook, message.step, alert.incident_id if alert else None)

    def on_acknowledged(self, message: d.Acknowledged) -> None:
        incident = message.incident
        me = self._meta.user if self._meta else ""
        since = clock(incident.acknowledged_at)
        if incident.acknowledged_by != me:
            self._say(f"incident {incident.id} is {incident.acknowledged_by}'s since {since}, not yours")
        elif self._held_before:
            self._say(f"incident {incident.id} is yours already, since {since}; it holds longer now")
        else:
            self._acked = (incident.id, time.monotonic())
            self._say(f"incident {incident.id} is yours ({me}); u undoes it within 10 s")

    def on_runbook_pane_run_asked(self, message: RunbookPane.RunAsked) -> None:
        request = self._request(runbook=message.runbook.id, step=message.step.name)
        request = msgspec.structs.replace(request, runbook_digest=message.runbook.digest)
        self._runs.begin(request, message.step.inputs)

    def _request(
        self, *, runbook: str | None = None, step: str | None = None, action: str | None = None
    ) -> ExecutionRequest:
        incident = self._board.incident_of(self._list.cursor_alert)
        return ExecutionRequest(
            execution_id=new_execution_id(),
            runbook=runbook,
            step=step,
            action=action,
            incident_id=incident.id if incident else None,
        )

    def on_planned(self, message: d.Planned) -> None:
        self._runs.planned(message.request, message.plan, self._meta.target if self._meta else "unknown")

    def on_run_began(self, message: d.RunBegan) -> None:
        self._runs.began(message.execution)

    def on_run_printed(self, message: d.RunPrinted) -> None:
        self._runs.printed(message.output)

    def on_run_ended(self, message: d.RunEnded) -> None:
        self._board.executions[message.execution.execution_id] = message.execution
        self._runs.ended(message.execution)
        self._pane.refresh_steps()
        self._pane.go_to_fitting()

    def on_run_trouble(self, message: d.RunTrouble) -> None:
        self._runs.trouble(message.request, message.text)
        self._look_again()
        self._say(message.text, bad=True)

    def on_notice(self, message: d.Notice) -> None:
        self._say(message.text, bad=message.bad)

    def on_figures_came(self, message: d.FiguresCame) -> None:
        self.query_one("#header", Header).show_figures(message.figures, message.trouble)

    def on_incident_came(self, message: d.IncidentCame) -> None:
        self.app.push_screen(TextScreen("\n".join(incident_page(message.incident))))

    def on_actions_came(self, message: d.ActionsCame) -> None:
        actions = {action.name: action for action in message.actions if action.available}
        choices = [(a.name, f"{a.name:<24} {a.kind:<12} {a.title}") for a in actions.values()]

        def chosen(name: str | None) -> None:
            if name is not None:
                self._runs.begin(self._request(action=name), actions[name].params)

        self.app.push_screen(ChoiceDialog("which action?", choices), chosen)

    def on_input_changed(self, event: Input.Changed) -> None:
        try:
            self._board.alerts.set_filter(event.value)
            self._list.flush(self._clock.now())
        except FilterError as error:
            self._say(str(error), bad=True)

    def on_input_submitted(self) -> None:
        self.query_one("#filter").display = False
        self._list.focus()

    # What keys mean

    def _incident_or_say(self, *, changes: bool = True) -> int | None:
        if changes and self._read_only:
            self._say("this console is read-only; open it without --read-only", bad=True)
            return None
        alert = self._list.cursor_alert
        if changes and self._list.take_jump():
            self._say("another alert has just come under the cursor; look, and press the key again", bad=True)
            return None
        if alert is None or alert.incident_id is None:
            self._say("no incident for this alert yet" if alert else "no alert under the cursor", bad=True)
            return None
        return alert.incident_id

    def action_acknowledge(self) -> None:
        incident_id = self._incident_or_say()
        if incident_id is not None:
            self._acked = None
            known = self._board.incidents.get(incident_id)
            self._held_before = known is not None and known.acknowledged_by is not None
            self._desk.acknowledge(incident_id)

    def action_undo(self) -> None:
        if self._acked is None or time.monotonic() - self._acked[1] > _UNDO_S:
            self._say("nothing to undo (an acknowledgement can be undone for 10 s; later: ops unack)")
            return
        self._desk.unacknowledge(self._acked[0])
        self._acked = None

    def action_note(self) -> None:
        incident_id = self._incident_or_say()
        if incident_id is None:
            return

        def written(text: str | None) -> None:
            if text:
                self._desk.note(incident_id, text)

        self.app.push_screen(LineDialog(f"note on incident {incident_id}"), written)

    def action_open(self) -> None:
        incident_id = self._incident_or_say(changes=False)
        if incident_id is not None:
            self._desk.load_incident(incident_id)

    def action_read(self) -> None:
        self.add_class("reading")
        self._arrange()
        self._pane.focus()
        self._tick()

    def action_back(self) -> None:
        filter_line = self.query_one("#filter", Input)
        if filter_line.display:
            filter_line.display = False
        self.remove_class("reading")
        self._arrange()
        self._list.focus()
        self._tick()

    def action_other_side(self) -> None:
        self.action_back() if self._pane.has_focus else self.action_read()

    def action_actions(self) -> None:
        self._desk.load_actions()

    def action_untaken(self, direction: int) -> None:
        if not self._list.next_untaken(direction):
            self._say("no critical alert without an owner")

    def action_filter(self) -> None:
        line = self.query_one("#filter", Input)
        line.display = True
        line.focus()

    def action_take_new(self) -> None:
        self._board.alerts.thaw()
        self._list.flush(self._clock.now())

    def action_pause(self) -> None:
        self._paused = not self._paused
        self._say("paused: the order stands still, p goes on" if self._paused else "going on")

    def action_copy_id(self) -> None:
        alert = self._list.cursor_alert
        if alert is not None:
            self._copy(str(alert.incident_id or alert.fingerprint))

    def action_copy_summary(self) -> None:
        alert = self._list.cursor_alert
        if alert is not None:
            self._copy(summary_for_chat(alert, self._board.incident_of(alert), self._clock.now()))

    def _copy(self, text: str) -> None:
        # What is pasted may be pasted into a shell: nothing but what is seen here goes out.
        text = harmless(text)
        try:
            way = copy_out(text)
        except OSError as error:
            self._say(f"not copied: {error}", bad=True)
            return
        if way.sequence:
            self.app.copy_to_clipboard(text)
        self._say(f"copied by {way.words}")

    def action_pager(self) -> None:
        if self._runs.watched is None:
            self._say("no step has been run from here yet")
            return
        self.app.show_in_pager(self._runs.watched.execution_id)  # type: ignore[attr-defined]  # the app is ours

    def action_help(self) -> None:
        self.app.push_screen(TextScreen(HELP))

    def action_stop_run(self) -> None:
        watched = self._runs.watched
        run = self._board.executions.get(watched.execution_id) if watched else None
        if run is None or run.state != "running":
            self._say("nothing runs from here; ctrl+q quits")
            return
        self._runs.ask_stop(run)
