"""The view model of the status page: everything that a template needs, and nothing to decide."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import msgspec

from web.components import DEFAULT, ComponentMap, ComponentState, ComponentStatus, Indicator, overall

WORDS: Mapping[ComponentStatus, tuple[str, str]] = {
    "operational": ("Operational", "●"),
    "degraded_performance": ("Degraded performance", "◐"),
    "partial_outage": ("Partial outage", "◑"),
    "major_outage": ("Major outage", "✕"),
    "under_maintenance": ("Under maintenance", "▲"),
}
"""Each status in words and as a shape: never by colour alone."""
HISTORY_DAYS = 14


class Outage(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of time in which a component was not operational."""

    component_id: str
    status: ComponentStatus
    """The worst it was."""
    started_at: datetime
    ended_at: datetime | None = None


class ComponentRow(msgspec.Struct, frozen=True, kw_only=True):
    """One component as it is shown."""

    id: str
    name: str
    description: str
    status: ComponentStatus
    words: str
    shape: str
    since: datetime
    position: int


class PastOutage(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a day's history."""

    name: str
    words: str
    started_at: datetime
    ended_at: datetime | None


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """One day of history."""

    day: date
    outages: tuple[PastOutage, ...]


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """The whole page."""

    name: str
    url: str
    indicator: Indicator
    description: str
    rows: tuple[ComponentRow, ...]
    days: tuple[Day, ...]
    updated_at: datetime
    """The last real change."""


def build_page(
    states: Mapping[str, ComponentState],
    outages: tuple[Outage, ...],
    *,
    name: str,
    url: str,
    today: date,
    shown: ComponentMap = DEFAULT,
) -> Page:
    """The page for the states and outages of the components that are shown."""
    rows = tuple(
        ComponentRow(
            id=component.id,
            name=component.name,
            description=component.description,
            status=states[component.id].status,
            words=WORDS[states[component.id].status][0],
            shape=WORDS[states[component.id].status][1],
            since=states[component.id].since,
            position=position,
        )
        for position, component in enumerate(shown.components, 1)
    )
    indicator, description = overall(row.status for row in rows)
    return Page(
        name=name,
        url=url,
        indicator=indicator,
        description=description,
        rows=rows,
        days=tuple(_day(today - timedelta(days=back), outages, shown) for back in range(HISTORY_DAYS)),
        updated_at=max(row.since for row in rows),
    )


def _day(day: date, outages: tuple[Outage, ...], shown: ComponentMap) -> Day:
    names = {component.id: component.name for component in shown.components}
    lines = (
        PastOutage(
            name=names[outage.component_id],
            words=WORDS[outage.status][0],
            started_at=outage.started_at,
            ended_at=outage.ended_at,
        )
        for outage in sorted(outages, key=lambda o: o.started_at, reverse=True)
        if outage.component_id in names and outage.started_at.astimezone(UTC).date() == day
    )
    return Day(day=day, outages=tuple(lines))


def follow_outages(
    outages: tuple[Outage, ...], status: Mapping[str, ComponentStatus], now: datetime
) -> tuple[Outage, ...]:
    """The outages after these statuses: begun, worsened or ended now; those older than the history go."""
    kept, open_now = [], set()
    horizon = now - timedelta(days=HISTORY_DAYS + 1)
    ranks = list(WORDS)
    for outage in outages:
        current = status.get(outage.component_id, "operational")
        if outage.ended_at is not None:
            if outage.ended_at >= horizon:
                kept.append(outage)
        elif current == "operational":
            kept.append(msgspec.structs.replace(outage, ended_at=now))
        else:
            worst = max(outage.status, current, key=ranks.index)
            kept.append(msgspec.structs.replace(outage, status=worst))
            open_now.add(outage.component_id)
    begun = (
        Outage(component_id=component_id, status=current, started_at=now)
        for component_id, current in status.items()
        if current not in ("operational", "under_maintenance") and component_id not in open_now
    )
    return (*kept, *begun)
