"""What people put down about an incident besides its state: severity, owner, root cause, follow-ups, links, reports."""

from datetime import datetime

import msgspec

from alerts.event import JournalEvent
from alerts.incident import Incident, with_severity
from alerts.wire import Followup, Severity, StepEvidence


class IncidentMajor(JournalEvent, frozen=True, kw_only=True, tag="incident.major"):
    """Somebody declared a major incident: the last level is called at once."""

    id: int
    reason: str = ""


class SeveritySet(JournalEvent, frozen=True, kw_only=True, tag="incident.severity_set"):
    """Somebody judges it otherwise than its alerts."""

    id: int
    severity: Severity
    reason: str = ""


class IncidentAssigned(JournalEvent, frozen=True, kw_only=True, tag="incident.assigned"):
    """Somebody is to work on it; an empty name takes that back."""

    id: int
    person: str


class RootCauseSet(JournalEvent, frozen=True, kw_only=True, tag="incident.root_cause"):
    """Somebody put down why it happened, as far as that is known."""

    id: int
    text: str


class FollowupAdded(JournalEvent, frozen=True, kw_only=True, tag="incident.followup_added"):
    """Something is to be done so that it does not happen again."""

    id: int
    followup: Followup


class FollowupDone(JournalEvent, frozen=True, kw_only=True, tag="incident.followup_done"):
    """A follow-up was done."""

    id: int
    number: int


class IncidentLinked(JournalEvent, frozen=True, kw_only=True, tag="incident.linked"):
    """Where else there is something about it: a thread, a ticket, a dashboard."""

    id: int
    url: str


class UserReported(JournalEvent, frozen=True, kw_only=True, tag="incident.reported"):
    """What a user of the service said about it."""

    id: int
    text: str


class AlertsMoved(JournalEvent, frozen=True, kw_only=True, tag="incident.alerts_moved"):
    """The alerts of a merged incident belong to another one, or come back from it."""

    id: int
    into: int
    fingerprints: tuple[str, ...]
    held_back: bool = False
    """Whether they are symptoms of what it went into: they stay its own and do not keep the other one open."""


class PostmortemShared(JournalEvent, frozen=True, kw_only=True, tag="incident.postmortem_shared"):
    """The post-mortem was sent to whoever is to learn from it."""

    id: int
    sha256: str = ""
    """Of the text as it was shared, which is kept beside the metrics; empty of one from before that was done."""


class StepTicked(JournalEvent, frozen=True, kw_only=True, tag="incident.step_ticked"):
    """Somebody says that a step of the checklist is done, or that it is not."""

    id: int
    step: str
    done: bool
    reason: str = ""


class IncidentVerified(JournalEvent, frozen=True, kw_only=True, tag="incident.verified"):
    """Somebody asked whether the service is well (``ops verify``), and this was the answer."""

    id: int
    passed: bool
    text: str
    load: bool = False
    """Whether the light load test was a part of it."""


class PersonOnIncident(JournalEvent, frozen=True, kw_only=True, tag="incident.person"):
    """Somebody is on it, or not any more."""

    id: int
    person: str
    on: bool


class MetricsFrozen(JournalEvent, frozen=True, kw_only=True, tag="incident.metrics_frozen"):
    """The figures of the outage were kept in a file of their own."""

    id: int
    sha256: str
    """Of the file; empty where the metrics could not be had."""
    why: str = ""


IncidentRecord = (
    MetricsFrozen
    | IncidentMajor
    | SeveritySet
    | IncidentAssigned
    | RootCauseSet
    | FollowupAdded
    | FollowupDone
    | IncidentLinked
    | UserReported
    | AlertsMoved
    | PostmortemShared
    | StepTicked
    | IncidentVerified
    | PersonOnIncident
)


def apply_record(known: Incident, event: IncidentRecord, at: datetime, actor: str) -> Incident:
    """The incident with what was put down."""
    changed = msgspec.structs.replace(known, version=known.version + 1)
    match event:
        case IncidentMajor():
            return msgspec.structs.replace(changed, major=True)
        case SeveritySet():
            return with_severity(changed, event.severity)
        case IncidentAssigned():
            return msgspec.structs.replace(changed, assigned_to=event.person or None)
        case RootCauseSet():
            return msgspec.structs.replace(changed, root_cause=event.text)
        case FollowupAdded():
            return msgspec.structs.replace(changed, followups=(*known.followups, event.followup))
        case FollowupDone():
            return msgspec.structs.replace(
                changed,
                followups=tuple(
                    msgspec.structs.replace(f, done_at=at) if f.number == event.number else f
                    for f in known.followups
                ),
            )
        case IncidentLinked():
            return msgspec.structs.replace(changed, links=tuple(dict.fromkeys((*known.links, event.url))))
        case UserReported():
            return msgspec.structs.replace(changed, reports=known.reports + 1)
        case AlertsMoved():
            is_apart = known.state != "merged"
            return msgspec.structs.replace(
                changed,
                merged_into=None if is_apart else event.into,
                absorbed=event.held_back,
                kept_apart=known.kept_apart or is_apart,
            )
        case MetricsFrozen():
            return msgspec.structs.replace(changed, metrics_sha256=event.sha256)
        case PostmortemShared():
            return msgspec.structs.replace(changed, postmortem_shared_at=at)
        case StepTicked():
            return msgspec.structs.replace(changed, ticks=_ticked(known, event, at, actor))
        case IncidentVerified():
            return changed
        case PersonOnIncident():
            others = tuple(name for name in known.people if name != event.person)
            return msgspec.structs.replace(changed, people=(*others, event.person) if event.on else others)


def _ticked(known: Incident, event: StepTicked, at: datetime, actor: str) -> dict[str, StepEvidence]:
    others = {step: tick for step, tick in known.ticks.items() if step != event.step}
    if not event.done:
        return others
    return {**others, event.step: StepEvidence(at=at, by=actor, what=event.reason or "ticked by hand")}


def missing_before_close(incident: Incident) -> tuple[str, ...]:
    """What an incident that was critical still needs before it is closed, each with the command that gives it."""
    if incident.gravest != "critical":
        return ()
    number = incident.id
    wanted = (
        (not incident.root_cause, f'the root cause (ops incident {number} root-cause "…")'),
        (
            not incident.followups,
            f'a follow-up (ops incident {number} followup add "…" --owner NAME --due DATE)',
        ),
        (not incident.is_postmortem_shared, f"its post-mortem (ops postmortem {number} --share)"),
    )
    return tuple(what for is_missing, what in wanted if is_missing)
