"""How each event of the journal changes the state: one function for each kind of event, and the table of them."""

import shlex
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from alerts.alert import AlertConfirmed, AlertFired, AlertResolved, AlertStale, apply_alert_event
from alerts.incident import (
    AcknowledgedAgain,
    IncidentBreached,
    IncidentJoined,
    IncidentMoved,
    IncidentNoted,
    IncidentOpened,
    IncidentShifted,
    PostmortemReminded,
    apply_incident_event,
)
from runbooks.wire import DrillReport
from server.ops.state import events
from server.ops.state.evidence_fold import EVIDENCE_FOLDS
from server.ops.state.maintenance_fold import MAINTENANCE_FOLDS, note_step
from server.ops.state.paging_fold import PAGING_FOLDS, pause_paging, shift_paging
from server.ops.state.public_fold import PUBLIC_FOLDS
from server.ops.state.record_fold import RECORD_FOLDS
from server.ops.state.state import (
    KEPT_QUARANTINE,
    Approval,
    Proof,
    Quarantined,
    Receipt,
    Rehearsal,
    State,
    TemporaryChange,
    User,
    proof_key,
    subject,
)
from server.runner.execution import (
    HOLDS_LOCKS,
    Execution,
    ExecutionCancelled,
    ExecutionCleared,
    ExecutionFinished,
    ExecutionIntended,
    ExecutionLost,
    ExecutionRefused,
    ExecutionStarted,
    ExecutionVerified,
    apply_execution_event,
)
from server.store.chain import JournalEntry

Fold = Callable[[State, Any, JournalEntry], None]


def _alert(
    state: State, event: AlertFired | AlertResolved | AlertStale | AlertConfirmed, entry: JournalEntry
) -> None:
    after = apply_alert_event(state.alerts.get(event.fingerprint), event, entry.at)
    if after is not None:
        state.put_alert(after)


def _incident_opened(state: State, event: IncidentOpened, entry: JournalEntry) -> None:
    incident = event.incident
    state.incidents[incident.id] = incident
    state.incident_by_subject[subject(incident.service, incident.alertname)] = incident.id
    state.last_incident = max(state.last_incident, incident.id)
    for fingerprint in incident.fingerprints:
        _joined(state, fingerprint, incident.id)


def _joined(state: State, fingerprint: str, incident_id: int) -> None:
    state.incident_by_alert[fingerprint] = incident_id
    alert = state.alerts.get(fingerprint)
    if alert is not None and alert.held_back:
        state.put_alert(msgspec.structs.replace(alert, held_back=False))


def _incident(
    state: State,
    event: IncidentJoined
    | IncidentMoved
    | IncidentNoted
    | IncidentBreached
    | IncidentShifted
    | AcknowledgedAgain
    | PostmortemReminded,
    entry: JournalEntry,
) -> None:
    after = apply_incident_event(state.incidents.get(event.id), event, entry.at, entry.actor)
    if after is not None:
        state.incidents[event.id] = after
    if isinstance(event, IncidentJoined):
        for fingerprint in event.all_fingerprints:
            _joined(state, fingerprint, event.id)
    if isinstance(event, IncidentMoved):
        pause_paging(state, event)
    if isinstance(event, IncidentShifted):
        shift_paging(state, event)


def _execution_intended(state: State, event: ExecutionIntended, entry: JournalEntry) -> None:
    execution = event.execution
    known = state.executions.get(execution.execution_id)
    if apply_execution_event(known, event, entry.at, entry.actor) is not None:
        state.executions[execution.execution_id] = execution
    for lock in execution.locks:
        state.locks[lock] = execution.execution_id
    note_step(state, execution, entry.at)


def _execution(
    state: State,
    event: ExecutionStarted
    | ExecutionFinished
    | ExecutionLost
    | ExecutionCleared
    | ExecutionCancelled
    | ExecutionVerified
    | ExecutionRefused,
    entry: JournalEntry,
) -> None:
    after = apply_execution_event(state.executions.get(event.execution_id), event, entry.at, entry.actor)
    if after is None:
        return
    state.executions[event.execution_id] = after
    note_step(state, after, entry.at)
    if after.state not in HOLDS_LOCKS:
        for key in after.locks:
            if state.locks.get(key) == event.execution_id:
                del state.locks[key]
    if isinstance(event, ExecutionFinished) and after.state == "succeeded" and after.action is not None:
        superseded = [
            key for key, c in state.temporary.items() if _replaces(after, c) or _takes_back(after, c)
        ]
        for key in superseded if not after.dry_run else ():
            del state.temporary[key]
    if isinstance(event, ExecutionFinished) and after.state == "succeeded" and after.until_at is not None:
        state.temporary[event.execution_id] = TemporaryChange(
            execution_id=event.execution_id,
            action=after.action or after.title,
            object=after.object,
            params=after.params,
            actor=after.actor,
            since=entry.at,
            until_at=after.until_at,
            way_back=after.rollback,
        )


def _replaces(execution: Execution, change: TemporaryChange) -> bool:
    """Whether it puts another in the change's place: one that stays does, and one that does the same anew.

    A second temporary value lies over the first, which is there again when the second ends before it.
    """
    if (change.action, change.object) != (execution.action, execution.object):
        return False
    return execution.until_at is None or change.params == execution.params


def _takes_back(execution: Execution, change: TemporaryChange) -> bool:
    """Whether it is the change's own way back, done."""
    try:
        words = shlex.split(change.way_back or "")
    except ValueError:
        return False
    params = dict(word.split("=", 1) for word in words[3:] if "=" in word)
    return words[:3] == ["ops", "act", execution.action] and params.items() <= execution.params.items()


def _user_set(state: State, event: events.UserSet, entry: JournalEntry) -> None:
    state.users[event.name] = User(
        name=event.name, role=event.role, token_sha256=event.token_sha256, since=entry.at
    )


def _user_revoked(state: State, event: events.UserRevoked, entry: JournalEntry) -> None:
    state.users.pop(event.name, None)
    # What somebody agreed to who may no longer agree is asked for again, whoever is given the name next.
    for approval in list(state.approvals.values()):
        if approval.approved_by == event.name and approval.used_by is None:
            withdrawn = msgspec.structs.replace(approval, approved_by=None, approved_at=None)
            state.approvals[approval.id] = withdrawn


def _silence_set(state: State, event: events.SilenceSet, entry: JournalEntry) -> None:
    state.silences[event.silence.id] = event.silence


def _quarantined(state: State, event: events.AlertQuarantined, entry: JournalEntry) -> None:
    bad = Quarantined(at=entry.at, why=event.why, raw=event.raw)
    state.quarantine = (*state.quarantine, bad)[-KEPT_QUARANTINE:]


def _taken(state: State, event: events.RequestTaken, entry: JournalEntry) -> None:
    state.receipts[f"{event.user} {event.key}"] = Receipt(
        request_sha256=event.request_sha256, status=0, answer="", at=entry.at
    )


def _answered(state: State, event: events.RequestAnswered, entry: JournalEntry) -> None:
    state.receipts[f"{event.user} {event.key}"] = Receipt(
        request_sha256=event.request_sha256, status=event.status, answer=event.answer, at=entry.at
    )


def _read_only(state: State, event: events.ReadOnlySet, entry: JournalEntry) -> None:
    state.read_only = event.reason


def _approval_asked(state: State, event: events.ApprovalAsked, entry: JournalEntry) -> None:
    state.approvals[event.id] = Approval(
        id=event.id,
        digest=event.digest,
        title=event.title,
        argv=event.argv,
        object=event.object,
        asked_by=event.asked_by,
        asked_at=entry.at,
        expires_at=event.expires_at,
        not_before=event.not_before,
        maintenance_id=event.maintenance_id,
    )


def _approval_given(state: State, event: events.ApprovalGiven, entry: JournalEntry) -> None:
    if event.id in state.approvals:
        asked = state.approvals[event.id]
        given = msgspec.structs.replace(asked, approved_by=entry.actor, approved_at=entry.at)
        state.approvals[event.id] = given


def _approval_used(state: State, event: events.ApprovalUsed, entry: JournalEntry) -> None:
    if event.id in state.approvals:
        given = state.approvals[event.id]
        state.approvals[event.id] = msgspec.structs.replace(given, used_by=event.execution_id)


def _temporary_ended(state: State, event: events.TemporaryEnded, entry: JournalEntry) -> None:
    change = state.temporary.pop(event.execution_id, None)
    if change is not None and event.how == "expired":
        state.temporary[event.execution_id] = msgspec.structs.replace(change, expired=True)


def _unjournalled(state: State, event: events.UnjournalledRun, entry: JournalEntry) -> None:
    state.imported[event.line_sha256] = event.ran_at
    execution = _done_past_the_daemon(event, entry.at)
    state.executions[execution.execution_id] = execution


def _done_past_the_daemon(event: events.UnjournalledRun, heard_at: datetime) -> Execution:
    """What the fallback program did, as an execution that has ended; at the time of its import where it says none."""
    try:
        at = datetime.fromisoformat(event.ran_at)
    except ValueError:
        at = heard_at
    at = at if at.tzinfo else heard_at
    return Execution(
        execution_id=f"direct-{event.line_sha256[:16]}",
        kind="change",
        title=f"{event.action}, past the daemon",
        actor=event.actor,
        argv=event.argv,
        digest="",
        requested_at=at,
        object=event.object,
        timeout_s=0,
        boot_id="",
        state="succeeded" if event.exit_code == 0 else "failed",
        action=event.action,
        started_at=at,
        finished_at=at,
        exit_code=event.exit_code,
        reason="done while the daemon could not be reached, and imported afterwards",
    )


def _set_aside(state: State, event: events.JournalSetAside, entry: JournalEntry) -> None:
    state.segment_events = 0


def _rehearsal_began(state: State, event: events.RehearsalBegan, entry: JournalEntry) -> None:
    state.rehearsal = Rehearsal(began_at=entry.at, remaining=event.runbooks)


def _rehearsed(state: State, event: events.RunbookRehearsed, entry: JournalEntry) -> None:
    if state.rehearsal is not None:
        left = tuple(runbook for runbook in state.rehearsal.remaining if runbook != event.runbook)
        state.rehearsal = msgspec.structs.replace(state.rehearsal, remaining=left)
    key = proof_key("rehearsal", event.runbook)
    if not event.digest:
        state.proofs.pop(key, None)
        return
    state.proofs[key] = Proof(
        kind="rehearsal",
        at=entry.at,
        by=entry.actor,
        digest=event.digest,
        passed=not event.findings,
        findings=event.findings,
        text=f"{event.ran} run, {event.planned} planned, {event.skipped} skipped",
    )


def _drilled(state: State, event: events.RunbookDrilled, entry: JournalEntry) -> None:
    report = event.report
    state.proofs[proof_key("drill", report.runbook)] = Proof(
        kind="drill",
        at=entry.at,
        by=entry.actor,
        digest=report.digest,
        passed=report.passed,
        findings=() if report.passed else (report.failure or "it failed",),
        text=_drill_words(report),
    )


def _drill_words(report: DrillReport) -> str:
    who = "cured by hand" if report.human else "cured by its steps"
    if report.resolved_s is None:
        return ""
    target = f" of {report.mttr_target_s} s" if report.mttr_target_s else ""
    return f"{who} in {report.resolved_s:.0f} s{target}"


def _nothing(state: State, event: events.Event, entry: JournalEntry) -> None:
    """Events that are only told."""


FOLDS: Mapping[type, Fold] = {
    AlertFired: _alert,
    AlertResolved: _alert,
    AlertStale: _alert,
    AlertConfirmed: _alert,
    IncidentOpened: _incident_opened,
    IncidentJoined: _incident,
    IncidentMoved: _incident,
    IncidentNoted: _incident,
    IncidentBreached: _incident,
    IncidentShifted: _incident,
    AcknowledgedAgain: _incident,
    PostmortemReminded: _incident,
    ExecutionIntended: _execution_intended,
    ExecutionStarted: _execution,
    ExecutionFinished: _execution,
    ExecutionLost: _execution,
    ExecutionCleared: _execution,
    ExecutionCancelled: _execution,
    ExecutionVerified: _execution,
    ExecutionRefused: _nothing,
    events.DaemonStarted: _nothing,
    events.JournalSetAside: _set_aside,
    events.JournalWritable: _nothing,
    events.SegmentClosed: _nothing,
    events.JournalAnchored: _nothing,
    events.JournalUnanchored: _nothing,
    events.JournalVerified: _nothing,
    events.SnapshotSaved: _nothing,
    events.UserSet: _user_set,
    events.UserRevoked: _user_revoked,
    events.SilenceSet: _silence_set,
    events.AlertQuarantined: _quarantined,
    events.RequestTaken: _taken,
    events.RequestAnswered: _answered,
    events.ReadOnlySet: _read_only,
    events.ApprovalAsked: _approval_asked,
    events.ApprovalGiven: _approval_given,
    events.ApprovalUsed: _approval_used,
    events.GlassBroken: _nothing,
    events.TemporaryEnded: _temporary_ended,
    events.UnjournalledRun: _unjournalled,
    events.ManualActionNoted: _nothing,
    events.RehearsalBegan: _rehearsal_began,
    events.RunbookRehearsed: _rehearsed,
    events.RunbookDrilled: _drilled,
    **PAGING_FOLDS,
    **RECORD_FOLDS,
    **MAINTENANCE_FOLDS,
    **PUBLIC_FOLDS,
}


def fold(state: State, event: events.Event, entry: JournalEntry) -> None:
    """Applies one event; the same events in the same order always give the same state."""
    FOLDS[type(event)](state, event, entry)
    shows = EVIDENCE_FOLDS.get(type(event))
    if shows is not None:
        shows(state, event, entry)
    if state.first_at.year == 1:
        state.first_at = entry.at
    if state.segment_events == 0:
        state.segment_from = entry.at
    state.segment_events = 0 if isinstance(event, events.SegmentClosed) else state.segment_events + 1
