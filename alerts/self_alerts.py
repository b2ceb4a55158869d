"""The alerts that the ops daemon raises about its own affairs: no rule file has them, and they have runbooks all the same."""

import msgspec

from alerts.wire import Severity

_RUNBOOKS = "https://ops.example.com/runbooks/"


class OwnAlert(msgspec.Struct, frozen=True, kw_only=True):
    """What one of them says each time."""

    name: str
    service: str
    severity: Severity = "critical"
    mttr_target: str
    runbook_url: str

    @property
    def annotations(self) -> dict[str, str]:
        """Target and runbook, under the names that a rule would use."""
        return {"mttr_target": self.mttr_target, "runbook_url": self.runbook_url}


EVALUATOR_SILENT = OwnAlert(
    name="EvaluatorSilent",
    service="evaluator",
    mttr_target="5m",
    runbook_url=f"{_RUNBOOKS}EvaluatorSilent.md",
)
JOURNAL_DAMAGED = OwnAlert(
    name="JournalDamaged",
    service="ops",
    mttr_target="30m",
    runbook_url=f"{_RUNBOOKS}JournalDamaged.md",
)
JOURNAL_DISK_FULL = OwnAlert(
    name="JournalDiskFull",
    service="ops",
    mttr_target="15m",
    runbook_url=f"{_RUNBOOKS}JournalDiskFull.md",
)
GLASS_BROKEN = OwnAlert(
    name="GlassBroken", service="ops", mttr_target="2h", runbook_url=f"{_RUNBOOKS}GlassBroken.md"
)
APPROVAL_WANTED = OwnAlert(
    name="ApprovalWanted",
    service="ops",
    severity="info",
    mttr_target="2h",
    runbook_url=f"{_RUNBOOKS}ApprovalWanted.md",
)
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
