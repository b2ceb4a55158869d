"""The filter language for incidents, executions and the journal: words AND, ``!word``, ``/regex/``, ``is:``, ``by:``, ``sev:``, ``svc:``."""

from collections.abc import Callable, Sequence
from typing import get_args

from alerts.wire import AuditEntry, IncidentState, IncidentView
from console.model.filter import FilterError, all_words, searched, severity_test
from console.text.journal_event import event_shown
from console.text.record_table import Record
from runbooks.wire import ExecutionState, ExecutionView

_INCIDENT_STATES: tuple[str, ...] = get_args(IncidentState)
_EXECUTION_STATES: tuple[str, ...] = get_args(ExecutionState)


def incident_filter(text: str) -> Callable[[IncidentView], bool]:
    """Which incidents a filter lets through; an empty one takes everything. Raises ``FilterError``."""
    return all_words(text, _incident_term)


def execution_filter(text: str) -> Callable[[ExecutionView], bool]:
    """Which executions a filter lets through; an empty one takes everything. Raises ``FilterError``."""
    return all_words(text, _execution_term)


def audit_filter(text: str) -> Callable[[AuditEntry], bool]:
    """Which rows of the journal a filter lets through; an empty one takes everything. Raises ``FilterError``."""
    return all_words(text, _audit_term)


def _audit_term(word: str) -> Callable[[AuditEntry], bool]:
    name, colon, value = word.partition(":")
    if colon and name == "by":
        return lambda entry: entry.actor == value
    if colon and name == "kind":
        return lambda entry: any(kind == value or kind.startswith(f"{value}.") for kind in _kinds(entry))
    return searched(
        word, lambda entry: f"{entry.seq} {entry.actor} {' '.join(_kinds(entry))} {entry.object}".lower()
    )


def _kinds(entry: AuditEntry) -> tuple[str, str]:
    """Its tag, and the word that is shown for it."""
    return entry.kind, event_shown(entry)


def records_that_pass(records: Sequence[Record], text: str) -> list[Record]:
    """The rows in which every word is, and the headings that still have a row. Raises ``FilterError``."""
    passes: Callable[[Record], bool] = all_words(text, lambda word: searched(word, _text_of_record))
    kept: list[Record] = []
    for record in records:
        if record.is_heading or passes(record):
            if kept and kept[-1].is_heading and record.is_heading:
                kept.pop()
            kept.append(record)
    return kept[:-1] if kept and kept[-1].is_heading else kept


def _text_of_record(record: Record) -> str:
    return " ".join(cell.text for cell in record.cells).lower()


def _incident_term(word: str) -> Callable[[IncidentView], bool]:
    name, colon, value = word.partition(":")
    if colon and name in ("sev", "severity"):
        fits = severity_test(value)
        return lambda incident: fits(incident.severity)
    if colon and name in ("svc", "service"):
        return lambda incident: incident.service.startswith(value)
    if colon and name == "by":
        return lambda incident: incident.acknowledged_by == value
    if colon and name == "is":
        state = _state(value, _INCIDENT_STATES)
        return lambda incident: incident.state == state
    return searched(word, _text_of_incident)


def _execution_term(word: str) -> Callable[[ExecutionView], bool]:
    name, colon, value = word.partition(":")
    if colon and name == "by":
        return lambda execution: execution.actor == value
    if colon and name == "kind":
        return lambda execution: execution.kind == value
    if colon and name == "is":
        state = _state(value, _EXECUTION_STATES)
        return lambda execution: execution.state == state
    return searched(word, _text_of_execution)


def _state(value: str, states: tuple[str, ...]) -> str:
    if value not in states:
        raise FilterError(f"is:{value} is unknown; one of {', '.join(states)}")
    return value


def _text_of_incident(incident: IncidentView) -> str:
    return f"{incident.id} {incident.title} {incident.alertname} {incident.service} {incident.acknowledged_by or ''}".lower()


def _text_of_execution(execution: ExecutionView) -> str:
    words = (
        execution.execution_id,
        execution.title,
        execution.runbook,
        execution.step,
        execution.object,
        execution.actor,
    )
    return " ".join(word for word in words if word).lower()
