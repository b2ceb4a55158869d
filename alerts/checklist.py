"""The six steps of handling an incident: which of them are done, and what shows it."""

from collections.abc import Mapping
from typing import NamedTuple

from alerts.incident import Incident
from alerts.wire import ChecklistItem, StepEvidence


class SixStep(NamedTuple):
    """One step of the seed's process (``runbooks/README.md``, Incident Response Process)."""

    title: str
    wanted: str
    """What would show that it is done."""


SIX_STEPS: Mapping[str, SixStep] = {
    "acknowledge": SixStep("Acknowledge", "somebody acknowledges it"),
    "assess": SixStep("Assess the impact", "its severity is set, or the service is verified"),
    "investigate": SixStep("Investigate", "a step that reads was run for it, or a note written"),
    "resolve": SixStep("Resolve", "it is mitigated and the service verified"),
    "document": SixStep("Document", "root cause and follow-ups are put down"),
    "post-mortem": SixStep("Post-mortem", "the post-mortem is shared"),
}


def checklist_of(incident: Incident) -> tuple[ChecklistItem, ...]:
    """The six steps in their order. What was done before a relapse was detected has to be done again."""
    return tuple(_item(incident, step) for step in SIX_STEPS)


def _item(incident: Incident, step: str) -> ChecklistItem:
    title, wanted = SIX_STEPS[step]
    found = _shown(incident, step) or incident.ticks.get(step)
    if found is None:
        return ChecklistItem(step=step, title=title, done=False, what=wanted)
    is_of_now = found.at >= incident.began_at
    return ChecklistItem(
        step=step, title=title, done=is_of_now, at=found.at, by=found.by, what=found.what, then=not is_of_now
    )


def _shown(incident: Incident, step: str) -> StepEvidence | None:
    """What shows that a step is done, where the evidence is enough."""
    match step:
        case "acknowledge":
            at = incident.acknowledged_at
            by = incident.acknowledged_by or ""
            return StepEvidence(at=at, by=by, what="acknowledged") if at is not None else None
        case "resolve":
            verified = incident.evidence.get("verify")
            return verified if incident.mitigated_at is not None else None
        case "document":
            return incident.evidence.get("document") if incident.root_cause and incident.followups else None
        case "post-mortem":
            at = incident.postmortem_shared_at
            return incident.evidence.get("post-mortem") if at is not None else None
        case other:
            return incident.evidence.get(other)
