"""How what is journalled about maintenance windows changes the state."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, get_args

from alerts.maintenance import (
    MaintenanceEvent,
    MaintenanceScheduled,
    PreCheckName,
    WindowStep,
    apply_maintenance_event,
    with_step,
)
from server.ops.state.state import State
from server.runner.execution import Execution
from server.store.chain import JournalEntry

_SMOKE_TEST = "smoke-test"
_BACKUP = "backup"


def _window(state: State, event: MaintenanceEvent, entry: JournalEntry) -> None:
    number = event.maintenance.id if isinstance(event, MaintenanceScheduled) else event.id
    after = apply_maintenance_event(state.maintenances.get(number), event, entry.at, entry.actor)
    if after is not None:
        state.maintenances[number] = after
        state.last_maintenance = max(state.last_maintenance, number)


def note_step(state: State, execution: Execution, at: datetime) -> None:
    """Puts a step down on the window that it was run for."""
    window = state.maintenances.get(execution.maintenance_id or 0)
    if window is None:
        return
    step = WindowStep(
        execution_id=execution.execution_id,
        title=execution.title,
        state=execution.state,
        verdict=execution.verdict or "",
        by=execution.actor,
        at=execution.requested_at,
        is_smoke_test=execution.action == _SMOKE_TEST,
    )
    evidence = _evidence_of(execution) if window.state == "scheduled" else None
    state.maintenances[window.id] = with_step(window, step, evidence, at)


def _evidence_of(execution: Execution) -> PreCheckName | None:
    """A backup restores once before it calls itself one; a step that finds the service well sees that it is watched."""
    if execution.dry_run:
        return None
    if execution.action == _BACKUP:
        return "backup"
    return "monitoring" if execution.verdict == "healthy" or execution.action == _SMOKE_TEST else None


MAINTENANCE_FOLDS: Mapping[type, Callable[[State, Any, JournalEntry], None]] = dict.fromkeys(
    get_args(MaintenanceEvent), _window
)
"""Each kind of event and what it does, a part of the table of all."""
