"""Who is called, in words and tables."""

from collections.abc import Sequence
from datetime import UTC

from alerts.wire import ContactsView, IncidentView, PageView
from console.text.plain import clock, one_line, table

_PAUSED = {"watched": "its condition is gone", "acknowledged": "somebody has it"}
"""The daemon's words for why nobody is called, as a person says them; those that are not here are sentences."""


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
    rows = [
        (
            one.level,
            ", ".join(one.people) or "nobody",
            f"{one.until_at:%Y-%m-%dT%H:%M:%SZ}" if one.until_at else "",
            f"set by {one.override_by}" if one.override_by else "",
        )
        for one in view.levels
    ]
    lines = table(("LEVEL", "WHO", "UNTIL", ""), rows)
    if view.hotline:
        lines.append(f"hotline: {one_line(view.hotline)}")
    lines += [f"{one_line(contact.name)}: {one_line(contact.reach)}" for contact in view.emergency]
    if not view.from_file:
        lines.append(
            "no contacts file is in force: the local user is called, in notifications.log of the state folder"
        )
    return lines


def people_lines(view: ContactsView) -> list[str]:
    """Everybody who can be called, and how, and when each level is."""
    rows = [
        (person.id, person.name, ", ".join(person.levels), ", ".join(person.channels))
        for person in view.people
    ]
    ladders = [f"{severity}: {'; '.join(lines)}" for severity, lines in view.policies.items()]
    return [*table(("ID", "NAME", "NOW", "CHANNELS"), rows), "", *ladders]


def page_lines(pages: Sequence[PageView]) -> list[str]:
    """Pages, one line for each person's copy."""
    rows = [
        (
            str(page.id),
            f"{page.decided_at:%m-%d %H:%M:%S}",
            page.level or page.kind,
            str(page.incident_id or ""),
            copy.person,
            copy.state,
            copy.channel,
            copy.why or page.text or page.why,
        )
        for page in pages
        for copy in page.deliveries
    ]
    return table(("ID", "AT (UTC)", "LEVEL", "INCIDENT", "WHO", "STATE", "CHANNEL", "WHY"), rows)
