"""What a component has been through: stretches of time, outages, days and uptime. Pure; the time is passed in."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

import msgspec

from alerts.event import JournalEvent
from alerts.wire import Moment
from web.component_status import ComponentStatus
from web.components import worse

KEPT = timedelta(days=91)
BAR_DAYS = 90
MERGED_WITHIN = timedelta(minutes=1)
"""Two outages that are not further apart are one."""
LOST = {"major_outage": 1.0, "partial_outage": 0.3}
"""How much of a stretch of time counts as lost, as Statuspage has it; the rest counts as nothing."""
_MOST_SPANS = 2_000


class StatusSpan(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of time in which a component was not operational."""

    status: ComponentStatus
    started_at: Moment
    ended_at: Moment | None = None
    """None while it lasts."""

    def within(self, start: datetime, end: datetime) -> timedelta:
        """How much of ``[start, end)`` it takes."""
        return max(timedelta(0), min(self.ended_at or end, end) - max(self.started_at, start))


class ComponentRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A component's state, and what became of it in the last 90 days."""

    component_id: str
    status: ComponentStatus = "operational"
    since: Moment
    known_since: Moment
    """When it was first looked at: before that nothing is known."""
    spans: tuple[StatusSpan, ...] = ()
    """The earliest first."""


class ComponentOutage(msgspec.Struct, frozen=True, kw_only=True):
    """One outage of a component: stretches that follow each other are one."""

    component_id: str
    status: ComponentStatus
    """The worst that it was."""
    started_at: Moment
    ended_at: Moment | None


class ComponentChanged(JournalEvent, frozen=True, kw_only=True, tag="component.changed"):
    """What the public sees of a component is another state than before."""

    component_id: str
    name: str
    status: ComponentStatus
    began_at: datetime
    """When that began, which may be before it was noticed."""


class HistoryTakenOver(JournalEvent, frozen=True, kw_only=True, tag="component.history_taken_over"):
    """What an earlier version knew of the components, from its own file."""

    records: tuple[ComponentRecord, ...]


ComponentEvent = ComponentChanged | HistoryTakenOver


def apply_change(known: ComponentRecord | None, event: ComponentChanged, at: datetime) -> ComponentRecord:
    """The record after a change. A begin before the end of the last trouble counts from there: no time counts twice."""
    if known is None:
        known = ComponentRecord(component_id=event.component_id, since=event.began_at, known_since=at)
    spans = known.spans
    last = spans[-1].ended_at or spans[-1].started_at if spans else event.began_at
    began_at = max(min(event.began_at, at), last)
    if spans and spans[-1].ended_at is None:
        spans = (*spans[:-1], msgspec.structs.replace(spans[-1], ended_at=began_at))
    if event.status != "operational":
        spans = (*spans, StatusSpan(status=event.status, started_at=began_at))
    kept = tuple(s for s in spans if s.ended_at is None or s.ended_at > at - KEPT)[-_MOST_SPANS:]
    known_since = min(known.known_since, began_at)
    return msgspec.structs.replace(
        known, status=event.status, since=began_at, known_since=known_since, spans=kept
    )


def outages_of(record: ComponentRecord) -> list[ComponentOutage]:
    """The outages of a component, the earliest first; maintenance is none, and what comes back within a minute is the same one."""
    found: list[ComponentOutage] = []
    for span in record.spans:
        if span.status == "under_maintenance":
            continue
        last = found[-1] if found else None
        if last is not None and last.ended_at is not None and span.started_at - last.ended_at < MERGED_WITHIN:
            found[-1] = msgspec.structs.replace(
                last, status=worse(last.status, span.status), ended_at=span.ended_at
            )
        else:
            found.append(
                ComponentOutage(
                    component_id=record.component_id,
                    status=span.status,
                    started_at=span.started_at,
                    ended_at=span.ended_at,
                )
            )
    return found


def uptime(record: ComponentRecord, start: datetime, end: datetime) -> float | None:
    """The share of ``[start, end)`` in which it was there, 0 to 1; None where nothing is known or all was maintenance.

    A major outage counts whole, a partial one 0.3; maintenance counts neither way.
    """
    start = max(start, record.known_since)
    looked_at = end - start
    lost = timedelta(0)
    for span in record.spans:
        took = span.within(start, end)
        if span.status == "under_maintenance":
            looked_at -= took
        lost += took * LOST.get(span.status, 0.0)
    return max(0.0, 1 - lost / looked_at) if looked_at > timedelta(0) else None


class DayBar(msgspec.Struct, frozen=True, kw_only=True):
    """One day of a component's bar."""

    day: date
    status: ComponentStatus | None
    """The worst of the day; None where nothing is known of it."""


def day_bars(record: ComponentRecord, today: date) -> Sequence[DayBar]:
    """The last 90 days, the earliest first."""
    first = today - timedelta(days=BAR_DAYS - 1)
    known_from = record.known_since.astimezone(UTC).date()
    worst: dict[date, ComponentStatus] = {}
    for span in record.spans:
        for day in _days_of(span, first, today):
            worst[day] = worse(worst.get(day, "operational"), span.status)
    days = (first + timedelta(days=n) for n in range(BAR_DAYS))
    return [
        DayBar(day=day, status=worst.get(day, "operational") if day >= known_from or day in worst else None)
        for day in days
    ]


def _days_of(span: StatusSpan, first: date, last: date) -> Iterator[date]:
    end = span.ended_at.astimezone(UTC) if span.ended_at is not None else None
    # A stretch that ends at midnight is none of the next day.
    until = last if end is None else (end - timedelta(microseconds=1)).date()
    day = max(span.started_at.astimezone(UTC).date(), first)
    while day <= min(until, last):
        yield day
        day += timedelta(days=1)


def midnight(day: date) -> datetime:
    """The begin of a day, UTC."""
    return datetime.combine(day, time(0), tzinfo=UTC)
