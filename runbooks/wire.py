"""The words about runbooks, actions and executions that the ops daemon, the command line and the console all speak.

Every time is an aware UTC ``datetime``; every duration field ends in ``_s`` and is seconds.
"""

from typing import Literal

import msgspec

from alerts.wire import Moment, make_ready

StepKind = Literal["read", "change", "destructive"]
ExecutionState = Literal[
    "planned", "running", "succeeded", "failed", "timed_out", "cancelled", "refused", "unknown"
]
Verdict = Literal["healthy", "unhealthy", "unclear"]
ParamType = Literal["string", "int", "duration", "choice", "bool"]
ProofKind = Literal["drill", "rehearsal"]
RehearsalOutcome = Literal["ran", "planned", "skipped", "failed"]


class ParamView(msgspec.Struct, frozen=True, kw_only=True):
    """One typed parameter of an action or a runbook step."""

    name: str
    type: ParamType = "string"
    title: str = ""
    required: bool = False
    default: str | None = None
    choices: tuple[str, ...] = ()
    pattern: str | None = None
    """A regular expression that the whole value must match."""
    minimum: int | None = None
    maximum: int | None = None
    """Bounds of an int, or of a duration in seconds."""


class ActionView(msgspec.Struct, frozen=True, kw_only=True):
    """One action of ``runbooks/actions.yml`` as the target at hand can do it."""

    name: str
    title: str
    kind: StepKind
    object: str
    """What it acts on, typed in full to confirm a destructive one (a service, a database, ``all``)."""
    params: tuple[ParamView, ...] = ()
    timeout_s: float = 60.0
    locks: tuple[str, ...] = ()
    available: bool = True
    unavailable: str = ""
    """Why it is unavailable here, when it is."""
    temporary: bool = False
    """Whether it takes ``--for DURATION``."""
    people: int = 1
    """How many people must agree."""
    unverified: bool = False
    """Whether its command on this target comes from the tool's documentation and was never run here."""


class StepView(msgspec.Struct, frozen=True, kw_only=True):
    """One step: a fenced ``bash`` block of a runbook with attributes."""

    name: str
    kind: StepKind
    command: str
    """The block's text, as it is pasted or run."""
    section: str
    line: int
    """1-based line of the block's fence in the file."""
    end_line: int = 0
    """1-based line of the block's closing fence; 0 from a daemon that does not say."""
    timeout_s: float
    title: str = ""
    action: str | None = None
    """The action that a change or destructive step resolves to."""
    params: dict[str, str] = {}
    """Parameters written on the ``ops act`` line."""
    inputs: tuple[ParamView, ...] = ()
    """Values asked of the person: a read step gets them as environment variables, a change step names them ``$NAME``."""
    healthy: str | None = None
    """A regular expression whose match in the output means healthy."""
    unhealthy: str | None = None
    """A regular expression whose match in the output means that this is the cause; it wins over ``healthy``."""
    then: str | None = None
    """The step that an unhealthy verdict points to."""


class SectionView(msgspec.Struct, frozen=True, kw_only=True):
    """One second-level section of a runbook, as Markdown."""

    title: str
    markdown: str
    line: int
    """1-based line of its heading in the file; of its text where it has no heading."""
    first_line: int = 0
    """1-based line on which ``markdown`` begins; 0 from a daemon that does not say."""


class ProofView(msgspec.Struct, frozen=True, kw_only=True):
    """When, by what and how well a runbook was proven the last time."""

    kind: ProofKind
    at: Moment
    by: str
    passed: bool
    digest: str
    """SHA-256 of the runbook's file as it was then, hex."""
    changed_since: bool = False
    """Whether the file is another one now."""
    findings: tuple[str, ...] = ()
    """What was wrong."""
    text: str = ""
    """The rest in a few words, such as a drill's times."""


class RunbookView(msgspec.Struct, frozen=True, kw_only=True):
    """One runbook; the list leaves ``sections`` empty."""

    id: str
    """Its path below ``runbooks/`` without ``.md``."""
    title: str
    digest: str
    """SHA-256 of the file, hex; steps are pinned to it."""
    alert: str | None = None
    severity: str | None = None
    mttr_target_s: int | None = None
    owner: str | None = None
    steps: tuple[StepView, ...] = ()
    sections: tuple[SectionView, ...] = ()
    preamble: SectionView | None = None
    """What stands between the title and the first section; the list leaves it out too."""
    faults: tuple[str, ...] = ()
    """What is wrong with the file, each ``line N: …``; steps of a faulty block cannot be run."""
    last_proven_at: Moment | None = None
    """Latest drill that passed or rehearsal without findings, of this very text or an earlier one."""
    drilled: ProofView | None = None
    """The latest drill of its alert."""
    rehearsed: ProofView | None = None
    """The latest rehearsal of its steps."""


class ExecutionRequest(msgspec.Struct, frozen=True, kw_only=True):
    """``POST /v1/executions``: run a step (``runbook`` and ``step``) or an action (``action``)."""

    execution_id: str
    """Chosen by the client and kept by it before it posts; ``[A-Za-z0-9_-]{8,64}``. Posted twice, it runs once."""
    runbook: str | None = None
    step: str | None = None
    action: str | None = None
    params: dict[str, str] = {}
    for_s: int | None = None
    """How long a temporary change is to last."""
    dry_run: bool = False
    confirm: str | None = None
    """A change: the action's name. A destructive step: the name of the object acted on."""
    digest: str | None = None
    """The plan digest that was shown when the person confirmed; another one now is refused."""
    runbook_digest: str | None = None
    """The digest of the runbook that the person reads; another one now is refused before anything is planned."""
    break_glass: str | None = None
    incident_id: int | None = None
    maintenance_id: int | None = None
    """The maintenance window that it is run for."""


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """What the live metric said before and after an action."""

    query: str
    passed: bool | None
    """None while nothing could be measured."""
    before: str = ""
    after: str = ""
    text: str = ""
    took_s: float | None = None
    rollback: str | None = None
    """The ``ops act …`` line that offers the way back where verification failed."""


class ExecutionView(msgspec.Struct, frozen=True, kw_only=True):
    """One execution of a step or an action."""

    execution_id: str
    state: ExecutionState
    kind: StepKind
    title: str
    actor: str
    argv: tuple[str, ...]
    digest: str
    """SHA-256 over runbook hash, step, argv, target: what a person confirmed."""
    requested_at: Moment
    runbook: str | None = None
    step: str | None = None
    action: str | None = None
    object: str | None = None
    params: dict[str, str] = {}
    locks: tuple[str, ...] = ()
    incident_id: int | None = None
    maintenance_id: int | None = None
    started_at: Moment | None = None
    finished_at: Moment | None = None
    exit_code: int | None = None
    signal: int | None = None
    pid: int | None = None
    reason: str | None = None
    """Why it was refused, failed or is unknown; what would be right."""
    dry_run: bool = False
    unverified: bool = False
    """In a plan: whether this target's argv is by its tool's documentation and was never seen to run."""
    precheck: tuple[str, ...] = ()
    """In a plan: the argv that only looks and must succeed first."""
    until_at: Moment | None = None
    """When a temporary change ends."""
    verification: Verification | None = None
    verdict: Verdict | None = None
    """What a read step's output says by the step's expectations; None where it has none."""
    survivors: tuple[int, ...] = ()
    """Processes that outlived the KILL of their group."""
    rehearsal: bool = False
    """Whether nobody asked for it: a rehearsal of the daemon's own."""
    unjournalled: bool = False
    """Whether a read step was begun although the journal could not be written; it is journalled afterwards."""
    version: int = 0


class ApprovalFields(msgspec.Struct, frozen=True, kw_only=True):
    """A plan that needs another person, in the daemon's state and on the wire alike."""

    id: str
    digest: str
    """Of the one plan that is approved."""
    title: str
    argv: tuple[str, ...]
    object: str
    asked_by: str
    asked_at: Moment
    expires_at: Moment
    not_before: Moment | None = None
    """Of an approval that is given ahead: when its window begins."""
    maintenance_id: int | None = None
    """The maintenance window to which it is bound: good only while that is on, and for no other time of it."""
    approved_by: str | None = None
    approved_at: Moment | None = None
    used_by: str | None = None
    """The execution it was spent on."""


class ApprovalView(ApprovalFields, frozen=True, kw_only=True):
    """A request for approval as the ops API shows it."""

    state: Literal["asked", "approved", "used", "expired"]


class ChangeView(msgspec.Struct, frozen=True, kw_only=True):
    """A tuning change with an end."""

    execution_id: str
    state: Literal["in_force", "expired"]
    action: str
    object: str
    params: dict[str, str] = {}
    actor: str
    since: Moment
    until_at: Moment
    way_back: str | None = None
    """The command that takes it back."""


class OutputPart(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of one output stream, redacted and stripped of control sequences."""

    data: str
    offset: int
    """Byte offset in the kept file at which ``data`` begins."""
    next_offset: int
    cut_bytes: int = 0
    """Bytes left out between the kept head and tail."""


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """``GET /v1/executions/{id}/output?stdout=N&stderr=N&wait=S``: what came since those offsets."""

    execution_id: str
    state: ExecutionState
    stdout: OutputPart
    stderr: OutputPart
    done: bool


class LockView(msgspec.Struct, frozen=True, kw_only=True):
    """Who holds a lock, since when, by which execution."""

    key: str
    execution_id: str
    holder: str
    since: Moment
    state: ExecutionState


class RehearsedStep(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one step in a rehearsal."""

    runbook: str
    step: str
    kind: StepKind
    outcome: RehearsalOutcome
    """``ran``: a read step, to its end; ``planned``: a change, resolved and not run; ``skipped``: it needs a value."""
    verdict: Verdict | None = None
    text: str = ""
    finding: bool = False
    """Whether somebody should look at it."""
    execution_id: str | None = None


class RehearsalView(msgspec.Struct, frozen=True, kw_only=True):
    """``GET /v1/rehearsals``: the rehearsal that is on, else the latest one since the daemon started."""

    state: Literal["idle", "running", "done", "stopped"]
    postponed: str = ""
    """Why none may run just now; empty where one may."""
    why: str = ""
    """Why it was stopped."""
    by: str = ""
    began_at: Moment | None = None
    next_at: Moment | None = None
    """When the next daily one is due; None where they are switched off."""
    remaining: tuple[str, ...] = ()
    """Runbooks that are still to come."""
    steps: tuple[RehearsedStep, ...] = ()


class DrillReport(msgspec.Struct, frozen=True, kw_only=True):
    """``POST /v1/drills``: how a drill in a throw-away stack went. Times are seconds."""

    alert: str
    runbook: str
    digest: str
    """Of the runbook as the drill read it."""
    passed: bool
    human: bool = False
    """Whether a person cured it rather than the program."""
    detected_s: float | None = None
    paged_s: float | None = None
    acknowledged_s: float | None = None
    resolved_s: float | None = None
    mttr_target_s: int | None = None
    failure: str = ""


make_ready(__name__)
