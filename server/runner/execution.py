"""One execution: which states it may pass, and what the journal remembers of it."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum, auto

import msgspec

from alerts.event import JournalEvent
from runbooks.engine.action import Verify
from runbooks.wire import ExecutionState, StepKind, Verdict, Verification
from server.runner.process import ProcessId


class Sign(Enum):
    """What may become known of an execution."""

    INTENDED = auto()
    STARTED = auto()
    SUCCEEDED = auto()
    FAILED = auto()
    TIMED_OUT = auto()
    CANCELLED = auto()
    LOST = auto()
    """It left no trace of its end."""
    CLEARED = auto()
    """A person has looked and says why it may be forgotten."""


TRANSITIONS: Mapping[tuple[ExecutionState | None, Sign], ExecutionState] = {
    (None, Sign.INTENDED): "running",
    ("running", Sign.STARTED): "running",
    ("running", Sign.SUCCEEDED): "succeeded",
    ("running", Sign.FAILED): "failed",
    ("running", Sign.TIMED_OUT): "timed_out",
    ("running", Sign.CANCELLED): "cancelled",
    ("running", Sign.LOST): "unknown",
    ("unknown", Sign.CLEARED): "failed",
}
"""Every change of state; nothing leads back to running, so nothing runs twice."""

FINISHES: Mapping[ExecutionState, Sign] = {
    "succeeded": Sign.SUCCEEDED,
    "failed": Sign.FAILED,
    "timed_out": Sign.TIMED_OUT,
    "cancelled": Sign.CANCELLED,
}
HOLDS_LOCKS: frozenset[ExecutionState] = frozenset({"running", "unknown"})


class Execution(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a step or an action."""

    execution_id: str
    kind: StepKind
    title: str
    actor: str
    argv: tuple[str, ...]
    digest: str
    requested_at: datetime
    object: str
    timeout_s: float
    boot_id: str
    """The machine's boot at the intent; after another one a missing trace proves nothing."""
    request_sha256: str = ""
    """Of what was asked for, so that the same id with another body is noticed."""
    state: ExecutionState = "running"
    runbook: str | None = None
    step: str | None = None
    action: str | None = None
    params: dict[str, str] = {}
    locks: tuple[str, ...] = ()
    incident_id: int | None = None
    maintenance_id: int | None = None
    """The maintenance window that it was run for."""
    dry_run: bool = False
    approvals: tuple[str, ...] = ()
    break_glass: str | None = None
    viewer_sha256: str | None = None
    """Hash of the viewer token that a read step has for as long as it runs."""
    until_at: datetime | None = None
    verify: Verify | None = None
    before: str = ""
    """What the live metric said before it."""
    rollback: str | None = None
    shim: ProcessId | None = None
    pid: int | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    exit_code: int | None = None
    signal: int | None = None
    reason: str | None = None
    survivors: tuple[int, ...] = ()
    verdict: Verdict | None = None
    verification: Verification | None = None
    rehearsal: bool = False
    """Whether nobody asked for it: it is run with low priority, and shown only to who asks."""
    unjournalled: bool = False
    """Whether it was begun while the journal could not be written; it is journalled afterwards."""
    version: int = 1

    @property
    def settled(self) -> bool:
        """Whether nothing more is to be expected of it, its verification included."""
        if self.state == "running":
            return False
        return self.verify is None or self.state != "succeeded" or self.verification is not None


class ExecutionIntended(JournalEvent, frozen=True, kw_only=True, tag="execution.intended"):
    """An execution was decided and its locks are taken; nothing has run yet."""

    execution: Execution


class ExecutionStarted(JournalEvent, frozen=True, kw_only=True, tag="execution.started"):
    """The execution's process runs."""

    execution_id: str
    shim: ProcessId
    pid: int
    pgid: int
    started_at: datetime


class ExecutionFinished(JournalEvent, frozen=True, kw_only=True, tag="execution.finished"):
    """The execution's end is known."""

    execution_id: str
    state: ExecutionState
    finished_at: datetime
    exit_code: int | None = None
    signal: int | None = None
    reason: str | None = None
    survivors: tuple[int, ...] = ()
    verdict: Verdict | None = None
    cut: dict[str, int] = msgspec.field(default_factory=dict)


class ExecutionLost(JournalEvent, frozen=True, kw_only=True, tag="execution.lost"):
    """An execution may have run; nothing tells how it ended."""

    execution_id: str
    reason: str


class ExecutionCleared(JournalEvent, frozen=True, kw_only=True, tag="execution.cleared"):
    """A person has looked after an unknown one and lets its locks go."""

    execution_id: str
    reason: str


class ExecutionCancelled(JournalEvent, frozen=True, kw_only=True, tag="execution.cancel_asked"):
    """Somebody asked for its end."""

    execution_id: str


class ExecutionVerified(JournalEvent, frozen=True, kw_only=True, tag="execution.verified"):
    """What the live metric says after it."""

    execution_id: str
    verification: Verification


class ExecutionRefused(JournalEvent, frozen=True, kw_only=True, tag="execution.refused"):
    """An execution was asked for and not begun; its id stays free."""

    execution_id: str
    title: str
    reason: str
    incident_id: int | None = None


ExecutionEvent = (
    ExecutionIntended
    | ExecutionStarted
    | ExecutionFinished
    | ExecutionLost
    | ExecutionCleared
    | ExecutionCancelled
    | ExecutionVerified
    | ExecutionRefused
)


class IllegalSignError(Exception):
    """The execution cannot change this way from where it is."""

    def __init__(self, execution_id: str, state: ExecutionState | None, sign: Sign) -> None:
        super().__init__(
            f"execution {execution_id} is {state or 'not known'}; {sign.name.lower()} does not fit"
        )


def next_state(execution_id: str, state: ExecutionState | None, sign: Sign) -> ExecutionState:
    """The state after a sign; raises ``IllegalSignError``."""
    try:
        return TRANSITIONS[(state, sign)]
    except KeyError:
        raise IllegalSignError(execution_id, state, sign) from None


def apply_execution_event(
    known: Execution | None, event: ExecutionEvent, at: datetime, actor: str
) -> Execution | None:
    """The execution after an event of the journal; raises ``IllegalSignError``."""
    if isinstance(event, ExecutionIntended):
        next_state(event.execution.execution_id, known.state if known else None, Sign.INTENDED)
        return event.execution
    if known is None or isinstance(event, ExecutionRefused):
        return known
    changed = msgspec.structs.replace(known, version=known.version + 1)
    match event:
        case ExecutionStarted():
            next_state(known.execution_id, known.state, Sign.STARTED)
            return msgspec.structs.replace(
                changed, shim=event.shim, pid=event.pid, started_at=event.started_at
            )
        case ExecutionFinished():
            return msgspec.structs.replace(
                changed,
                state=next_state(known.execution_id, known.state, FINISHES[event.state]),
                finished_at=max(event.finished_at, known.started_at or known.requested_at),
                exit_code=event.exit_code,
                signal=event.signal,
                reason=event.reason or known.reason,
                survivors=event.survivors,
                verdict=event.verdict,
            )
        case ExecutionLost():
            state = next_state(known.execution_id, known.state, Sign.LOST)
            return msgspec.structs.replace(changed, state=state, reason=event.reason)
        case ExecutionCleared():
            state = next_state(known.execution_id, known.state, Sign.CLEARED)
            reason = f"unknown; cleared by {actor}: {event.reason}"
            return msgspec.structs.replace(changed, state=state, reason=reason, finished_at=at)
        case ExecutionVerified():
            return msgspec.structs.replace(changed, verification=event.verification)
        case ExecutionCancelled():
            return msgspec.structs.replace(changed, reason=f"cancelled by {actor}")
