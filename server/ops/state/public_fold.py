"""How what is journalled about the public page changes the state."""

from collections.abc import Callable, Mapping
from typing import Any

from server.ops.state.state import State
from server.store.chain import JournalEntry
from web.component_history import ComponentChanged, HistoryTakenOver, apply_change
from web.public_incident import (
    PublicChanged,
    PublicCorrected,
    PublicEvent,
    PublicOpened,
    apply_public_event,
)


def _component(state: State, event: ComponentChanged, entry: JournalEntry) -> None:
    known = state.components.get(event.component_id)
    state.components[event.component_id] = apply_change(known, event, entry.at)


def _taken_over(state: State, event: HistoryTakenOver, entry: JournalEntry) -> None:
    for record in event.records:
        state.components[record.component_id] = record


def _public(state: State, event: PublicEvent, entry: JournalEntry) -> None:
    number = event.incident.id if isinstance(event, PublicOpened) else event.id
    after = apply_public_event(state.public_incidents.get(number), event, entry.at, entry.actor)
    if after is not None:
        state.public_incidents[number] = after
        state.last_public = max(state.last_public, number)


PUBLIC_FOLDS: Mapping[type, Callable[[State, Any, JournalEntry], None]] = {
    ComponentChanged: _component,
    HistoryTakenOver: _taken_over,
    PublicOpened: _public,
    PublicChanged: _public,
    PublicCorrected: _public,
}
"""Each kind of event and what it does, a part of the table of all."""
