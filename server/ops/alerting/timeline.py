"""An incident's timeline, read from the journal and told in words."""

import asyncio
from datetime import datetime, timedelta
from itertools import islice

import msgspec

from alerts.alert import AlertFired, AlertResolved, AlertStale
from alerts.escalation import EscalationMaintained, EscalationPaused, EscalationResumed
from alerts.incident import (
    AcknowledgedAgain,
    Incident,
    IncidentBreached,
    IncidentJoined,
    IncidentMoved,
    IncidentNoted,
    IncidentOpened,
    IncidentShifted,
    PostmortemReminded,
    Verb,
)
from alerts.incident_record import (
    AlertsMoved,
    FollowupAdded,
    FollowupDone,
    IncidentAssigned,
    IncidentLinked,
    IncidentMajor,
    IncidentVerified,
    MetricsFrozen,
    PersonOnIncident,
    PostmortemShared,
    RootCauseSet,
    SeveritySet,
    StepTicked,
    UserReported,
)
from alerts.notification import Notification, PageAnswered, PageDecided, PageTried
from alerts.wire import TimelineEntry
from server.ops.paging.message import in_words
from server.ops.state.events import Event, GlassBroken, decode_event
from server.ops.state.state import State
from server.runner.execution import (
    ExecutionCancelled,
    ExecutionCleared,
    ExecutionFinished,
    ExecutionIntended,
    ExecutionLost,
    ExecutionRefused,
    ExecutionVerified,
)
from server.store.archive import Archive
from server.store.chain import JournalEntry
from server.store.journal import JournalCorruptError, JournalUnavailableError

_LONGEST = 2_000
_READERS = 2
_ALERTS_TOLD = 20
"""Alerts of an incident, the first to join, whose begins and ends are told."""


class Timelines:
    """Reads what the journal has about an incident; in a thread, because a disk may be slow."""

    def __init__(self, archive: Archive, state: State) -> None:
        self._archive = archive
        self._state = state
        # Whoever only looks must not take every thread from the steps that wait for one.
        self._readers = asyncio.Semaphore(_READERS)

    async def of(self, incident_id: int) -> list[TimelineEntry]:
        """Everything about an incident and the steps run for it, oldest first."""
        incident = self._state.incidents.get(incident_id)
        if incident is None:
            return []
        incidents = [incident, *self._state.merged_under(incident_id)]
        about = {one.id for one in incidents}
        executions = [e.execution_id for e in self._state.executions.values() if e.incident_id in about]
        alerts = list(islice((f for one in incidents for f in one.fingerprints), _ALERTS_TOLD))
        # The first of them are told by the opening itself.
        since = min(one.detected_at for one in incidents)
        async with self._readers:
            return await asyncio.to_thread(
                self._read, [*map(str, about), *executions], alerts, since, _told_until(incident)
            )

    def _read(
        self, objects: list[str], alerts: list[str], since: datetime, until: datetime | None
    ) -> list[TimelineEntry]:
        entries = self._about(objects, "")
        entries += [
            entry
            for entry in self._about(alerts, f"{since:%Y-%m}")
            if since < entry.at and (until is None or entry.at <= until)
        ]
        lines = [line for entry in sorted(entries, key=lambda entry: entry.seq) if (line := _line(entry))]
        return lines[-_LONGEST:]

    def _about(self, objects: list[str], since: str) -> list[JournalEntry]:
        entries: list[JournalEntry] = []
        for acted_on in objects:
            try:
                entries += self._archive.about(acted_on, _LONGEST, since=since)
            except (JournalCorruptError, JournalUnavailableError, OSError):
                continue
        return entries


def _told_until(incident: Incident) -> datetime | None:
    """What an incident's alerts do after it is over belongs to another one."""
    return None if incident.is_open else incident.resolved_at


def _line(entry: JournalEntry) -> TimelineEntry | None:
    try:
        event = decode_event(entry.body)
    except msgspec.DecodeError:
        return None
    text = words(event, entry.actor)
    if text is None:
        return None
    at = event.noted_at if isinstance(event, IncidentNoted) else entry.at
    execution_id = entry.object if entry.kind.startswith("execution.") else None
    return TimelineEntry(
        seq=entry.seq, at=at, actor=entry.actor, kind=entry.kind, text=text, execution_id=execution_id
    )


def words(event: Event, actor: str) -> str | None:
    """One line about an event, None for one that a timeline does not show."""
    match event:
        case AlertFired():
            return f"{_name_of(event)} fires"
        case AlertResolved():
            return "the alert has ended" + (
                ", its source does not have it any more" if event.how == "absent" else ""
            )
        case AlertStale():
            return f"the alert is not confirmed any more{': ' + event.because if event.because else ''}"
        case IncidentOpened():
            opened = event.incident
            how = "declared" if opened.declared_by else f"{opened.alertname} fires"
            return f"{how}: {opened.title}"
        case IncidentJoined():
            more = f" and {len(event.others)} more" if event.others else ""
            return f"alert {event.fingerprint}{more} ({event.severity}) belongs to it"
        case IncidentMoved():
            return f"{_DID[event.verb]}{': ' + event.reason if event.reason else ''}"
        case IncidentNoted():
            return event.text
        case IncidentBreached():
            return "the time to resolve is over"
        case PostmortemReminded():
            return "its post-mortem is overdue" if event.overdue else "its post-mortem is due within a day"
        case PageDecided():
            return _page_words(event.page) if event.page.kind != "summary" else None
        case MetricsFrozen():
            return "its metrics were kept" if event.sha256 else f"its metrics could not be kept: {event.why}"
        case PageTried():
            if event.person.startswith("#") and event.ok:
                return None
            if event.ok:
                return f"{event.person} was reached over {event.channel}"
            rest = "; no other channel is left" if event.last else ""
            return f"{event.person} was not reached over {event.channel}: {event.why}{rest}"
        case PageAnswered():
            refused = f", which changes nothing: {event.refused}" if event.refused else ""
            by_link = "by the link in the page" if event.where == "link" else f"in {event.where}"
            return f"{actor} {event.what} it {by_link}{refused}"
        case IncidentMajor():
            return f"a major incident{': ' + event.reason if event.reason else ''}"
        case SeveritySet():
            return f"its severity is {event.severity}{': ' + event.reason if event.reason else ''}"
        case IncidentAssigned():
            return f"{event.person} is to work on it" if event.person else "nobody is assigned any more"
        case RootCauseSet():
            return f"root cause: {event.text}"
        case FollowupAdded():
            todo = event.followup
            owner = f", by {todo.owner}" if todo.owner else ""
            return (
                f"follow-up {todo.number}: {todo.text}{owner}{f', due {todo.due_on}' if todo.due_on else ''}"
            )
        case FollowupDone():
            return f"follow-up {event.number} is done"
        case IncidentLinked():
            return f"see {event.url}"
        case UserReported():
            return f"a user reports: {event.text}"
        case AlertsMoved():
            return f"{len(event.fingerprints)} alerts belong to incident {event.into} now"
        case PostmortemShared():
            return "its post-mortem was shared"
        case StepTicked():
            said = "done" if event.done else "not done"
            return f"step {event.step} is {said}{': ' + event.reason if event.reason else ''}"
        case IncidentVerified():
            what = "verified, with a load test" if event.load else "verified"
            return f"{what}: {'well' if event.passed else 'NOT well'}; {event.text}"
        case PersonOnIncident():
            return f"{event.person} is {'on it' if event.on else 'not on it any more'}"
        case EscalationMaintained():
            return f"its deadlines stand still: maintenance {event.window} is on"
        case IncidentShifted():
            return (
                f"the maintenance is over; its deadlines are {in_words(timedelta(seconds=event.by_s))} later"
            )
        case EscalationPaused():
            return f"nobody is called for now: {event.why}"
        case EscalationResumed():
            return f"paging goes on: {event.why}"
        case AcknowledgedAgain():
            return f"acknowledged again by {actor}, until {event.until_at:%H:%M}"
        case ExecutionIntended():
            run = event.execution
            return f"runs {run.title} on {run.object}{' (dry run)' if run.dry_run else ''}"
        case ExecutionFinished():
            code = "" if event.exit_code is None else f", exit code {event.exit_code}"
            verdict = "" if event.verdict is None else f", {event.verdict}"
            return f"{event.state}{code}{verdict}{': ' + event.reason if event.reason else ''}"
        case ExecutionVerified():
            return event.verification.text
        case ExecutionLost() | ExecutionCleared() | ExecutionRefused() | GlassBroken():
            return f"{_WORD[type(event)]}: {event.reason}"
        case ExecutionCancelled():
            return f"{actor} asks for its end"
    return None


def _page_words(page: Notification) -> str:
    people = ", ".join(page.people) or "nobody"
    why = f": {page.why}" if page.why else ""
    if page.kind in ("recovery", "notice"):
        what = page.text if page.kind == "notice" else "that nobody is called for it any more"
        return f"{people} {'are' if len(page.people) > 1 else 'is'} told {what}"
    return f"{page.level or page.kind} is called ({people}){why}"


def _name_of(event: AlertFired) -> str:
    """The alert in a word, with what tells it from others of its name."""
    labels = event.labels
    told = (labels.get(name, "") for name in ("instance", "provider", "dependency", "client"))
    where = next(filter(None, told), "")
    return f"{labels.get('alertname', 'an alert')}{f' of {where}' if where else ''}"


_DID = {
    Verb.ACKNOWLEDGE: "acknowledged",
    Verb.UNACKNOWLEDGE: "let go",
    Verb.LAPSE: "the acknowledgement lapsed",
    Verb.INVESTIGATE: "investigating",
    Verb.CLEAR: "its condition is gone; being watched",
    Verb.REFIRE: "fires again",
    Verb.RELAPSE: "fires again, still acknowledged",
    Verb.RESOLVE: "resolved",
    Verb.REVIEW: "in review",
    Verb.CLOSE: "closed",
    Verb.REOPEN: "reopened",
    Verb.DISMISS: "a false positive",
    Verb.MERGE: "merged",
}
_WORD: dict[type, str] = {
    ExecutionLost: "unknown",
    ExecutionCleared: "cleared",
    ExecutionRefused: "refused",
    GlassBroken: "break-glass",
}
