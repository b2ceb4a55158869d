"""Filters of incidents and executions, as the command line takes them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from alerts.wire import IncidentView
from console.model.filter import FilterError
from console.model.record_filter import execution_filter, incident_filter
from runbooks.wire import ExecutionView

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
INCIDENT = IncidentView(
    id=7,
    title="The API does not answer.",
    service="api",
    alertname="APIDown",
    severity="critical",
    state="acknowledged",
    acknowledged_by="ana",
    started_at=NOON,
    detected_at=NOON,
)


def execution(**fields: Any) -> ExecutionView:
    return ExecutionView(
        **{
            "execution_id": "run-00000001",
            "state": "failed",
            "kind": "change",
            "title": "Restart api",
            "actor": "bo",
            "argv": (),
            "digest": "",
            "requested_at": NOON,
            "object": "api",
            **fields,
        }
    )


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("", True), ("answer", True), ("ANSWER api", True), ("7", True), ("gone", False), ("!gone", True),
        ("sev:critical", True), ("sev:<critical", False), ("svc:ap", True), ("svc:redis", False), ("by:ana", True),
        ("by:bo", False), ("is:acknowledged", True), ("is:open", False), ("/does not/", True), ("is:acknowledged by:bo", False),
    ],
)  # fmt: skip
def test_an_incident_passes_every_word(text: str, passes: bool) -> None:
    assert incident_filter(text)(INCIDENT) is passes


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("", True), ("restart", True), ("run-0000", True), ("is:failed", True), ("is:succeeded", False), ("!is:failed", False),
        ("by:bo", True), ("by:ana", False), ("kind:change", True), ("kind:read", False), ("/^run.*api/", True),
    ],
)  # fmt: skip
def test_an_execution_passes_every_word(text: str, passes: bool) -> None:
    assert execution_filter(text)(execution()) is passes


@pytest.mark.parametrize("text", ["is:nonsense", "sev:purple", "/(/"])
def test_what_cannot_be_understood_is_named(text: str) -> None:
    with pytest.raises(FilterError):
        incident_filter(text)
    with pytest.raises(FilterError):
        execution_filter("is:nonsense")
