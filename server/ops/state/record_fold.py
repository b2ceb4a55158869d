"""How what people put down about an incident changes the state."""

from collections.abc import Callable, Mapping
from typing import Any, get_args

import msgspec

from alerts.incident_record import AlertsMoved, IncidentRecord, apply_record
from server.ops.state.state import State
from server.store.chain import JournalEntry


def _recorded(state: State, event: IncidentRecord, entry: JournalEntry) -> None:
    known = state.incidents.get(event.id)
    if known is None:
        return
    state.incidents[event.id] = apply_record(known, event, entry.at, entry.actor)
    if not isinstance(event, AlertsMoved) or event.into not in state.incidents:
        return
    for fingerprint in event.fingerprints:
        if not event.held_back:
            state.incident_by_alert[fingerprint] = event.into
        alert = state.alerts.get(fingerprint)
        if alert is not None and alert.state == "firing" and alert.held_back is not event.held_back:
            state.put_alert(msgspec.structs.replace(alert, held_back=event.held_back))
    if event.held_back:
        _pass_people_on(state, event)


def _pass_people_on(state: State, event: AlertsMoved) -> None:
    """Whoever was called about a symptom hears of the recovery of its cause."""
    absorbed, cause = state.escalations.get(event.id), state.escalations.get(event.into)
    if absorbed is not None and cause is not None:
        people = tuple(dict.fromkeys((*cause.people, *absorbed.people)))
        state.escalations[event.into] = msgspec.structs.replace(cause, people=people)


RECORD_FOLDS: Mapping[type, Callable[[State, Any, JournalEntry], None]] = dict.fromkeys(
    get_args(IncidentRecord), _recorded
)
"""Each kind of event and what it does, a part of the table of all."""
