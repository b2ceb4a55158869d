"""What goes on beside the alert at hand where there is room for it: graphs, the log of its service, its incident's timeline."""

import time
from collections.abc import Callable
from datetime import datetime

import msgspec
from textual.screen import Screen

from alerts.wire import SERVICES, AlertView, IncidentView, TimelineEntry
from console.model.graphs import OVERVIEW, Graph, Graphs, marks_between, read_overview, telling_figure
from console.model.situation import Situation
from console.ops_api.client import OpsClient
from console.ops_api.errors import OpsError
from console.text.live_lines import log_lines, timeline_lines
from console.text.log_line import ServiceLine
from console.text.plain import one_line
from console.text.record_table import Cell
from console.tui.calls import Calls
from console.tui.log_tail import tail_of
from console.tui.widgets.graph_pane import GraphPane
from console.tui.widgets.lines_pane import LinesPane

_GRAPHS_S, _LOG_S, _TIMELINE_S = 15.0, 3.0, 10.0
_LOG_LINES = 60


class Overview(msgspec.Struct, frozen=True):
    """The four figures, or why there are none."""

    graphs: Graphs | None
    trouble: str = ""


class Tail(msgspec.Struct, frozen=True):
    """The end of a service's log, or why it cannot be read."""

    service: str
    lines: tuple[ServiceLine, ...] = ()
    trouble: str = ""


class Timeline(msgspec.Struct, frozen=True):
    """What happened in an incident, or why that is not known."""

    incident_id: int
    version: int
    entries: tuple[TimelineEntry, ...] = ()
    trouble: str = ""


class BesideAlert:
    """Asks for what is seen, no oftener than it changes, and shows it in the panes of its screen.

    The panes are a ``LinesPane`` each with the ids ``timeline`` and ``tail``, and the ``GraphPane`` of the screen.
    """

    def __init__(self, screen: Screen[None], desk: Calls, situation: Situation) -> None:
        self._screen, self._desk, self._situation = screen, desk, situation
        self._due: dict[str, float] = {}
        """When each is to be asked for again."""
        self._overview: Overview | None = None
        self._tail: Tail | None = None
        self._timeline: Timeline | None = None

    def look(self, alert: AlertView | None, incident: IncidentView | None) -> None:
        """Ask for what is on the screen and old, and show what is known."""
        if not (self._screen.has_class("wide") or self._screen.has_class("quiet")):
            return
        now = self._situation.clock.now()
        if any(pane.region for pane in self._screen.query(GraphPane)):
            self._ask("graphs", _GRAPHS_S, lambda client: _read_overview(client, now))
        service = _service_of(alert)
        if self._pane("tail").region:
            self._ask(f"log {service}", _LOG_S, lambda client: _read_tail(client, service))
        if incident is not None and self._pane("timeline").region:
            number, version = incident.id, incident.version
            asked = f"timeline {number} {version}"
            self._ask(asked, _TIMELINE_S, lambda client: _read_timeline(client, number, version))
        self.show(alert, incident)

    def take(self, found: object) -> bool:
        """Take an answer; whether it was one of these."""
        match found:
            case Overview():
                self._overview = found
            case Tail():
                self._tail = found
            case Timeline():
                self._timeline = found
            case _:
                return False
        return True

    def show(self, alert: AlertView | None, incident: IncidentView | None) -> None:
        """Show what is known of this alert and no other."""
        now = self._situation.clock.now()
        self._show_graphs(alert)
        self._show_log(_service_of(alert), now)
        self._show_timeline(incident)

    def _ask(self, what: str, every_s: float, read: Callable[[OpsClient], object]) -> None:
        kind = what.split()[0]
        others = [one for one in self._due if one.split()[0] == kind and one != what]
        for one in others:
            del self._due[one]
        if time.monotonic() >= self._due.get(what, 0.0):
            self._due[what] = time.monotonic() + every_s
            self._desk.fetch(read)

    def _pane(self, name: str) -> LinesPane:
        return self._screen.query_one(f"#{name}", LinesPane)

    def _show_graphs(self, alert: AlertView | None) -> None:
        overview, board = self._overview, self._situation.board
        found = overview.graphs if overview else None
        marks = (
            marks_between(found.begins, found.ends, board.executions.values(), board.alerts.rows.values())
            if found
            else []
        )
        telling = telling_figure(alert.alertname if alert else "")
        for i, pane in enumerate(self._screen.query(GraphPane)):
            title, unit, _ = OVERVIEW[i % len(OVERVIEW)]
            pane.set_class(title == telling, "telling")
            if found is not None:
                pane.show(found.graphs[i % len(OVERVIEW)], found, marks)
            else:
                pane.show(Graph(title, unit, (), overview.trouble if overview else "loading …"), None, [])

    def _show_log(self, service: str, now: datetime) -> None:
        pane, tail = self._pane("tail"), self._tail
        if not pane.region:
            return
        pane.border_title = f"log {service}"
        if tail is None or tail.service != service:
            pane.show([[Cell(" loading …", "dim")]])
        elif tail.trouble or not tail.lines:
            pane.show([[Cell(f" {one_line(tail.trouble) or 'this log is empty'}", "dim")]])
        else:
            pane.show(log_lines(tail.lines, pane.size.height, now))
        pane.border_subtitle = "following · 5 opens it"

    def _show_timeline(self, incident: IncidentView | None) -> None:
        pane, timeline = self._pane("timeline"), self._timeline
        if not pane.region:
            return
        if incident is None:
            pane.border_title, pane.border_subtitle = "timeline", ""
            pane.show([[Cell(" no incident for this alert", "dim")]])
            return
        who = (
            f"{one_line(incident.acknowledged_by)} is on it"
            if incident.acknowledged_by
            else "nobody is on it"
        )
        pane.border_title = f"incident {incident.id} · {who}".replace("[", r"\[")
        pane.border_subtitle = "c note · E escalate · ⏎ all"
        if timeline is None or timeline.incident_id != incident.id:
            pane.show([[Cell(" loading …", "dim")]])
        elif timeline.trouble:
            pane.show([[Cell(f" {one_line(timeline.trouble)}", "dim")]])
        else:
            pane.show(timeline_lines(timeline.entries, pane.size.height))


def _service_of(alert: AlertView | None) -> str:
    """The alert's service where it has a log, else the API: what callers see."""
    return alert.service if alert is not None and alert.service in SERVICES else "api"


def _read_overview(client: OpsClient, now: datetime) -> Overview:
    try:
        return Overview(read_overview(client, now))
    except OpsError as error:
        return Overview(None, str(error))


def _read_tail(client: OpsClient, service: str) -> Tail:
    try:
        return Tail(service, tail_of(client, service, _LOG_LINES))
    except OpsError as error:
        return Tail(service, trouble=str(error))


def _read_timeline(client: OpsClient, number: int, version: int) -> Timeline:
    try:
        return Timeline(number, version, client.incident(number).timeline)
    except OpsError as error:
        return Timeline(number, version, trouble=str(error))
