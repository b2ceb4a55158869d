"""Incidents by the clock: ladders begin, are held and go on, and what is due is decided, once."""

from datetime import datetime, timedelta
from itertools import islice

import msgspec

from alerts.alert import Alert, flapping
from alerts.escalation import (
    LEVEL_RANK,
    LEVELS,
    DuePage,
    Escalation,
    EscalationBegan,
    EscalationPaused,
    Level,
    begin,
    due_page,
    is_called_for,
    is_held_back,
    next_page,
    resume,
)
from alerts.incident import RANK, Incident
from alerts.notification import Notification, PageDecided, PageKind, new_page
from server.ops.paging.message import in_words
from server.ops.paging.on_call import AUDIENCE, at_level, called_at
from server.ops.state.ledger import DAEMON, Transaction
from server.ops.state.state import State

_AT_ONCE = 50
"""Incidents that one decision looks at."""
_LOOKED_AT = 1_000
"""Alerts of an incident that are looked at; where so many are muted and there are more, it is not muted."""
_LOOK_AGAIN = timedelta(seconds=5)
_LATE = timedelta(seconds=60)
_MUTED = "muted"
INCIDENTS = "incidents"
"""The audience that hears of every change of state."""


def page_what_is_due(tx: Transaction) -> bool:
    """Looks at some of the incidents whose time has come; whether there may be more of them now."""
    for incident_id in tx.state.pages_due.take(tx.now, _AT_ONCE):
        incident = tx.state.incidents.get(incident_id)
        if incident is None:
            continue
        # Each by itself: one that cannot be looked at is named, looked at again soon, and keeps nobody from being called.
        if tx.attempt("paging", f"incident {incident_id}", _look_at, tx, incident) is not None:
            tx.state.pages_due.put_after(incident_id, tx.now + _LOOK_AGAIN, tx.now)
    return tx.state.pages_due.is_due(tx.now)


def look_at_all(tx: Transaction) -> None:
    """Has every open incident looked at now: the clock was set back, and times to look again lie far ahead."""
    for incident in tx.state.open_incidents():
        tx.state.pages_due.put_now(incident.id)


def _look_at(tx: Transaction, incident: Incident) -> None:
    state = tx.state
    if not is_called_for(incident):
        _tell_recovery(tx, incident)
        _tell_audience(tx, incident)
        return
    muted = why_muted(state, incident, tx.now)
    escalation = _brought_up_to_date(tx, incident, muted)
    if escalation is None:
        return
    if not muted:
        _tell_audience(tx, incident)
        escalation = state.escalations[incident.id]
    if muted and due_page(escalation, incident, tx.now) is not None:
        if not escalation.paused.startswith(_MUTED):
            tx.record(EscalationPaused(id=incident.id, why=f"{_MUTED}: {muted}"), DAEMON, str(incident.id))
        state.pages_due.put_after(incident.id, tx.now + _LOOK_AGAIN, tx.now)
        return
    due = due_page(escalation, incident, tx.now)
    if due is not None:
        _page(tx, incident, msgspec.structs.replace(due, flapping=_flaps(state, incident, tx.now)))
        escalation = state.escalations[incident.id]
    ahead = next_page(escalation, incident)
    if ahead is not None:
        state.pages_due.put_after(incident.id, ahead[0], tx.now)


def _brought_up_to_date(tx: Transaction, incident: Incident, muted: str) -> Escalation | None:
    """The ladder that fits the incident as it is now: begun, begun anew, or gone on with."""
    known = tx.state.escalations.get(incident.id)
    if known is None or known.spell != incident.spell:
        return _begun(tx, incident, anew=False)
    if RANK[incident.severity] > RANK[known.severity]:
        return _begun(tx, incident, anew=True)
    if known.paused and incident.state == "open" and not muted:
        tx.record(resume(known, tx.now), DAEMON, str(incident.id))
    return tx.state.escalations.get(incident.id)


def _begun(tx: Transaction, incident: Incident, *, anew: bool) -> Escalation | None:
    fingerprint = next(iter(tx.state.index.members(incident.id)), "")
    alert = tx.state.alerts.get(fingerprint)
    symptom = alert is not None and tx.state.inhibition.may_be_symptom(alert.labels)
    escalation = begin(incident, tx.now, may_be_symptom=symptom, anew=anew)
    if escalation is not None:
        tx.record(EscalationBegan(escalation=escalation), DAEMON, str(incident.id))
    return tx.state.escalations.get(incident.id)


def why_muted(state: State, incident: Incident, now: datetime) -> str:
    """Why nobody is to be called although the incident is open; empty where one of its alerts is to be heard.

    Silenced alerts and symptoms are not; what comes and goes is heard once an hour.
    """
    why = ""
    held_back = is_held_back(state.escalations.get(incident.id), now)
    for n, fingerprint in enumerate(state.index.members(incident.id)):
        alert = state.alerts.get(fingerprint)
        if alert is None or not alert.active:
            continue
        why = _why_not_heard(state, alert, now, held_back=held_back) if n < _LOOKED_AT else ""
        if not why:
            return ""
    return why


def _flaps(state: State, incident: Incident, now: datetime) -> bool:
    """Whether everything that fires of it comes and goes."""
    members = islice(state.index.members(incident.id), _LOOKED_AT)
    active = [a for a in map(state.alerts.get, members) if a is not None and a.active]
    return bool(active) and all(flapping(alert, now) for alert in active)


def _why_not_heard(state: State, alert: Alert, now: datetime, *, held_back: bool) -> str:
    silences = state.silences_on(alert.labels, now)
    if silences:
        return f"silenced by {silences[0]}"
    causes = state.inhibition.causes_of(alert.labels, now)
    if causes:
        return f"a symptom of {', '.join(causes)}"
    return (
        "it comes and goes, and somebody was called within the hour"
        if held_back and flapping(alert, now)
        else ""
    )


def _page(tx: Transaction, incident: Incident, due: DuePage) -> None:
    called = called_at(tx.state, due.level, tx.now)
    late = tx.now - due.due_at
    waited = due.due_at - incident.began_at
    reasons = [
        _waited(incident, waited),
        called.passed_on,
        f"{in_words(late)} late" if late > _LATE else "",
    ]
    decide_page(
        tx,
        "page",
        called.people,
        level=called.level,
        incident_id=incident.id,
        why="; ".join(filter(None, reasons)),
        due=due,
    )


def _waited(incident: Incident, waited: timedelta) -> str:
    if waited < timedelta(seconds=1):
        return ""
    words = in_words(waited)
    if incident.acknowledged_by is not None:
        return f"{incident.acknowledged_by} has it, and after {words} it is not mitigated"
    return f"nobody has acknowledged for {words}"


def _tell_recovery(tx: Transaction, incident: Incident) -> None:
    """Whoever was paged hears that it is over."""
    known = tx.state.escalations.get(incident.id)
    if known is not None and known.people and not known.told_recovery:
        decide_page(tx, "recovery", known.people, incident_id=incident.id)


def _tell_audience(tx: Transaction, incident: Incident) -> None:
    """The channel of incidents hears of each change of state once."""
    known = tx.state.escalations.get(incident.id)
    told = f"{incident.state} {incident.spell}"
    if known is None or known.told_state == told or INCIDENTS not in tx.state.contacts.audiences:
        return
    decide_page(tx, "summary", (f"{AUDIENCE}{INCIDENTS}",), incident_id=incident.id, text=told)


def decide_page(
    tx: Transaction,
    kind: PageKind,
    people: tuple[str, ...],
    *,
    level: str = "",
    incident_id: int | None = None,
    why: str = "",
    text: str = "",
    by: str = "",
    due: DuePage | None = None,
) -> Notification:
    """Journals that people are called; it is sent afterwards, by the outbox."""
    page = new_page(
        Notification(
            id=tx.state.last_page + 1,
            kind=kind,
            level=level,
            people=people,
            incident_id=incident_id,
            why=why,
            text=text,
            by=by,
            due_at=due.due_at if due is not None else tx.now,
            decided_at=tx.now,
        ),
        people,
    )
    acted_on = str(incident_id) if incident_id is not None else f"page-{page.id}"
    tx.record(PageDecided(page=page, due=due), DAEMON, acted_on)
    return page


def page_next_level(tx: Transaction, incident: Incident, why: str) -> bool:
    """Calls the level above the one that was reached, as somebody asks, or everybody; whether anybody is there."""
    known = tx.state.escalations.get(incident.id)
    rank = LEVEL_RANK[known.reached] if known is not None else -1
    return any(call_level(tx, incident, level, why) for level in (*LEVELS[rank + 1 :], "all"))


def call_level(tx: Transaction, incident: Incident, level: Level, why: str) -> bool:
    """Calls a level now, whatever its ladder says; what the ladder has below it is settled. Whether anybody is there."""
    people = at_level(tx.state, level, tx.now)
    if not people:
        return False
    known = tx.state.escalations.get(incident.id)
    due = None
    if known is not None:
        below = LEVEL_RANK[level]
        done = tuple(
            n
            for n, deadline in enumerate(known.deadlines)
            if not deadline.rung.held and LEVEL_RANK[deadline.rung.level] <= below
        )
        due = DuePage(level=level, due_at=tx.now, done=done, repeat_at=known.repeat_at)
    decide_page(tx, "page", people, level=level, incident_id=incident.id, why=why, due=due)
    return True


def pass_on(tx: Transaction, page: Notification) -> None:
    """Nobody of a page could be reached: the next level above is called at once, where there is one."""
    incident = None if page.incident_id is None else tx.state.incidents.get(page.incident_id)
    if page.kind != "page" or incident is None or not is_called_for(incident) or page.level not in LEVELS:
        return
    for level in LEVELS[LEVELS.index(page.level) + 1 :]:
        people = tuple(n for n in at_level(tx.state, level, tx.now) if n not in page.people)
        if people:
            why = f"{', '.join(page.people)} could not be reached"
            decide_page(tx, "page", people, level=level, incident_id=incident.id, why=why)
            return
