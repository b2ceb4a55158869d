"""Incidents by the clock: ladders begin, are held and go on, and what is due is decided, once."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import cast

import msgspec

from alerts.alert import Alert, flapping
from alerts.contacts import Person
from alerts.escalation import (
    ACKNOWLEDGED,
    DuePage,
    Escalation,
    EscalationBegan,
    EscalationMaintained,
    EscalationPaused,
    begin,
    due_page,
    held_back_since,
    is_called_for,
    next_page,
    resume,
)
from alerts.escalation_policy import LEVEL_RANK, LEVELS
from alerts.incident import HELD_STATES, RANK, Incident, IncidentShifted
from alerts.notification import Notification, PageDecided, PageKind, new_page
from server.ops.incidents.merge import absorb_symptoms
from server.ops.paging.message import in_words
from server.ops.paging.on_call import AUDIENCE, Called, at_level, called_at
from server.ops.state.ledger import DAEMON, Transaction
from server.ops.state.state import State

_ALERTS_AT_ONCE = 250
"""Alerts of incidents that one decision looks at, about: a few milliseconds."""
_WORK_OF_ONE = 20
"""What an incident itself costs, in alerts."""
_LOOKED_AT = 600
"""Alerts of an incident that are looked at: the first to join and the last."""
_LOOK_AGAIN = timedelta(seconds=5)
_LOOK_AGAIN_PER_ALERT = timedelta(seconds=0.04)
"""By how much later an incident is looked at again that has many muted alerts."""
_LATE = timedelta(seconds=60)
_MUTED = "muted"
_NO_RECOVERY = frozenset({"merged", "false_positive"})
MAINTENANCE = "in maintenance "
"""Begins the reason for which nobody is called while a window is on; its number follows."""
INCIDENTS = "incidents"
"""The audience that hears of every change of state."""


def page_what_is_due(tx: Transaction) -> bool:
    """Looks at some of the incidents whose time has come; whether there may be more of them now."""
    looked_at, costs = 0, _Costs()
    while looked_at + costs.alerts < _ALERTS_AT_ONCE and (taken := tx.state.pages_due.take(tx.now, 1)):
        (incident_id,) = taken
        incident = tx.state.incidents.get(incident_id)
        if incident is None:
            continue
        looked_at += _WORK_OF_ONE + min(len(tx.state.index.members(incident_id)), _LOOKED_AT)
        # Each by itself: one that cannot be looked at is named, looked at again soon, and keeps nobody from being called.
        if tx.attempt("paging", f"incident {incident_id}", _look_at, tx, incident, costs) is not None:
            # Taking it back gave it its place again, which is now: the seconds count only once that is gone.
            tx.state.pages_due.drop(incident_id)
            tx.state.pages_due.put_after(incident_id, tx.now + _LOOK_AGAIN, tx.now)
    return tx.state.pages_due.is_due(tx.now)


class _Costs:
    """What a decision has looked at beside the incidents' own alerts."""

    def __init__(self) -> None:
        self.alerts = 0


def look_at_all(tx: Transaction) -> None:
    """Has every open incident looked at now: the clock was set back, and times to look again lie far ahead."""
    for incident in tx.state.open_incidents():
        tx.state.pages_due.put_now(incident.id)


def _look_at(tx: Transaction, incident: Incident, costs: _Costs) -> None:
    state = tx.state
    if not is_called_for(incident):
        _leave_maintenance(tx, incident, "")
        _tell_recovery(tx, incident)
        _end_elsewhere(tx, incident)
        _tell_audience(tx, incident)
        return
    if _is_about_to_clear(state, incident):
        # Its alerts have just ended; the clock has its word about that within a second.
        state.pages_due.put_after(incident.id, tx.now + timedelta(seconds=1), tx.now)
        return
    # Before anybody is called: whoever holds a symptom of it holds it too.
    absorbed, cost = absorb_symptoms(tx, incident)
    costs.alerts += cost
    incident = state.incidents[incident.id]
    muted = why_muted(state, incident, tx.now)
    _leave_maintenance(tx, incident, muted)
    incident = state.incidents[incident.id]
    escalation = _brought_up_to_date(tx, incident, muted, absorbed)
    if escalation is None:
        return
    if muted.startswith(MAINTENANCE) and escalation.maintained_since is None:
        window = int(muted.removeprefix(MAINTENANCE))
        tx.record(EscalationMaintained(id=incident.id, window=window), DAEMON, str(incident.id))
    if muted:
        if due_page(escalation, incident, tx.now) is not None and not escalation.paused.startswith(_MUTED):
            tx.record(EscalationPaused(id=incident.id, why=f"{_MUTED}: {muted}"), DAEMON, str(incident.id))
        # Whether it still is nobody tells us: it is looked at again and again.
        many = min(len(state.index.members(incident.id)), _LOOKED_AT)
        state.pages_due.put_after(incident.id, tx.now + _LOOK_AGAIN + many * _LOOK_AGAIN_PER_ALERT, tx.now)
        return
    _tell_audience(tx, incident)
    escalation = state.escalations[incident.id]
    due = due_page(escalation, incident, tx.now)
    if due is not None:
        _page(tx, incident, msgspec.structs.replace(due, flapping=_flaps(state, incident, tx.now)))
        escalation = state.escalations[incident.id]
    ahead = next_page(escalation, incident)
    if ahead is not None:
        state.pages_due.put_after(incident.id, ahead[0], tx.now)


def _leave_maintenance(tx: Transaction, incident: Incident, muted: str) -> None:
    """What the incident's deadlines were held back by, once no window mutes all of it any more."""
    known = tx.state.escalations.get(incident.id)
    if known is None or known.maintained_since is None or muted.startswith(MAINTENANCE):
        return
    if known.spell != incident.spell:
        return
    # Never below zero: the clock may have been set back in the meantime.
    by_s = max(0, round((tx.now - known.maintained_since).total_seconds()))
    tx.record(IncidentShifted(id=incident.id, by_s=by_s), DAEMON, str(incident.id))


def _is_about_to_clear(state: State, incident: Incident) -> bool:
    """Whether it has alerts and none of them is active any more."""
    return bool(state.index.members(incident.id)) and not state.index.active_in(incident.id)


def _brought_up_to_date(
    tx: Transaction, incident: Incident, muted: str, absorbed: Sequence[Incident]
) -> Escalation | None:
    """The ladder that fits the incident as it is now: begun, begun anew, or gone on with."""
    known = tx.state.escalations.get(incident.id)
    if known is None or known.spell != incident.spell:
        return _begun(tx, incident, None, anew=False, absorbed=absorbed)
    if RANK[incident.severity] > RANK[known.severity]:
        _leave_maintenance(tx, incident, "")
        return _begun(tx, incident, known, anew=True)
    if RANK[incident.severity] < RANK[known.severity]:
        # A person has judged it less grave: the ladder of that counts from now on, or nobody is called any more.
        _leave_maintenance(tx, incident, "")
        begun = _begun(tx, incident, known, anew=True)
        if begun is None and not known.paused:
            why = f"nobody is called for what is {incident.severity}"
            tx.record(EscalationPaused(id=incident.id, why=why), DAEMON, str(incident.id))
        return begun
    if known.paused and incident.state == "open" and not muted:
        tx.record(resume(known, tx.now), DAEMON, str(incident.id))
    return tx.state.escalations.get(incident.id)


def _begun(
    tx: Transaction,
    incident: Incident,
    before: Escalation | None,
    *,
    anew: bool,
    absorbed: Sequence[Incident] = (),
) -> Escalation | None:
    """A new ladder; what was told under the one ``before`` it stays told."""
    fingerprint = next(iter(tx.state.index.members(incident.id)), "")
    alert = tx.state.alerts.get(fingerprint)
    symptom = alert is not None and tx.state.inhibition.may_be_symptom(alert.labels)
    speedup = tx.state.paging_speedup
    policies = tx.state.contacts.policies
    escalation = begin(
        incident, tx.now, may_be_symptom=symptom, anew=anew, speedup=speedup, policies=policies
    )
    if escalation is None:
        return None
    earlier = tx.state.escalations.get(incident.id)
    if earlier is not None:
        # What was answered in an earlier spell is no answer to this one.
        escalation = msgspec.structs.replace(escalation, answered=earlier.answered)
    paused = ACKNOWLEDGED if incident.state in HELD_STATES else ""
    known = (tx.state.escalations.get(one.id) for one in absorbed)
    people = (name for one in known if one is not None for name in one.people)
    escalation = msgspec.structs.replace(escalation, paused=paused, people=tuple(dict.fromkeys(people)))
    if before is not None:
        escalation = msgspec.structs.replace(
            escalation,
            people=before.people,
            told_state=before.told_state,
            told_recovery=before.told_recovery,
            flapping_paged_at=before.flapping_paged_at,
        )
    tx.record(EscalationBegan(escalation=escalation), DAEMON, str(incident.id))
    return tx.state.escalations.get(incident.id)


def why_muted(state: State, incident: Incident, now: datetime, looked_at: int = _LOOKED_AT) -> str:
    """Why nobody is to be called although the incident is open; empty where one of its alerts is to be heard.

    Silenced alerts and symptoms are not; what comes and goes is heard once an hour. Of very many alerts the first and
    the last are ``looked_at``.
    """
    why = ""
    held_since = held_back_since(state.escalations.get(incident.id), now)
    for fingerprint in _both_ends(state.index.members(incident.id), looked_at):
        alert = state.alerts.get(fingerprint)
        if alert is None or not alert.active:
            continue
        why = _why_not_heard(state, alert, now, held_since)
        if not why:
            return ""
    return why


def _both_ends(members: Mapping[str, None], looked_at: int) -> Iterator[str]:
    """All of them where they are few; else the first to join, and the last, which nobody may have muted yet."""
    if len(members) <= looked_at:
        yield from members
        return
    half = looked_at // 2
    yield from islice(reversed(cast("dict[str, None]", members)), half)
    yield from islice(members, half)


def _flaps(state: State, incident: Incident, now: datetime) -> bool:
    """Whether everything that fires of it comes and goes."""
    members = islice(state.index.members(incident.id), _LOOKED_AT)
    active = [a for a in map(state.alerts.get, members) if a is not None and a.active]
    return bool(active) and all(flapping(alert, now) for alert in active)


def _why_not_heard(state: State, alert: Alert, now: datetime, held_since: datetime | None) -> str:
    windows = state.windows_on(alert.labels, now)
    if windows:
        return f"{MAINTENANCE}{windows[0]}"
    silences = state.silences_on(alert.labels, now)
    if silences:
        return f"silenced by {silences[0]}"
    causes = state.inhibition.causes_of(alert.labels, now)
    if causes:
        return f"a symptom of {', '.join(causes)}"
    has_come_again = held_since is not None and (not alert.changed_at or alert.changed_at[-1] > held_since)
    return (
        "it comes and goes, and somebody was called within the hour"
        if has_come_again and flapping(alert, now)
        else ""
    )


def _page(tx: Transaction, incident: Incident, due: DuePage) -> None:
    called = called_at(tx.state, due.level, tx.now)
    known = tx.state.escalations.get(incident.id)
    reached = known.reached if known is not None else ""
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
        held=incident.state in HELD_STATES,
    )
    if LEVEL_RANK[due.level] > max(LEVEL_RANK[reached], LEVEL_RANK["L1"]):
        _tell_audience_that(tx, incident, f"escalated to {_named(called)}")


def _named(called: Called) -> str:
    level = "everybody" if called.level == "all" else called.level
    return f"{level} ({', '.join(called.people) or 'nobody'})"


def _waited(incident: Incident, waited: timedelta) -> str:
    if waited < timedelta(seconds=1):
        return ""
    words = in_words(waited)
    if incident.acknowledged_by is not None:
        return f"{incident.acknowledged_by} has it, and after {words} it is not mitigated"
    return f"nobody has acknowledged for {words}"


def _tell_recovery(tx: Transaction, incident: Incident) -> None:
    """Whoever was paged hears that it is over, where it is: not of a merge, a false positive, or what still fires."""
    known = tx.state.escalations.get(incident.id)
    cleared = incident.state in ("monitoring", "resolved") and not tx.state.index.active_in(incident.id)
    if cleared and known is not None and known.people and not known.told_recovery:
        decide_page(tx, "recovery", known.people, incident_id=incident.id)


def _end_elsewhere(tx: Transaction, incident: Incident) -> None:
    """What went under another incident, or was none, is no recovery; but PagerDuty would keep it open for ever."""
    known = tx.state.escalations.get(incident.id)
    if incident.state not in _NO_RECOVERY or known is None or known.told_recovery:
        return
    contacts = tx.state.contacts.people
    people = tuple(n for n in known.people if n in contacts and _is_reached_by_pagerduty(contacts[n]))
    if people:
        decide_page(tx, "recovery", people, incident_id=incident.id)


def _is_reached_by_pagerduty(person: Person) -> bool:
    return any(channel.kind == "pagerduty" for channel in person.channels)


def _tell_audience(tx: Transaction, incident: Incident) -> None:
    """The channel of incidents hears of each change of state once."""
    known = tx.state.escalations.get(incident.id)
    told = f"{incident.state} {incident.spell}"
    if known is None or known.told_state == told or INCIDENTS not in tx.state.contacts.audiences:
        return
    decide_page(tx, "summary", (f"{AUDIENCE}{INCIDENTS}",), incident_id=incident.id, text=told)


def _tell_audience_that(tx: Transaction, incident: Incident, what: str) -> None:
    """The channel of incidents hears of what is no change of state."""
    if INCIDENTS in tx.state.contacts.audiences:
        told = f"{incident.state} {incident.spell}"
        audience = (f"{AUDIENCE}{INCIDENTS}",)
        decide_page(tx, "summary", audience, incident_id=incident.id, text=told, why=what)


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
    held: bool = False,
    falls_to: str = "",
    attached: str = "",
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
            attached=attached,
            by=by,
            held=held,
            falls_to=falls_to,
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
    for level in (*LEVELS[rank + 1 :], "all"):
        if at_level(tx.state, level, tx.now):
            _call(tx, incident, level, why, range(LEVEL_RANK[level] + 1))
            _tell_audience_that(
                tx, incident, f"escalated to {_named(called_at(tx.state, level, tx.now))}: {why}"
            )
            return True
    return False


def page_last_level(tx: Transaction, incident: Incident, why: str) -> None:
    """Calls the last level now, as for a major incident; the levels below it come when their time comes."""
    _call(tx, incident, "L3", why, (LEVEL_RANK["L3"],))
    _tell_audience_that(
        tx, incident, f"a major incident, {_named(called_at(tx.state, 'L3', tx.now))} is called"
    )


def _call(tx: Transaction, incident: Incident, level: str, why: str, settles: Collection[int]) -> None:
    """Calls a level now, whatever the ladder says, and settles its deadlines of the levels that are asked for."""
    called = called_at(tx.state, level, tx.now)
    known = tx.state.escalations.get(incident.id)
    due = None
    if known is not None:
        done = tuple(
            n
            for n, deadline in enumerate(known.deadlines)
            if not deadline.rung.held and LEVEL_RANK[deadline.rung.level] in settles
        )
        due = DuePage(level=level, due_at=tx.now, done=done, repeat_at=known.repeat_at)  # type: ignore[arg-type]
    said = "; ".join(filter(None, (why, called.passed_on)))
    decide_page(
        tx, "page", called.people, level=called.level, incident_id=incident.id, why=said, due=due,
        held=incident.state in HELD_STATES,
    )  # fmt: skip


def pass_on(tx: Transaction, page: Notification) -> None:
    """Nobody of a page could be reached: whoever else is at its level, or the next above it, is called at once."""
    if page.kind == "notice" and (page.level or page.falls_to):
        _pass_notice_on(tx, msgspec.structs.replace(page, level=page.level or page.falls_to))
        return
    incident = None if page.incident_id is None else tx.state.incidents.get(page.incident_id)
    if page.kind != "page" or incident is None or not is_still_wanted(page, incident):
        return
    if why_muted(tx.state, incident, tx.now):
        return
    level, people = _others_from(tx, page)
    if people:
        why = f"{', '.join(page.people)} could not be reached"
        decide_page(tx, "page", people, level=level, incident_id=incident.id, why=why, held=page.held)


def _pass_notice_on(tx: Transaction, page: Notification) -> None:
    level, people = _others_from(tx, page)
    if people:
        why = f"{', '.join(page.people)} could not be reached"
        decide_page(tx, "notice", people, level=level, why=why, text=page.text, by=page.by)


def _others_from(tx: Transaction, page: Notification) -> tuple[str, tuple[str, ...]]:
    """Who else is at a page's level, or at the next above it where somebody else is."""
    for level in LEVELS[LEVELS.index(page.level) :] if page.level in LEVELS else ("all",):
        people = tuple(n for n in at_level(tx.state, level, tx.now) if n not in page.people)
        if people:
            return level, people
    return "", ()


def is_still_wanted(page: Notification, incident: Incident | None) -> bool:
    """Whether a page that has not gone out yet still makes sense: by now somebody may have the incident."""
    if page.kind != "page" or incident is None:
        return True
    return is_called_for(incident) and (page.held or incident.state not in HELD_STATES)
