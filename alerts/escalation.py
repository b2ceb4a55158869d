"""Who is to be paged when: the ladder of an incident, its deadlines, and what is due. Pure; the time is passed in."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from alerts.escalation_policy import (
    DEFAULT_POLICIES,
    LEVEL_RANK,
    PAGED_SEVERITIES,
    REPEAT_EVERY_S,
    Level,
    Policies,
    Rung,
    policy_for,
)
from alerts.event import JournalEvent
from alerts.incident import HELD_STATES, Incident
from alerts.wire import Severity

OVERDUE_AFTER = timedelta(seconds=60)
"""How late a page may be before the audit says so."""
FLAPPING_PAGED_EVERY = timedelta(hours=1)
"""How often anybody is paged about what comes and goes."""
ACKNOWLEDGED = "acknowledged"
WATCHED = "watched"
OVER = "over"
_OVER: Mapping[str, str] = {
    ACKNOWLEDGED: "nobody holds it any more",
    WATCHED: "it fires again",
    OVER: "it is open again",
}
KEPT_ANSWERS = 50
"""How many answers from elsewhere an escalation remembers, so that none counts twice."""
SYMPTOM_WAIT = timedelta(seconds=30)
"""How long an alert that may be another's symptom waits for its cause."""


class Deadline(msgspec.Struct, frozen=True, kw_only=True):
    """A rung with its time."""

    at: datetime
    rung: Rung
    done: bool = False
    """Paged, or passed over because a higher level was due with it."""


class Escalation(msgspec.Struct, frozen=True, kw_only=True):
    """How far the paging about one spell of an incident has come."""

    incident_id: int
    spell: int
    severity: Severity
    deadlines: tuple[Deadline, ...]
    repeat_at: datetime | None = None
    """When everybody is paged next, once all rungs are done; None where nothing repeats."""
    repeat_every_s: int = REPEAT_EVERY_S
    """How often that is."""
    reached: str = ""
    """The highest level that was paged, empty before the first page."""
    paused: str = ""
    """Why nobody is paged for now; the ladder goes on at the level that it has reached."""
    people: tuple[str, ...] = ()
    """Everybody who was paged in this spell: whoever is to be told of the recovery."""
    told_recovery: bool = False
    """Whether they were told, since it cleared last."""
    told_state: str = ""
    """State of the incident that its audience heard of last."""
    answered: tuple[str, ...] = ()
    """Answers away from a terminal that were taken already, by what tells them apart; the latest of them."""
    flapping_paged_at: datetime | None = None
    """When somebody was last paged about it while it came and went."""
    maintained_since: datetime | None = None
    """Since when maintenance mutes all of it; None while that is not so."""


class EscalationBegan(JournalEvent, frozen=True, kw_only=True, tag="escalation.began"):
    """An incident opened, relapsed or became more severe: its ladder as it will be, whatever is edited later."""

    escalation: Escalation


class EscalationPaused(JournalEvent, frozen=True, kw_only=True, tag="escalation.paused"):
    """A page is due and nobody is to be called: all alerts of the incident are muted."""

    id: int
    why: str


class EscalationResumed(JournalEvent, frozen=True, kw_only=True, tag="escalation.resumed"):
    """Nobody holds the incident any more, or it is muted no longer: the ladder goes on at the same level."""

    id: int
    deadlines: tuple[Deadline, ...]
    repeat_at: datetime | None
    why: str


class EscalationMaintained(JournalEvent, frozen=True, kw_only=True, tag="escalation.maintained"):
    """A maintenance window mutes all alerts of the incident: its deadlines stand still."""

    id: int
    window: int


EscalationEvent = EscalationBegan | EscalationPaused | EscalationResumed | EscalationMaintained


class DuePage(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be paged now."""

    level: Level
    due_at: datetime
    done: tuple[int, ...]
    """Indices of the deadlines that this page settles."""
    repeat_at: datetime | None
    flapping: bool = False
    """Whether all that fires of the incident comes and goes."""


def begin(
    incident: Incident,
    now: datetime,
    *,
    may_be_symptom: bool,
    anew: bool = False,
    speedup: float = 1.0,
    policies: Policies = DEFAULT_POLICIES,
) -> Escalation | None:
    """The ladder of an incident, None where nobody is paged for it.

    Times count from the detection of the spell; with ``anew``, as when the severity rises, from now. What may be
    the symptom of another alert waits half a minute for that one. ``speedup`` divides the times of the ladder;
    ``policies`` are those that are configured.
    """
    policy = policy_for(incident.severity, incident.mttr_target_s, policies)
    if policy is None:
        return None
    base = now if anew else incident.began_at
    wait = SYMPTOM_WAIT if may_be_symptom else timedelta(0)
    deadlines = tuple(
        Deadline(at=base + max(timedelta(seconds=rung.after_s / speedup), wait), rung=rung)
        for rung in policy.rungs
    )
    return Escalation(
        incident_id=incident.id,
        spell=incident.spell,
        severity=incident.severity,
        deadlines=deadlines,
        repeat_at=_first_repeat(deadlines, policy.repeat_s) if policy.repeat_s else None,
        repeat_every_s=policy.repeat_s or REPEAT_EVERY_S,
    )


def _first_repeat(deadlines: Sequence[Deadline], repeat_every_s: int) -> datetime:
    return max(d.at for d in deadlines if d.rung.untaken) + timedelta(seconds=repeat_every_s)


def counts(deadline: Deadline, incident: Incident) -> bool:
    """Whether a deadline means something in the state in which an incident is."""
    if deadline.done:
        return False
    return deadline.rung.held if incident.state in HELD_STATES else deadline.rung.untaken


def is_called_for(incident: Incident) -> bool:
    """Whether anybody may be paged for an incident in its state: it is neither watched nor over."""
    return incident.state == "open" or incident.state in HELD_STATES


def due_page(escalation: Escalation, incident: Incident, now: datetime) -> DuePage | None:
    """The page that is due now: of several, as after a time without the daemon, only the one of the highest level."""
    if not is_called_for(incident) or incident.severity not in PAGED_SEVERITIES:
        return None
    due = [n for n, d in enumerate(escalation.deadlines) if d.at <= now and counts(d, incident)]
    repeats = _repeats(escalation, incident) and escalation.repeat_at is not None
    if repeats and escalation.repeat_at is not None and escalation.repeat_at <= now:
        every = timedelta(seconds=escalation.repeat_every_s)
        behind = (now - escalation.repeat_at) // every
        again = escalation.repeat_at + (behind + 1) * every
        return DuePage(level="all", due_at=escalation.repeat_at, done=tuple(due), repeat_at=again)
    if not due:
        return None
    highest = max(due, key=lambda n: (LEVEL_RANK[escalation.deadlines[n].rung.level], n))
    deadline = escalation.deadlines[highest]
    return DuePage(
        level=deadline.rung.level, due_at=deadline.at, done=tuple(due), repeat_at=escalation.repeat_at
    )


def _repeats(escalation: Escalation, incident: Incident) -> bool:
    return escalation.repeat_at is not None and incident.state == "open"


def next_page(escalation: Escalation, incident: Incident) -> tuple[datetime, str] | None:
    """When somebody is paged next and of which level, as things stand; None where nobody will be."""
    if not is_called_for(incident) or incident.severity not in PAGED_SEVERITIES:
        return None
    if escalation.maintained_since is not None or (escalation.paused and incident.state == "open"):
        return None
    ahead: list[tuple[datetime, str]] = [
        (d.at, d.rung.level) for d in escalation.deadlines if counts(d, incident)
    ]
    if _repeats(escalation, incident) and escalation.repeat_at is not None:
        ahead.append((escalation.repeat_at, "all"))
    return min(ahead, default=None)


def resume(escalation: Escalation, now: datetime) -> EscalationResumed:
    """The ladder from now on: the level that was reached is paged at once, what lies above it as far apart as before.

    Deadlines that run while somebody holds the incident stay where they are.
    """
    if escalation.reached == "all":
        return EscalationResumed(
            id=escalation.incident_id,
            deadlines=escalation.deadlines,
            repeat_at=now if escalation.repeat_at is not None else None,
            why=_over(escalation.paused),
        )
    reached = min(max(LEVEL_RANK[escalation.reached], 0), LEVEL_RANK["L3"])
    offset = min(
        (d.rung.after_s for d in escalation.deadlines if LEVEL_RANK[d.rung.level] >= reached), default=0
    )
    deadlines = tuple(_resumed(d, now, offset, reached) for d in escalation.deadlines)
    return EscalationResumed(
        id=escalation.incident_id,
        deadlines=deadlines,
        repeat_at=_first_repeat(deadlines, escalation.repeat_every_s)
        if escalation.repeat_at is not None
        else None,
        why=_over(escalation.paused),
    )


def as_it_goes_on(escalation: Escalation, incident: Incident, now: datetime) -> Escalation:
    """The escalation as it is about to be: what nobody holds or watches any more goes on when it is looked at next."""
    if incident.state != "open" or escalation.paused not in _OVER:
        return escalation
    return apply_resumed(escalation, resume(escalation, now))


def _over(paused: str) -> str:
    return _OVER.get(paused, "it is muted no longer")


def apply_resumed(escalation: Escalation, event: EscalationResumed) -> Escalation:
    """The escalation after its ladder went on."""
    return msgspec.structs.replace(
        escalation, deadlines=event.deadlines, repeat_at=event.repeat_at, paused="", told_recovery=False
    )


def pause(escalation: Escalation, why: str) -> Escalation:
    """The escalation while nobody is paged; once somebody holds it again, its next recovery is news."""
    told = escalation.told_recovery and why != ACKNOWLEDGED
    return msgspec.structs.replace(escalation, paused=why, told_recovery=told)


def shift(escalation: Escalation, by: timedelta) -> Escalation:
    """The escalation after a maintenance window: whatever was not done is due later by the time that it took."""
    return msgspec.structs.replace(
        escalation,
        deadlines=tuple(
            d if d.done else msgspec.structs.replace(d, at=d.at + by) for d in escalation.deadlines
        ),
        repeat_at=escalation.repeat_at + by if escalation.repeat_at is not None else None,
        maintained_since=None,
    )


def _resumed(deadline: Deadline, now: datetime, offset: int, reached: int) -> Deadline:
    if deadline.rung.held and not deadline.rung.untaken:
        return deadline
    if LEVEL_RANK[deadline.rung.level] < reached:
        return msgspec.structs.replace(deadline, done=True)
    at = max(deadline.at, now + timedelta(seconds=deadline.rung.after_s - offset))
    return msgspec.structs.replace(deadline, at=at, done=False)


def held_back_since(escalation: Escalation | None, now: datetime) -> datetime | None:
    """When somebody was paged within the hour because an incident comes and goes; None where nobody was.

    What has come again since is held back. What has stayed since is not: nobody may have heard that page.
    """
    paged_at = escalation.flapping_paged_at if escalation is not None else None
    return paged_at if paged_at is not None and now - paged_at < FLAPPING_PAGED_EVERY else None


def is_overdue(escalation: Escalation, incident: Incident, now: datetime) -> bool:
    """Whether a page is more than a minute late, which is the audit's question."""
    if escalation.maintained_since is not None or (escalation.paused and incident.state == "open"):
        return False
    page = due_page(escalation, incident, now)
    return page is not None and now - page.due_at > OVERDUE_AFTER


def apply_answer(escalation: Escalation, key: str) -> Escalation:
    """The escalation after somebody answered a page away from a terminal."""
    return msgspec.structs.replace(escalation, answered=(*escalation.answered, key)[-KEPT_ANSWERS:])


def apply_page(escalation: Escalation, page: DuePage, people: Sequence[str], at: datetime) -> Escalation:
    """The escalation after a page was decided."""
    settled = set(page.done)
    deadlines = tuple(
        msgspec.structs.replace(d, done=True) if n in settled else d
        for n, d in enumerate(escalation.deadlines)
    )
    reached = max(escalation.reached, page.level, key=LEVEL_RANK.__getitem__)
    return msgspec.structs.replace(
        escalation,
        deadlines=deadlines,
        reached=reached,
        repeat_at=page.repeat_at,
        flapping_paged_at=at if page.flapping else escalation.flapping_paged_at,
        people=tuple(dict.fromkeys((*escalation.people, *people))),
    )
