"""The alerts that the ops daemon raises about its own affairs: no rule file has them, and they have runbooks all the same."""

import msgspec

from alerts.wire import Severity

_RUNBOOKS = "https://ops.example.com/runbooks/"


class OwnAlert(msgspec.Struct, frozen=True, kw_only=True):
    """What one of them says each time."""

    name: str
    service: str
    severity: Severity = "critical"
    mttr_target: str | None = None
    runbook_url: str | None = None
    """None where the alert itself says what to do."""

    @property
    def annotations(self) -> dict[str, str]:
        """Those of them that there are, under the names that a rule would use."""
        known = {"mttr_target": self.mttr_target, "runbook_url": self.runbook_url}
        return {name: value for name, value in known.items() if value is not None}


EVALUATOR_SILENT = OwnAlert(
    name="EvaluatorSilent",
    service="evaluator",
    mttr_target="5m",
    runbook_url=f"{_RUNBOOKS}EvaluatorSilent.md",
)
JOURNAL_DAMAGED = OwnAlert(name="JournalDamaged", service="ops", mttr_target="30m")
JOURNAL_DISK_FULL = OwnAlert(name="JournalDiskFull", service="ops")
GLASS_BROKEN = OwnAlert(name="GlassBroken", service="ops")
APPROVAL_WANTED = OwnAlert(name="ApprovalWanted", service="ops", severity="info")
CONFIGURATION_BROKEN = OwnAlert(
    name="ConfigurationBroken",
    service="ops",
    severity="warning",
    mttr_target="1h",
    runbook_url=f"{_RUNBOOKS}ConfigurationBroken.md",
)
OWN_ALERTS = (
    EVALUATOR_SILENT,
    JOURNAL_DAMAGED,
    JOURNAL_DISK_FULL,
    GLASS_BROKEN,
    APPROVAL_WANTED,
    CONFIGURATION_BROKEN,
)
