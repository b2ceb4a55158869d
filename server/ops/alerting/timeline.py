"""An incident's timeline, read from the journal and told in words."""

import asyncio

import msgspec

from alerts.escalation import EscalationMaintained, EscalationPaused, EscalationResumed
from alerts.incident import (
    AcknowledgedAgain,
    IncidentBreached,
    IncidentJoined,
    IncidentMoved,
    IncidentNoted,
    IncidentOpened,
    IncidentShifted,
    Verb,
)
from alerts.incident_record import (
    AlertsMoved,
    FollowupAdded,
    FollowupDone,
    IncidentAssigned,
    IncidentLinked,
    IncidentMajor,
    MetricsFrozen,
    PostmortemShared,
    RootCauseSet,
    SeveritySet,
    UserReported,
)
from alerts.notification import Notification, PageDecided, PageTried
from alerts.wire import TimelineEntry
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


class Timelines:
    """Reads what the journal has about an incident; in a thread, because a disk may be slow."""

    def __init__(self, archive: Archive, state: State) -> None:
        self._archive = archive
        self._state = state
        # Whoever only looks must not take every thread from the steps that wait for one.
        self._readers = asyncio.Semaphore(_READERS)

    async def of(self, incident_id: int) -> list[TimelineEntry]:
        """Everything about an incident and the steps run for it, oldest first."""
        merged = [i.id for i in self._state.incidents.values() if i.merged_into == incident_id]
        about = {incident_id, *merged}
        executions = [e.execution_id for e in self._state.executions.values() if e.incident_id in about]
        async with self._readers:
            return await asyncio.to_thread(self._read, [*map(str, about), *executions])

    def _read(self, objects: list[str]) -> list[TimelineEntry]:
        entries: list[JournalEntry] = []
        for acted_on in objects:
            try:
                entries += self._archive.about(acted_on, _LONGEST)
            except (JournalCorruptError, JournalUnavailableError, OSError):
                continue
        lines = [line for entry in sorted(entries, key=lambda entry: entry.seq) if (line := _line(entry))]
        return lines[-_LONGEST:]


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
        case IncidentOpened():
            return f"{event.incident.alertname} fires: {event.incident.title}"
        case IncidentJoined():
            more = f" and {len(event.others)} more" if event.others else ""
            return f"alert {event.fingerprint}{more} ({event.severity}) belongs to it"
        case IncidentMoved():
            return f"{_DID[event.verb]}{': ' + event.reason if event.reason else ''}"
        case IncidentNoted():
            return event.text
        case IncidentBreached():
            return "the time to resolve is over"
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
        case EscalationMaintained():
            return f"its deadlines stand still: maintenance {event.window} is on"
        case IncidentShifted():
            return f"the maintenance is over; its deadlines are {round(event.by_s / 60)} min later"
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
            return f"{event.state}{code}{': ' + event.reason if event.reason else ''}"
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
    if page.kind == "recovery":
        return (
            f"{people} are told that it is mitigated"
            if len(page.people) > 1
            else f"{people} is told that it is mitigated"
        )
    return f"{page.level or page.kind} is called ({people}){why}"


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
