"""What the events about an incident show of its handling: who is on it, which steps are done, that somebody is at work."""

from collections.abc import Callable, Mapping
from typing import Any, get_args

import msgspec

from alerts.incident import AcknowledgedAgain, IncidentMoved, IncidentNoted, Verb, kept_active
from alerts.incident_record import (
    FollowupAdded,
    IncidentRecord,
    IncidentVerified,
    MetricsFrozen,
    PersonOnIncident,
    PostmortemShared,
    RootCauseSet,
    SeveritySet,
)
from alerts.wire import StepEvidence
from server.ops.state.state import State
from server.runner.execution import (
    Execution,
    ExecutionFinished,
    ExecutionIntended,
    ExecutionVerified,
)
from server.store.chain import JournalEntry

_DAEMON = "daemon"
_MOST_PEOPLE = 50
VERIFYING_STEP = "verify"
"""The step of every runbook that asks whether all is well."""
VERIFYING_ACTIONS = frozenset({"smoke-test", "load-test"})
"""Actions that ask whether the service is well."""


def _by_a_person(state: State, event: Any, entry: JournalEntry) -> None:
    """Whoever does something about an incident is on it, and keeps their acknowledgement."""
    if entry.auth == _DAEMON or isinstance(event, PersonOnIncident | MetricsFrozen):
        return
    # An acknowledgement has an end of its own, which may be near.
    is_hold = isinstance(event, AcknowledgedAgain) or getattr(event, "verb", None) is Verb.ACKNOWLEDGE
    _at_work(state, event.id, entry.actor, entry, keeps=not is_hold)
    match event:
        case SeveritySet():
            _show(state, event.id, "assess", _evidence(entry, f"its severity is {event.severity}"))
        case IncidentNoted():
            _show(state, event.id, "investigate", _evidence(entry, "a note"))
        case RootCauseSet() | FollowupAdded():
            _show(state, event.id, "document", _evidence(entry, "root cause and follow-ups"))
        case PostmortemShared():
            _show(state, event.id, "post-mortem", _evidence(entry, "shared"))
        case IncidentVerified():
            _verified(state, event.id, _evidence(entry, event.text.partition(";")[0]), passed=event.passed)


def _moved(state: State, event: IncidentMoved, entry: JournalEntry) -> None:
    if event.holder:
        _at_work(state, event.id, event.holder, entry, keeps=False)
    _by_a_person(state, event, entry)


def _intended(state: State, event: ExecutionIntended, entry: JournalEntry) -> None:
    if event.execution.incident_id is not None and not event.execution.rehearsal:
        _at_work(state, event.execution.incident_id, event.execution.actor, entry)


def _finished(state: State, event: ExecutionFinished, entry: JournalEntry) -> None:
    run = _run_for_incident(state, event.execution_id)
    if run is None or run.incident_id is None or event.state not in ("succeeded", "failed"):
        return
    said = f", {event.verdict}" if event.verdict is not None else ""
    evidence = StepEvidence(
        at=entry.at, by=run.actor, what=f"{run.title}{said} (ops attach {run.execution_id})"
    )
    if run.step == VERIFYING_STEP and event.verdict is not None:
        _verified(state, run.incident_id, evidence, passed=event.verdict == "healthy")
    elif run.action in VERIFYING_ACTIONS:
        _verified(state, run.incident_id, evidence, passed=event.state == "succeeded")
    elif run.kind == "read":
        _show(state, run.incident_id, "investigate", evidence)


def _measured(state: State, event: ExecutionVerified, entry: JournalEntry) -> None:
    run = _run_for_incident(state, event.execution_id)
    if run is None or run.incident_id is None:
        return
    evidence = StepEvidence(at=entry.at, by=run.actor, what=event.verification.text)
    _verified(state, run.incident_id, evidence, passed=bool(event.verification.passed))


def _run_for_incident(state: State, execution_id: str) -> Execution | None:
    run = state.executions.get(execution_id)
    return run if run is not None and not run.dry_run and not run.rehearsal else None


def _verified(state: State, incident_id: int, evidence: StepEvidence, *, passed: bool) -> None:
    """Asking is an assessment, whatever the answer; only a good one says that it is resolved."""
    _show(state, incident_id, "assess", evidence)
    if passed:
        _show(state, incident_id, "verify", evidence)


def _evidence(entry: JournalEntry, what: str) -> StepEvidence:
    return StepEvidence(at=entry.at, by=entry.actor, what=what)


def _at_work(state: State, incident_id: int, who: str, entry: JournalEntry, *, keeps: bool = True) -> None:
    incident = state.incidents.get(incident_id)
    if incident is None:
        return
    after = kept_active(incident, entry.at) if keeps else incident
    if who not in after.people and len(after.people) < _MOST_PEOPLE:
        after = msgspec.structs.replace(after, people=(*after.people, who))
    if after is not incident:
        state.incidents[incident_id] = after


def _show(state: State, incident_id: int, kind: str, evidence: StepEvidence) -> None:
    """Keeps the first of its kind in this spell; of what ends a step the last."""
    incident = state.incidents.get(incident_id)
    if incident is None:
        return
    known = incident.evidence.get(kind)
    if known is not None and known.at >= incident.began_at and kind not in ("verify", "document"):
        return
    shown = msgspec.structs.replace(incident, evidence={**incident.evidence, kind: evidence})
    state.incidents[incident_id] = shown


EVIDENCE_FOLDS: Mapping[type, Callable[[State, Any, JournalEntry], None]] = {
    **dict.fromkeys(get_args(IncidentRecord), _by_a_person),
    IncidentNoted: _by_a_person,
    AcknowledgedAgain: _by_a_person,
    IncidentMoved: _moved,
    ExecutionIntended: _intended,
    ExecutionFinished: _finished,
    ExecutionVerified: _measured,
}
"""What each kind of event shows beside what it changes; a table beside that of all."""
