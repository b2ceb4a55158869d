"""Who is called, in words and tables."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from alerts.wire import ContactsView, IncidentView, PageView
from console.text.plain import clock, one_line, table

_PAUSED = {"watched": "its condition is gone", "acknowledged": "somebody has it"}
"""The daemon's words for why nobody is called, as a person says them; those that are not here are sentences."""
LEVEL_HEAD = ("LEVEL", "WHO", "UNTIL", "BY")
PEOPLE_HEAD = ("ID", "NAME", "NOW", "CHANNELS")
PAGE_HEAD = ("ID", "AT", "LEVEL", "INCIDENT", "WHO", "STATE", "CHANNEL", "WHY")


def paging_line(incident: IncidentView) -> str:
    """Who was called about an incident, and who is called next and when; empty where nobody is or was."""
    paged = f"called {', '.join(incident.paged)}" if incident.paged else ""
    following = incident.next_page
    if following is not None:
        people = f" ({', '.join(following.people)})" if following.people else ""
        ahead = f"next {following.level}{people} at {clock(following.at)}"
    else:
        why = _PAUSED.get(incident.paging_paused, incident.paging_paused)
        ahead = f"nobody is called for now: {why}" if why else ""
    return "  ".join(filter(None, (paged, ahead)))


def next_call(incident: IncidentView) -> str:
    """Level and time of the next call in few characters: ``L2 03:12``; empty where nobody will be called."""
    following = incident.next_page
    return f"{following.level} {following.at.astimezone(UTC):%H:%M}" if following is not None else ""


def on_call_lines(view: ContactsView) -> list[str]:
    """Who is on call at each level, and whom to call besides."""
    return [*table(LEVEL_HEAD, level_rows(view)), *besides_lines(view)]


def level_rows(view: ContactsView) -> list[tuple[str, ...]]:
    """Cells below ``LEVEL_HEAD``."""
    return [
        (
            one.level,
            ", ".join(one.people) or "nobody",
            f"{one.until_at:%Y-%m-%dT%H:%M:%SZ}" if one.until_at else "",
            f"set by {one.override_by}" if one.override_by else "",
        )
        for one in view.levels
    ]


def besides_lines(view: ContactsView) -> list[str]:
    """Whom to call besides the levels, and whether a file says who is at them."""
    lines = [f"hotline: {one_line(view.hotline)}"] if view.hotline else []
    lines += [f"{one_line(contact.name)}: {one_line(contact.reach)}" for contact in view.emergency]
    if not view.from_file:
        lines.append(
            "no contacts file is in force: the local user is called, in notifications.log of the state folder"
        )
    return lines


def people_rows(view: ContactsView) -> list[tuple[str, ...]]:
    """Everybody who can be called, and how: cells below ``PEOPLE_HEAD``."""
    return [
        (person.id, person.name, ", ".join(person.levels), ", ".join(person.channels))
        for person in view.people
    ]


def trouble_lines(view: ContactsView) -> list[str]:
    """Who cannot be reached by which channel, and why."""
    return [f"!! {person.id}: {one_line(why)}" for person in view.people for why in person.troubles]


def ladder_lines(view: ContactsView) -> list[str]:
    """When each level is called, by severity."""
    return [f"{severity}: {'; '.join(lines)}" for severity, lines in view.policies.items()]


def page_rows(pages: Sequence[PageView], moment: Callable[[datetime], str]) -> Iterator[tuple[str, ...]]:
    """Pages, one row for each person's copy: cells below ``PAGE_HEAD``, with times as ``moment`` says them."""
    return (
        (
            str(page.id),
            moment(page.decided_at),
            page.level or page.kind,
            str(page.incident_id or ""),
            copy.person,
            copy.state,
            copy.channel,
            copy.why or page.text or page.why,
        )
        for page in pages
        for copy in page.deliveries
    )
