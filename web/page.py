"""The view model of the public site: everything that a template needs, and nothing to decide. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Literal

import msgspec

from alerts.maintenance import Maintenance, MaintenanceState
from alerts.public_update import AffectedComponent, PublicUpdate
from web.component_history import (
    BAR_DAYS,
    ComponentRecord,
    DayBar,
    day_bars,
    midnight,
    outages_of,
    uptime,
)
from web.component_status import ComponentStatus
from web.components import ComponentMap, Indicator, overall
from web.markdown import html_of, plain_of
from web.public_incident import PublicIncident

WORDS: Mapping[ComponentStatus, tuple[str, str]] = {
    "operational": ("Operational", "●"),
    "degraded_performance": ("Degraded performance", "◐"),
    "partial_outage": ("Partial outage", "◑"),
    "major_outage": ("Major outage", "✕"),
    "under_maintenance": ("Under maintenance", "▲"),
}
"""Each status in words and as a shape: never by colour alone."""
STATUS_WORDS: Mapping[str, str] = {
    "investigating": "Investigating",
    "identified": "Identified",
    "monitoring": "Monitoring",
    "resolved": "Resolved",
    "postmortem": "Post-mortem",
    "scheduled": "Scheduled",
    "in_progress": "In progress",
    "verifying": "Verifying",
    "completed": "Completed",
    "cancelled": "Cancelled",
}
IMPACT_WORDS: Mapping[str, str] = {
    "none": "No impact",
    "minor": "Minor impact",
    "major": "Major impact",
    "critical": "Critical impact",
    "maintenance": "Maintenance",
}
DAYS_ON_PAGE = 14
KEPT_DAYS = 90
_NEVER = datetime(2000, 1, 1, tzinfo=UTC)
EntryKind = Literal["incident", "announcement", "maintenance"]


class SiteFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the site is made of; two that are equal make the same bytes."""

    name: str
    url: str
    shown: ComponentMap
    records: Mapping[str, ComponentRecord]
    incidents: tuple[PublicIncident, ...] = ()
    windows: tuple[Maintenance, ...] = ()
    """Those that were announced."""
    today: date
    delayed: frozenset[int] = frozenset()
    """Windows whose start has passed without a check-in."""
    overrunning: frozenset[int] = frozenset()
    update_overdue: frozenset[int] = frozenset()
    standing: frozenset[int] = frozenset()
    """Announcements that stand on the page itself."""
    robots: bool = False
    """Whether search engines may list the page."""
    seen_until: datetime | None = None
    """Until when anybody was looking, where nobody is now; what the page says is as of then."""


def clocked(facts: SiteFacts, now: datetime) -> SiteFacts:
    """The facts with whatever in them is a matter of the time."""
    windows = facts.windows
    return msgspec.structs.replace(
        facts,
        today=now.astimezone(UTC).date(),
        delayed=frozenset(w.id for w in windows if w.is_delayed(now)),
        overrunning=frozenset(w.id for w in windows if w.overruns(now)),
        update_overdue=frozenset(w.id for w in windows if w.is_update_overdue(now)),
        standing=frozenset(
            i.id for i in facts.incidents if i.shown_until is not None and i.shown_until > now
        ),
    )


class UpdateView(msgspec.Struct, frozen=True, kw_only=True):
    """One update as it is read."""

    id: str
    status: str
    """As Statuspage spells it."""
    words: str
    html: str
    body: str
    at: datetime
    affected: tuple[AffectedComponent, ...] = ()
    corrections: tuple[tuple[datetime, str], ...] = ()
    """When it was corrected, and the HTML of what it said before."""


class EntryView(msgspec.Struct, frozen=True, kw_only=True):
    """An incident, an announcement or a maintenance window as it is read."""

    kind: EntryKind
    public_id: str
    path: str
    title: str
    status: str
    """As Statuspage spells it."""
    words: str
    impact: str
    impact_words: str
    components: tuple[str, ...]
    """Ids."""
    names: tuple[str, ...]
    created_at: datetime
    started_at: datetime
    updated_at: datetime
    monitoring_at: datetime | None = None
    resolved_at: datetime | None = None
    scheduled_for: datetime | None = None
    scheduled_until: datetime | None = None
    updates: tuple[UpdateView, ...] = ()
    """The newest first."""
    note: str = ""
    """What has to be said first: a start that is late, an end that has passed, an update that is overdue."""
    next_update_by: datetime | None = None
    short_notice: bool = False
    cancelled: bool = False
    is_open: bool = False
    """An incident that is not over, or a window that is on."""
    is_ahead: bool = False
    """A window that is to come."""
    stands: bool = False
    """An announcement that is on the page itself."""
    postmortem_url: str = ""
    sequence: int = 0
    """Grows with every change, for calendars."""


class ComponentRow(msgspec.Struct, frozen=True, kw_only=True):
    """One component as it is shown."""

    id: str
    name: str
    description: str
    status: ComponentStatus
    words: str
    shape: str
    since: datetime
    known_since: datetime
    position: int
    bar_paths: tuple[tuple[str, str], ...] = ()
    """For each state of a day, its class and the SVG path of all such days."""
    troubled_days: int = 0
    """Days of the bar that are not all operational."""
    uptime: str = ""
    """``99.98 %``; empty where less than a day is known: minutes of an outage would be most of it."""
    known_days: int = 0


class PastOutage(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a day's history."""

    component_id: str
    name: str
    words: str
    started_at: datetime
    ended_at: datetime | None


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """One day of history."""

    day: date
    entries: tuple[EntryView, ...]
    outages: tuple[PastOutage, ...]


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """The whole site."""

    name: str
    url: str
    indicator: Indicator
    description: str
    rows: tuple[ComponentRow, ...]
    entries: tuple[EntryView, ...]
    """Everything that has a page of its own, what changed last first."""
    days: tuple[Day, ...]
    """90 days, the latest first."""
    updated_at: datetime
    """The last real change."""
    robots: bool = False

    @property
    def open_incidents(self) -> tuple[EntryView, ...]:
        """Incidents that are not over."""
        return tuple(e for e in self.entries if e.kind == "incident" and e.is_open)

    @property
    def standing(self) -> tuple[EntryView, ...]:
        """Announcements that stand on the page itself."""
        return tuple(e for e in self.entries if e.stands)

    @property
    def windows_on(self) -> tuple[EntryView, ...]:
        """Maintenance that is on."""
        return tuple(e for e in self.entries if e.kind == "maintenance" and e.is_open)

    @property
    def windows_ahead(self) -> tuple[EntryView, ...]:
        """Maintenance to come, the earliest first."""
        ahead = (e for e in self.entries if e.is_ahead)
        return tuple(sorted(ahead, key=lambda e: e.scheduled_for or e.created_at))

    @property
    def latest_days(self) -> tuple[Day, ...]:
        """The days that the page itself shows."""
        return self.days[:DAYS_ON_PAGE]


def build_page(facts: SiteFacts) -> Page:
    """The site for these facts."""
    names = {component.id: component.name for component in facts.shown.components}
    entries = [_incident(one, facts, names) for one in facts.incidents]
    entries += [_window(one, facts, names) for one in facts.windows]
    entries.sort(key=lambda entry: (entry.updated_at, entry.public_id), reverse=True)
    changed_at = _changed_at(facts, entries)
    rows = tuple(
        _row(component.id, component.name, component.description, position, facts, changed_at)
        for position, component in enumerate(facts.shown.components, 1)
    )
    indicator, description = overall(row.status for row in rows)
    outages = _outages(facts, names)
    return Page(
        name=facts.name,
        url=facts.url.rstrip("/"),
        indicator=indicator,
        description=description,
        rows=rows,
        entries=tuple(entries),
        days=tuple(_day(facts.today - timedelta(days=back), entries, outages) for back in range(KEPT_DAYS)),
        updated_at=changed_at,
        robots=facts.robots,
    )


def _changed_at(facts: SiteFacts, entries: Iterable[EntryView]) -> datetime:
    """The latest of whatever changed what is read: states, words, and times that have come."""
    times = [record.since for record in facts.records.values()]
    times += [entry.updated_at for entry in entries]
    times += [window.starts_at for window in facts.windows if window.id in facts.delayed]
    times += [window.ends_at for window in facts.windows if window.id in facts.overrunning]
    times += [
        window.next_update_by
        for window in facts.windows
        if window.id in facts.update_overdue and window.next_update_by is not None
    ]
    times += [
        incident.shown_until
        for incident in facts.incidents
        if incident.shown_until is not None and incident.id not in facts.standing
    ]
    return max((*times, midnight(facts.today)), default=_NEVER)


def _row(
    component_id: str, name: str, description: str, position: int, facts: SiteFacts, until: datetime
) -> ComponentRow:
    known_since = midnight(facts.today)
    record = facts.records.get(component_id) or ComponentRecord(
        component_id=component_id, since=known_since, known_since=known_since
    )
    bars = day_bars(record, facts.today)
    share = uptime(record, midnight(facts.today - timedelta(days=BAR_DAYS - 1)), until)
    return ComponentRow(
        id=component_id,
        name=name,
        description=description,
        status=record.status,
        words=WORDS[record.status][0],
        shape=WORDS[record.status][1],
        since=record.since,
        known_since=record.known_since,
        position=position,
        bar_paths=_bar_paths(bars),
        troubled_days=sum(bar.status not in (None, "operational") for bar in bars),
        uptime=_percent(share) if until - record.known_since >= timedelta(days=1) else "",
        known_days=sum(bar.status is not None for bar in bars),
    )


_BAR_HEIGHTS: Mapping[ComponentStatus, int] = {
    "operational": 20,
    "major_outage": 20,
    "partial_outage": 16,
    "degraded_performance": 12,
    "under_maintenance": 8,
}
"""Heights differ too: what is seen is never a matter of colour alone."""


def _bar_paths(bars: Sequence[DayBar]) -> tuple[tuple[str, str], ...]:
    unknown = sum(bar.status is None for bar in bars)
    paths = {"unknown": f"M0 0h{unknown * 5 - 1}v20h-{unknown * 5 - 1}z"} if unknown else {}
    for n, bar in enumerate(bars):
        if bar.status is not None:
            height = _BAR_HEIGHTS[bar.status]
            drawn = f"M{n * 5} {20 - height}h4v{height}h-4z"
            paths[bar.status] = paths.get(bar.status, "") + drawn
    return tuple(paths.items())


def _percent(share: float | None) -> str:
    """Never rounded up to 100 where something was lost."""
    if share is None:
        return ""
    percent = int(share * 100_00) / 100
    return f"{percent:.2f} %" if percent < 100 else "100 %"


def _updates(updates: Sequence[PublicUpdate], words: str = "") -> tuple[UpdateView, ...]:
    return tuple(
        UpdateView(
            id=update.id,
            status=update.status,
            words=words or STATUS_WORDS.get(update.status, update.status),
            html=html_of(update.body),
            body=plain_of(update.body),
            at=update.at,
            affected=update.affected,
            corrections=tuple((c.at, html_of(c.before)) for c in update.corrections),
        )
        for update in reversed(updates)
    )


def _last_change(updates: Sequence[PublicUpdate], otherwise: datetime) -> datetime:
    times = [update.at for update in updates]
    times += [correction.at for update in updates for correction in update.corrections]
    return max(times, default=otherwise)


def _names(components: Iterable[str], names: Mapping[str, str]) -> tuple[str, ...]:
    """In the order of the page."""
    wanted = frozenset(components)
    return tuple(name for component, name in names.items() if component in wanted)


def _incident(incident: PublicIncident, facts: SiteFacts, names: Mapping[str, str]) -> EntryView:
    is_announcement = incident.kind == "announcement"
    return EntryView(
        kind=incident.kind,
        public_id=incident.public_id,
        path=f"/incidents/{incident.public_id}",
        title=incident.title,
        status=incident.status,
        words="Announcement" if is_announcement else STATUS_WORDS[incident.status],
        impact=incident.impact,
        impact_words=IMPACT_WORDS[incident.impact],
        components=incident.components,
        names=_names(incident.components, names),
        created_at=incident.created_at,
        started_at=incident.started_at,
        updated_at=_last_change(incident.updates, incident.created_at),
        monitoring_at=incident.monitoring_at,
        resolved_at=incident.resolved_at,
        updates=_updates(incident.updates, "Announcement" if is_announcement else ""),
        is_open=incident.is_open,
        stands=incident.id in facts.standing,
        postmortem_url=incident.postmortem_url,
        sequence=incident.version,
    )


_WINDOW_STATUS: Mapping[MaintenanceState, str] = {"cancelled": "completed"}


def _window(window: Maintenance, facts: SiteFacts, names: Mapping[str, str]) -> EntryView:
    status = _WINDOW_STATUS.get(window.state, window.state)
    return EntryView(
        kind="maintenance",
        public_id=window.public_id,
        path=f"/maintenance/{window.public_id}",
        title=window.title,
        status=status,
        words=STATUS_WORDS[window.state],
        impact="maintenance",
        impact_words=IMPACT_WORDS["maintenance"],
        components=window.components,
        names=_names(window.components, names),
        created_at=window.announced_at or window.created_at,
        started_at=window.checked_in_at or window.starts_at,
        updated_at=_last_change(window.updates, window.created_at),
        resolved_at=window.finished_at,
        scheduled_for=window.starts_at,
        scheduled_until=window.ends_at,
        updates=_updates(window.updates),
        note=_note(window, facts),
        next_update_by=window.next_update_by,
        short_notice=window.short_notice,
        cancelled=window.state == "cancelled",
        is_open=window.is_on,
        is_ahead=window.state == "scheduled",
        sequence=window.version,
    )


def _note(window: Maintenance, facts: SiteFacts) -> str:
    said = [
        "The start is delayed: the work has not begun." if window.id in facts.delayed else "",
        "The work takes longer than planned." if window.id in facts.overrunning else "",
        "The update that was promised is overdue." if window.id in facts.update_overdue else "",
    ]
    return " ".join(filter(None, said))


def _outages(facts: SiteFacts, names: Mapping[str, str]) -> list[PastOutage]:
    found = [
        PastOutage(
            component_id=record.component_id,
            name=names[record.component_id],
            words=WORDS[outage.status][0],
            started_at=outage.started_at,
            ended_at=outage.ended_at,
        )
        for record in facts.records.values()
        if record.component_id in names
        for outage in outages_of(record)
    ]
    return sorted(found, key=lambda outage: outage.started_at, reverse=True)


def _day(day: date, entries: Sequence[EntryView], outages: Sequence[PastOutage]) -> Day:
    return Day(
        day=day,
        entries=tuple(
            entry
            for entry in entries
            if entry.started_at.astimezone(UTC).date() == day and not (entry.is_ahead and not entry.cancelled)
        ),
        outages=tuple(outage for outage in outages if outage.started_at.astimezone(UTC).date() == day),
    )
