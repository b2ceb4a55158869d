"""How alerts enter and leave: what a sender's word, a poll and the clock make of alerts and incidents."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple, TypeVar

import msgspec

from alerts.alert import (
    CLOCK_SKEW,
    POLL,
    Alert,
    AlertEvent,
    AlertFired,
    bounded,
    expire,
    found_absent,
    is_forgotten,
    leave_unconfirmed,
    next_look,
    read_posted,
    receive,
    recent_changes,
    with_severity,
)
from alerts.annotations import mttr_target_of, runbook_of, summary_of
from alerts.escalation_policy import DEFAULT_TARGET_S
from alerts.incident import (
    RANK,
    Incident,
    IncidentJoined,
    IncidentNoted,
    IncidentOpened,
    PostmortemReminded,
    due,
    next_due,
    refire,
    takes_alert,
)
from alerts.self_alerts import NOTICES, SOURCE
from alerts.wire import PostableAlert
from server.ops.alerting.recent_changes import CHANGED, what_changed
from server.ops.paging.notices import remind_of_postmortem
from server.ops.prometheus import DownTarget
from server.ops.state.agenda import Agenda
from server.ops.state.events import AlertQuarantined
from server.ops.state.ledger import DAEMON, Actor, Transaction
from server.ops.state.state import State

K = TypeVar("K", bound=Hashable)
WATCHDOG = "Watchdog"
_STEPS_AT_ONCE = 4
_AT_ONCE = 100
"""Alerts, and incidents, and silences that one decision looks at by the clock."""
_AGAIN = timedelta(minutes=1)
_LOOKED_AT = 600
"""Alerts of an incident that are asked whether a window mutes them."""
_MAINTAINED_AGAIN = timedelta(seconds=5)
_LONGEST_WHY = 300
_LONGEST_RAW = 4_000
_SILENCES_KEPT = timedelta(days=5)


def take_alert(tx: Transaction, said: Alert, actor: Actor) -> None:
    """One alert in the form of what was said about it."""
    take_alerts(tx, (said,), actor)


def take_alerts(
    tx: Transaction,
    batch: Iterable[Alert],
    actor: Actor,
    skew: timedelta = CLOCK_SKEW,
    most_events: int | None = None,
) -> Sequence[Alert]:
    """Alerts in the form of what was said about them, each decided by its own state; those left for another decision.

    ``skew`` is how far the sender's clock may be ahead of ours. Causes come before their symptoms, whatever the order.
    After ``most_events`` of this decision no more of them are taken.
    """
    joining: dict[int, list[Alert]] = {}
    ordered = tx.state.inhibition.causes_first(batch)
    left: Sequence[Alert] = ()
    for n, posted in enumerate(ordered):
        if most_events is not None and len(tx.recorded) >= most_events:
            left = ordered[n:]
            break
        said = with_severity(posted, tx.state.severities)
        bad = tx.attempt("intake", f"alert {said.fingerprint}", _take, tx, said, actor, skew, joining)
        if bad is not None:
            tx.record(quarantined(said, bad), actor, said.source)
    _join(tx, joining)
    return left


def _join(tx: Transaction, joining: dict[int, list[Alert]]) -> None:
    for incident_id, (first, *others) in joining.items():
        joined = IncidentJoined(
            id=incident_id,
            fingerprint=first.fingerprint,
            severity=max((alert.severity for alert in (first, *others)), key=RANK.__getitem__),
            others=tuple(alert.fingerprint for alert in others),
        )
        tx.record(joined, DAEMON, str(incident_id))


def quarantined(said: Alert, error: Exception) -> AlertQuarantined:
    """The event that keeps an alert that could not be taken."""
    raw = msgspec.json.encode({"labels": said.labels, "annotations": said.annotations}).decode()
    return AlertQuarantined(why=f"it could not be taken: {error}"[:_LONGEST_WHY], raw=raw[:_LONGEST_RAW])


def _take(
    tx: Transaction, said: Alert, actor: Actor, skew: timedelta, joining: dict[int, list[Alert]]
) -> None:
    known = tx.state.alerts.get(said.fingerprint)
    after, event = receive(known, said, tx.now, skew)
    if isinstance(event, AlertFired):
        causes = tx.state.inhibition.causes_of(event.labels, tx.now)
        event = msgspec.structs.replace(event, inhibited_by=causes) if causes else event
    if event is not None:
        tx.record(event, actor, said.fingerprint)
        _follow(tx, tx.state.alerts[said.fingerprint], joining)
    elif after is not None:
        tx.touch(after)
    elif known is not None:
        tx.forget(said.fingerprint)


def _follow(tx: Transaction, alert: Alert, joining: dict[int, list[Alert]]) -> None:
    """The incident of an alert that has just changed; one that it joins is journalled with the rest of its batch.

    A muted symptom opens none and reopens none; while it is muted it belongs to its cause's outage.
    """
    severity, alertname = alert.severity, alert.alertname
    if alert.state != "firing" or alertname == WATCHDOG or severity == "none":
        return
    if alert.source == SOURCE and alertname in NOTICES:
        return
    incident = _incident_for(tx.state, alert, tx.now)
    is_muted = alert.held_back and tx.state.inhibition.muted_until(alert.labels, tx.now) is not None
    # One that went under its cause neither opens that again nor keeps it open.
    is_own = incident is not None and incident.alertname == alertname
    if is_muted and (incident is None or not incident.is_open or not is_own):
        return
    if incident is None:
        opened = open_incident(tx.state, alert, tx.now)
        tx.record(IncidentOpened(incident=opened), DAEMON, str(opened.id))
        changed = what_changed(tx.state, tx.now)
        if changed:
            noted = IncidentNoted(id=opened.id, text=f"{CHANGED}{changed}", noted_at=tx.now)
            tx.record(noted, DAEMON, str(opened.id))
        return
    moved = refire(incident, severity, tx.now)
    if moved is not None:
        tx.record(moved, DAEMON, str(incident.id))
    if (
        tx.state.incident_by_alert.get(alert.fingerprint) != incident.id
        or RANK[severity] > RANK[incident.severity]
        or alert.held_back
    ):
        joining.setdefault(incident.id, []).append(alert)


def _incident_for(state: State, alert: Alert, now: datetime) -> Incident | None:
    service, alertname = alert.service, alert.alertname
    latest = state.latest_incident(service, alertname)
    if latest is not None and latest.merged_into is not None:
        # Alerts of a merged incident belong to the one that it went into, however often, while that is open; a symptom
        # that outlasts the traces of its cause is trouble of its own.
        other = state.surviving(latest)
        return other if other.is_open and not latest.absorbed else None
    if latest is not None and takes_alert(latest, service, alertname, now):
        return latest
    return None


def open_incident(state: State, alert: Alert, now: datetime) -> Incident:
    """A new incident about an alert, with what its annotations say about target and runbook."""
    target_s = mttr_target_of(alert.annotations)
    return Incident(
        id=state.last_incident + 1,
        title=summary_of(alert.annotations) or alert.alertname,
        service=alert.service,
        alertname=alert.alertname,
        severity=alert.severity,
        started_at=alert.started_at,
        detected_at=now,
        mttr_target_s=DEFAULT_TARGET_S.get(alert.severity) if target_s is None else target_s,
        fingerprints=(alert.fingerprint,),
        runbook=runbook_of(alert.annotations),
    )


def pass_time(tx: Transaction, monitor_period: timedelta, up_since: datetime) -> bool:
    """Some of what is due by the clock; whether there may be more of it now.

    Confirmations that ran out, incidents that clear, settle, breach or lapse, silences that begin or end. A decision
    takes a limited number, so that a hundred thousand alerts that run out in one second hold nobody up.
    """
    state = tx.state
    index = state.index
    _pass_each(tx, "alert", index.expiry, lambda one: _expire(tx, one, up_since))
    _pass_each(tx, "incident", index.incidents_due, lambda one: _pass_time_for(tx, one, monitor_period))
    _pass_each(tx, "silence", state.silences_due, lambda one: _pass_time_of_silence(tx, one))
    _pass_each(tx, "window", state.windows_due, lambda one: _pass_time_of_window(tx, one))
    _pass_each(tx, "cause", state.inhibition.due, lambda one: state.inhibition.pass_time(one, tx.now))
    _take_up_symptoms(tx)
    return any(
        agenda.is_due(tx.now)
        for agenda in (
            state.index.expiry,
            state.index.incidents_due,
            state.silences_due,
            state.windows_due,
            state.inhibition.due,
            state.index.held_back,
        )
    )


def _take_up_symptoms(tx: Transaction) -> None:
    """Symptoms that outlast their cause and its traces are trouble of their own."""
    joining: dict[int, list[Alert]] = {}
    _pass_each(tx, "symptom", tx.state.index.held_back, lambda one: _take_up(tx, one, joining))
    tx.attempt("turns", "symptoms that join their incidents", _join, tx, joining)


def _take_up(tx: Transaction, symptom: str, joining: dict[int, list[Alert]]) -> None:
    alert = tx.state.alerts.get(symptom)
    if alert is None or not alert.held_back or alert.state != "firing":
        return
    until = tx.state.inhibition.muted_until(alert.labels, tx.now)
    if until is None:
        _follow(tx, alert, joining)
    else:
        tx.state.index.held_back.put_after(symptom, until, tx.now)


def _pass_each(tx: Transaction, kind: str, agenda: Agenda[K], look: Callable[[K], object]) -> None:
    """Looks at some of what is due, each by itself; one that cannot be looked at now is looked at again in a minute."""
    for key in agenda.take(tx.now, _AT_ONCE):
        if tx.attempt("turns", f"{kind} {key}", look, key) is not None:
            # Taking it back gave it its place again, which is now: the minute counts only once that is gone.
            agenda.drop(key)
            agenda.put_after(key, tx.now + _AGAIN, tx.now)


def forget_old(tx: Transaction) -> None:
    """Lets go what is over and was kept long enough."""
    for change in list(tx.state.temporary.values()):
        if change.expired and tx.now - change.until_at > timedelta(days=1):
            tx.state.temporary.pop(change.execution_id)
    tx.state.prune(tx.now)


def _expire(tx: Transaction, expiring: str, up_since: datetime) -> None:
    alert = tx.state.alerts.get(expiring)
    if alert is None:
        return
    stale = expire(alert, tx.now, up_since)
    if stale is not None:
        tx.record(stale, DAEMON, expiring)
    elif is_forgotten(alert, tx.now):
        tx.state.remember_changes(expiring, alert.changed_at, tx.now)
        tx.forget(expiring)
    else:
        at = next_look(alert, up_since)
        if at is not None:
            tx.state.index.expiry.put_after(expiring, at, tx.now)


def _pass_time_of_silence(tx: Transaction, silence_id: str) -> None:
    """Shows alerts anew whose silence has begun or ended by the clock; forgets a silence that ended long ago."""
    silence = tx.state.silences.get(silence_id)
    if silence is None:
        return
    if tx.now - silence.ends_at > _SILENCES_KEPT:
        del tx.state.silences[silence_id]
        return
    tx.silences.add(silence_id)
    times = (silence.starts_at, silence.ends_at, bounded(silence.ends_at) + _SILENCES_KEPT)
    ahead = [at for at in times if at > tx.now]
    tx.state.silences_due.put_after(silence_id, min(ahead, default=tx.now), tx.now)


def _pass_time_of_window(tx: Transaction, number: str) -> None:
    """Shows alerts anew whose maintenance window has begun or ended to mute them."""
    window = tx.state.maintenances.get(int(number))
    muting = window.muting if window is not None else None
    if muting is None:
        return
    tx.windows.add(int(number))
    # Ladders stand still from now on, or go on: whoever is called about any of them is looked at anew.
    for incident in tx.state.open_incidents():
        tx.state.pages_due.put_now(incident.id)
    if muting.ends_at > tx.now:
        tx.state.windows_due.put_after(number, muting.ends_at, tx.now)


def _pass_time_for(tx: Transaction, incident_id: int, monitor_period: timedelta) -> None:
    index = tx.state.index
    escalation = tx.state.escalations.get(incident_id)
    is_maintained = escalation is not None and escalation.maintained_since is not None
    is_maintained = is_maintained or _is_in_window(tx.state, incident_id, tx.now)
    for _ in range(_STEPS_AT_ONCE):
        incident = tx.state.incidents.get(incident_id)
        if incident is None:
            return
        event = due(
            incident,
            tx.now,
            any_active=index.active_in(incident_id) > 0,
            cleared_at=index.cleared_at.get(incident_id),
            busy=bool(tx.state.busy_with(incident)),
            in_maintenance=is_maintained,
            monitor_period=monitor_period,
        )
        if event is None:
            break
        tx.record(event, DAEMON, str(incident_id))
        if isinstance(event, PostmortemReminded):
            remind_of_postmortem(tx, tx.state.incidents[incident_id])
    at = next_due(tx.state.incidents[incident_id], monitor_period, now=tx.now)
    if at is not None:
        # In maintenance its deadline may lie behind us without any effect: it is looked at again in a while.
        at = max(at, tx.now + _MAINTAINED_AGAIN) if is_maintained else at
        index.incidents_due.put_after(incident_id, at, tx.now)


def _is_in_window(state: State, incident_id: int, now: datetime) -> bool:
    """Whether maintenance mutes every alert of an incident that is not over."""
    if not any(window.is_on for window in state.open_windows()):
        return False
    members = islice(state.index.members(incident_id), _LOOKED_AT)
    active = [alert for f in members if (alert := state.alerts.get(f)) is not None and alert.active]
    return bool(active) and all(state.windows_on(alert.labels, now) for alert in active)


class CleanedAlert(NamedTuple):
    """An alert as a poll has it, its texts clean; ``fingerprint`` is that of its labels as the source has them."""

    fingerprint: str
    alert: PostableAlert
    state: str
    """At the source: ``pending`` or ``firing``."""
    unconfirmed: str = ""
    """Why the source itself cannot say whether it still holds."""


def take_polled(tx: Transaction, polled: Iterable[CleanedAlert], asked_at: datetime) -> None:
    """Alerts of the source's ``/api/v1/alerts``.

    One whose target does not answer is stale with the reason: its source no longer knows whether it still holds.
    """
    for one in polled:
        tx.attempt("poll", f"alert {one.fingerprint}", _take_polled, tx, one, asked_at)


def _take_polled(tx: Transaction, polled: CleanedAlert, asked_at: datetime) -> None:
    fingerprint, alert, state, unconfirmed = polled
    known = tx.state.alerts.get(fingerprint)
    if known is not None and known.state == "resolved" and known.seen_at >= asked_at:
        return
    said = msgspec.structs.replace(read_posted(alert, tx.now, POLL), fingerprint=fingerprint)
    if unconfirmed:
        _leave_unconfirmed(tx, said, unconfirmed)
    elif state == "firing":
        take_alert(tx, said, DAEMON)
    elif known is None or known.state in ("pending", "resolved"):
        tx.touch(_pending(said, known, tx.state.changes_before(fingerprint), tx.now))


def _leave_unconfirmed(tx: Transaction, said: Alert, because: str) -> None:
    known = tx.state.alerts.get(said.fingerprint)
    if known is None or not known.active:
        take_alert(tx, said, DAEMON)
        known = tx.state.alerts.get(said.fingerprint)
    stale = leave_unconfirmed(known, because) if known is not None else None
    if stale is not None:
        tx.record(stale, DAEMON, said.fingerprint)


def take_absence(
    tx: Transaction, fingerprints: Iterable[str], down: Sequence[DownTarget], *, absence_counts: bool
) -> None:
    """Alerts that a poll did not have.

    ``absence_counts`` when it is the second good poll in a row of a source that is not fresh from a start. What a
    target would show that is ``down`` is not absent but unknown.
    """
    for absent in fingerprints:
        known = tx.state.alerts.get(absent)
        if known is not None:
            tx.attempt("poll", f"alert {absent}", _absent, tx, known, down, absence_counts)


def _pending(said: Alert, known: Alert | None, before: tuple[datetime, ...], now: datetime) -> Alert:
    """A pending alert; that it begins is a change, as its end is."""
    if known is not None and known.state == "pending":
        return msgspec.structs.replace(
            said, state="pending", started_at=known.started_at, changed_at=known.changed_at
        )
    earlier = known.changed_at if known is not None else before
    return msgspec.structs.replace(said, state="pending", changed_at=(*recent_changes(earlier, now), now))


def _absent(tx: Transaction, alert: Alert, down: Sequence[DownTarget], absence_counts: bool) -> None:
    if alert.state == "pending":
        tx.state.remember_changes(alert.fingerprint, (*alert.changed_at, tx.now), tx.now)
        tx.forget(alert.fingerprint)
        return
    target = next((one for one in down if one.may_show(alert.labels)), None) if alert.polled else None
    if target is not None:
        reason = " ".join(target.labels.get(name, "") for name in ("job", "instance"))
        stale = leave_unconfirmed(alert, f"its target {reason} does not answer")
        if stale is not None:
            tx.record(stale, DAEMON, alert.fingerprint)
        return
    event: AlertEvent | None = (
        found_absent(alert, tx.now) if absence_counts and alert.source != SOURCE else None
    )
    if event is not None:
        tx.record(event, DAEMON, alert.fingerprint)
