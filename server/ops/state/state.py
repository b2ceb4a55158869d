"""What the ops daemon knows: the journal, folded. Its values are frozen; only the tables that hold them change."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from operator import attrgetter

import msgspec

from alerts.alert import Alert, recent_changes
from alerts.contacts import DEFAULT as DEFAULT_CONTACTS
from alerts.contacts import Contacts, OnCallOverride
from alerts.escalation import Escalation
from alerts.incident import Incident
from alerts.maintenance import Maintenance
from alerts.notification import Notification
from alerts.severity import DEFAULT as DEFAULT_SEVERITIES
from alerts.severity import SeverityMap
from alerts.silence import Silence
from alerts.wire import Role
from runbooks.wire import ApprovalFields, ProofKind
from server.ops.state.agenda import Agenda
from server.ops.state.index import (
    AlertIndex,
    ExecutionIndex,
    IncidentIndex,
    MaintenanceIndex,
    PageIndex,
    SilenceIndex,
)
from server.ops.state.inhibition_index import InhibitionIndex
from server.ops.state.large_table import LargeTable
from server.ops.state.undo import UndoLog, UndoTable
from server.runner.execution import Execution
from web.component_history import ComponentRecord
from web.public_incident import PublicIncident

STATE_FORMAT = 1
KEPT_EXECUTIONS = 1_000
KEPT_REHEARSALS = 200
KEPT_INCIDENTS = 1_000
KEPT_RECEIPTS = 10_000
KEPT_QUARANTINE = 100
KEPT_PAGES = 5_000
KEPT_FLAPS = 20_000
KEPT_WINDOWS = 500
KEPT_PUBLIC = 500
_RECEIPTS_KEPT = timedelta(hours=24)
_APPROVALS_KEPT = timedelta(days=7)
_PRUNED_AT_ONCE = 200
_NEVER = datetime.min.replace(tzinfo=UTC)


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


class Approval(ApprovalFields, frozen=True, kw_only=True):
    """A plan that needs another person, and whether one has agreed."""


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


class StateImage(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The state, or a part of it, as a snapshot holds it."""

    alerts: dict[str, Alert] = {}
    incidents: dict[int, Incident] = {}
    incident_by_alert: dict[str, int] = {}
    incident_by_subject: dict[str, int] = {}
    executions: dict[str, Execution] = {}
    locks: dict[str, str] = {}
    users: dict[str, User] = {}
    silences: dict[str, Silence] = {}
    receipts: dict[str, Receipt] = {}
    approvals: dict[str, Approval] = {}
    temporary: dict[str, TemporaryChange] = {}
    proofs: dict[str, Proof] = {}
    rehearsal: Rehearsal | None = None
    first_at: datetime = _NEVER
    quarantine: tuple[Quarantined, ...] = ()
    imported: dict[str, str] = {}
    escalations: dict[int, Escalation] = {}
    pages: dict[int, Notification] = {}
    on_call: dict[str, OnCallOverride] = {}
    maintenances: dict[int, Maintenance] = {}
    last_maintenance: int = 0
    components: dict[str, ComponentRecord] = {}
    public_incidents: dict[int, PublicIncident] = {}
    last_public: int = 0
    last_page: int = 0
    last_incident: int = 0
    read_only: str | None = None
    segment_from: datetime = _NEVER
    segment_events: int = 0
    revision: int = 0


TABLES = (
    "incidents",
    "incident_by_subject",
    "alerts",
    "incident_by_alert",
    "executions",
    "locks",
    "users",
    "silences",
    "receipts",
    "approvals",
    "temporary",
    "proofs",
    "imported",
    "escalations",
    "pages",
    "on_call",
    "maintenances",
    "components",
    "public_incidents",
)
LARGE_TABLES = ("alerts", "incident_by_alert")
FACTS = (
    "rehearsal",
    "first_at",
    "quarantine",
    "last_incident",
    "last_page",
    "last_maintenance",
    "last_public",
    "read_only",
    "segment_from",
    "segment_events",
)
_FACTS = frozenset(FACTS)


class State:
    """Tables and single facts, every change of which can be taken back, and the indices that follow from them.

    Tables change by setting and deleting rows, facts by being set; ``undo`` knows what was there before.
    """

    __slots__ = (
        *TABLES,
        *FACTS,
        "_executions",
        "_flaps",
        "_incidents",
        "_maintenances",
        "_pages",
        "_silences",
        "beside",
        "contacts",
        "index",
        "inhibition",
        "pages_due",
        "paging_speedup",
        "revision",
        "severities",
        "undo",
    )

    alerts: LargeTable[str, Alert]
    incidents: UndoTable[int, Incident]
    incident_by_alert: LargeTable[str, int]
    """Fingerprint to the incident it joined last, for as long as both are remembered."""
    incident_by_subject: UndoTable[str, int]
    """Service and alert name to the latest incident about them."""
    executions: UndoTable[str, Execution]
    locks: UndoTable[str, str]
    """Lock key to the execution that holds it."""
    users: UndoTable[str, User]
    silences: UndoTable[str, Silence]
    receipts: UndoTable[str, Receipt]
    approvals: UndoTable[str, Approval]
    temporary: UndoTable[str, TemporaryChange]
    proofs: UndoTable[str, Proof]
    """The latest of each kind for each runbook, see ``proof_key``."""
    imported: UndoTable[str, str]
    """Lines of the fallback program's log that are in the journal, by hash."""
    escalations: UndoTable[int, Escalation]
    """By incident, how far the paging about its present spell has come."""
    pages: UndoTable[int, Notification]
    on_call: UndoTable[str, OnCallOverride]
    """By level, who takes it for a while."""
    maintenances: UndoTable[int, Maintenance]
    last_page: int
    last_maintenance: int
    components: UndoTable[str, ComponentRecord]
    """What the public has seen of each component of the page."""
    public_incidents: UndoTable[int, PublicIncident]
    last_public: int
    rehearsal: Rehearsal | None
    first_at: datetime
    """When this journal began."""
    quarantine: tuple[Quarantined, ...]
    last_incident: int
    read_only: str | None
    segment_from: datetime
    """Time of the first event of the open segment."""
    segment_events: int
    index: AlertIndex
    inhibition: InhibitionIndex
    contacts: Contacts
    """Who is called, as configured; no part of what is kept."""
    paging_speedup: float
    """What the times of ladders are divided by, as configured."""
    severities: SeverityMap
    """What the words of senders mean, by the configuration in force."""
    revision: int
    """Grows whenever something that is shown may have changed; never goes back."""
    undo: UndoLog
    beside: dict[str, Execution]
    """Read steps that were begun while the journal could not be written: shown, and journalled once it can be."""

    def __init__(self, image: StateImage | None = None) -> None:
        self.undo = log = UndoLog()
        self.revision = 0
        self.index = index = AlertIndex(log)
        self.inhibition = InhibitionIndex(log)
        self.severities = DEFAULT_SEVERITIES
        self.contacts = DEFAULT_CONTACTS
        self.paging_speedup = 1.0
        self.pages_due: Agenda[int] = Agenda(log)
        self._incidents = IncidentIndex(index.incidents_due, self.pages_due)
        self._pages = PageIndex()
        self._flaps: dict[str, tuple[datetime, ...]] = {}
        self._executions = ExecutionIndex(index.incidents_due)
        self._silences = SilenceIndex(log)
        self._maintenances = MaintenanceIndex(log)
        self.alerts = LargeTable(log, self._alert_changed)
        self.incidents = UndoTable(log, self._incidents.changed, order=_id)
        self.incident_by_alert = LargeTable(log, index.membership_changed)
        self.incident_by_subject = UndoTable(log)
        self.executions = UndoTable(log, self._executions.changed, order=_requested_at)
        self.locks = UndoTable(log)
        self.users = UndoTable(log)
        self.silences = UndoTable(log, self._silences.changed, order=_updated_at)
        self.receipts = UndoTable(log, order=_at)
        self.approvals = UndoTable(log, order=_asked_at)
        self.temporary = UndoTable(log, order=_since)
        self.proofs = UndoTable(log)
        self.imported = UndoTable(log)
        self.escalations = UndoTable(log, self._escalation_changed)
        self.pages = UndoTable(log, self._pages.changed, order=_id)
        self.on_call = UndoTable(log)
        self.maintenances = UndoTable(log, self._maintenances.changed, order=_id)
        self.components = UndoTable(log)
        self.public_incidents = UndoTable(log, order=_id)
        self.beside = {}
        index.attach(self.alerts, self.incident_by_alert)
        empty = StateImage()
        for name in FACTS:
            object.__setattr__(self, name, getattr(empty, name))
        if image is not None:
            self.load(image)

    def __setattr__(self, name: str, value: object) -> None:
        if name in _FACTS:
            if self.undo.going_back:
                return
            self.undo.entries.append((self, name, getattr(self, name)))
        object.__setattr__(self, name, value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, State):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in (*TABLES, *FACTS))

    __hash__ = None  # type: ignore[assignment]  # it changes

    def _alert_changed(self, fingerprint: str, before: Alert | None, after: Alert | None) -> None:
        self.index.alert_changed(fingerprint, before, after)
        if before is None or after is None or before.state != after.state:
            self.inhibition.alert_moved(before, after)

    def put_back(self, fact: str, earlier: object) -> None:
        """Makes ``earlier`` the value of a fact again."""
        object.__setattr__(self, fact, earlier)

    def settle(self) -> None:
        """Nothing: facts have no order."""

    def load(self, image: StateImage) -> None:
        """Takes a part of a snapshot; facts that are not in it stay."""
        for name in TABLES:
            getattr(self, name).load(getattr(image, name))
        empty = StateImage()
        for name in FACTS:
            if getattr(image, name) != getattr(empty, name):
                object.__setattr__(self, name, getattr(image, name))
        self.revision = max(self.revision, image.revision)

    def put_alert(self, alert: Alert) -> Alert:
        """Stores an alert's new form and gives it the next revision."""
        self.revision += 1
        stored = msgspec.structs.replace(alert, revision=self.revision)
        self.alerts[alert.fingerprint] = stored
        return stored

    def show_anew(self, fingerprint: str) -> bool:
        """Gives an alert the next revision because it looks different, though it is as it was; whether it is there."""
        alert = self.alerts.get(fingerprint)
        if alert is None:
            return False
        self.revision += 1
        self.alerts.refresh(fingerprint, msgspec.structs.replace(alert, revision=self.revision))
        return True

    def forget_alert(self, fingerprint: str) -> bool:
        """Lets an alert go, and what is known of it as part of an incident; whether it was there."""
        self.revision += 1
        self.incident_by_alert.pop(fingerprint, None)
        return self.alerts.pop(fingerprint, None) is not None

    def remember_changes(self, fingerprint: str, changed_at: tuple[datetime, ...], now: datetime) -> None:
        """Keeps the changes of an alert that is let go, for when it comes back within half an hour.

        They are a count and no fact of the journal's: a restart begins to count anew.
        """
        recent = recent_changes(changed_at, now)
        self._flaps.pop(fingerprint, None)
        if recent:
            self._flaps[fingerprint] = recent
        while self._flaps:
            oldest, changes = next(iter(self._flaps.items()))
            if len(self._flaps) <= KEPT_FLAPS and recent_changes(changes, now):
                break
            del self._flaps[oldest]

    def changes_before(self, fingerprint: str) -> tuple[datetime, ...]:
        """The changes of an alert that was let go."""
        return self._flaps.get(fingerprint, ())

    def incident_of(self, fingerprint: str) -> Incident | None:
        """The incident to which an alert belongs; of one that was absorbed, its cause's."""
        incident = self.incidents.get(self.incident_by_alert.get(fingerprint, 0))
        return incident if incident is None else self.surviving(incident)

    def surviving(self, incident: Incident) -> Incident:
        """The incident itself, or the one that it went into, however often that was merged itself."""
        seen = {incident.id}
        while incident.merged_into is not None and incident.merged_into not in seen:
            seen.add(incident.merged_into)
            other = self.incidents.get(incident.merged_into)
            if other is None:
                break
            incident = other
        return incident

    def latest_open(self) -> Iterator[Incident]:
        """Open incidents, those that opened last first."""
        return (self.incidents[i] for i in reversed(self._incidents.open))

    @property
    def postmortems_overdue(self) -> int:
        """How many incidents have a post-mortem that is overdue."""
        return len(self._incidents.overdue)

    def merged_under(self, incident_id: int) -> list[Incident]:
        """Incidents that went into another one, the first first."""
        return [self.incidents[i] for i in sorted(self._incidents.under.get(incident_id, ()))]

    def busy_with(self, incident: Incident) -> list[str]:
        """Change steps that run or are unknown, of an incident and of those that went into it."""
        under = (incident.id, *(one.id for one in self.merged_under(incident.id)))
        return [run for incident_id in under for run in self.unsettled_changes(incident_id)]

    @property
    def viewer_tokens(self) -> list[str]:
        """Executions that run with a token lent to them."""
        lent = [i for i in self._executions.running if self.executions[i].viewer_sha256]
        return lent + [i for i, e in self.beside.items() if e.state == "running" and e.viewer_sha256]

    def find_execution(self, execution_id: str) -> Execution | None:
        """The execution, journalled or not yet; None where there is none."""
        return self.executions.get(execution_id) or self.beside.get(execution_id)

    @property
    def running(self) -> list[Execution]:
        """Executions that run."""
        return [self.executions[i] for i in self._executions.running]

    @property
    def firing_names(self) -> frozenset[str]:
        """Names of all alerts that fire."""
        return self.index.firing_names

    def latest_incident(self, service: str, alertname: str) -> Incident | None:
        """The latest incident about an alert of a service."""
        return self.incidents.get(self.incident_by_subject.get(subject(service, alertname), 0))

    def open_incidents(self) -> list[Incident]:
        """Incidents that still need somebody, or are being watched."""
        return [self.incidents[i] for i in sorted(self._incidents.open)]

    def latest_incidents(self, at_most: int) -> list[Incident]:
        """Open incidents, the latest first, and then those that are over."""
        chosen = list(islice(reversed(self._incidents.open), at_most))
        chosen += islice(reversed(self._incidents.over), at_most - len(chosen))
        return [self.incidents[i] for i in chosen]

    def count_incidents(self) -> Mapping[tuple[str, str], int]:
        """How many incidents there are of each state and severity."""
        return self._incidents.by_state

    def unsettled_changes(self, incident_id: int) -> list[str]:
        """Change steps of an incident that run or are unknown."""
        return self._executions.unsettled_changes(incident_id)

    def silences_on(self, labels: Mapping[str, str], now: datetime) -> tuple[str, ...]:
        """Ids of the silences in force on an alert with these labels."""
        return self._silences.on(labels, now)

    @property
    def silences_due(self) -> Agenda[str]:
        """When a silence begins, ends or may be forgotten."""
        return self._silences.due

    def windows_on(self, labels: Mapping[str, str], now: datetime) -> tuple[int, ...]:
        """Numbers of the maintenance windows that mute an alert with these labels."""
        return self._maintenances.on(labels, now)

    @property
    def windows_due(self) -> Agenda[str]:
        """When the muting of a window begins or ends, by the number of the window."""
        return self._maintenances.muting.due

    def open_windows(self) -> list[Maintenance]:
        """Maintenance windows that are planned or on, the earliest made first."""
        return [self.maintenances[i] for i in self._maintenances.open]

    def temporary_in_force(self, now: datetime) -> list[TemporaryChange]:
        """Temporary changes that have not ended."""
        return [change for change in self.temporary.values() if change.until_at > now]

    @property
    def waiting_pages(self) -> list[Notification]:
        """Pages that somebody has not got yet, the earliest first."""
        return [self.pages[i] for i in self._pages.waiting]

    def _escalation_changed(
        self, incident_id: int, before: Escalation | None, after: Escalation | None
    ) -> None:
        if after is not None:
            self.pages_due.put_now(incident_id)

    def prune(self, now: datetime) -> None:
        """Lets go what is old and finished; the journal keeps it."""
        self._prune_executions()
        self._prune_incidents()
        for key in _leading(self.receipts, lambda receipt: now - receipt.at > _RECEIPTS_KEPT):
            del self.receipts[key]
        self._prune_receipts()
        for key in [a.id for a in self.approvals.values() if now - a.expires_at > _APPROVALS_KEPT]:
            del self.approvals[key]
        for key in list(islice(self.imported, max(0, len(self.imported) - KEPT_RECEIPTS))):
            del self.imported[key]
        self._prune_pages()
        for number in list(islice(self._maintenances.over, max(0, len(self.maintenances) - KEPT_WINDOWS))):
            del self.maintenances[number]
        over = (entry.id for entry in self.public_incidents.values() if not entry.is_open)
        for number in list(islice(over, max(0, len(self.public_incidents) - KEPT_PUBLIC))):
            del self.public_incidents[number]

    def _prune_pages(self) -> None:
        settled = (page.id for page in self.pages.values() if not page.waiting)
        for page_id in list(islice(settled, max(0, len(self.pages) - KEPT_PAGES))):
            del self.pages[page_id]

    def _prune_receipts(self) -> None:
        """Lets the oldest receipts go of whoever has the most: nobody's keys push out another's."""
        too_many = len(self.receipts) - KEPT_RECEIPTS
        if too_many <= 0:
            return
        counts = Counter(_owner(key) for key in self.receipts)
        # Those who have the most come down to one height together; who has less keeps all.
        height, left = max(counts.values()), too_many
        while left > 0:
            above = [owner for owner, count in counts.items() if count >= height]
            lower = max((count for count in counts.values() if count < height), default=0)
            step = min(height - lower, -(-left // len(above)))
            for owner in above:
                taken = min(step, left)
                counts[owner] -= taken
                left -= taken
            height -= step
        surplus = Counter(_owner(key) for key in self.receipts)
        surplus.subtract(counts)
        for key in [key for key in self.receipts if surplus[_owner(key)] > 0]:
            owner = _owner(key)
            if surplus[owner] > 0:
                surplus[owner] -= 1
                del self.receipts[key]

    def _prune_executions(self) -> None:
        rehearsals = self._executions.rehearsals
        if len(rehearsals) > KEPT_REHEARSALS:
            settled = (i for i in rehearsals if self.executions[i].settled)
            for execution_id in list(islice(settled, len(rehearsals) - KEPT_REHEARSALS)):
                del self.executions[execution_id]
        too_many = len(self.executions) - len(rehearsals) - KEPT_EXECUTIONS
        if too_many > 0:
            asked = (e for e in self.executions.values() if not e.rehearsal)
            finished = (e.execution_id for e in asked if e.settled and e.state != "unknown")
            for execution_id in list(islice(finished, too_many)):
                del self.executions[execution_id]

    def _prune_incidents(self) -> None:
        too_many = min(len(self.incidents) - KEPT_INCIDENTS, _PRUNED_AT_ONCE)
        for incident_id in list(islice(self._incidents.over, max(0, too_many))):
            members = list(islice(self.index.members(incident_id), _PRUNED_AT_ONCE))
            for fingerprint in members:
                del self.incident_by_alert[fingerprint]
            if self.index.members(incident_id):
                return
            incident = self.incidents.pop(incident_id)
            key = subject(incident.service, incident.alertname)
            if self.incident_by_subject.get(key) == incident_id:
                del self.incident_by_subject[key]
            self.index.cleared_at.pop(incident_id, None)
            self.escalations.pop(incident_id, None)


def _owner(key: str) -> str:
    return key.partition(" ")[0]


def _leading(table: Mapping[str, Receipt], old: Callable[[Receipt], bool]) -> list[str]:
    return [key for key, _ in takewhile(lambda pair: old(pair[1]), table.items())]


_id = attrgetter("id")
_at = attrgetter("at")
_since = attrgetter("since")
_asked_at = attrgetter("asked_at")
_updated_at = attrgetter("updated_at")
_requested_at = attrgetter("requested_at")
