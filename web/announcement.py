"""What the public is told of a maintenance window, in one text for page, feeds, chat and mail. Pure; the time is passed in."""

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from alerts.duration import format_duration
from alerts.maintenance import Maintenance, is_short_notice

SUBJECTS: Mapping[str, str] = {
    "announce": "Maintenance announced",
    "check-in": "Maintenance has begun",
    "extend": "Maintenance takes longer",
    "complete": "Maintenance completed",
    "cancel": "Maintenance cancelled",
    "reschedule": "Maintenance moved to another time",
    "correct": "Correction",
}
"""How a message about each step begins."""
TOLD: Mapping[str, tuple[str, ...]] = {
    "announce": ("announcements", "customers"),
    "check-in": ("announcements",),
    "extend": ("announcements", "customers"),
    "complete": ("announcements", "customers"),
    "cancel": ("announcements", "customers"),
    "reschedule": ("announcements", "customers"),
    "correct": ("announcements", "customers"),
}
"""The audiences of each step; what is not here is for page and feeds alone."""


class Announcement(msgspec.Struct, frozen=True, kw_only=True):
    """What is published."""

    subject: str
    body: str
    """Markdown."""

    @property
    def text(self) -> str:
        """Both, as a message has them."""
        return f"{self.subject}\n\n{self.body}"


def announce_window(
    window: Maintenance, names: Mapping[str, str], page_url: str, now: datetime
) -> Announcement:
    """The announcement of a window as it would be published now. ``names`` are those of the components by id."""
    return Announcement(
        subject=_subject("announce", window, now), body=_planned(window.body, window, names, page_url, now)
    )


def reschedule_window(
    window: Maintenance, words: str, names: Mapping[str, str], page_url: str, now: datetime
) -> Announcement:
    """The announcement of another time; ``window`` has it already."""
    words = words or "The maintenance takes place at another time."
    return Announcement(
        subject=_subject("reschedule", window, now), body=_planned(words, window, names, page_url, now)
    )


def tell_of_window(verb: str, window: Maintenance, words: str, now: datetime) -> Announcement:
    """What is published at another step; ``words`` are a person's, empty for the usual ones."""
    usual = {
        "check-in": "The maintenance has begun.",
        "extend": f"The maintenance takes longer; it is planned to end at {_moment(window.ends_at)}.",
        "verify": "The work is done. We are making sure that everything is well.",
        "complete": "The maintenance is completed.",
        "cancel": "The maintenance is cancelled and does not take place.",
    }
    body = words or usual[verb]
    if verb == "extend" and words:
        body = f"{words}\n\n**Planned end:** {_moment(window.ends_at)}."
    return Announcement(subject=_subject(verb, window, now), body=body)


def _subject(verb: str, window: Maintenance, now: datetime) -> str:
    planned = verb in ("announce", "reschedule")
    short = " at short notice" if planned and is_short_notice(window.starts_at, now) else ""
    return f"{SUBJECTS.get(verb, 'Maintenance')}{short}: {window.title}"


def _planned(words: str, window: Maintenance, names: Mapping[str, str], page_url: str, now: datetime) -> str:
    affected = ", ".join(names.get(component, component) for component in window.components)
    lasts = format_duration((window.ends_at - window.starts_at).total_seconds())
    parts = [
        words,
        f"**When:** {_span(window.starts_at, window.ends_at)} ({lasts}).",
        f"**Affected:** {affected}." if affected else "",
        "**Short notice:** this is announced less than 24 hours ahead."
        if is_short_notice(window.starts_at, now)
        else "",
        f"Follow it at <{page_url.rstrip('/')}/maintenance/{window.public_id}>.",
    ]
    return "\n\n".join(filter(None, parts))


def _span(start: datetime, end: datetime) -> str:
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    until = f"{end:%H:%M} UTC" if start.date() == end.date() else _moment(end)
    return f"{start:%-d %B %Y, %H:%M} to {until}"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%-d %B %Y, %H:%M} UTC"
