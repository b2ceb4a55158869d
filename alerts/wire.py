"""The words about alerts and incidents that the ops daemon, the command line and the console all speak.

Every time is an aware UTC ``datetime`` (RFC 3339 on the wire); every duration field ends in ``_s`` and is seconds.
"""

import contextlib
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec

BaseState = Literal["pending", "firing", "resolved", "stale"]
ServiceState = Literal["running", "starting", "stopping", "stopped", "backoff", "fatal", "exited", "unknown"]
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
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A time with its zone; one without is refused when it is read."""
Role = Literal["viewer", "responder", "approver", "admin", "ingest"]


class PostableAlert(msgspec.Struct, frozen=True, kw_only=True):
    """One alert as a sender posts it to ``POST /api/v2/alerts`` (Alertmanager API v2, ``postableAlert``)."""

    labels: dict[str, str]
    annotations: dict[str, str] = {}
    startsAt: datetime | None = None
    endsAt: datetime | None = None
    generatorURL: str = ""


class AlertView(msgspec.Struct, frozen=True, kw_only=True, gc=False):
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
    started_at: Moment
    updated_at: Moment
    """When a source last confirmed it."""
    resolved_at: Moment | None = None
    incident_id: int | None = None
    acknowledged_by: str | None = None
    acknowledged_at: Moment | None = None
    runbook: str | None = None
    """Id of its runbook (``APIDown``, ``maintenance/BackupRestore``), None when there is none on the shelf."""
    mttr_target_s: int | None = None
    mttr_deadline_at: Moment | None = None
    silenced_by: tuple[str, ...] = ()
    inhibited_by: tuple[str, ...] = ()
    maintenance: tuple[str, ...] = ()
    flapping: int = 0
    """Changes in the last 30 minutes, 0 while it is not flapping."""
    stale_because: str = ""
    """Why a stale alert is not confirmed, where the reason is known; empty where its source just fell silent."""
    severity_sent: str = ""
    """The word for its severity as it was sent, where that is another than ours."""
    severity_unknown: bool = False
    """Whether no map has the word that was sent, so that it counts as a warning."""
    source: str = ""
    generator_url: str = ""
    version: int = 0
    """Grows with every change of this view."""


class TimelineEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an incident's timeline, taken from the journal."""

    seq: int
    at: Moment
    actor: str
    kind: str
    """The journal's word for what happened, such as ``incident.acknowledged``."""
    text: str
    execution_id: str | None = None


class Followup(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is to be done so that an outage does not come again."""

    number: int
    """From 1, within its incident."""
    text: str
    owner: str = ""
    due_on: date | None = None
    done_at: Moment | None = None


class StepEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """That something was done about an incident, by whom, and what shows it."""

    at: Moment
    by: str
    what: str


class ChecklistItem(msgspec.Struct, frozen=True, kw_only=True):
    """One of the six steps of handling an incident, and how far it is."""

    step: str
    """``acknowledge``, ``assess``, ``investigate``, ``resolve``, ``document`` or ``post-mortem``."""
    title: str
    done: bool
    at: Moment | None = None
    by: str = ""
    what: str = ""
    """What shows that it is done; of one that is not, what would."""
    then: bool = False
    """Whether it was done in an earlier spell of a relapse, and has to be done again."""


class IncidentFields(msgspec.Struct, frozen=True, kw_only=True):
    """What an incident is, in the daemon's state and on the wire alike."""

    id: int
    """A short number that can be typed at night."""
    title: str
    service: str
    alertname: str
    severity: Severity
    state: IncidentState = "open"
    version: int = 1
    """Counts its changes; a transition names the one that it was decided on."""
    started_at: Moment
    """When the trouble began, by its first alert."""
    detected_at: Moment
    """When we heard of it first."""
    spell: int = 1
    """2 and more of a relapse: it fired again within an hour of its resolution, and its times count anew."""
    spell_detected_at: Moment | None = None
    """When we heard of the relapse; None of the first spell. Targets count from here, else from ``detected_at``."""
    acknowledged_by: str | None = None
    acknowledged_at: Moment | None = None
    """The first acknowledgement; it stays when that lapses."""
    acknowledged_until: Moment | None = None
    mitigated_at: Moment | None = None
    """Since when its condition is gone."""
    resolved_at: Moment | None = None
    closed_at: Moment | None = None
    mttr_target_s: int | None = None
    maintenance_s: int = 0
    """Seconds of this spell that lay in maintenance windows; its deadlines are later by that."""
    breached_at: Moment | None = None
    """When its target was gone and it was not mitigated."""
    fingerprints: tuple[str, ...] = ()
    """Its alerts."""
    runbook: str | None = None
    """Id of its runbook, None where its alert names none."""
    major: bool = False
    """Whether somebody declared it a major incident."""
    declared_by: str = ""
    """Who opened it without an alert, empty where an alert did."""
    assigned_to: str | None = None
    root_cause: str = ""
    followups: tuple[Followup, ...] = ()
    links: tuple[str, ...] = ()
    reports: int = 0
    """What users of the service have reported about it."""
    merged_into: int | None = None
    """The incident to which its alerts belong now."""
    evidence: Mapping[str, StepEvidence] = {}
    """What was done first in this spell, by kind: ``assess``, ``investigate``, ``verify``."""
    ticks: Mapping[str, StepEvidence] = {}
    """Steps of the checklist that somebody ticked, by step."""
    people: tuple[str, ...] = ()
    """Who is on it: whoever has done something about it, or says so, in the order in which they came."""
    absorbed: bool = False
    """Whether it went under its cause by itself, as a symptom."""
    kept_apart: bool = False
    """Whether somebody took it out of another one: no cause absorbs it again."""
    worst_severity: Severity | None = None
    """The most severe that it ever was; None of one from before this was kept."""
    postmortem_shared_at: Moment | None = None
    postmortem_reminded: Literal["", "due", "overdue"] = ""
    """What people were told of last: that its post-mortem is due within a day, or overdue."""
    metrics_sha256: str | None = None
    """Digest of the frozen metrics of its outage; empty where none could be had, None before that."""


class NextPage(msgspec.Struct, frozen=True, kw_only=True):
    """Who is called next about an incident, as things stand now."""

    at: Moment
    level: str
    """``L1``, ``L2``, ``L3`` or ``all``."""
    people: tuple[str, ...] = ()


class MergedIncident(msgspec.Struct, frozen=True, kw_only=True):
    """An incident that is under another one: merged by somebody, or absorbed as a symptom of its cause."""

    id: int
    alertname: str
    service: str


class IncidentView(IncidentFields, frozen=True, kw_only=True):
    """One incident as the ops API shows it; ``timeline`` is filled only when one incident is asked for."""

    postmortem_due_at: Moment | None = None
    """When its post-mortem is due, while it is to be shared still; None where none is."""

    mttr_deadline_at: Moment | None = None
    next_page: NextPage | None = None
    """None where nobody will be called: it is held and early, muted, watched or over."""
    paging_paused: str = ""
    """Why nobody is called for now: ``acknowledged``, ``watched``, ``muted: …``."""
    paged: tuple[str, ...] = ()
    """Who was called about this spell of it."""
    checklist: tuple[ChecklistItem, ...] = ()
    """The six steps and what shows each of them; filled, as the timeline, only when one incident is asked for."""
    merged: tuple[MergedIncident, ...] = ()
    """What is under it; filled, as the timeline, only when one incident is asked for."""
    timeline: tuple[TimelineEntry, ...] = ()


class OnCallView(msgspec.Struct, frozen=True, kw_only=True):
    """Who is called at one level."""

    level: str
    people: tuple[str, ...]
    until_at: Moment | None = None
    """When a hand-over, or the end of an override, changes it; None where nothing does."""
    override_by: str = ""
    """Who set it by hand, empty where the contacts file says it."""


class ContactView(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who can be called."""

    id: str
    name: str
    user: str
    channels: tuple[str, ...]
    """What they are, in the order in which they are tried; never a secret."""
    troubles: tuple[str, ...] = ()
    """Those that could not take a message now, each with why; the daemon sends nothing to find that out."""
    levels: tuple[str, ...] = ()
    """At which this person is called now."""


class EmergencyView(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to call besides: a vendor, a hotline."""

    name: str
    reach: str


class ContactsView(msgspec.Struct, frozen=True, kw_only=True):
    """Who is on call now, and everybody who can be called."""

    levels: tuple[OnCallView, ...]
    people: tuple[ContactView, ...]
    hotline: str = ""
    emergency: tuple[EmergencyView, ...] = ()
    policies: dict[str, tuple[str, ...]] = {}
    """When each level is called, in lines, by severity."""
    audiences: tuple[str, ...] = ()
    """Names of those who can be told something that calls nobody."""
    from_file: bool = True
    """False where there is no contacts file and the local user is called."""


class DeliveryView(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one person's copy of a page."""

    person: str
    state: Literal["waiting", "sent", "failed", "dropped"]
    channel: str = ""
    tries: int = 0
    tried_at: Moment | None = None
    why: str = ""


class PageView(msgspec.Struct, frozen=True, kw_only=True):
    """That people were called, and what became of it."""

    id: int
    kind: Literal["page", "recovery", "notice", "test", "summary", "announcement"]
    level: str = ""
    incident_id: int | None = None
    why: str = ""
    text: str = ""
    by: str = ""
    due_at: Moment
    decided_at: Moment
    deliveries: tuple[DeliveryView, ...] = ()


class PostmortemView(msgspec.Struct, frozen=True, kw_only=True):
    """A post-mortem as far as the evidence writes it."""

    incident_id: int
    markdown: str
    pictures: dict[str, str] = {}
    """SVGs by file name."""
    due: str = ""
    """How the 48 hours stand; empty where nothing is due."""


class SilenceState(msgspec.Struct, frozen=True):
    """What Alertmanager's API calls the status of a silence."""

    state: Literal["active", "pending", "expired"]


class MatcherView(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One condition of a silence on one label."""

    name: str
    value: str
    is_regex: bool = False
    is_equal: bool = True

    def __str__(self) -> str:
        operator = ("=" if self.is_equal else "!") + ("~" if self.is_regex else "" if self.is_equal else "=")
        return f"{self.name}{operator}{self.value}"


class SilenceView(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A silence as Alertmanager's API lists it."""

    id: str
    matchers: tuple[MatcherView, ...] = ()
    starts_at: Moment
    ends_at: Moment
    created_by: str = ""
    comment: str = ""
    status: SilenceState


class SpanFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How long something took, over several incidents."""

    count: int
    median_s: float | None = None
    p90_s: float | None = None


class ReportLine(msgspec.Struct, frozen=True, kw_only=True):
    """The incidents of one alert, one severity or one week."""

    name: str
    incidents: int
    breached: int
    ttd: SpanFigures
    """From the begin to the detection."""
    tta: SpanFigures
    """From the detection to the first acknowledgement."""
    ttr: SpanFigures
    """From the detection to the mitigation."""


class PersonLoad(msgspec.Struct, frozen=True, kw_only=True):
    """How often somebody was called."""

    person: str
    pages: int
    at_night: int
    """From 22:00 to 06:00 where this person lives."""
    by_hour: tuple[int, ...]
    """24 counts, by the hour where this person lives."""
    time_zone: str = "UTC"
    """Of the contacts file; UTC of somebody who is not in it any more."""


class OnCallReport(msgspec.Struct, frozen=True, kw_only=True):
    """How the on-call has gone over a span; of what the daemon still remembers, a thousand incidents at least."""

    since: Moment
    until: Moment
    incidents: int
    open: int
    breached: int
    by_alert: tuple[ReportLine, ...]
    """The noisiest first."""
    by_severity: tuple[ReportLine, ...]
    by_week: tuple[ReportLine, ...]
    people: tuple[PersonLoad, ...]
    unattended: tuple[str, ...]
    """Alerts of incidents that nobody acknowledged and for which nothing was run."""
    failed_steps: dict[str, int]
    head: str = ""
    """Of the journal, ``SEQ:HASH``: kept elsewhere, it shows later whether this is still the same journal."""
    cured_by: dict[str, int]
    """Runbooks by how many of their change steps succeeded and were verified."""


SERVICES = ("postgres", "redis", "api", "evaluator", "ops", "status")
"""The services of a target, in the order in which they start."""


class ServiceView(msgspec.Struct, frozen=True, kw_only=True):
    """One service of the target, as ``ops ps`` lists it."""

    name: str
    state: ServiceState
    pid: int | None = None
    uptime_s: float | None = None
    url: str | None = None
    detail: str = ""


class StreamMeta(msgspec.Struct, frozen=True, kw_only=True):
    """First line of a snapshot and payload of a heartbeat: where the stream stands and what time the server has."""

    boot: str
    seq: int
    server_time: Moment
    user: str = ""
    role: Role = "viewer"
    target: str = ""
    """The environment in a word: ``local``, ``DRILL``, ``production``."""
    read_only: str | None = None
    """Why changes are refused (journal not writable, read-only mode), None when they are not."""
    evaluator: str = ""
    """``ok``, or what is wrong with the source of alerts."""
    temporary_changes: int = 0
    quarantined: int = 0
    """Posted items of the last day that are no alerts."""
    hotline: str = ""
    """Whom to call where nobody answers, of the contacts file."""
    postmortems_overdue: int = 0
    """Incidents whose post-mortem should have been shared by now."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """The error envelope of the ops API: ``{"error": {...}}`` around this, with the HTTP status of its type."""

    type: str
    """``unauthenticated`` 401, ``forbidden`` 403, ``not_found`` 404, ``conflict`` 409, ``refused`` 409,
    ``locked`` 423, ``invalid`` 400, ``unavailable`` 503."""
    message: str
    field: str | None = None
    details: dict[str, Any] | None = None


class QuarantinedView(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was posted as an alert and is none: kept to be looked at, it took no other alert with it."""

    at: Moment
    why: str
    raw: str
    """As it was posted, cut and without secrets."""


class FaultView(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong with a configuration file."""

    line: int | None
    """From 1; None where it has no place."""
    message: str
    """What is wrong, and what would be right."""


class ConfigurationFileView(msgspec.Struct, frozen=True, kw_only=True):
    """One checked file of the state folder."""

    name: str
    about: str
    in_force: Literal["default", "file", "last good"]
    """What holds: what we come with, the file as it is, or the last version of it that was sound."""
    faults: tuple[FaultView, ...] = ()
    """What is wrong with the file as it is."""


class PersonView(msgspec.Struct, frozen=True, kw_only=True):
    """``GET /v1/me``: who the token belongs to."""

    name: str
    role: Role


class UserView(msgspec.Struct, frozen=True, kw_only=True):
    """One user of the ops API."""

    name: str
    role: Role
    since: Moment | None = None


class NewToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token as it is shown once, when a user is added or rotated."""

    name: str
    role: Role
    token: str


class JournalHead(msgspec.Struct, frozen=True, kw_only=True):
    """Where the journal ends: whoever keeps this sees later whether its tail was cut."""

    seq: int
    hash: str
    """SHA-256 of the last event and all before it, 64 hex digits."""
    at: Moment | None = None


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One event of the journal, with enough to compute its hash again."""

    seq: int
    at: Moment
    actor: str
    auth: str
    kind: str
    object: str
    digest: str
    body: msgspec.Raw
    """The event as JSON, byte for byte as it was hashed."""
    previous: str
    hash: str


class BadRow(msgspec.Struct, frozen=True, kw_only=True):
    """The first row of a journal that is not sound."""

    seq: int
    why: str
    file: str


class HeadCheck(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the journal has an event that somebody noted elsewhere."""

    seq: int
    hash: str
    """As it was noted, perhaps only its first digits."""
    held: bool
    why: str = ""


class AuditVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the journal is sound."""

    ok: bool
    events: int
    sound_until: JournalHead
    first_bad: BadRow | None = None
    set_aside: tuple[str, ...] = ()
    anchored: bool = True
    """Whether file, the daemon's memory and the mark that is signed with a key outside the folder agree."""
    why_not_anchored: str = ""
    bad_snapshots: tuple[str, ...] = ()
    """Snapshots whose content is not what was journalled of them."""
    head: HeadCheck | None = None
    """Of the head that was asked about; only that shows a folder put back to an older copy of itself."""

    @property
    def fault(self) -> str:
        """What is wrong, in a sentence; empty where nothing is."""
        if self.first_bad is not None:
            return f"row {self.first_bad.seq} {self.first_bad.why} ({self.first_bad.file})"
        if not self.anchored:
            return f"not anchored: {self.why_not_anchored}"
        if self.bad_snapshots:
            return f"{', '.join(self.bad_snapshots)}: not what was journalled"
        return "" if self.head is None or self.head.held else self.head.why


class MetricSeries(msgspec.Struct, frozen=True, kw_only=True):
    """One series of a query's result (Prometheus' HTTP API): ``value`` of an instant, ``values`` of a range."""

    metric: dict[str, str] = {}
    value: tuple[float, str] | None = None
    values: tuple[tuple[float, str], ...] = ()


def make_ready(module: str = "") -> None:
    """Works out what every type that is loaded is made of, or every one of one module: before there are threads.

    The library does that where a type is first decoded, and without a lock: two threads that decode one for the first
    time at the same moment may crash the process (msgspec 0.22; it runs Python in between, `get_class_annotations`).
    Takes some 10 ms for all types of a daemon. One that cannot be decoded is passed over.
    """
    for kind in set(_below(msgspec.Struct)):
        if not module or kind.__module__ == module:
            with contextlib.suppress(TypeError, NameError):
                msgspec.json.Decoder(kind)


def _below(kind: type) -> Iterator[type]:
    below: type
    for below in kind.__subclasses__():
        yield below
        yield from _below(below)


make_ready(__name__)
