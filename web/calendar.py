"""The calendar of maintenance windows (RFC 5545): each an event that keeps its UID and counts its changes."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from icalendar import Calendar, Event, vDuration, vText

from web.page import EntryView, Page

_AGAIN = timedelta(minutes=30)


def maintenance_calendar(page: Page) -> bytes:
    """Every window that was announced, cancelled ones too: a calendar has to be told that they do not take place."""
    calendar = Calendar()
    calendar.add("prodid", "-//Structured Prompt Service//status page//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", f"{_line(page.name)}: maintenance")
    calendar.add("refresh-interval", vDuration(_AGAIN), parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", vText("PT30M"))
    host = urlsplit(page.url).hostname or "localhost"
    for entry in sorted(page.entries, key=lambda e: (e.scheduled_for or e.created_at, e.public_id)):
        if entry.kind == "maintenance":
            calendar.add_component(_event(entry, page, host))
    body: bytes = calendar.to_ical()
    return body


def _event(entry: EntryView, page: Page, host: str) -> Event:
    event = Event()
    event.add("uid", f"maintenance-{entry.public_id}@{host}")
    event.add("dtstamp", _utc(entry.updated_at))
    event.add("created", _utc(entry.created_at))
    event.add("last-modified", _utc(entry.updated_at))
    event.add("sequence", entry.sequence)
    event.add("dtstart", _utc(entry.scheduled_for or entry.started_at))
    event.add("dtend", _utc(entry.scheduled_until or entry.started_at))
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    event.add("summary", f"Maintenance: {_line(entry.title)}")
    told = entry.updates[0].body if entry.updates else ""
    affected = f"Affected: {', '.join(entry.names)}" if entry.names else ""
    event.add("description", "\n\n".join(filter(None, (f"{entry.words}. {told}".strip(), affected))))
    event.add("url", f"{page.url}{entry.path}")
    event.add("transp", "TRANSPARENT")
    return event


def _line(text: str) -> str:
    return " ".join(text.split())


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)
