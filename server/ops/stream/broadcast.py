"""Turns what was committed into changes on the stream."""

from alerts.incident import IncidentEvent
from server.ops.state.fold import alerts_shown_anew
from server.ops.state.ledger import Clock, Committed
from server.ops.state.state import State
from server.ops.stream.ring import Ring
from server.ops.views import alert_view, execution_view, firing_names, incident_view


class Broadcaster:
    """Listens to the ledger and publishes the alerts, incidents and executions that changed."""

    def __init__(self, ring: Ring, clock: Clock, state: State) -> None:
        self._ring = ring
        self._clock = clock
        self._firing: frozenset[str] = frozenset()
        self.state = state

    def __call__(self, committed: Committed) -> None:
        """Publishes one commit; an alert is told again where its incident or an inhibiting cause changed."""
        fingerprints = set(committed.touched)
        incidents: set[int] = set()
        executions: set[str] = set()
        for entry, event in committed.entries:
            if entry.kind == "silence.set":
                fingerprints |= set(self.state.alerts)
            elif entry.kind.startswith("alert.") and hasattr(event, "fingerprint"):
                fingerprints.add(event.fingerprint)
            elif isinstance(event, IncidentEvent):
                incidents.add(int(entry.object))
                fingerprints.update(alerts_shown_anew(self.state, event))
            elif entry.kind.startswith("execution."):
                executions.add(entry.object)
        for incident_id in incidents:
            incident = self.state.incidents.get(incident_id)
            if incident is not None:
                self._ring.publish("incident", f"incident {incident_id}", incident_view(incident))
        self._tell_alerts(fingerprints)
        for execution_id in executions:
            execution = self.state.executions.get(execution_id)
            if execution is not None and not execution.rehearsal:
                self._ring.publish("execution", f"execution {execution_id}", execution_view(execution))

    def _tell_alerts(self, fingerprints: set[str]) -> None:
        if not fingerprints:
            return
        firing = firing_names(self.state)
        if firing != self._firing:
            self._firing = firing
            fingerprints |= {alert.fingerprint for alert in self.state.alerts.values() if alert.active}
        now = self._clock()
        for fingerprint in fingerprints:
            alert = self.state.alerts.get(fingerprint)
            if alert is None:
                self._ring.publish("alert_gone", f"alert {fingerprint}", {"fingerprint": fingerprint})
            else:
                view = alert_view(self.state, alert, now, firing)
                self._ring.publish("alert", f"alert {fingerprint}", view)
