"""What follows from the tables and is asked for too often to be looked for: kept true at every change of a row."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import TypeVar

from alerts.alert import KEPT_RESOLVED, Alert
from alerts.incident import Incident
from alerts.maintenance import Maintenance
from alerts.matcher import Matcher
from alerts.notification import Notification
from alerts.pattern import PatternError
from alerts.silence import Silence
from server.ops.state.agenda import Agenda
from server.ops.state.undo import UndoLog, UndoTable
from server.runner.execution import Execution

K = TypeVar("K", bound=Hashable)
Members = dict[str, None]
"""Fingerprints, in the order in which they came."""
_NOBODY: Mapping[str, None] = {}


class AlertIndex:
    """Alerts by name, state and incident, and when the clock has something to say about each of them.

    The table of each fingerprint's incident feeds it too: an incident clears when none of its alerts is active.
    """

    def __init__(self, log: UndoLog) -> None:
        self.by_state: Counter[tuple[str, str]] = Counter()
        """How many alerts there are of each state and severity."""
        self.unconfirmed: Members = {}
        """Pending and stale ones: those of which a source's silence may mean something."""
        self.expiry: Agenda[str] = Agenda(log)
        self.held_back: Agenda[str] = Agenda(log)
        """Symptoms without an incident: when to look whether they are still muted."""
        self.incidents_due: Agenda[int] = Agenda(log)
        self.cleared_at: UndoTable[int, datetime] = UndoTable(log)
        """By incident, the latest end of an alert since one of its alerts was active last."""
        self._by_name: dict[str, Members] = {}
        self._firing: Counter[str] = Counter()
        self._firing_names: frozenset[str] | None = frozenset()
        self._members: dict[int, Members] = {}
        self._active: Counter[int] = Counter()
        self._incident_by_alert: Mapping[str, int] = {}
        self._alerts: Mapping[str, Alert] = {}

    def attach(self, alerts: Mapping[str, Alert], incident_by_alert: Mapping[str, int]) -> None:
        """Names the two tables that this is about."""
        self._alerts, self._incident_by_alert = alerts, incident_by_alert

    @property
    def firing_names(self) -> frozenset[str]:
        """Names of all alerts that fire."""
        if self._firing_names is None:
            self._firing_names = frozenset(self._firing)
        return self._firing_names

    def named(self, alertname: str) -> Mapping[str, None]:
        """Fingerprints of all alerts of a name."""
        return self._by_name.get(alertname, _NOBODY)

    def members(self, incident_id: int) -> Mapping[str, None]:
        """Fingerprints of an incident's alerts that are still remembered."""
        return self._members.get(incident_id, _NOBODY)

    def active_in(self, incident_id: int) -> int:
        """How many alerts of an incident are not known to have ended."""
        return self._active.get(incident_id, 0)

    def alert_changed(self, fingerprint: str, before: Alert | None, after: Alert | None) -> None:
        """Takes a row of the table of alerts as it is now."""
        if after is not None:
            self._put_on_agenda(after)
        else:
            self.expiry.drop(fingerprint)
        if after is not None and after.held_back and after.state == "firing":
            self.held_back.put(fingerprint, after.seen_at)
        elif before is not None and before.held_back:
            self.held_back.drop(fingerprint)
        if before is None or after is None or before.state != after.state:
            self._moved(fingerprint, before, after)
        if after is not None and after.state == "resolved" and fingerprint in self._incident_by_alert:
            self._note_end(self._incident_by_alert[fingerprint], after.ends_at)

    def _moved(self, fingerprint: str, before: Alert | None, after: Alert | None) -> None:
        if before is not None:
            self._take_out(before)
        if after is not None:
            self._put_in(after)
        incident_id = self._incident_by_alert.get(fingerprint)
        if incident_id is not None:
            was, is_now = before is not None and before.active, after is not None and after.active
            self._count_active(incident_id, is_now - was)

    def membership_changed(self, fingerprint: str, before: int | None, after: int | None) -> None:
        """Takes a row of the table that names each alert's incident as it is now."""
        if before == after:
            return
        alert = self._alerts.get(fingerprint)
        active = alert is not None and alert.active
        if before is not None:
            members = self._members[before]
            del members[fingerprint]
            if not members:
                del self._members[before]
            self._count_active(before, -active)
        if after is not None:
            self._members.setdefault(after, {})[fingerprint] = None
            self._count_active(after, +active)
            if alert is not None and alert.state == "resolved":
                self._note_end(after, alert.ends_at)

    def _put_on_agenda(self, alert: Alert) -> None:
        if alert.state == "firing":
            self.expiry.put(alert.fingerprint, alert.ends_at)
        elif alert.state == "resolved":
            self.expiry.put(alert.fingerprint, alert.seen_at + KEPT_RESOLVED)

    def _put_in(self, alert: Alert) -> None:
        self.by_state[alert.state, alert.severity] += 1
        name = alert.alertname
        same_name = self._by_name.get(name)
        if same_name is None:
            same_name = self._by_name[name] = {}
        same_name[alert.fingerprint] = None
        if alert.state == "firing":
            self._firing[name] += 1
            if self._firing[name] == 1:
                self._firing_names = None
        elif alert.state != "resolved":
            self.unconfirmed[alert.fingerprint] = None

    def _take_out(self, alert: Alert) -> None:
        self.by_state[alert.state, alert.severity] -= 1
        same_name = self._by_name[alert.alertname]
        del same_name[alert.fingerprint]
        if not same_name:
            del self._by_name[alert.alertname]
        if alert.state == "firing":
            self._firing[alert.alertname] -= 1
            if not self._firing[alert.alertname]:
                del self._firing[alert.alertname]
                self._firing_names = None
        self.unconfirmed.pop(alert.fingerprint, None)

    def _count_active(self, incident_id: int, step: int) -> None:
        if not step:
            return
        before = self._active[incident_id]
        self._active[incident_id] = before + step
        if before == 0:
            self.cleared_at.pop(incident_id, None)
        if not self._active[incident_id]:
            del self._active[incident_id]
        if before == 0 or incident_id not in self._active:
            self.incidents_due.put_now(incident_id)

    def _note_end(self, incident_id: int, ended_at: datetime) -> None:
        known = self.cleared_at.get(incident_id)
        if known is None or ended_at > known:
            self.cleared_at[incident_id] = ended_at


class IncidentIndex:
    """Which incidents are open, which are over, and when the clock has something to say about each of them."""

    def __init__(self, due: Agenda[int], pages_due: Agenda[int]) -> None:
        self.open: dict[int, None] = {}
        self.over: dict[int, None] = {}
        self.under: dict[int, dict[int, None]] = {}
        """By incident, those that went into it, the first first."""
        self.overdue: dict[int, None] = {}
        """Those whose post-mortem is overdue."""
        self.by_state: Counter[tuple[str, str]] = Counter()
        self._due = due
        self._pages_due = pages_due

    def changed(self, incident_id: int, before: Incident | None, after: Incident | None) -> None:
        """Takes a row of the table of incidents as it is now."""
        self._note_merge(
            incident_id, before.merged_into if before else None, after.merged_into if after else None
        )
        _keep(self.overdue, incident_id, after is not None and after.is_postmortem_overdue)
        if before is not None:
            self.by_state[before.state, before.severity] -= 1
        if after is None:
            self.open.pop(incident_id, None)
            self.over.pop(incident_id, None)
            self._due.drop(incident_id)
            self._pages_due.drop(incident_id)
            return
        self.by_state[after.state, after.severity] += 1
        if before is None or before.is_open != after.is_open:
            (self.over if after.is_open else self.open).pop(incident_id, None)
            (self.open if after.is_open else self.over)[incident_id] = None
        self._pages_due.put_now(incident_id)
        if after.is_open or after.state in ("resolved", "reviewing"):
            # A resolution is looked at too: it may be a claim, with alerts that still fire, and has a post-mortem.
            self._due.put_now(incident_id)

    def _note_merge(self, incident_id: int, before: int | None, after: int | None) -> None:
        if before == after:
            return
        if before is not None:
            under = self.under[before]
            under.pop(incident_id, None)
            if not under:
                del self.under[before]
        if after is not None:
            self.under.setdefault(after, {})[incident_id] = None


class ExecutionIndex:
    """Which executions run, and which change steps hold their incident back from being resolved."""

    def __init__(self, due: Agenda[int]) -> None:
        self.running: dict[str, None] = {}
        self.rehearsals: dict[str, None] = {}
        self._unsettled: dict[int, dict[str, None]] = {}
        self._due = due

    def unsettled_changes(self, incident_id: int) -> list[str]:
        """Change steps of an incident that run or are unknown."""
        return list(self._unsettled.get(incident_id, ()))

    def changed(self, execution_id: str, before: Execution | None, after: Execution | None) -> None:
        """Takes a row of the table of executions as it is now."""
        for execution, there in ((before, False), (after, True)):
            if execution is None:
                continue
            _keep(self.running, execution_id, there and execution.state == "running")
            _keep(self.rehearsals, execution_id, there and execution.rehearsal)
            if execution.incident_id is not None and execution.kind != "read":
                of_incident = self._unsettled.setdefault(execution.incident_id, {})
                _keep(of_incident, execution_id, there and execution.state in ("running", "unknown"))
                if not of_incident:
                    del self._unsettled[execution.incident_id]
                    self._due.put_now(execution.incident_id)


def _keep(among: dict[K, None], key: K, wanted: bool) -> None:
    if wanted:
        among[key] = None
    else:
        among.pop(key, None)


class PageIndex:
    """Which pages somebody has not got yet."""

    def __init__(self) -> None:
        self.waiting: dict[int, None] = {}

    def changed(self, page_id: int, before: Notification | None, after: Notification | None) -> None:
        """Takes a row of the table of pages as it is now."""
        if after is not None and after.waiting:
            self.waiting[page_id] = None
        else:
            self.waiting.pop(page_id, None)


class SilenceIndex:
    """Silences by a label that an alert must have for one of them to fit, and when each begins, ends, is forgotten."""

    def __init__(self, log: UndoLog) -> None:
        self.due: Agenda[str] = Agenda(log)
        self._by_label: dict[tuple[str, str], dict[str, Silence]] = {}
        self._others: dict[str, Silence] = {}

    def changed(self, silence_id: str, before: Silence | None, after: Silence | None) -> None:
        """Takes a row of the table of silences as it is now."""
        if before is not None:
            label = required_label(before.matchers)
            place = self._place(label)
            place.pop(silence_id, None)
            if not place and label is not None:
                del self._by_label[label]
        if after is None:
            self.due.drop(silence_id)
            return
        self._place(required_label(after.matchers))[silence_id] = after
        self.due.put(silence_id, after.starts_at)
        self.due.put(silence_id, after.ends_at)

    def on(self, labels: Mapping[str, str], now: datetime) -> tuple[str, ...]:
        """Ids of the silences in force on an alert with these labels."""
        if not self._by_label and not self._others:
            return ()
        return tuple(silence.id for silence in self._candidates(labels) if silence.mutes(labels, now))

    def _candidates(self, labels: Mapping[str, str]) -> Iterator[Silence]:
        yield from self._others.values()
        for label in labels.items():
            yield from self._by_label.get(label, {}).values()

    def _place(self, label: tuple[str, str] | None) -> dict[str, Silence]:
        return self._others if label is None else self._by_label.setdefault(label, {})


class MaintenanceIndex:
    """Maintenance windows that are planned, on or over, and what those that are on mute."""

    def __init__(self, log: UndoLog) -> None:
        self.open: dict[int, None] = {}
        self.over: dict[int, None] = {}
        self.muting = SilenceIndex(log)

    def changed(self, number: int, before: Maintenance | None, after: Maintenance | None) -> None:
        """Takes a row of the table of windows as it is now."""
        _keep(self.open, number, after is not None and not after.is_over)
        _keep(self.over, number, after is not None and after.is_over)
        was = before.muting if before is not None else None
        is_now = after.muting if after is not None else None
        if was != is_now:
            self.muting.changed(str(number), was, is_now)

    def on(self, labels: Mapping[str, str], now: datetime) -> tuple[int, ...]:
        """Numbers of the windows that mute an alert with these labels; one that cannot be matched mutes nobody."""
        try:
            return tuple(int(window) for window in self.muting.on(labels, now))
        except PatternError:
            return ()


def required_label(matchers: Iterable[Matcher]) -> tuple[str, str] | None:
    """A label that whatever fits the matchers must have, None where no matcher asks for one value; the name first."""
    wanted = {m.name: m.value for m in matchers if m.is_equal and not m.is_regex and m.value}
    if "alertname" in wanted:
        return "alertname", wanted["alertname"]
    return next(iter(wanted.items()), None)
