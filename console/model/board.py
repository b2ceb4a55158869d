"""What the console knows: alerts in order, incidents, executions, and which of them changed since last painted."""

import bisect
from collections.abc import Iterable
from datetime import datetime

import msgspec

from alerts.wire import AlertView, IncidentView
from console.model.filter import Predicate, parse_filter
from runbooks.wire import ExecutionView

_SEVERITY_RANK = {"critical": 0, "warning": 1, "info": 2, "none": 3}
_STATE_RANK = {"firing": 0, "stale": 1, "pending": 2, "resolved": 3}

SortKey = tuple[int, int, int, float, str]


class AlertCounts(msgspec.Struct, frozen=True):
    """How many alerts of each kind are unresolved."""

    critical: int = 0
    warning: int = 0
    info: int = 0
    acknowledged: int = 0


def sort_key(alert: AlertView) -> SortKey:
    """Severe first, then firing, then those nobody has taken, then the longest waiting."""
    return (
        _SEVERITY_RANK[alert.severity],
        _STATE_RANK[alert.state],
        alert.acknowledged_by is not None,
        alert.started_at.timestamp(),
        alert.fingerprint,
    )


class AlertStore:
    """Alerts by fingerprint, and the order in which those that pass the filter are shown.

    While frozen, rows stay where they are: changed ones change in place, new ones wait.
    """

    def __init__(self) -> None:
        self.rows: dict[str, AlertView] = {}
        self.order: list[str] = []
        self.dirty: set[str] = set()
        self.order_changed = False
        self.filter_text = ""
        self.waiting: set[str] = set()
        self._gone: set[str] = set()
        self._keys: list[SortKey] = []
        self._place: dict[str, SortKey] = {}
        self._predicate: Predicate = parse_filter("")
        self._frozen = False
        self._counts: dict[str, int] = {"critical": 0, "warning": 0, "info": 0, "none": 0, "acknowledged": 0}

    @property
    def counts(self) -> AlertCounts:
        """Unresolved alerts by severity, whatever the filter; pending ones do not count."""
        c = self._counts
        return AlertCounts(c["critical"], c["warning"], c["info"], c["acknowledged"])

    def apply(self, alert: AlertView) -> None:
        """Take one alert as it is now."""
        known = self.rows.get(alert.fingerprint)
        if known is not None and known.version >= alert.version > 0:
            return
        self._count(known, -1)
        self._count(alert, 1)
        self.rows[alert.fingerprint] = alert
        self._gone.discard(alert.fingerprint)
        self.dirty.add(alert.fingerprint)
        self._place_row(alert)

    def remove(self, fingerprint: str) -> None:
        """Forget an alert; while frozen its row stays, as it last was."""
        known = self.rows.get(fingerprint)
        if known is None:
            return
        if self._frozen and fingerprint in self._place:
            self._gone.add(fingerprint)
            return
        self._forget(fingerprint)

    def replace_all(self, alerts: Iterable[AlertView]) -> None:
        """Take a whole snapshot; what is not in it is gone."""
        arrived = {alert.fingerprint: alert for alert in alerts}
        for fingerprint in [f for f in self.rows if f not in arrived]:
            self._forget(fingerprint)
        for alert in arrived.values():
            known = self.rows.get(alert.fingerprint)
            if known is not None and known != alert:
                self._count(known, -1)
                del self.rows[alert.fingerprint]
            if known != alert:
                self.apply(alert)

    def set_filter(self, text: str) -> None:
        """Show only what passes; raises ``FilterError`` and leaves the old filter where the text is wrong."""
        self._predicate = parse_filter(text)
        self.filter_text = text
        self._sort_again()

    def freeze(self) -> None:
        """Keep every row in its place from now on."""
        self._frozen = True

    def thaw(self) -> None:
        """Let rows go where they belong, and the waiting ones in."""
        if not self._frozen:
            return
        self._frozen = False
        for fingerprint in list(self._gone):
            self._forget(fingerprint)
        self._gone.clear()
        self._sort_again()

    @property
    def is_frozen(self) -> bool:
        """Whether rows stay in their places."""
        return self._frozen

    def index_of(self, fingerprint: str | None) -> int | None:
        """Where an alert is shown, None when it is not."""
        key = self._place.get(fingerprint or "")
        return None if key is None else bisect.bisect_left(self._keys, key)

    def take_dirty(self) -> tuple[set[str], bool]:
        """What changed since the last call: rows, and whether the order did."""
        dirty, order_changed = self.dirty, self.order_changed
        self.dirty, self.order_changed = set(), False
        return dirty, order_changed

    def _place_row(self, alert: AlertView) -> None:
        fingerprint = alert.fingerprint
        shown = fingerprint in self._place
        wanted = self._predicate(alert)
        if self._frozen:
            if wanted and not shown:
                self.waiting.add(fingerprint)
            return
        key = sort_key(alert)
        if shown and wanted and self._place[fingerprint] == key:
            return
        if shown:
            self._unplace(fingerprint)
        if wanted:
            at = bisect.bisect_left(self._keys, key)
            self._keys.insert(at, key)
            self.order.insert(at, fingerprint)
            self._place[fingerprint] = key
            self.order_changed = True

    def _unplace(self, fingerprint: str) -> None:
        key = self._place.pop(fingerprint, None)
        if key is None:
            return
        at = bisect.bisect_left(self._keys, key)
        del self._keys[at]
        del self.order[at]
        self.order_changed = True

    def _forget(self, fingerprint: str) -> None:
        self._count(self.rows.pop(fingerprint), -1)
        self._gone.discard(fingerprint)
        self.waiting.discard(fingerprint)
        self._unplace(fingerprint)

    def _sort_again(self) -> None:
        wanted = sorted(sort_key(alert) for alert in self.rows.values() if self._predicate(alert))
        self._keys = wanted
        self.order = [key[-1] for key in wanted]
        self._place = {key[-1]: key for key in wanted}
        self.waiting.clear()
        self.order_changed = True

    def _count(self, alert: AlertView | None, step: int) -> None:
        if alert is None or alert.state in ("resolved", "pending"):
            return
        self._counts[alert.severity] += step
        if alert.acknowledged_by is not None:
            self._counts["acknowledged"] += step


class Board:
    """Everything that the screens show, fed by the link and read by the widgets."""

    def __init__(self) -> None:
        self.alerts = AlertStore()
        self.incidents: dict[int, IncidentView] = {}
        self.executions: dict[str, ExecutionView] = {}

    def incident_of(self, alert: AlertView | None) -> IncidentView | None:
        """The incident that an alert belongs to."""
        return None if alert is None or alert.incident_id is None else self.incidents.get(alert.incident_id)

    def latest_run(self, runbook: str, step: str, since: datetime | None = None) -> ExecutionView | None:
        """The latest execution of a step, of those asked for after ``since``."""
        runs = (
            e
            for e in self.executions.values()
            if e.runbook == runbook
            and e.step == step
            and not e.dry_run
            and not e.rehearsal
            and (since is None or e.requested_at >= since)
        )
        return max(runs, key=lambda e: e.requested_at, default=None)

    def temporary_changes(self, now: datetime) -> list[ExecutionView]:
        """Changes in force that end by themselves."""
        return [e for e in self.executions.values() if e.until_at is not None and e.until_at > now]
