"""What a called person reads: one line for a log or a telephone, a subject, and a body that says what to type."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from alerts.contacts import Contacts
from alerts.incident import RANK, Incident
from alerts.notification import Notification
from server.ops.alerting.recent_changes import what_changed
from server.ops.state.state import State

_WORD = {"critical": "CRIT", "warning": "WARN", "info": "INFO", "none": "NONE"}
_WHOLE_IN_DIGEST = 5
"""Pages of a digest that are told whole; of the others only the line."""


class PageText(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel is given."""

    line: str
    subject: str
    body: str
    severity: str = "critical"
    event: str = "trigger"
    """What PagerDuty's Events API v2 calls it: ``trigger`` or ``resolve``; ``announce`` of what is no outage."""
    dedup_key: str = ""
    """Of an incident, so that its trigger and its resolution are one thing elsewhere too."""
    at: str = ""


def dedup_key_of(incident_id: int) -> str:
    """Under which PagerDuty keeps an incident."""
    return f"incident-{incident_id}"


def in_words(span: timedelta) -> str:
    """A span as a person says it: ``45 s``, ``10 min``, ``2 h 5 min``."""
    seconds = int(span.total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    minutes = seconds // 60
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"


def message_of(
    state: State,
    page: Notification,
    person: str,
    contacts: Contacts,
    head: str,
    now: datetime,
    link: str = "",
) -> PageText:
    """A person's copy of a page, with the state as it is now; ``link`` acknowledges it away from a terminal."""
    incident = None if page.incident_id is None else state.incidents.get(page.incident_id)
    if page.kind == "announcement":
        return _announcement(page, now)
    if incident is None or page.kind == "notice":
        return _notice(page, person, contacts, head, now)
    if page.kind == "summary":
        return _summary(page, incident, head, now)
    subject = _subject(page, incident)
    lines = [
        subject,
        f"{page.level or 'You'}: {page.why}" if page.why else f"{page.level or 'You'} is called",
        f"since {incident.began_at:%Y-%m-%d %H:%M:%SZ}",
        _deadline(incident, now),
        f"changed in the last 24 h: {what_changed(state, now) or 'nothing that was told us'}",
        f"runbook: {incident.runbook}" if incident.runbook else "",
        f"type: ops open {incident.id}",
        f"or acknowledge here: {link}" if link and page.kind == "page" else "",
        f"hotline: {contacts.hotline}" if contacts.hotline else "",
        f"journal {head}",
    ]
    if page.kind == "recovery":
        over = incident.merged_into is not None or incident.state == "false_positive"
        gone = "" if over else "its condition is gone; it is being watched, "
        lines[1] = f"{gone}nobody is called for it any more"
        lines[3] = ""
    return PageText(
        line=_line(
            now, person, page, _what(incident), f"incident {incident.id}", f"ops open {incident.id}", head
        ),
        subject=subject,
        body="\n".join(filter(None, lines)),
        severity=incident.severity,
        event="resolve" if page.kind == "recovery" else "trigger",
        dedup_key=dedup_key_of(incident.id),
        at=now.isoformat(),
    )


def worst_first(messages: Sequence[PageText]) -> list[PageText]:
    """Messages in the order in which a person should read them."""
    return sorted(messages, key=lambda message: -RANK.get(message.severity, 0))  # type: ignore[call-overload]  # any text


def digest_of(messages: Sequence[PageText]) -> PageText:
    """Several pages for one person at once: a storm is one call, as urgent as the first and worst of them."""
    if len(messages) == 1:
        return messages[0]
    whole = "\n\n".join(message.body for message in messages[:_WHOLE_IN_DIGEST])
    rest = "\n".join(message.subject for message in messages[_WHOLE_IN_DIGEST:])
    first = messages[0]
    return msgspec.structs.replace(
        first,
        line="\n".join(message.line for message in messages),
        subject=f"{len(messages)} pages: {first.subject}, …",
        body=f"{whole}\n\n{rest}".strip(),
    )


def bare_text(page: Notification, person: str, contacts: Contacts, head: str, now: datetime) -> PageText:
    """What is said where the whole cannot be: that there is something, and what to type."""
    hotline = f"hotline: {contacts.hotline}" if contacts.hotline else ""
    which = f"incident {page.incident_id}" if page.incident_id is not None else f"page {page.id}"
    command = f"ops open {page.incident_id}" if page.incident_id is not None else "ops pages"
    subject = f"PAGE {which}: its text could not be written"
    return PageText(
        line=_line(now, person, page, "", which, command, head),
        subject=subject,
        body="\n".join(filter(None, (subject, f"type: {command}", hotline, f"journal {head}"))),
        dedup_key=which.replace(" ", "-"),
        at=now.isoformat(),
    )


def _what(incident: Incident) -> str:
    """What it is about in a word: its alert; of one that a person declared, which has none, what they called it."""
    return incident.title if incident.declared_by else incident.alertname


def _subject(page: Notification, incident: Incident) -> str:
    if page.kind == "recovery":
        return f"OK {_what(incident)} {incident.service}: incident {incident.id} {_ended(incident)}"
    relapse = f", relapse {incident.spell - 1}" if incident.spell > 1 else ""
    word = _WORD[incident.severity]
    return (
        f"{word} {incident.alertname} {incident.service}: {incident.title} (incident {incident.id}{relapse})"
    )


def _ended(incident: Incident) -> str:
    if incident.merged_into is not None:
        return f"is a part of incident {incident.merged_into} now"
    return "was a false positive" if incident.state == "false_positive" else "is mitigated"


def _summary(page: Notification, incident: Incident, head: str, now: datetime) -> PageText:
    state, _, spell = page.text.partition(" ")
    words = state.replace("_", " ")
    if state == "open" and spell not in ("", "1"):
        words = "open again, a relapse"
    if state in ("acknowledged", "investigating") and incident.acknowledged_by:
        words += f" by {incident.acknowledged_by}"
    words = page.why or words
    line = f"incident {incident.id} {_WORD[incident.severity]} {_what(incident)} {incident.service}: {words}"
    return PageText(
        line=f"{now:%Y-%m-%dT%H:%M:%SZ}  {line}  [{head}]",
        subject=line,
        body=f"{line}\n{incident.title}\ntype: ops open {incident.id}\njournal {head}",
        severity=incident.severity,
        dedup_key=dedup_key_of(incident.id),
        at=now.isoformat(),
    )


def _announcement(page: Notification, now: datetime) -> PageText:
    """As the public reads it, to the byte: nothing is added that is only ours."""
    subject, _, body = page.text.partition("\n\n")
    return PageText(
        line=f"{now:%Y-%m-%dT%H:%M:%SZ}  {subject}\n{body}",
        subject=subject,
        body=body,
        severity="none",
        event="announce",
        dedup_key=f"page-{page.id}",
        at=now.isoformat(),
    )


def _deadline(incident: Incident, now: datetime) -> str:
    deadline = incident.mttr_deadline_at
    if deadline is None:
        return ""
    left = deadline - now
    if left < timedelta(0):
        return f"was to be mitigated by {deadline:%H:%M:%SZ}, {in_words(-left)} ago"
    return f"to be mitigated by {deadline:%H:%M:%SZ}, in {in_words(left)}"


def _notice(page: Notification, person: str, contacts: Contacts, head: str, now: datetime) -> PageText:
    what = "a test page, nothing has to be done" if page.kind == "test" else page.text
    by = f" (from {page.by})" if page.by else ""
    subject = f"{'TEST' if page.kind == 'test' else 'PAGE'} {what}{by}"
    hotline = f"hotline: {contacts.hotline}" if contacts.hotline else ""
    return PageText(
        line=_line(now, person, page, what, "", "", head),
        subject=subject,
        body="\n".join(filter(None, (subject, hotline, f"journal {head}"))),
        severity="info" if page.kind == "test" else "critical",
        dedup_key=f"page-{page.id}",
        at=now.isoformat(),
    )


def _line(
    now: datetime, person: str, page: Notification, what: str, which: str, command: str, head: str
) -> str:
    kind = page.level or page.kind
    return "  ".join(
        filter(None, (f"{now:%Y-%m-%dT%H:%M:%SZ}", person, kind, which, what, page.why, command, f"[{head}]"))
    )
