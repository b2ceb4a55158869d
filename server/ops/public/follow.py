"""What follows for the public from the states of components: a change of state, and the one entry that nobody wrote."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import msgspec

from alerts.maintenance import Maintenance
from alerts.public_update import PublicUpdate
from server.ops.maintenance.windows import new_public_id
from web.component_history import ComponentChanged, ComponentRecord
from web.component_status import ComponentStatus
from web.components import ComponentMap, worse
from web.public_incident import (
    GOES_ON_WITHIN,
    IMPACTS,
    PublicChanged,
    PublicIncident,
    PublicOpened,
    affected_now,
    automatic_title,
    worst_impact,
)

BY = "daemon"
_FINE: frozenset[ComponentStatus] = frozenset({"operational", "under_maintenance"})


class HeldStates:
    """Lets a component be worse at once and better only when that has lasted, so that a flap is one outage."""

    def __init__(self, clears_after: timedelta) -> None:
        self._clears_after = clears_after
        self._better_since: dict[str, datetime] = {}

    def held(
        self, component_id: str, before: ComponentStatus, found: ComponentStatus, now: datetime
    ) -> ComponentStatus:
        """The state to show. The begin and the end of maintenance show at once: people make them."""
        at_once = "under_maintenance" in (before, found) or before == found or worse(before, found) == found
        if at_once:
            self._better_since.pop(component_id, None)
            return found
        since = self._better_since.setdefault(component_id, now)
        # A clock that was set back begins the wait anew: nothing is better before it has lasted.
        if since > now:
            since = self._better_since[component_id] = now
        if now - since < self._clears_after:
            return before
        del self._better_since[component_id]
        return found


def in_windows(
    found: Mapping[str, ComponentStatus], windows: Iterable[Maintenance], now: datetime
) -> dict[str, ComponentStatus]:
    """The states with maintenance: whatever fires within the planned time is maintenance, after it the facts count."""
    states = dict(found)
    for window in windows:
        for component in window.components if window.is_on else ():
            if component in states:
                late = window.overruns(now)
                status = worse("under_maintenance", states[component]) if late else "under_maintenance"
                states[component] = status
    return states


def changes_of(
    records: Mapping[str, ComponentRecord],
    states: Mapping[str, ComponentStatus],
    since: Mapping[str, datetime],
    shown: ComponentMap,
    now: datetime,
) -> list[ComponentChanged]:
    """The components whose state is another one than is known of them.

    What was well began to fail when its cause began, which is before anybody noticed.
    """
    changes = []
    for component in shown.components:
        known, status = records.get(component.id), states[component.id]
        if known is not None and known.status == status:
            continue
        was_well = known is None or known.status == "operational"
        began_at = since.get(component.id, now) if was_well and status not in _FINE else now
        changes.append(
            ComponentChanged(
                component_id=component.id, name=component.name, status=status, began_at=min(began_at, now)
            )
        )
    return changes


class Automatic(msgspec.Struct, frozen=True, kw_only=True):
    """What the entries that nobody wrote are made from."""

    states: Mapping[str, ComponentStatus]
    since: Mapping[str, datetime]
    names: Mapping[str, str]
    now: datetime


def automatic_events(
    incidents: Iterable[PublicIncident], last_number: int, seen: Automatic
) -> list[PublicOpened | PublicChanged]:
    """What the public is told without a person: that there is trouble, what of, and that it is gone where nobody wrote.

    No trouble is without an open entry. An entry that a person has written in is theirs: only a person ends it.
    """
    entries = [entry for entry in incidents if entry.kind == "incident"]
    troubled = [c for c in seen.names if seen.states.get(c, "operational") not in _FINE]
    covered = {component for entry in entries if entry.is_open for component in entry.components}
    new = tuple(component for component in troubled if component not in covered)
    mine = next((entry for entry in reversed(entries) if entry.automatic and entry.is_open), None)
    if new:
        mine = mine or _fresh(entries, new, seen.now)
        return [_opened(last_number + 1, new, seen) if mine is None else _joined(mine, new, seen)]
    if mine is None:
        return []
    if not any(component in troubled for component in mine.components):
        return [_gone(mine, seen)]
    impact = _impact(mine, seen)
    return [_changed(mine, seen, impact=impact)] if impact != mine.impact else []


def _fresh(entries: list[PublicIncident], new: tuple[str, ...], now: datetime) -> PublicIncident | None:
    """The entry of trouble that has just ended by itself and is back."""
    for entry in reversed(entries):
        over = entry.automatic and entry.resolved_at is not None
        if over and entry.resolved_at and timedelta(0) <= now - entry.resolved_at < GOES_ON_WITHIN:
            return entry if set(entry.components) & set(new) else None
    return None


def _opened(number: int, new: tuple[str, ...], seen: Automatic) -> PublicOpened:
    title = automatic_title([seen.names[component] for component in new])
    update = _update("investigating", f"{title}.", (), new, seen)
    return PublicOpened(
        incident=PublicIncident(
            id=number,
            public_id=new_public_id(),
            title=title,
            status="investigating",
            impact=worst_impact([seen.states[component] for component in new]),
            components=new,
            started_at=min((seen.since.get(component, seen.now) for component in new), default=seen.now),
            created_at=seen.now,
            updates=(update,),
            automatic=True,
        )
    )


def _joined(entry: PublicIncident, new: tuple[str, ...], seen: Automatic) -> PublicChanged:
    both = {*entry.components, *new}
    gone = tuple(component for component in entry.components if component not in seen.names)
    components = (*gone, *(component for component in seen.names if component in both))
    title = automatic_title([seen.names[component] for component in components if component in seen.names])
    changed = msgspec.structs.replace(entry, components=components)
    return msgspec.structs.replace(
        _changed(changed, seen, impact=_impact(changed, seen)),
        title=title,
        update=_update("investigating", f"{title}.", entry.updates, components, seen),
    )


def _gone(entry: PublicIncident, seen: Automatic) -> PublicChanged:
    """No words: what there is to say is the change of each component."""
    changed = _changed(entry, seen, impact=entry.impact)
    return msgspec.structs.replace(
        changed,
        status="resolved",
        update=_update("resolved", "", entry.updates, entry.components, seen),
    )


def _changed(entry: PublicIncident, seen: Automatic, *, impact: str) -> PublicChanged:
    return PublicChanged(
        id=entry.id,
        status="investigating",
        impact=impact,  # type: ignore[arg-type]  # one of the four
        components=entry.components,
        by_person=False,
    )


def _impact(entry: PublicIncident, seen: Automatic) -> str:
    """The worst that it was: an impact tells how bad it came, not how it stands."""
    now = worst_impact([seen.states.get(component, "operational") for component in entry.components])
    return max(entry.impact, now, key=IMPACTS.index)


def _update(
    status: str,
    body: str,
    earlier: tuple[PublicUpdate, ...],
    components: tuple[str, ...],
    seen: Automatic,
) -> PublicUpdate:
    affected = affected_now(earlier, components, seen.names, seen.states)
    return PublicUpdate(id=new_public_id(), status=status, body=body, at=seen.now, by=BY, affected=affected)
