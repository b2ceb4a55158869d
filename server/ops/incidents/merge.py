"""One incident goes under another: merged by a person, or absorbed as the symptom of a cause that came after it."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice

from alerts.alert import Alert
from alerts.incident import HELD_STATES, RANK, Incident, IncidentJoined, Verb, move
from alerts.incident_record import AlertsMoved, SeveritySet
from server.ops.state.ledger import DAEMON, Actor, Transaction

ABSORBED_WITHIN = timedelta(minutes=5)
"""How much older than its cause an incident of symptoms may be."""
_MOST_ALERTS = 500
"""An incident of more alerts is not absorbed; it stays muted."""
_LOOK_AGAIN = timedelta(seconds=1)
_MOST_LOOKED_AT = 1_000
_CAUSES_LOOKED_AT = 5
_INCIDENTS_PER_ALERT = 20
"""Open incidents that can be passed over in the time that one alert takes."""


def merge(tx: Transaction, incident: Incident, target: Incident, actor: Actor) -> None:
    """Has an incident's alerts belong to another one. Raises ``IllegalTransitionError``."""
    tx.record(move(incident, Verb.MERGE, reason=f"into incident {target.id}"), actor, str(incident.id))
    members = tuple(tx.state.index.members(incident.id))
    _move_alerts(tx, actor, incident, target.id, members)
    _raise_by_alerts(tx, target, members)


def unmerge(tx: Transaction, incident: Incident, actor: Actor) -> None:
    """Makes a merged or absorbed incident one of its own again; no cause absorbs it any more."""
    # Wherever they are by now: the incident that they went into may have been merged itself.
    elsewhere = tx.state.incident_by_alert
    members = [f for f in incident.fingerprints if elsewhere.get(f, incident.id) != incident.id]
    members += tx.state.index.members(incident.id)
    moved = move(incident, Verb.REOPEN, reason=f"out of incident {incident.merged_into}")
    tx.record(moved, actor, str(incident.id))
    _move_alerts(tx, actor, incident, incident.id, tuple(dict.fromkeys(members)))


def absorb_symptoms(tx: Transaction, cause: Incident) -> tuple[list[Incident], int]:
    """Takes under ``cause`` what was opened for its symptoms in the five minutes before it.

    Returns those incidents, and what looking for them cost, in alerts looked at.
    """
    state = tx.state
    if tx.now - cause.began_at > ABSORBED_WITHIN:
        return [], 0
    causes = [
        alert for alert in _alerts_of(tx, cause, _CAUSES_LOOKED_AT) if state.inhibition.is_cause(alert.labels)
    ]
    if not causes:
        return [], 0
    names = frozenset(name for alert in causes for name in state.inhibition.symptoms_of(alert.labels))
    oldest = cause.began_at - ABSORBED_WITHIN
    young = (i for i in islice(state.latest_open(), _MOST_LOOKED_AT) if i.began_at >= oldest)
    found: list[Incident] = []
    cost = _MOST_LOOKED_AT // _INCIDENTS_PER_ALERT
    for incident in [i for i in young if None in names or i.alertname in names]:
        members = len(state.index.members(incident.id))
        if incident.id == cause.id or members > _MOST_ALERTS:
            continue
        cost += members * len(causes)
        if cost > _MOST_ALERTS and found:
            # The others come with the next look: nobody is held up by very many at once.
            state.pages_due.put_after(cause.id, tx.now + _LOOK_AGAIN, tx.now)
            break
        if _is_symptom(tx, incident, causes):
            _absorb(tx, incident, state.incidents[cause.id], causes[0].alertname)
            found.append(incident)
    return found, cost


def _alerts_of(tx: Transaction, incident: Incident, at_most: int) -> Iterator[Alert]:
    """The alerts of an incident that fire."""
    for fingerprint in islice(tx.state.index.members(incident.id), at_most):
        alert = tx.state.alerts.get(fingerprint)
        if alert is not None and alert.state == "firing":
            yield alert


def _is_symptom(tx: Transaction, incident: Incident, causes: Sequence[Alert]) -> bool:
    """Whether everything that fires of an incident, and something does, is muted by one of the causes."""
    members = tx.state.index.members(incident.id)
    if incident.kept_apart or incident.declared_by or not members:
        return False
    firing = list(_alerts_of(tx, incident, _MOST_ALERTS))
    mutes = tx.state.inhibition.mutes
    return bool(firing) and all(
        any(mutes(cause.labels, alert.labels) for cause in causes) for alert in firing
    )


def _absorb(tx: Transaction, incident: Incident, cause: Incident, alertname: str) -> None:
    reason = f"a symptom of {alertname}, into incident {cause.id}"
    tx.record(move(incident, Verb.MERGE, reason=reason), DAEMON, str(incident.id))
    members = tuple(tx.state.index.members(incident.id))
    absorbed = AlertsMoved(id=incident.id, into=cause.id, fingerprints=members, held_back=True)
    tx.record(absorbed, DAEMON, str(incident.id))
    if RANK[incident.severity] > RANK[cause.severity]:
        worse = SeveritySet(
            id=cause.id, severity=incident.severity, reason=f"incident {incident.id} is a symptom of it"
        )
        tx.record(worse, DAEMON, str(cause.id))
    # An acknowledgement is of the outage, by whatever name it was known; a higher severity breaks it.
    if (
        incident.state in HELD_STATES
        and cause.state == "open"
        and RANK[cause.severity] <= RANK[incident.severity]
    ):
        held = move(
            cause,
            Verb.ACKNOWLEDGE,
            until_at=incident.acknowledged_until,
            holder=incident.acknowledged_by or "",
            reason=f"with incident {incident.id}, by {incident.acknowledged_by}",
        )
        tx.record(held, DAEMON, str(cause.id))


def _raise_by_alerts(tx: Transaction, target: Incident, fingerprints: tuple[str, ...]) -> None:
    """What is merged into an incident may be worse than it was."""
    alerts = [alert for f in fingerprints if (alert := tx.state.alerts.get(f)) is not None and alert.active]
    worst = max((alert.severity for alert in alerts), key=RANK.__getitem__, default=target.severity)
    if alerts and RANK[worst] > RANK[target.severity]:
        first, *others = (alert.fingerprint for alert in alerts)
        joined = IncidentJoined(id=target.id, fingerprint=first, severity=worst, others=tuple(others))
        tx.record(joined, DAEMON, str(target.id))


def _move_alerts(
    tx: Transaction, actor: Actor, incident: Incident, into: int, fingerprints: tuple[str, ...]
) -> None:
    moved = AlertsMoved(id=incident.id, into=into, fingerprints=fingerprints)
    tx.record(moved, actor, str(incident.id))
