"""How what is journalled about paging changes the state."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import msgspec

from alerts.escalation import (
    ACKNOWLEDGED,
    OVER,
    WATCHED,
    EscalationBegan,
    EscalationMaintained,
    EscalationPaused,
    EscalationResumed,
    apply_answer,
    apply_page,
    apply_resumed,
    pause,
    shift,
)
from alerts.incident import HELD_STATES, IncidentMoved, IncidentShifted
from alerts.notification import OnCallSet, OnCallUnset, PageAnswered, PageDecided, PageTried, apply_try
from server.ops.state.state import State
from server.store.chain import JournalEntry


def pause_paging(state: State, event: IncidentMoved) -> None:
    """Notes that somebody holds the incident, or that it is being watched.

    Where that ends, paging goes on at the level that it had reached.
    """
    escalation = state.escalations.get(event.id)
    why = (
        ACKNOWLEDGED
        if event.to in HELD_STATES
        else WATCHED
        if event.to == "monitoring"
        else OVER
        if event.to != "open"
        else ""
    )
    if escalation is not None and why:
        state.escalations[event.id] = pause(escalation, why)


def _began(state: State, event: EscalationBegan, entry: JournalEntry) -> None:
    state.escalations[event.escalation.incident_id] = event.escalation


def _paused(state: State, event: EscalationPaused, entry: JournalEntry) -> None:
    known = state.escalations.get(event.id)
    if known is not None:
        state.escalations[event.id] = pause(known, event.why)


def _maintained(state: State, event: EscalationMaintained, entry: JournalEntry) -> None:
    known = state.escalations.get(event.id)
    if known is not None:
        state.escalations[event.id] = msgspec.structs.replace(known, maintained_since=entry.at)


def shift_paging(state: State, event: IncidentShifted) -> None:
    """Moves what is due about an incident by the time that a maintenance window took."""
    known = state.escalations.get(event.id)
    if known is not None:
        state.escalations[event.id] = shift(known, timedelta(seconds=event.by_s))


def _resumed(state: State, event: EscalationResumed, entry: JournalEntry) -> None:
    known = state.escalations.get(event.id)
    if known is not None:
        state.escalations[event.id] = apply_resumed(known, event)


def _decided(state: State, event: PageDecided, entry: JournalEntry) -> None:
    page = event.page
    state.pages[page.id] = page
    state.last_page = max(state.last_page, page.id)
    known = None if page.incident_id is None else state.escalations.get(page.incident_id)
    if known is None:
        return
    if page.kind == "summary":
        state.escalations[known.incident_id] = msgspec.structs.replace(known, told_state=page.text)
    elif page.kind == "recovery":
        state.escalations[known.incident_id] = msgspec.structs.replace(known, told_recovery=True)
    elif event.due is not None:
        state.escalations[known.incident_id] = apply_page(known, event.due, page.people, entry.at)
    elif page.kind == "page":
        people = tuple(dict.fromkeys((*known.people, *page.people)))
        state.escalations[known.incident_id] = msgspec.structs.replace(known, people=people)


def _tried(state: State, event: PageTried, entry: JournalEntry) -> None:
    known = state.pages.get(event.id)
    if known is not None:
        state.pages[event.id] = apply_try(known, event, entry.at)


def _answered(state: State, event: PageAnswered, entry: JournalEntry) -> None:
    known = state.escalations.get(event.id)
    if known is not None:
        state.escalations[event.id] = apply_answer(known, event.key)


def _set(state: State, event: OnCallSet, entry: JournalEntry) -> None:
    state.on_call[event.override.level] = event.override


def _unset(state: State, event: OnCallUnset, entry: JournalEntry) -> None:
    state.on_call.pop(event.level, None)


PAGING_FOLDS: Mapping[type, Callable[[State, Any, JournalEntry], None]] = {
    EscalationBegan: _began,
    EscalationMaintained: _maintained,
    EscalationPaused: _paused,
    EscalationResumed: _resumed,
    PageDecided: _decided,
    PageTried: _tried,
    PageAnswered: _answered,
    OnCallSet: _set,
    OnCallUnset: _unset,
}
"""Each kind of event and what it does, a part of the table of all."""
