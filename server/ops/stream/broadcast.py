"""Turns what was committed into changes on the stream."""

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import chain, islice

from alerts.alert import AlertEvent
from alerts.escalation import EscalationEvent
from alerts.incident import IncidentEvent, IncidentJoined, IncidentMoved, IncidentOpened
from alerts.incident_record import AlertsMoved, IncidentRecord
from alerts.notification import PageAnswered, PageDecided, PageTried
from alerts.silence import Silence
from server.ops.state.events import Event, SilenceSet
from server.ops.state.index import required_label
from server.ops.state.item_faults import ItemFaults
from server.ops.state.ledger import Committed
from server.ops.state.state import State
from server.ops.stream.ring import Ring, Subject
from server.periodic import Periodic

_EVERY = timedelta(seconds=1)
_AT_ONCE = 100
"""Alerts that are told anew before the loop gets its turn."""


class Broadcaster:
    """Listens to the ledger and publishes the alerts, incidents and executions that changed."""

    def __init__(self, ring: Ring, state: State, item_faults: ItemFaults) -> None:
        self._ring = ring
        self._item_faults = item_faults
        self._state = state
        self._backlog: deque[Iterator[str]] = deque()
        """Alerts whose own state is as it was, but whose silence, cause or incident is not."""
        self._is_due = False
        """Whether the loop is to come back for the backlog."""
        self.loop = Periodic("stream", _EVERY, self._look)
        """Goes on with a backlog that nobody works off any more."""

    def taken_back(self, committed: Committed) -> None:
        """Publishes once more what a commit that failed had changed: a client may have been shown it by then."""
        for fingerprint in committed.touched.union(
            event.fingerprint for _, event in committed.entries if isinstance(event, AlertEvent)
        ):
            self._state.show_anew(fingerprint)
        self(committed)

    def __call__(self, committed: Committed) -> None:
        """Publishes one commit; an alert is told again where its incident or an inhibiting cause changed."""
        fingerprints = set(committed.touched)
        others: set[Subject] = set()
        for entry, event in committed.entries:
            if isinstance(event, AlertEvent):
                fingerprints.add(event.fingerprint)
            elif isinstance(
                event,
                IncidentEvent | IncidentRecord | EscalationEvent | PageDecided | PageTried | PageAnswered,
            ):
                if entry.object.isdecimal():
                    others.add(Subject("incident", entry.object))
            elif entry.kind.startswith("execution."):
                others.add(Subject("execution", entry.object))
                run = self._state.executions.get(entry.object)
                if run is not None and run.incident_id is not None:
                    # What is run for an incident is a line on its timeline.
                    others.add(Subject("incident", str(run.incident_id)))
            self._show_anew(event, fingerprints)
        for silence_id in committed.silences:
            self._backlog.append(self._silenced(self._state.silences.get(silence_id)))
        for number in committed.windows:
            self._backlog.append(self._silenced(self._muting(number)))
        self._take_changed_causes()
        for fingerprint in fingerprints:
            self._ring.publish(Subject("alert", fingerprint))
        for other in others:
            self._ring.publish(other)
        self._work_off()

    def follow_causes(self) -> None:
        """Publishes the alerts that are muted, or not any more, because another table of causes is in force."""
        self._take_changed_causes()
        self._work_off()

    def _show_anew(self, event: Event, fingerprints: set[str]) -> None:
        match event:
            case IncidentJoined():
                fingerprints.update(event.all_fingerprints)
            case IncidentOpened():
                fingerprints.update(event.incident.fingerprints)
            case AlertsMoved():
                self._backlog.append(iter(event.fingerprints))
            case IncidentMoved():
                self._backlog.append(iter(tuple(self._state.index.members(event.id))))
            case SilenceSet():
                self._backlog.append(self._silenced(self._state.silences.get(event.silence.id)))

    def _take_changed_causes(self) -> None:
        """Symptoms are muted, or not any more, when what fires changes, or the traces of what fired are gone."""
        inhibition = self._state.inhibition
        changed, inhibition.changed = inhibition.changed, set()
        names: dict[str | None, None] = {}
        for key in sorted(changed):
            names.update(dict.fromkeys(inhibition.symptom_names(key)))
        everything = None in names
        for name in names:
            if name is None:
                self._backlog.append(iter(tuple(self._state.alerts)))
            elif not everything:
                self._backlog.append(iter(tuple(self._state.index.named(name))))

    def _muting(self, number: int) -> Silence | None:
        window = self._state.maintenances.get(number)
        return window.muting if window is not None else None

    def _silenced(self, silence: Silence | None) -> Iterator[str]:
        """Alerts that a silence fits, and an empty word for each that it does not: looking takes time too."""
        if silence is None:
            return
        label = required_label(silence.matchers)
        named = label is not None and label[0] == "alertname"
        parts = (
            iter([tuple(self._state.index.named(label[1]))])
            if label is not None and named
            else self._state.alerts.key_parts()
        )
        for fingerprint in chain.from_iterable(parts):
            alert = self._state.alerts.get(fingerprint)
            fits = alert is not None and all(matcher.matches(alert.labels) for matcher in silence.matchers)
            yield fingerprint if fits else ""

    async def _look(self) -> None:
        if self._backlog and not self._is_due:
            self._work_off()

    def _work_off(self) -> None:
        self._is_due = False
        left = _AT_ONCE
        while self._backlog and left > 0:
            try:
                told = self._publish_all(islice(self._backlog[0], left))
            except Exception as error:  # noqa: BLE001 - one silence or cause in trouble keeps no other from being told
                self._item_faults.note("stream", "alerts that look different now", error)
                told = 0
            if told < left:
                self._backlog.popleft()
            left -= max(told, 1)
        self._ring.wake()
        if self._backlog:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._work_off)

    def _publish_all(self, fingerprints: Iterable[str]) -> int:
        told, incidents = 0, set()
        for fingerprint in fingerprints:
            told += 1
            if self._state.show_anew(fingerprint):
                self._ring.publish(Subject("alert", fingerprint))
                incidents.add(self._state.incident_by_alert.get(fingerprint))
        # What mutes an alert may also keep people from being called about its incident.
        for incident_id in incidents - {None}:
            self._ring.publish(Subject("incident", str(incident_id)))
        return told
