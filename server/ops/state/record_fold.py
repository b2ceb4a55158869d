"""How what people put down about an incident changes the state."""

from collections.abc import Callable, Mapping
from typing import Any, get_args

from alerts.incident_record import AlertsMoved, IncidentRecord, apply_record
from server.ops.state.state import State
from server.store.chain import JournalEntry


def _recorded(state: State, event: IncidentRecord, entry: JournalEntry) -> None:
    known = state.incidents.get(event.id)
    if known is None:
        return
    state.incidents[event.id] = apply_record(known, event, entry.at)
    if isinstance(event, AlertsMoved) and event.into in state.incidents:
        for fingerprint in event.fingerprints:
            state.incident_by_alert[fingerprint] = event.into


RECORD_FOLDS: Mapping[type, Callable[[State, Any, JournalEntry], None]] = dict.fromkeys(
    get_args(IncidentRecord), _recorded
)
"""Each kind of event and what it does, a part of the table of all."""
