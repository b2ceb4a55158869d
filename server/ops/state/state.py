"""What the ops daemon knows: the journal, folded. Its values are frozen; only the tables that hold them change."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from alerts.alert import Alert
from alerts.incident import Incident
from alerts.silence import Silence
from alerts.wire import Role
from runbooks.wire import ProofKind
from server.runner.execution import Execution

STATE_FORMAT = 1
KEPT_EXECUTIONS = 1_000
KEPT_REHEARSALS = 200
KEPT_INCIDENTS = 1_000
KEPT_RECEIPTS = 10_000
KEPT_QUARANTINE = 100


class User(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may call the ops API."""

    name: str
    role: Role
    token_sha256: str
    since: datetime


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a mutation that carried an Idempotency-Key."""

    request_sha256: str
    status: int
    """0 while the answer is not known."""
    answer: str
    at: datetime


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """A plan that needs another person, and whether one has agreed."""

    id: str
    digest: str
    title: str
    argv: tuple[str, ...]
    object: str
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    not_before: datetime | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None
    used_by: str | None = None


class TemporaryChange(msgspec.Struct, frozen=True, kw_only=True):
    """A tuning change with an end."""

    execution_id: str
    action: str
    object: str
    params: dict[str, str]
    actor: str
    since: datetime
    until_at: datetime
    way_back: str | None
    expired: bool = False


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What a drill or a rehearsal showed of one runbook."""

    kind: ProofKind
    at: datetime
    by: str
    digest: str
    passed: bool
    findings: tuple[str, ...] = ()
    text: str = ""


class Rehearsal(msgspec.Struct, frozen=True, kw_only=True):
    """The latest daily rehearsal."""

    began_at: datetime
    remaining: tuple[str, ...]
    """Runbooks that it has not come to."""


class Quarantined(msgspec.Struct, frozen=True, kw_only=True):
    """A bad alert, kept to be looked at."""

    at: datetime
    why: str
    raw: str


def subject(service: str, alertname: str) -> str:
    """What an incident is about, as a key."""
    return f"{alertname}\n{service}"


def proof_key(kind: ProofKind, runbook: str) -> str:
    """Under which a proof is kept."""
    return f"{kind} {runbook}"


class State(msgspec.Struct, kw_only=True):
    """All tables. ``copy`` and ``restore`` take a transaction back."""

    alerts: dict[str, Alert] = {}
    incidents: dict[int, Incident] = {}
    incident_by_alert: dict[str, int] = {}
    """Fingerprint to the incident it joined last."""
    incident_by_subject: dict[str, int] = {}
    """Service and alert name to the latest incident about them."""
    executions: dict[str, Execution] = {}
    locks: dict[str, str] = {}
    """Lock key to the execution that holds it."""
    users: dict[str, User] = {}
    silences: dict[str, Silence] = {}
    receipts: dict[str, Receipt] = {}
    approvals: dict[str, Approval] = {}
    temporary: dict[str, TemporaryChange] = {}
    proofs: dict[str, Proof] = {}
    """The latest of each kind for each runbook, see ``proof_key``."""
    rehearsal: Rehearsal | None = None
    first_at: datetime = datetime.min.replace(tzinfo=UTC)
    """When this journal began."""
    quarantine: tuple[Quarantined, ...] = ()
    imported: dict[str, str] = {}
    """Lines of the fallback program's log that are in the journal, by hash."""
    last_incident: int = 0
    revision: int = 0
    read_only: str | None = None
    segment_from: datetime = datetime.min.replace(tzinfo=UTC)
    """Time of the first event of the open segment."""
    segment_events: int = 0

    def copy(self) -> dict[str, Any]:
        """Every field, with the tables copied."""
        fields = {name: getattr(self, name) for name in self.__struct_fields__}
        return {name: dict(value) if isinstance(value, dict) else value for name, value in fields.items()}

    def restore(self, saved: dict[str, Any]) -> None:
        """Puts everything back as it was when ``copy`` was called."""
        for name, value in saved.items():
            setattr(self, name, value)

    def put_alert(self, alert: Alert) -> Alert:
        """Stores an alert's new form and gives it the next revision."""
        self.revision += 1
        stored = msgspec.structs.replace(alert, revision=self.revision)
        self.alerts[alert.fingerprint] = stored
        return stored

    def incident_of(self, fingerprint: str) -> Incident | None:
        """The incident to which an alert belongs."""
        return self.incidents.get(self.incident_by_alert.get(fingerprint, 0))

    @property
    def viewer_tokens(self) -> list[str]:
        """Executions that run with a token lent to them."""
        return [e.execution_id for e in self.executions.values() if e.state == "running" and e.viewer_sha256]

    def latest_incident(self, service: str, alertname: str) -> Incident | None:
        """The latest incident about an alert of a service."""
        return self.incidents.get(self.incident_by_subject.get(subject(service, alertname), 0))

    def open_incidents(self) -> list[Incident]:
        """Incidents that still need somebody, or are being watched."""
        return [incident for incident in self.incidents.values() if incident.is_open]

    def temporary_in_force(self, now: datetime) -> list[TemporaryChange]:
        """Temporary changes that have not ended."""
        return [change for change in self.temporary.values() if change.until_at > now]

    def prune(self, now: datetime) -> None:
        """Lets go what is old and finished; the journal keeps it."""
        rehearsals = [e.execution_id for e in self.executions.values() if e.rehearsal and e.settled]
        for execution_id in rehearsals[: max(0, len(rehearsals) - KEPT_REHEARSALS)]:
            del self.executions[execution_id]
        asked = [e for e in self.executions.values() if not e.rehearsal]
        finished = [e.execution_id for e in asked if e.settled and e.state != "unknown"]
        for execution_id in finished[: max(0, len(asked) - KEPT_EXECUTIONS)]:
            del self.executions[execution_id]
        closed = [i.id for i in self.incidents.values() if not i.is_open]
        for incident_id in closed[: max(0, len(self.incidents) - KEPT_INCIDENTS)]:
            del self.incidents[incident_id]
        old = [key for key, receipt in self.receipts.items() if now - receipt.at > timedelta(hours=24)]
        for key in old or list(self.receipts)[: max(0, len(self.receipts) - KEPT_RECEIPTS)]:
            del self.receipts[key]
        for key in [a.id for a in self.approvals.values() if now - a.expires_at > timedelta(days=7)]:
            del self.approvals[key]
        for key in list(self.imported)[: max(0, len(self.imported) - KEPT_RECEIPTS)]:
            del self.imported[key]
