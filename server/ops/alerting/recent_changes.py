"""What changed before an incident: the first thing that anybody asks."""

from datetime import datetime, timedelta

from server.ops.state.state import State

LOOKED_BACK = timedelta(hours=24)
_AT_MOST = 12
CHANGED = "changed in the last 24 h: "
"""Begins the note with which an incident opens."""


def what_changed(state: State, now: datetime) -> str:
    """Changes run, temporary changes in force and active silences of the last 24 hours, in one line, newest first."""
    since = now - LOOKED_BACK
    found = [
        (
            e.finished_at,
            f"{e.action or e.title} on {e.object} by {e.actor} at {e.finished_at:%H:%M} ({e.state})",
        )
        for e in state.executions.values()
        if e.kind != "read" and not e.dry_run and e.finished_at is not None and e.finished_at >= since
    ]
    found += [
        (silence.starts_at, f"silence by {silence.created_by} since {silence.starts_at:%H:%M}")
        for silence in state.silences.values()
        if silence.state(now) == "active"
    ]
    found += [
        (window.checked_in_at, f"maintenance {window.id} ({window.title}) since {window.checked_in_at:%H:%M}")
        for window in state.open_windows()
        if window.checked_in_at is not None
    ]
    found += [
        (change.since, f"in force until {change.until_at:%H:%M}: {change.action} on {change.object}")
        for change in state.temporary_in_force(now)
    ]
    found.sort(key=lambda pair: pair[0], reverse=True)
    left = f" and {len(found) - _AT_MOST} more" if len(found) > _AT_MOST else ""
    return "; ".join(text for _, text in found[:_AT_MOST]) + left
