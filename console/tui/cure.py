"""Whether what was done from here has cured its alert: the step that looks after a change, and the word when it is over."""

from collections.abc import Mapping
from types import MappingProxyType

from alerts.wire import AlertView, IncidentView
from console.text.plain import one_line
from console.text.wording import alert_took
from runbooks.wire import ExecutionView, RunbookView, StepView

_LOOKS = "verify"
"""The step of a runbook that says whether all is well again."""


class Cure:
    """Follows the alert for which a change was made."""

    def __init__(self) -> None:
        self._alert: AlertView | None = None
        self._words = ""
        """That it is over, kept for the verification that was under way meanwhile."""

    def after(
        self, run: ExecutionView, runbook: RunbookView | None, alert: AlertView | None
    ) -> StepView | None:
        """The step that is to be run by itself after this run; None where it was no change, or none is there."""
        if run.kind == "read" or run.state != "succeeded" or run.dry_run:
            return None
        if alert is not None and alert.runbook == run.runbook and not _was_over(alert, run):
            self._alert, self._words = alert, ""
        if runbook is None or runbook.id != run.runbook:
            return None
        return next(
            (s for s in runbook.steps if s.name == _LOOKS and s.kind == "read" and not s.inputs), None
        )

    def told(
        self, alerts: Mapping[str, AlertView], incidents: Mapping[int, IncidentView] = MappingProxyType({})
    ) -> str:
        """That the alert is over, told once; empty while it is not."""
        if self._alert is None:
            return ""
        now = alerts.get(self._alert.fingerprint)
        if now is not None and now.state != "resolved":
            return ""
        before, self._alert = self._alert, None
        self._words = f"resolved: {one_line(before.alertname)} is gone"
        if now is not None and now.resolved_at is not None:
            took = alert_took(now, incidents.get(now.incident_id or 0))
            self._words = f"resolved: {one_line(now.alertname)} is over, took {took}"
        return self._words

    def told_before(self, verification: ExecutionView) -> str:
        """What was told already when a verification that went well ended, so that its result does not hide it; once."""
        words, self._words = self._words, ""
        return words if verification.state == "succeeded" and verification.verdict != "unhealthy" else ""


def _was_over(alert: AlertView, run: ExecutionView) -> bool:
    """Whether the alert was over before the change was made."""
    if alert.state != "resolved":
        return False
    return alert.resolved_at is None or run.started_at is None or alert.resolved_at < run.started_at


def is_verification(run: ExecutionView) -> bool:
    """Whether a run is the step that looks after a change."""
    return run.step == _LOOKS
