"""Who is to be paged when: the ladder of an incident, its deadlines, and what is due. Pure; the time is passed in."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from alerts.event import JournalEvent
from alerts.incident import HELD_STATES, Incident
from alerts.wire import Severity

Level = Literal["L1", "L2", "L3", "all"]
LEVELS: tuple[Level, ...] = ("L1", "L2", "L3")
LEVEL_RANK: Mapping[str, int] = {"": -1, "L1": 0, "L2": 1, "L3": 2, "all": 3}
DEFAULT_TARGET_S: Mapping[Severity, int] = {"critical": 900, "warning": 3_600}
"""Seconds to mitigate where an alert names no target of its own."""
REPEAT_EVERY = timedelta(minutes=15)
"""How often everybody is paged once the ladder of a critical incident is at its end."""
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
SYMPTOM_WAIT = timedelta(seconds=30)
"""How long an alert that may be another's symptom waits for its cause."""


class Rung(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a ladder: whom to page, how long after the detection, and in which states of the incident."""

    after_s: int
    level: Level
    untaken: bool = True
    """Whether it counts while nobody holds the incident."""
    held: bool = False
    """Whether it counts while somebody holds it and it is not mitigated."""


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """The ladder of one severity."""

    rungs: tuple[Rung, ...]
    repeats: bool = False
    """Whether everybody is paged again and again after the last rung."""


def policy_for(severity: Severity, target_s: int | None) -> Policy | None:
    """The ladder of an incident; None where nobody is paged.

    Critical: L1 at once, after 2 and 5 minutes, L2 after 10, L3 after 20, then everybody every 15; while somebody
    holds it L2 after 30 and L3 after 60. Warning: L1 when half the target is gone, L2 when it is breached.
    """
    if severity == "critical":
        untaken = [(0, "L1"), (120, "L1"), (300, "L1"), (600, "L2"), (1_200, "L3")]
        held = [(1_800, "L2"), (3_600, "L3")]
        rungs = (
            *(Rung(after_s=s, level=level) for s, level in untaken),  # type: ignore[arg-type]  # literals
            *(Rung(after_s=s, level=level, untaken=False, held=True) for s, level in held),  # type: ignore[arg-type]
        )
        return Policy(rungs=rungs, repeats=True)
    if severity == "warning":
        target = target_s or DEFAULT_TARGET_S["warning"]
        return Policy(
            rungs=(Rung(after_s=target // 2, level="L1"), Rung(after_s=target, level="L2", held=True))
        )
    return None


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
    incident: Incident, now: datetime, *, may_be_symptom: bool, anew: bool = False
) -> Escalation | None:
    """The ladder of an incident, None where nobody is paged for it.

    Times count from the detection of the spell; with ``anew``, as when the severity rises, from now. What may be
    the symptom of another alert waits half a minute for that one.
    """
    policy = policy_for(incident.severity, incident.mttr_target_s)
    if policy is None:
        return None
    base = now if anew else incident.began_at
    wait = SYMPTOM_WAIT if may_be_symptom else timedelta(0)
    deadlines = tuple(
        Deadline(at=base + max(timedelta(seconds=rung.after_s), wait), rung=rung) for rung in policy.rungs
    )
    return Escalation(
        incident_id=incident.id,
        spell=incident.spell,
        severity=incident.severity,
        deadlines=deadlines,
        repeat_at=_first_repeat(deadlines) if policy.repeats else None,
    )


def _first_repeat(deadlines: Sequence[Deadline]) -> datetime:
    return max(d.at for d in deadlines if d.rung.untaken) + REPEAT_EVERY


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
    if not is_called_for(incident) or policy_for(incident.severity, None) is None:
        return None
    due = [n for n, d in enumerate(escalation.deadlines) if d.at <= now and counts(d, incident)]
    repeats = _repeats(escalation, incident) and escalation.repeat_at is not None
    if repeats and escalation.repeat_at is not None and escalation.repeat_at <= now:
        behind = (now - escalation.repeat_at) // REPEAT_EVERY
        again = escalation.repeat_at + (behind + 1) * REPEAT_EVERY
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
    if not is_called_for(incident) or policy_for(incident.severity, None) is None:
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
        repeat_at=_first_repeat(deadlines) if escalation.repeat_at is not None else None,
        why=_over(escalation.paused),
    )


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


def is_held_back(escalation: Escalation | None, now: datetime) -> bool:
    """Whether nobody is paged about an incident that flaps, because somebody was for that within the hour."""
    paged_at = escalation.flapping_paged_at if escalation is not None else None
    return paged_at is not None and now - paged_at < FLAPPING_PAGED_EVERY


def is_overdue(escalation: Escalation, incident: Incident, now: datetime) -> bool:
    """Whether a page is more than a minute late, which is the audit's question."""
    if escalation.maintained_since is not None or (escalation.paused and incident.state == "open"):
        return False
    page = due_page(escalation, incident, now)
    return page is not None and now - page.due_at > OVERDUE_AFTER


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
