"""Every event of the ops daemon's journal, as one type."""

from datetime import datetime

import msgspec

from alerts.alert import AlertEvent
from alerts.escalation import EscalationEvent
from alerts.event import JournalEvent
from alerts.incident import IncidentEvent
from alerts.incident_record import IncidentRecord
from alerts.maintenance import MaintenanceEvent
from alerts.notification import PageEvent
from alerts.silence import Silence
from alerts.wire import Role
from runbooks.wire import DrillReport
from server.runner.execution import ExecutionEvent
from web.component_history import ComponentEvent
from web.public_incident import PublicEvent


class DaemonStarted(JournalEvent, frozen=True, kw_only=True, tag="daemon.started"):
    """The daemon is up."""

    boot: str
    pid: int
    machine_boot: str


class JournalSetAside(JournalEvent, frozen=True, kw_only=True, tag="journal.set_aside"):
    """A journal file was not sound; this chain goes on from its last sound event."""

    file: str
    sha256: str
    seq: int
    hash: str
    why: str


class JournalAnchored(JournalEvent, frozen=True, kw_only=True, tag="journal.anchored"):
    """The journal is tied to the key outside its folder in another way than it was left."""

    how: str
    """``taken over …``, ``begun anew …``, or how many events had no mark when the machine went down."""


class JournalUnanchored(JournalEvent, frozen=True, kw_only=True, tag="journal.unanchored"):
    """The daemon started on a journal for which nothing outside its folder vouches."""

    why: str


class JournalVerified(JournalEvent, frozen=True, kw_only=True, tag="journal.verified"):
    """The daemon has verified its own journal; ``fault`` is empty where it is sound."""

    events: int
    seq: int
    hash: str
    fault: str = ""


class SnapshotSaved(JournalEvent, frozen=True, kw_only=True, tag="journal.snapshot_saved"):
    """A snapshot of the state lies beside the journal; this event vouches for its content."""

    file: str
    seq: int
    sha256: str


class JournalWritable(JournalEvent, frozen=True, kw_only=True, tag="journal.writable"):
    """The journal can be written again."""

    was: str
    """What was wrong."""


class SegmentClosed(JournalEvent, frozen=True, kw_only=True, tag="journal.segment_closed"):
    """The last event of a month's file."""

    month: str
    events: int
    hash: str
    """Of the event before this one."""


class UserSet(JournalEvent, frozen=True, kw_only=True, tag="user.set"):
    """A user was added, or got another token; only its hash is kept."""

    name: str
    role: Role
    token_sha256: str
    rotated: bool = False


class UserRevoked(JournalEvent, frozen=True, kw_only=True, tag="user.revoked"):
    """A user may no longer do anything."""

    name: str


class SilenceSet(JournalEvent, frozen=True, kw_only=True, tag="silence.set"):
    """A silence was made or changed; one that ends now was taken back."""

    silence: Silence


class AlertQuarantined(JournalEvent, frozen=True, kw_only=True, tag="alert.quarantined"):
    """A bad alert of an otherwise good batch."""

    why: str
    raw: str


class RequestTaken(JournalEvent, frozen=True, kw_only=True, tag="request.taken"):
    """A mutation with an Idempotency-Key has changed something; journalled together with that."""

    user: str
    key: str
    request_sha256: str


class RequestAnswered(JournalEvent, frozen=True, kw_only=True, tag="request.answered"):
    """A mutation with an Idempotency-Key was answered."""

    user: str
    key: str
    request_sha256: str
    status: int
    answer: str


class ReadOnlySet(JournalEvent, frozen=True, kw_only=True, tag="daemon.read_only"):
    """Read-only mode was switched on (with its reason) or off (None)."""

    reason: str | None


class ApprovalAsked(JournalEvent, frozen=True, kw_only=True, tag="approval.asked"):
    """A plan needs another person."""

    id: str
    digest: str
    title: str
    argv: tuple[str, ...]
    object: str
    asked_by: str
    expires_at: datetime
    not_before: datetime | None = None
    maintenance_id: int | None = None


class ApprovalGiven(JournalEvent, frozen=True, kw_only=True, tag="approval.given"):
    """Another person agrees."""

    id: str


class ApprovalUsed(JournalEvent, frozen=True, kw_only=True, tag="approval.used"):
    """An approval was spent on an execution; an approval is good for one."""

    id: str
    execution_id: str


class GlassBroken(JournalEvent, frozen=True, kw_only=True, tag="execution.break_glass"):
    """Somebody went past a missing approval or a read-only mode, and why."""

    execution_id: str
    reason: str


class TemporaryEnded(JournalEvent, frozen=True, kw_only=True, tag="change.ended"):
    """The time of a temporary change is over (``expired``), or its way back was taken (``reverted``)."""

    execution_id: str
    how: str


class UnjournalledRun(JournalEvent, frozen=True, kw_only=True, tag="fallback.run"):
    """What the fallback program did while the daemon could not be reached, from its log."""

    line_sha256: str
    ran_at: str
    actor: str
    argv: tuple[str, ...]
    action: str
    object: str
    exit_code: int | None


class ManualActionNoted(JournalEvent, frozen=True, kw_only=True, tag="hand.done"):
    """Something that a person did past the daemon and told it, such as a write in psql."""

    text: str


class RehearsalBegan(JournalEvent, frozen=True, kw_only=True, tag="rehearsal.began"):
    """The day's rehearsal began; what it has not come to is still due, whatever comes between."""

    runbooks: tuple[str, ...]


class RunbookRehearsed(JournalEvent, frozen=True, kw_only=True, tag="runbook.rehearsed"):
    """Every step of a runbook that can be rehearsed was."""

    runbook: str
    digest: str
    """Empty where it is no longer on the shelf."""
    ran: int
    """Read steps and pre-checks that were run."""
    planned: int
    skipped: int
    findings: tuple[str, ...] = ()


class RunbookDrilled(JournalEvent, frozen=True, kw_only=True, tag="runbook.drilled"):
    """A drill of a runbook's alert was reported."""

    report: DrillReport


HouseEvent = (
    DaemonStarted
    | JournalSetAside
    | JournalAnchored
    | JournalUnanchored
    | JournalVerified
    | SnapshotSaved
    | JournalWritable
    | SegmentClosed
    | UserSet
    | UserRevoked
    | SilenceSet
    | AlertQuarantined
    | RequestTaken
    | RequestAnswered
    | ReadOnlySet
    | ApprovalAsked
    | ApprovalGiven
    | ApprovalUsed
    | GlassBroken
    | TemporaryEnded
    | UnjournalledRun
    | ManualActionNoted
    | RehearsalBegan
    | RunbookRehearsed
    | RunbookDrilled
)
Event = (
    AlertEvent
    | IncidentEvent
    | ExecutionEvent
    | HouseEvent
    | EscalationEvent
    | PageEvent
    | IncidentRecord
    | MaintenanceEvent
    | ComponentEvent
    | PublicEvent
)

DECODER: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def kind_of(event: Event) -> str:
    """The journal's word for an event."""
    return str(type(event).__struct_config__.tag)


def decode_event(body: bytes) -> Event:
    """An event from the journal; raises ``msgspec.DecodeError``."""
    return DECODER.decode(body)
