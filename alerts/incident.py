"""An incident: which steps it may take from where, and what its alerts and the clock do to it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import Literal

import msgspec

from alerts.event import JournalEvent
from alerts.wire import IncidentFields, IncidentState, Severity

MONITOR_PERIOD = timedelta(minutes=15)
ACKNOWLEDGED_FOR = timedelta(minutes=30)
REOPENS_WITHIN = timedelta(minutes=60)
CLAIM_PERIOD = timedelta(seconds=30)
"""How long somebody's word that it is resolved stands while an alert of it still fires: two evaluations and more."""
POSTMORTEM_WARNED_AFTER = timedelta(hours=24)
"""How long after the resolution of what was critical people are told that its post-mortem is due."""
POSTMORTEM_DUE_AFTER = timedelta(hours=48)
_OVER: frozenset[IncidentState] = frozenset({"resolved", "reviewing", "closed"})
FINGERPRINTS_NAMED = 100
"""How many of its alerts an incident names itself, the first to join; all of them name their incident."""
RANK: Mapping[Severity, int] = {"critical": 3, "warning": 2, "info": 1, "none": 0}


class Verb(Enum):
    """What may be done to an incident, by a person, its alerts or the clock."""

    ACKNOWLEDGE = "acknowledge"
    UNACKNOWLEDGE = "unacknowledge"
    LAPSE = "lapse"
    INVESTIGATE = "investigate"
    CLEAR = "clear"
    """Its condition is gone."""
    REFIRE = "refire"
    RELAPSE = "relapse"
    """It fires again while the acknowledgement still holds."""
    RESOLVE = "resolve"
    REVIEW = "review"
    CLOSE = "close"
    REOPEN = "reopen"
    DISMISS = "dismiss"
    """It was a false positive."""
    MERGE = "merge"


TRANSITIONS: Mapping[tuple[IncidentState, Verb], IncidentState] = {
    ("open", Verb.ACKNOWLEDGE): "acknowledged",
    ("acknowledged", Verb.UNACKNOWLEDGE): "open",
    ("investigating", Verb.UNACKNOWLEDGE): "open",
    ("acknowledged", Verb.LAPSE): "open",
    ("investigating", Verb.LAPSE): "open",
    ("open", Verb.INVESTIGATE): "investigating",
    ("acknowledged", Verb.INVESTIGATE): "investigating",
    ("open", Verb.CLEAR): "monitoring",
    ("acknowledged", Verb.CLEAR): "monitoring",
    ("investigating", Verb.CLEAR): "monitoring",
    ("monitoring", Verb.REFIRE): "open",
    ("monitoring", Verb.RELAPSE): "acknowledged",
    ("open", Verb.RESOLVE): "resolved",
    ("acknowledged", Verb.RESOLVE): "resolved",
    ("investigating", Verb.RESOLVE): "resolved",
    ("monitoring", Verb.RESOLVE): "resolved",
    ("resolved", Verb.REVIEW): "reviewing",
    ("resolved", Verb.CLOSE): "closed",
    ("reviewing", Verb.CLOSE): "closed",
    ("resolved", Verb.REFIRE): "open",
    ("reviewing", Verb.REFIRE): "open",
    ("closed", Verb.REFIRE): "open",
    ("resolved", Verb.REOPEN): "open",
    ("reviewing", Verb.REOPEN): "open",
    ("closed", Verb.REOPEN): "open",
    ("false_positive", Verb.REOPEN): "open",
    ("merged", Verb.REOPEN): "open",
    ("open", Verb.DISMISS): "false_positive",
    ("acknowledged", Verb.DISMISS): "false_positive",
    ("investigating", Verb.DISMISS): "false_positive",
    ("monitoring", Verb.DISMISS): "false_positive",
    ("open", Verb.MERGE): "merged",
    ("acknowledged", Verb.MERGE): "merged",
    ("investigating", Verb.MERGE): "merged",
    ("monitoring", Verb.MERGE): "merged",
}

OPEN_STATES: frozenset[IncidentState] = frozenset({"open", "acknowledged", "investigating", "monitoring"})
_BY_HAND = (
    Verb.ACKNOWLEDGE,
    Verb.UNACKNOWLEDGE,
    Verb.RESOLVE,
    Verb.CLOSE,
    Verb.REOPEN,
    Verb.DISMISS,
    Verb.MERGE,
)
HELD_STATES: frozenset[IncidentState] = frozenset({"acknowledged", "investigating"})
"""States in which somebody holds it."""


class IllegalTransitionError(Exception):
    """The incident cannot take this step from where it is."""

    def __init__(self, incident: "Incident", wanted: str) -> None:
        self.incident = incident
        possible = [verb.value for verb in _BY_HAND if (incident.state, verb) in TRANSITIONS]
        then = f"; there {'are' if len(possible) > 1 else 'is'} {', '.join(possible)}" if possible else ""
        if wanted in ("close", "closed") and incident.state in OPEN_STATES:
            then = f"; resolve it first: ops incident {incident.id} resolve"
        super().__init__(
            f"incident {incident.id} is {incident.state}; {wanted} is not possible from there{then}"
        )


class StaleVersionError(Exception):
    """Somebody else has changed the incident since."""

    def __init__(self, incident: "Incident", version: int) -> None:
        self.incident = incident
        super().__init__(
            f"incident {incident.id} is {incident.state} at version {incident.version}, not {version}: it has changed since"
        )


class Incident(IncidentFields, frozen=True, kw_only=True):
    """One outage as people handle it: all alerts of one name about one service."""

    @property
    def mttr_deadline_at(self) -> datetime | None:
        """When the incident's target is gone: the detection of this spell plus the target and its time in maintenance."""
        if self.mttr_target_s is None:
            return None
        return self.began_at + timedelta(seconds=self.mttr_target_s + self.maintenance_s)

    @property
    def began_at(self) -> datetime:
        """When this spell of it was detected: clocks and what was done for it count from here."""
        return self.spell_detected_at or self.detected_at

    @property
    def gravest(self) -> Severity:
        """The most severe that it ever was: what has to be done after it goes by that, whatever it was called later."""
        return max(self.severity, self.worst_severity or self.severity, key=RANK.__getitem__)

    @property
    def is_postmortem_shared(self) -> bool:
        """Whether the post-mortem was shared since the incident was resolved last; one of before a reopening tells only a part."""
        shared_at, resolved_at = self.postmortem_shared_at, self.resolved_at
        return shared_at is not None and (resolved_at is None or shared_at >= resolved_at)

    @property
    def postmortem_due_at(self) -> datetime | None:
        """When the incident's post-mortem is due; None where none is to be shared, or not any more, or it is not over yet."""
        wanted = self.gravest == "critical" and self.state in _OVER and not self.is_postmortem_shared
        return self.resolved_at + POSTMORTEM_DUE_AFTER if wanted and self.resolved_at is not None else None

    @property
    def is_postmortem_overdue(self) -> bool:
        """Whether people were told that its post-mortem is overdue, and it still is."""
        return self.postmortem_reminded == "overdue" and self.postmortem_due_at is not None

    @property
    def is_open(self) -> bool:
        """Whether the incident still needs somebody, or is being watched."""
        return self.state in OPEN_STATES


class IncidentOpened(JournalEvent, frozen=True, kw_only=True, tag="incident.opened"):
    """A new incident."""

    incident: Incident


class IncidentJoined(JournalEvent, frozen=True, kw_only=True, tag="incident.joined"):
    """More alerts belong to it, perhaps of a higher severity."""

    id: int
    fingerprint: str
    severity: Severity
    """The highest of those that join."""
    others: tuple[str, ...] = ()
    """More alerts that came with it, in the same batch."""

    @property
    def all_fingerprints(self) -> tuple[str, ...]:
        """Of every alert that joins."""
        return (self.fingerprint, *self.others)


class IncidentMoved(JournalEvent, frozen=True, kw_only=True, tag="incident.moved"):
    """A step from one state to another."""

    id: int
    verb: Verb
    to: IncidentState
    reason: str = ""
    until_at: datetime | None = None
    """Of an acknowledgement: when it lapses."""
    holder: str = ""
    """Of an acknowledgement that comes with an incident that is absorbed: whose it is."""
    mitigated_at: datetime | None = None
    """Of a clearing: since when the condition is gone."""


class IncidentNoted(JournalEvent, frozen=True, kw_only=True, tag="incident.noted"):
    """Somebody's words about it; ``noted_at`` is when what they tell happened."""

    id: int
    text: str
    noted_at: datetime


class IncidentBreached(JournalEvent, frozen=True, kw_only=True, tag="incident.breached"):
    """The incident's target is gone and nobody has mitigated the trouble."""

    id: int
    deadline_at: datetime


class PostmortemReminded(JournalEvent, frozen=True, kw_only=True, tag="incident.postmortem_reminded"):
    """People are told that the post-mortem is due within a day, or overdue."""

    id: int
    overdue: bool


class AcknowledgedAgain(JournalEvent, frozen=True, kw_only=True, tag="incident.acknowledged_again"):
    """A later acknowledgement: the first one stands, its end moves."""

    id: int
    until_at: datetime


class IncidentShifted(JournalEvent, frozen=True, kw_only=True, tag="incident.shifted"):
    """A maintenance window that muted all of it is over: what was due in that time is due later."""

    id: int
    by_s: int


IncidentEvent = (
    IncidentOpened
    | IncidentJoined
    | IncidentMoved
    | IncidentNoted
    | IncidentBreached
    | AcknowledgedAgain
    | PostmortemReminded
    | IncidentShifted
)


def move(incident: Incident, verb: Verb, **details: object) -> IncidentMoved:
    """The event of a step; raises ``IllegalTransitionError``."""
    to = TRANSITIONS.get((incident.state, verb))
    if to is None:
        raise IllegalTransitionError(incident, verb.value)
    event = IncidentMoved(id=incident.id, verb=verb, to=to)
    return msgspec.structs.replace(event, **details)


def verb_towards(incident: Incident, to: str) -> Verb:
    """The verb that leads to a state, as a person asks for it; raises ``IllegalTransitionError``."""
    by_hand = set(Verb) - {Verb.LAPSE, Verb.REFIRE, Verb.RELAPSE}
    for (state, verb), target in TRANSITIONS.items():
        if state == incident.state and target == to and verb in by_hand:
            return verb
    raise IllegalTransitionError(incident, to)


def acknowledge(
    incident: Incident, now: datetime, hold: timedelta = ACKNOWLEDGED_FOR
) -> IncidentMoved | AcknowledgedAgain:
    """The first acknowledgement wins; a later one only moves its end. Raises ``IllegalTransitionError``."""
    if incident.state in HELD_STATES:
        until = max(now + hold, incident.acknowledged_until or now)
        return AcknowledgedAgain(id=incident.id, until_at=until)
    return move(incident, Verb.ACKNOWLEDGE, until_at=now + hold)


def refire(incident: Incident, severity: Severity, now: datetime) -> IncidentMoved | None:
    """What a firing alert does to an incident: nothing while it is open, else it opens again."""
    if incident.state == "monitoring" and _still_held(incident, severity, now):
        return move(incident, Verb.RELAPSE)
    if (incident.state, Verb.REFIRE) in TRANSITIONS:
        return move(incident, Verb.REFIRE)
    if incident.state in HELD_STATES and RANK[severity] > RANK[incident.severity]:
        return move(incident, Verb.LAPSE, reason=f"severity is now {severity}")
    return None


def _still_held(incident: Incident, severity: Severity, now: datetime) -> bool:
    until = incident.acknowledged_until
    return until is not None and now <= until and RANK[severity] <= RANK[incident.severity]


def takes_alert(incident: Incident, service: str, alertname: str, now: datetime) -> bool:
    """Whether an alert that fires now belongs to this incident."""
    if (incident.service, incident.alertname) != (service, alertname):
        return False
    if incident.is_open:
        return True
    if incident.state in ("false_positive", "merged"):
        return False
    return incident.resolved_at is not None and now - incident.resolved_at <= REOPENS_WITHIN


def due(
    incident: Incident,
    now: datetime,
    *,
    any_active: bool,
    cleared_at: datetime | None,
    busy: bool,
    in_maintenance: bool = False,
    monitor_period: timedelta = MONITOR_PERIOD,
) -> IncidentMoved | IncidentBreached | PostmortemReminded | None:
    """What the clock and the state of its alerts do to an incident now; asked again until nothing is due.

    ``busy`` means that a change step of its runs or is unknown, which holds the resolution back; ``in_maintenance``
    that a window mutes all of it, in which no target is missed.
    """
    if incident.state == "resolved" and any_active:
        claimed_at = incident.resolved_at or now
        return (
            move(incident, Verb.REOPEN, reason="it still fires") if now - claimed_at > CLAIM_PERIOD else None
        )
    if not incident.is_open:
        return _reminder(incident, now)
    # What a person opened without an alert, a person ends.
    is_alone = bool(incident.declared_by) and not incident.fingerprints
    if incident.state != "monitoring" and not any_active and not is_alone:
        return move(incident, Verb.CLEAR, mitigated_at=max(cleared_at or now, incident.detected_at))
    if incident.state == "monitoring" and any_active:
        return refire(incident, incident.severity, now)
    deadline = incident.mttr_deadline_at
    is_late = deadline is not None and now > deadline and incident.mitigated_at is None
    if deadline and is_late and incident.breached_at is None and not in_maintenance:
        return IncidentBreached(id=incident.id, deadline_at=deadline)
    if incident.state == "monitoring":
        quiet = now - (incident.mitigated_at or now)
        return move(incident, Verb.RESOLVE) if quiet >= monitor_period and not busy else None
    until = incident.acknowledged_until
    if incident.state in HELD_STATES and until is not None and now > until:
        return move(incident, Verb.LAPSE, reason="no activity")
    return None


def _reminder(incident: Incident, now: datetime) -> PostmortemReminded | None:
    at = _reminded_at(incident)
    if at is None or now < at or incident.postmortem_due_at is None:
        return None
    return PostmortemReminded(id=incident.id, overdue=now >= incident.postmortem_due_at)


def _reminded_at(incident: Incident) -> datetime | None:
    """When people are to be told of its post-mortem next."""
    due_at = incident.postmortem_due_at
    if due_at is None or incident.state == "closed" or incident.postmortem_reminded == "overdue":
        return None
    return (
        due_at - (POSTMORTEM_DUE_AFTER - POSTMORTEM_WARNED_AFTER)
        if not incident.postmortem_reminded
        else due_at
    )


def next_due(
    incident: Incident, monitor_period: timedelta = MONITOR_PERIOD, *, now: datetime
) -> datetime | None:
    """When the clock alone may have something to say about an incident next, see ``due``; None for never."""
    if not incident.is_open:
        reminded_at = _reminded_at(incident)
        ahead = [reminded_at] if reminded_at is not None else []
        if incident.state == "resolved" and incident.resolved_at is not None:
            ahead += [at for at in (incident.resolved_at + CLAIM_PERIOD,) if now <= at]
        return min(ahead, default=None)
    times = []
    if incident.state == "monitoring" and incident.mitigated_at is not None:
        times.append(incident.mitigated_at + monitor_period)
    if incident.state in HELD_STATES and incident.acknowledged_until is not None:
        times.append(incident.acknowledged_until)
    deadline = incident.mttr_deadline_at
    if deadline is not None and incident.breached_at is None and incident.mitigated_at is None:
        times.append(deadline)
    return min(times, default=None)


def apply_incident_event(
    known: Incident | None, event: IncidentEvent, at: datetime, actor: str
) -> Incident | None:
    """The incident after an event of the journal."""
    if isinstance(event, IncidentOpened):
        return event.incident
    if known is None:
        return None
    changed = msgspec.structs.replace(known, version=known.version + 1)
    match event:
        case IncidentJoined():
            fingerprints = known.fingerprints
            if len(fingerprints) < FINGERPRINTS_NAMED:
                fingerprints = tuple(dict.fromkeys((*fingerprints, *event.all_fingerprints)))
                fingerprints = fingerprints[:FINGERPRINTS_NAMED]
            severity = max(known.severity, event.severity, key=RANK.__getitem__)
            return with_severity(msgspec.structs.replace(changed, fingerprints=fingerprints), severity)
        case IncidentMoved():
            return _moved(changed, event, at, actor)
        case IncidentNoted():
            return kept_active(changed, at)
        case AcknowledgedAgain():
            return msgspec.structs.replace(changed, acknowledged_until=event.until_at)
        case IncidentBreached():
            return msgspec.structs.replace(changed, breached_at=at)
        case PostmortemReminded():
            told: Literal["due", "overdue"] = "overdue" if event.overdue else "due"
            return msgspec.structs.replace(changed, postmortem_reminded=told)
        case IncidentShifted():
            return msgspec.structs.replace(changed, maintenance_s=known.maintenance_s + event.by_s)


def with_severity(incident: Incident, severity: Severity) -> Incident:
    """The incident judged otherwise; the worst that it was is kept."""
    worst = max(incident.gravest, severity, key=RANK.__getitem__)
    return msgspec.structs.replace(incident, severity=severity, worst_severity=worst)


def kept_active(incident: Incident, at: datetime) -> Incident:
    """The incident after something was done about it: that keeps an acknowledgement from lapsing."""
    if incident.state not in HELD_STATES or incident.acknowledged_until is None:
        return incident
    until = max(incident.acknowledged_until, at + ACKNOWLEDGED_FOR)
    return msgspec.structs.replace(incident, acknowledged_until=until)


_TAKEN_BACK_WITHIN = timedelta(seconds=15)
"""How soon an acknowledgement is given back that was none: ten seconds to undo it, and the way here."""
_LETS_GO = frozenset({Verb.UNACKNOWLEDGE, Verb.LAPSE, Verb.REFIRE, Verb.REOPEN})


def _moved(incident: Incident, event: IncidentMoved, at: datetime, actor: str) -> Incident:
    moved = msgspec.structs.replace(incident, state=event.to)
    if event.verb in _LETS_GO:
        moved = msgspec.structs.replace(moved, acknowledged_by=None, acknowledged_until=None)
    taken_at = incident.acknowledged_at
    if event.verb is Verb.UNACKNOWLEDGE and taken_at is not None and at - taken_at <= _TAKEN_BACK_WITHIN:
        # It was a slip: nobody had it, and no figure counts it.
        moved = msgspec.structs.replace(moved, acknowledged_at=None)
    if event.verb in (Verb.REFIRE, Verb.RELAPSE, Verb.REOPEN):
        moved = msgspec.structs.replace(
            moved, mitigated_at=None, resolved_at=None, closed_at=None, postmortem_reminded=""
        )
    if event.verb is Verb.REFIRE and incident.state in _OVER:
        # What was said and kept of the last outage is not about this one.
        moved = msgspec.structs.replace(
            moved,
            spell=incident.spell + 1,
            spell_detected_at=at,
            acknowledged_at=None,
            breached_at=None,
            maintenance_s=0,
            major=False,
            metrics_sha256=None,
            postmortem_shared_at=None,
        )
    if event.to in HELD_STATES:
        moved = msgspec.structs.replace(
            moved,
            acknowledged_by=incident.acknowledged_by or event.holder or actor,
            acknowledged_at=incident.acknowledged_at or at,
            acknowledged_until=event.until_at or incident.acknowledged_until or at + ACKNOWLEDGED_FOR,
        )
    if event.to == "monitoring":
        moved = msgspec.structs.replace(moved, mitigated_at=event.mitigated_at or at)
    if event.to in ("resolved", "false_positive"):
        moved = msgspec.structs.replace(moved, resolved_at=at, mitigated_at=moved.mitigated_at or at)
    if event.to == "closed":
        moved = msgspec.structs.replace(moved, closed_at=at)
    return moved
