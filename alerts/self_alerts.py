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
    is_notice: bool = False
    """Whether it is only shown: people are told by name, so that it opens no incident and calls nobody again."""

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
    name="GlassBroken",
    service="ops",
    severity="warning",
    mttr_target="2h",
    runbook_url=f"{_RUNBOOKS}GlassBroken.md",
    is_notice=True,
)
APPROVAL_WANTED = OwnAlert(
    name="ApprovalWanted",
    service="ops",
    severity="info",
    mttr_target="2h",
    runbook_url=f"{_RUNBOOKS}ApprovalWanted.md",
    is_notice=True,
)
CONFIGURATION_BROKEN = OwnAlert(
    name="ConfigurationBroken",
    service="ops",
    severity="warning",
    mttr_target="1h",
    runbook_url=f"{_RUNBOOKS}ConfigurationBroken.md",
)
PAGES_OVERDUE = OwnAlert(
    name="PagesOverdue",
    service="ops",
    mttr_target="15m",
    runbook_url=f"{_RUNBOOKS}PagesOverdue.md",
)
OWN_ALERTS = (
    EVALUATOR_SILENT,
    JOURNAL_DAMAGED,
    JOURNAL_DISK_FULL,
    GLASS_BROKEN,
    APPROVAL_WANTED,
    CONFIGURATION_BROKEN,
    PAGES_OVERDUE,
)
SOURCE = "ops"
"""Who sends them."""
NOTICES = frozenset(alert.name for alert in OWN_ALERTS if alert.is_notice)
