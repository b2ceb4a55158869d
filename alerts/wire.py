"""The words about alerts and incidents that the ops daemon, the command line and the console all speak.

Every time is an aware UTC ``datetime`` (RFC 3339 on the wire); every duration field ends in ``_s`` and is seconds.
"""

from datetime import datetime
from typing import Any, Literal

import msgspec

BaseState = Literal["pending", "firing", "resolved", "stale"]
IncidentState = Literal[
    "open",
    "acknowledged",
    "investigating",
    "monitoring",
    "resolved",
    "reviewing",
    "closed",
    "merged",
    "false_positive",
]
Severity = Literal["critical", "warning", "info", "none"]
Role = Literal["viewer", "responder", "approver", "admin", "ingest"]


class PostableAlert(msgspec.Struct, frozen=True, kw_only=True):
    """One alert as a sender posts it to ``POST /api/v2/alerts`` (Alertmanager API v2, ``postableAlert``)."""

    labels: dict[str, str]
    annotations: dict[str, str] = {}
    startsAt: datetime | None = None
    endsAt: datetime | None = None
    generatorURL: str = ""


class AlertView(msgspec.Struct, frozen=True, kw_only=True):
    """One alert episode as the ops API shows it."""

    fingerprint: str
    """FNV-1a 64 over the sorted labels, 16 hex digits (Alertmanager's)."""
    alertname: str
    severity: Severity
    state: BaseState
    service: str
    """The label ``service``, else ``job``, else empty."""
    labels: dict[str, str]
    annotations: dict[str, str]
    started_at: datetime
    updated_at: datetime
    """When a source last confirmed it."""
    resolved_at: datetime | None = None
    incident_id: int | None = None
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    runbook: str | None = None
    """Id of its runbook (``APIDown``, ``maintenance/BackupRestore``), None when there is none on the shelf."""
    mttr_target_s: int | None = None
    mttr_deadline_at: datetime | None = None
    silenced_by: tuple[str, ...] = ()
    inhibited_by: tuple[str, ...] = ()
    maintenance: tuple[str, ...] = ()
    flapping: int = 0
    """Changes in the last 30 minutes, 0 while it is not flapping."""
    source: str = ""
    generator_url: str = ""
    version: int = 0
    """Grows with every change of this view."""


class TimelineEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an incident's timeline, taken from the journal."""

    seq: int
    at: datetime
    actor: str
    kind: str
    """The journal's word for what happened, such as ``incident.acknowledged``."""
    text: str
    execution_id: str | None = None


class IncidentView(msgspec.Struct, frozen=True, kw_only=True):
    """One incident as the ops API shows it; ``timeline`` is filled only when one incident is asked for."""

    id: int
    title: str
    service: str
    alertname: str
    severity: Severity
    state: IncidentState
    version: int
    started_at: datetime
    detected_at: datetime
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    acknowledged_until: datetime | None = None
    mitigated_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    mttr_target_s: int | None = None
    mttr_deadline_at: datetime | None = None
    breached_at: datetime | None = None
    fingerprints: tuple[str, ...] = ()
    runbook: str | None = None
    timeline: tuple[TimelineEntry, ...] = ()


SERVICES = ("postgres", "redis", "api", "evaluator", "ops", "status")
"""The services of a target, in the order in which they start."""


class ServiceView(msgspec.Struct, frozen=True, kw_only=True):
    """One service of the target, as ``ops ps`` lists it."""

    name: str
    state: Literal["running", "starting", "stopping", "stopped", "backoff", "fatal", "exited", "unknown"]
    pid: int | None = None
    uptime_s: float | None = None
    url: str | None = None
    detail: str = ""


class StreamMeta(msgspec.Struct, frozen=True, kw_only=True):
    """First line of a snapshot and payload of a heartbeat: where the stream stands and what time the server has."""

    boot: str
    seq: int
    server_time: datetime
    user: str = ""
    role: Role = "viewer"
    target: str = ""
    """The environment in a word: ``local``, ``DRILL``, ``production``."""
    read_only: str | None = None
    """Why changes are refused (journal not writable, read-only mode), None when they are not."""
    evaluator: str = ""
    """``ok``, or what is wrong with the source of alerts."""
    temporary_changes: int = 0


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """The error envelope of the ops API: ``{"error": {...}}`` around this, with the HTTP status of its type."""

    type: str
    """``unauthenticated`` 401, ``forbidden`` 403, ``not_found`` 404, ``conflict`` 409, ``refused`` 409,
    ``locked`` 423, ``invalid`` 400, ``unavailable`` 503."""
    message: str
    field: str | None = None
    details: dict[str, Any] | None = None
