"""Whether what was done from here has cured the incident: the step that looks after a change, and the word when it is over."""

from collections.abc import Mapping

from alerts.duration import format_duration
from alerts.wire import IncidentView
from console.text.plain import one_line
from runbooks.wire import ExecutionView, RunbookView, StepView

_LOOKS = "verify"
"""The step of a runbook that says whether all is well again."""


class Cure:
    """Follows the incident for which a change was made."""

    def __init__(self) -> None:
        self._incident_id: int | None = None

    def after(
        self, run: ExecutionView, runbook: RunbookView | None, incident: IncidentView | None
    ) -> StepView | None:
        """The step that is to be run by itself after this run; None where it was no change, or none is there."""
        if run.kind == "read" or run.state != "succeeded" or run.dry_run:
            return None
        if incident is not None and incident.id == run.incident_id and incident.mitigated_at is None:
            self._incident_id = incident.id
        if runbook is None or runbook.id != run.runbook:
            return None
        return next(
            (s for s in runbook.steps if s.name == _LOOKS and s.kind == "read" and not s.inputs), None
        )

    def told(self, incidents: Mapping[int, IncidentView]) -> str:
        """That the incident is over, told once; empty while it is not."""
        incident = incidents.get(self._incident_id) if self._incident_id is not None else None
        if incident is None or (incident.mitigated_at is None and incident.resolved_at is None):
            return ""
        self._incident_id = None
        ended = incident.mitigated_at or incident.resolved_at
        began = incident.spell_detected_at or incident.detected_at
        took = format_duration(max(0, int((ended - began).total_seconds()))) if ended else ""
        return f"resolved: incident {incident.id}, {one_line(incident.title)}, after {took}"
