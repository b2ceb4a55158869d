"""When each runbook was last proven: the latest success of one of its steps."""

from datetime import datetime

from server.ops.state import State


def last_proven(state: State) -> dict[str, datetime]:
    """Runbook to the end of its latest successful step."""
    proven: dict[str, datetime] = {}
    for execution in state.executions.values():
        if execution.runbook is None or execution.state != "succeeded" or execution.finished_at is None:
            continue
        known = proven.get(execution.runbook)
        if known is None or execution.finished_at > known:
            proven[execution.runbook] = execution.finished_at
    return proven
