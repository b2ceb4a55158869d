"""Which causes fire or have just ended, kept true at every change of an alert: what is muted follows from it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from alerts.alert import Alert
from alerts.inhibition import DEFAULT, InhibitionRule, InhibitionTable
from server.ops.state.agenda import Agenda
from server.ops.state.undo import UndoLog

UNKNOWN_WINDOW = timedelta(minutes=15)
"""How far back a symptom's rule is taken to look while its source has not said."""
_LOOK_AGAIN = timedelta(seconds=15)
"""A symptom whose cause fires is muted at least for so long; then somebody looks again."""
CauseKey = tuple[int, tuple[str, ...]]
"""A rule's place in the table, and the values that cause and symptom share."""


class _Causes:
    """The causes of one rule that share the values of its common labels.

    As in Alertmanager a cause that is a symptom by the same rule mutes only symptoms that are no causes by it.
    """

    __slots__ = ("ended_at", "firing", "firing_alone")

    def __init__(self) -> None:
        self.firing: Counter[str] = Counter()
        """How many of them fire, by alert name."""
        self.firing_alone: Counter[str] = Counter()
        """Those of them that are no symptoms by the same rule."""
        self.ended_at: dict[str, datetime] = {}
        """When the last one of a name ended, of those that are no symptoms by the same rule."""


class InhibitionIndex:
    """Answers for any labels whether an alert with them is a symptom just now, of which causes, and until when."""

    def __init__(self, log: UndoLog) -> None:
        self.due: Agenda[CauseKey] = Agenda(log)
        """When symptoms of a cause that has ended are no longer muted."""
        self.changed: set[CauseKey] = set()
        """Causes that have begun or ended to mute since somebody last took these away."""
        self.table = DEFAULT
        self.windows: Mapping[str, timedelta] = {}
        """How far back the rule of each alert name looks."""
        self._causes: dict[CauseKey, _Causes] = {}
        self._by_cause: dict[str | None, list[int]] = {}
        self._by_symptom: dict[str | None, list[int]] = {}
        self._place_rules()

    def configure(
        self, table: InhibitionTable, windows: Mapping[str, timedelta], alerts: Iterable[Alert]
    ) -> None:
        """Takes another table, or other windows, and finds the causes among all alerts anew."""
        was = set(self._causes)
        self.table, self.windows = table, windows
        self._causes = {}
        self._place_rules()
        for alert in alerts:
            self._count(alert, +1)
            self._note_end(alert)
        self.changed |= was | set(self._causes)

    def alert_moved(self, before: Alert | None, after: Alert | None) -> None:
        """Takes an alert that has come, gone or changed its state."""
        if before is not None:
            self._count(before, -1)
        if after is not None:
            self._count(after, +1)
            self._note_end(after)

    def causes_of(self, labels: Mapping[str, str], now: datetime) -> tuple[str, ...]:
        """Names of the alerts that mute one with these labels: they fire, or their traces are still in its window."""
        if not self._causes or not _places(self._by_symptom, labels):
            return ()
        return tuple(sorted({name for name, _ in self._muting(labels, now)}))

    def muted_until(self, labels: Mapping[str, str], now: datetime) -> datetime | None:
        """When to look again at a symptom that is muted now; None where it is not."""
        return max((until for _, until in self._muting(labels, now)), default=None)

    def causes_first(self, batch: Iterable[Alert]) -> Sequence[Alert]:
        """Alerts in an order in which causes come before their symptoms, and else as they came."""
        alerts = list(batch)
        names = [alert.labels.get("alertname", "") for alert in alerts]
        if None not in self._by_cause and self._by_cause.keys().isdisjoint(names):
            return alerts
        return sorted(alerts, key=lambda alert: not any(True for _ in self._of_cause(alert.labels)))

    def is_cause(self, labels: Mapping[str, str]) -> bool:
        """Whether an alert with these labels mutes others while it fires."""
        return any(True for _ in self._of_cause(labels))

    def mutes(self, cause: Mapping[str, str], symptom: Mapping[str, str]) -> bool:
        """Whether an alert with the labels ``cause`` mutes one with those of ``symptom`` while it fires."""
        return any(
            rule.makes_symptom(symptom)
            and not rule.cause.fits(symptom)
            and rule.common(cause) == rule.common(symptom)
            for _, rule in self._of_cause(cause)
        )

    def symptoms_of(self, cause: Mapping[str, str]) -> frozenset[str | None]:
        """Alert names of what an alert with these labels mutes; None among them stands for any name."""
        return frozenset(symptom.alertname for _, rule in self._of_cause(cause) for symptom in rule.symptoms)

    def may_be_symptom(self, labels: Mapping[str, str]) -> bool:
        """Whether another alert would mute one with these labels."""
        rules = (self.table.rules[place] for place in _places(self._by_symptom, labels))
        return any(rule.makes_symptom(labels) and not rule.cause.fits(labels) for rule in rules)

    def symptom_names(self, key: CauseKey) -> Iterator[str | None]:
        """Alert names of a cause's symptoms; None for symptoms of any name."""
        place, _ = key
        if place < len(self.table.rules):
            yield from (symptom.alertname for symptom in self.table.rules[place].symptoms)

    def pass_time(self, key: CauseKey, now: datetime) -> None:
        """Lets go a cause whose traces are in no symptom's window any more; else has it looked at again when the next is.

        It has begun to mute less either way.
        """
        self.changed.add(key)
        causes = self._causes.get(key)
        if causes is None or key[0] >= len(self.table.rules):
            return
        tails = self._tails(self.table.rules[key[0]])
        for name, ended_at in list(causes.ended_at.items()):
            ahead = [ended_at + tail for tail in tails if ended_at + tail > now]
            if ahead:
                self.due.put_after(key, min(ahead) + timedelta(seconds=1), now)
            else:
                del causes.ended_at[name]
        if not causes.firing and not causes.ended_at:
            del self._causes[key]

    def _place_rules(self) -> None:
        self._by_cause, self._by_symptom = {}, {}
        for place, rule in enumerate(self.table.rules):
            self._by_cause.setdefault(rule.cause.alertname, []).append(place)
            for name in {symptom.alertname for symptom in rule.symptoms}:
                self._by_symptom.setdefault(name, []).append(place)

    def _of_cause(self, labels: Mapping[str, str]) -> Iterator[tuple[int, InhibitionRule]]:
        """The rules by which an alert with these labels is a cause."""
        for place in _places(self._by_cause, labels):
            rule = self.table.rules[place]
            if rule.cause.fits(labels):
                yield place, rule

    def _muting(self, labels: Mapping[str, str], now: datetime) -> Iterator[tuple[str, datetime]]:
        """Each cause by name, and until when it mutes at least."""
        for place in _places(self._by_symptom, labels):
            rule = self.table.rules[place]
            causes = self._causes.get((place, rule.common(labels)))
            if causes is None or not rule.makes_symptom(labels):
                continue
            is_cause = rule.cause.fits(labels)
            for name in causes.firing_alone if is_cause else causes.firing:
                yield name, now + _LOOK_AGAIN
            tail = rule.tail(labels.get("alertname", ""), self.windows, UNKNOWN_WINDOW)
            for name, ended_at in causes.ended_at.items():
                if ended_at + tail > now:
                    yield name, ended_at + tail

    def _count(self, alert: Alert, step: int) -> None:
        if alert.state != "firing" or not _places(self._by_cause, alert.labels):
            return
        for place, rule in self._of_cause(alert.labels):
            key = place, rule.common(alert.labels)
            causes = self._causes.setdefault(key, _Causes())
            counters = (
                (causes.firing,) if rule.makes_symptom(alert.labels) else (causes.firing, causes.firing_alone)
            )
            for counter in counters:
                counter[alert.alertname] += step
                if not counter[alert.alertname]:
                    del counter[alert.alertname]
            self.changed.add(key)

    def _note_end(self, alert: Alert) -> None:
        """The end of a cause, or of its confirmation: what nobody confirms any more mutes no longer than what ended."""
        if alert.state not in ("resolved", "stale"):
            return
        for place, rule in self._of_cause(alert.labels):
            if rule.makes_symptom(alert.labels):
                continue
            key = place, rule.common(alert.labels)
            causes = self._causes.setdefault(key, _Causes())
            known = causes.ended_at.get(alert.alertname)
            causes.ended_at[alert.alertname] = max(known or alert.ends_at, alert.ends_at)
            self.due.put(key, alert.ends_at)

    def _tails(self, rule: InhibitionRule) -> set[timedelta]:
        names = {symptom.alertname for symptom in rule.symptoms}
        if None in names:
            names |= set(self.windows)
        return {rule.tail(name or "", self.windows, UNKNOWN_WINDOW) for name in names}


def _places(by_name: Mapping[str | None, list[int]], labels: Mapping[str, str]) -> Sequence[int]:
    """Places of the rules that may be about an alert: those that ask for its name, and those that ask for none."""
    named, general = by_name.get(labels.get("alertname", "")), by_name.get(None)
    if general is None:
        return named or ()
    return general if named is None else tuple(dict.fromkeys((*named, *general)))
