"""Answers to pages away from a terminal: whoever gives one acknowledges the incident, or says that it is resolved, once."""

from typing import Literal

import msgspec

from alerts.escalation import is_called_for
from alerts.incident import Incident, Verb, acknowledge, move
from alerts.notification import PageAnswered
from server.ops.state.ledger import Actor, Transaction


class PageAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody answered, and how it came."""

    incident_id: int
    where: Literal["PagerDuty", "link"]
    key: str
    """What tells this answer from others."""
    what: Literal["acknowledged", "resolved"]
    by: Actor


def is_taken(tx: Transaction, answer: PageAnswer) -> bool:
    """Whether an answer was taken before."""
    known = tx.state.escalations.get(answer.incident_id)
    return known is not None and answer.key in known.answered


def take_answer(tx: Transaction, answer: PageAnswer) -> str:
    """Takes an answer once; why it changes nothing, empty where it does.

    A first acknowledgement wins. A resolution is a claim: the incident is open again where an alert of it fires on.
    """
    incident = tx.state.incidents.get(answer.incident_id)
    if incident is None:
        return "the incident is not there any more"
    if is_taken(tx, answer):
        return "this was answered already"
    refused = _why_not(tx, incident, answer)
    answered = PageAnswered(
        id=incident.id, where=answer.where, key=answer.key, what=answer.what, refused=refused
    )
    tx.record(answered, answer.by, str(incident.id))
    if not refused:
        _act(tx, incident, answer)
    return refused


def _why_not(tx: Transaction, incident: Incident, answer: PageAnswer) -> str:
    if not is_called_for(incident):
        return f"the incident is {incident.state}"
    if answer.what == "acknowledged":
        holder = incident.acknowledged_by
        return "" if holder is None else f"it is {holder}'s"
    busy = tx.state.busy_with(incident)
    return f"change steps run or are unknown: {', '.join(busy)}" if busy else ""


def _act(tx: Transaction, incident: Incident, answer: PageAnswer) -> None:
    if answer.what == "acknowledged":
        tx.record(acknowledge(incident, tx.now), answer.by, str(incident.id))
        return
    firing = tx.state.index.active_in(incident.id)
    said = f"in {answer.where}" + (f", while {firing} of its alerts still fire" if firing else "")
    tx.record(move(incident, Verb.RESOLVE, reason=said), answer.by, str(incident.id))
