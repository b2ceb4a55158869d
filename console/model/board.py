"""What the console knows: alerts in order, incidents, executions, and which of them changed since last painted."""

import bisect
from collections.abc import Container, Iterable, Mapping
from datetime import datetime

import msgspec

from alerts.wire import AlertView, IncidentView
from console.model.filter import Predicate, narrows, parse_filter, plain_words, searched_text
from runbooks.wire import ExecutionView

_SEVERITY_RANK = {"critical": 0, "warning": 1, "info": 2, "none": 3}
_STATE_RANK = {"firing": 0, "stale": 1, "pending": 2, "resolved": 3}

_FEW = 20
"""Moves that are made one by one; more are merged."""
SortKey = tuple[int, int, int, float, str, int, str]
"""State, severity, whether taken, age and fingerprint of the alert that leads, how far below it, the alert's own."""


class AlertCounts(msgspec.Struct, frozen=True):
    """How many alerts of each kind are unresolved and heard; the muted ones are counted by themselves."""

    critical: int = 0
    warning: int = 0
    info: int = 0
    acknowledged: int = 0
    muted: int = 0
    """Silenced, inhibited or in maintenance."""


def is_muted(alert: AlertView) -> bool:
    """Whether nobody is to be called for it: silenced, inhibited or in maintenance."""
    return bool(alert.silenced_by or alert.inhibited_by or alert.maintenance)


def sort_key(alert: AlertView) -> SortKey:
    """Firing before pending before resolved, of each the severe first, then those nobody has taken, the newest first."""
    return (
        _STATE_RANK[alert.state],
        _SEVERITY_RANK[alert.severity],
        alert.acknowledged_by is not None,
        -alert.started_at.timestamp(),
        alert.fingerprint,
        0,
        alert.fingerprint,
    )


class Symptoms:
    """Which alerts are muted as symptoms of which other ones: they are shown under their cause.

    Only what is a symptom, and what has the name of a cause, is kept: a board without symptoms pays nothing.
    """

    def __init__(self) -> None:
        self._of: dict[str, set[str]] = {}
        """Fingerprints of symptoms by the name of their cause."""
        self._causes: dict[str, set[str]] = {}
        """Fingerprints of the alerts of that name."""

    def take(
        self, before: AlertView | None, alert: AlertView | None, rows: Mapping[str, AlertView]
    ) -> set[str]:
        """Note that a row has become another one, or is gone; what has to be put in its place because of it."""
        moved: set[str] = set()
        known = alert or before
        if known is None or not (self._of or known.inhibited_by):
            return moved
        for name in before.inhibited_by if before else ():
            self._of.get(name, set()).discard(known.fingerprint)
        for name in alert.inhibited_by if alert else ():
            if name not in self._of:
                self._of[name] = set()
                self._causes[name] = {row.fingerprint for row in rows.values() if row.alertname == name}
            self._of[name].add(known.fingerprint)
        for was in (before, alert):
            if was is not None and was.alertname in self._causes:
                (self._causes[was.alertname].add if was is alert else self._causes[was.alertname].discard)(
                    was.fingerprint
                )
                moved |= self._of[was.alertname]
        return moved

    def cause_of(self, alert: AlertView, rows: Mapping[str, AlertView]) -> AlertView | None:
        """The firing alert that it stands under: of its own service where there is one, of those the first."""
        found = [
            rows[fingerprint]
            for name in alert.inhibited_by
            for fingerprint in self._causes.get(name, ())
            if fingerprint in rows and fingerprint != alert.fingerprint
        ]
        firing = [one for one in found if one.state in ("firing", "stale") and not one.inhibited_by]
        return min(firing, key=lambda one: (one.service != alert.service, sort_key(one)), default=None)


class AlertStore:
    """Alerts by fingerprint, and the order in which those that pass the filter are shown.

    While frozen, rows stay where they are: changed ones change in place, new ones wait. What has changed is put in
    its place when the order is next asked for, many rows in one merge: a storm of fifty thousand costs one sort.
    """

    def __init__(self) -> None:
        self.rows: dict[str, AlertView] = {}
        self.dirty: set[str] = set()
        self.order_changed = False
        self.filter_text = ""
        self.waiting: set[str] = set()
        self.firing_criticals: set[str] = set()
        """Fingerprints of the critical alerts that fire and are not muted."""
        self._gone: set[str] = set()
        self._symptoms = Symptoms()
        self._moved: set[str] = set()
        """Rows whose place has to be looked at."""
        self._all: list[SortKey] = []
        self._key: dict[str, SortKey] = {}
        self._passing: set[str] | None = None
        """Rows that the filter lets through, None while there is none."""
        self._keys: list[SortKey] = self._all
        self._order: list[str] = []
        self._texts: dict[str, str] = {}
        self._unread: set[str] = set()
        self._predicate: Predicate = parse_filter("")
        self._frozen = False
        self._counts: dict[str, int] = {
            "critical": 0,
            "warning": 0,
            "info": 0,
            "none": 0,
            "acknowledged": 0,
            "muted": 0,
        }

    @property
    def counts(self) -> AlertCounts:
        """Unresolved alerts by severity, whatever the filter; pending ones do not count, muted ones apart."""
        c = self._counts
        return AlertCounts(c["critical"], c["warning"], c["info"], c["acknowledged"], c["muted"])

    @property
    def order(self) -> list[str]:
        """Fingerprints of what is shown, in order."""
        if not self._frozen:
            self._settle()
        return self._order

    def apply(self, alert: AlertView) -> None:
        """Take one alert as it is now."""
        known = self.rows.get(alert.fingerprint)
        if known is None or not known.version >= alert.version > 0:
            self._put(alert)

    def remove(self, fingerprint: str) -> None:
        """Forget an alert; while frozen its row stays, as it last was."""
        if fingerprint not in self.rows:
            return
        if self._frozen and self._is_shown(fingerprint):
            self._gone.add(fingerprint)
            return
        self._forget(fingerprint)

    def replace(self, alerts: Iterable[AlertView]) -> None:
        """Take alerts as a snapshot has them, whatever version was known."""
        for alert in alerts:
            if self.rows.get(alert.fingerprint) != alert:
                self._put(alert)

    def keep_only(self, fingerprints: Container[str]) -> None:
        """Forget what a whole snapshot did not have."""
        for fingerprint in [f for f in self.rows if f not in fingerprints]:
            self._forget(fingerprint)

    def set_filter(self, text: str) -> None:
        """Show only what passes; raises ``FilterError`` and leaves the old filter where the text is wrong."""
        predicate = parse_filter(text, self._text_of)
        self._settle()
        narrower = self._passing is not None and narrows(self.filter_text, text)
        among = self._keys if narrower else self._all
        known = plain_words(self.filter_text) or () if narrower else ()
        self._predicate, self.filter_text = predicate, text
        if text.strip():
            self._keys = self._let_through(among, known)
            self._order = [key[-1] for key in self._keys]
            self._passing = set(self._order)
        else:
            self._passing = None
            self._show_all()
        self.waiting.clear()
        self.order_changed = True

    def _let_through(self, among: list[SortKey], known: Container[str]) -> list[SortKey]:
        """The keys that pass the filter; of each of them the words in ``known`` are known to be there."""
        words = plain_words(self.filter_text)
        if words is None:
            rows, predicate = self.rows, self._predicate
            return [key for key in among if predicate(rows[key[-1]])]
        while self.read_texts(len(self._unread)):
            pass
        # Word by word over all rows: a call for each row would take five times as long.
        texts, passing = self._texts, list(among)
        for word in words:
            if word not in known:
                passing = [key for key in passing if word in texts[key[-1]]]
        return passing

    def freeze(self) -> None:
        """Keep every row in its place from now on."""
        if not self._frozen:
            self._settle()
            self._frozen = True

    def thaw(self) -> None:
        """Let rows go where they belong, and the waiting ones in."""
        if not self._frozen:
            return
        self._frozen = False
        for fingerprint in list(self._gone):
            self._forget(fingerprint)
        self._settle()
        self.waiting.clear()

    @property
    def is_frozen(self) -> bool:
        """Whether rows stay in their places."""
        return self._frozen

    def index_of(self, fingerprint: str | None) -> int | None:
        """Where an alert is shown, None when it is not."""
        if not self._frozen:
            self._settle()
        if fingerprint is None or not self._is_shown(fingerprint):
            return None
        return bisect.bisect_left(self._keys, self._key[fingerprint])

    def take_dirty(self) -> tuple[set[str], bool]:
        """What changed since the last call: rows, and whether the order did."""
        if not self._frozen:
            self._settle()
        dirty, order_changed = self.dirty, self.order_changed
        self.dirty, self.order_changed = set(), False
        return dirty, order_changed

    def is_symptom(self, fingerprint: str) -> bool:
        """Whether an alert stands under the one that causes it."""
        key = self._key.get(fingerprint)
        return key is not None and key[5] > 0

    def read_texts(self, at_most: int) -> bool:
        """Prepares the first filter in small pieces; whether anything is left to do."""
        for _ in range(min(at_most, len(self._unread))):
            alert = self.rows.get(self._unread.pop())
            if alert is not None:
                self._text_of(alert)
        return bool(self._unread)

    def _put(self, alert: AlertView) -> None:
        fingerprint = alert.fingerprint
        before = self.rows.get(fingerprint)
        self._count(before, -1)
        self._count(alert, 1)
        self.rows[fingerprint] = alert
        self._moved |= self._symptoms.take(before, alert, self.rows)
        self._texts.pop(fingerprint, None)
        self._unread.add(fingerprint)
        self._gone.discard(fingerprint)
        self.dirty.add(fingerprint)
        self._moved.add(fingerprint)
        if self._frozen and not self._keys:
            # Nothing can move under a finger where nothing stands.
            self._settle()
        elif self._frozen and not self._is_shown(fingerprint) and self._predicate(alert):
            self.waiting.add(fingerprint)

    def _forget(self, fingerprint: str) -> None:
        before = self.rows.pop(fingerprint)
        self._count(before, -1)
        self._moved |= self._symptoms.take(before, None, self.rows)
        self._texts.pop(fingerprint, None)
        self._gone.discard(fingerprint)
        self.waiting.discard(fingerprint)
        self._moved.add(fingerprint)

    def _is_shown(self, fingerprint: str) -> bool:
        return fingerprint in self._key and (self._passing is None or fingerprint in self._passing)

    def _text_of(self, alert: AlertView) -> str:
        text = self._texts.get(alert.fingerprint)
        if text is None:
            text = self._texts[alert.fingerprint] = searched_text(alert)
        return text

    def _settle(self) -> None:
        """Puts what has moved in its place."""
        if not self._moved:
            return
        moved, self._moved = self._moved, set()
        leaving, arriving = self._moves(moved)
        if not leaving and not arriving:
            return
        self.order_changed = True
        if len(leaving) + len(arriving) <= _FEW:
            self._move_few(leaving, arriving)
        else:
            self._move_many(leaving, arriving)

    def _moves(self, moved: set[str]) -> tuple[list[str], list[SortKey]]:
        """Rows that leave their place, and keys of places that are taken; the filter is asked anew for each."""
        leaving: list[str] = []
        arriving: list[SortKey] = []
        for fingerprint in moved:
            alert, before = self.rows.get(fingerprint), self._key.get(fingerprint)
            key = self._key_of(alert) if alert is not None else None
            passes = alert is not None and (self._passing is None or self._predicate(alert))
            if key == before and (self._passing is None or passes == (fingerprint in self._passing)):
                continue
            if before is not None:
                leaving.append(fingerprint)
            if key is not None:
                arriving.append(key)
            if self._passing is not None:
                (self._passing.add if passes else self._passing.discard)(fingerprint)
        return leaving, arriving

    def _key_of(self, alert: AlertView) -> SortKey:
        cause = self._symptoms.cause_of(alert, self.rows) if alert.inhibited_by else None
        if cause is None:
            return sort_key(alert)
        return (*sort_key(cause)[:5], 1, alert.fingerprint)

    def _move_few(self, leaving: list[str], arriving: list[SortKey]) -> None:
        for fingerprint in leaving:
            key = self._key.pop(fingerprint)
            del self._all[bisect.bisect_left(self._all, key)]
            at = bisect.bisect_left(self._keys, key)
            if at < len(self._order) and self._order[at] == fingerprint:
                del self._order[at]
                if self._keys is not self._all:
                    del self._keys[at]
        for key in arriving:
            self._key[key[-1]] = key
            bisect.insort(self._all, key)
            if self._passing is None or key[-1] in self._passing:
                at = bisect.bisect_left(self._keys, key)
                self._order.insert(at, key[-1])
                if self._keys is not self._all:
                    self._keys.insert(at, key)

    def _move_many(self, leaving: list[str], arriving: list[SortKey]) -> None:
        gone = {self._key.pop(fingerprint) for fingerprint in leaving}
        kept = [key for key in self._all if key not in gone] if gone else self._all
        # Two sorted runs: the sort recognises them and merges them in one pass.
        self._all = sorted([*kept, *sorted(arriving)])
        self._key.update((key[-1], key) for key in arriving)
        self._show_all()
        if self._passing is not None:
            passing = self._passing
            self._keys = [key for key in self._all if key[-1] in passing]
            self._order = [key[-1] for key in self._keys]

    def _show_all(self) -> None:
        self._keys = self._all
        self._order = [key[-1] for key in self._all]

    def _count(self, alert: AlertView | None, step: int) -> None:
        if alert is None or alert.state in ("resolved", "pending"):
            return
        if is_muted(alert):
            self._counts["muted"] += step
            return
        self._counts[alert.severity] += step
        if alert.acknowledged_by is not None:
            self._counts["acknowledged"] += step
        if alert.severity == "critical" and alert.state == "firing":
            (self.firing_criticals.add if step > 0 else self.firing_criticals.discard)(alert.fingerprint)


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
