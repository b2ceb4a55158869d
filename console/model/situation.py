"""All that the console knows of the daemon: the board, the server's word about itself, its clock, the service's figures."""

from datetime import datetime

from alerts.wire import AlertView, IncidentView, Role, StreamMeta
from console.model.board import Board
from console.model.figures import ServiceFigures
from console.ops_api.feed import Feed, Gone, Heard, Item, ServerClock, ServerSnapshot, SnapshotAlerts
from console.ops_api.link import LinkView
from runbooks.wire import ExecutionView

_RANK: dict[Role, int] = {"viewer": 0, "responder": 1, "approver": 2, "admin": 3}


class Situation:
    """Fed by the link, read by every screen."""

    def __init__(self, feed: Feed, *, read_only: bool = False) -> None:
        self._feed = feed
        self.board = Board()
        self.clock = ServerClock()
        self.meta: StreamMeta | None = None
        self.heard_at: datetime | None = None
        """The server's time when it was last heard."""
        self.is_loading = False
        """Whether a snapshot is being read."""
        self.is_read_only = read_only
        """Whether this console was opened to look only."""
        self.figures: ServiceFigures | None = None
        self.no_figures_because = ""

    @property
    def link(self) -> LinkView:
        """How the link is now."""
        return self._feed.view()

    @property
    def user(self) -> str:
        """Whose token this is; empty before the server was heard."""
        return self.meta.user if self.meta else ""

    @property
    def target(self) -> str:
        """The environment in a word."""
        return self.meta.target if self.meta else "unknown"

    def refusal(self, needs: Role = "responder") -> str:
        """Why something that ``needs`` a role cannot be done from here; empty where it can."""
        if self.is_read_only:
            return "this console is read-only; open it without --read-only"
        if self.meta is not None and _RANK.get(self.meta.role, -1) < _RANK[needs]:
            return f"your role is {self.meta.role}; this needs {needs}: ask an admin (ops users)"
        return ""

    def take(self, item: Item) -> bool:
        """Take what the link brought; whether incidents or executions changed."""
        match item:
            case SnapshotAlerts():
                self.is_loading = True
                self.board.alerts.replace(a for a in item.alerts if a.severity != "none")
            case ServerSnapshot():
                self._take_end(item)
                return True
            case AlertView(severity="none"):
                pass
            case AlertView():
                self.board.alerts.apply(item)
            case Gone():
                self.board.alerts.remove(item.fingerprint)
            case Heard():
                self.clock.apply(item)
                self.meta, self.heard_at = item.meta, item.meta.server_time
            case ExecutionView():
                self.board.executions[item.execution_id] = item
                return True
            case _:
                self.learn(item)
                return True
        return False

    def learn(self, incident: IncidentView) -> None:
        """Take an incident as it is now, from whoever brings it; an older one than is known changes nothing."""
        known = self.board.incidents.get(incident.id)
        if known is None or incident.version >= known.version:
            self.board.incidents[incident.id] = incident

    def _take_end(self, snapshot: ServerSnapshot) -> None:
        self.board.alerts.keep_only(snapshot.fingerprints)
        self.is_loading = False
        self.board.incidents = {incident.id: incident for incident in snapshot.incidents}
        self.board.executions = {e.execution_id: e for e in snapshot.executions}
