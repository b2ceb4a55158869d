"""What version 0.1.0 remembered of the public page's components in a file of its own, read once."""

from datetime import datetime
from pathlib import Path

import msgspec

from web.component_history import ComponentRecord, StatusSpan
from web.component_status import ComponentStatus
from web.components import ComponentState


class _Outage(msgspec.Struct, kw_only=True):
    component_id: str
    status: ComponentStatus
    started_at: datetime
    ended_at: datetime | None = None


class _Memory(msgspec.Struct, kw_only=True):
    states: dict[str, ComponentState] = {}
    outages: tuple[_Outage, ...] = ()


def earlier_records(file: Path) -> tuple[ComponentRecord, ...]:
    """Each component with its outages; nothing where there is no such file, or it is damaged."""
    try:
        memory = msgspec.json.decode(file.read_bytes(), type=_Memory)
    except (OSError, ValueError):
        return ()
    times = [state.since for state in memory.states.values()]
    times += [
        at for outage in memory.outages for at in (outage.started_at, outage.ended_at) if at is not None
    ]
    if any(at.tzinfo is None for at in times):
        return ()
    return tuple(_record(state, memory.outages) for state in memory.states.values())


def _record(state: ComponentState, outages: tuple[_Outage, ...]) -> ComponentRecord:
    own = sorted((o for o in outages if o.component_id == state.component_id), key=lambda o: o.started_at)
    spans = tuple(
        StatusSpan(status=o.status, started_at=o.started_at, ended_at=o.ended_at)
        for o in own
        if o.ended_at is not None or o is own[-1]
    )
    return ComponentRecord(
        component_id=state.component_id,
        status=state.status,
        since=state.since,
        known_since=min([state.since, *(span.started_at for span in spans)]),
        spans=spans,
    )
