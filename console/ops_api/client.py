"""The ops API over HTTP: the only file of the console that speaks it, in blocking calls that threads may make."""

import http.client
import socket
import urllib.parse
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from alerts.wire import (
    AlertView,
    AuditEntry,
    AuditVerdict,
    ConfigurationFileView,
    ContactsView,
    IncidentView,
    JournalHead,
    MatcherView,
    NewToken,
    OnCallReport,
    PageView,
    PersonView,
    PostmortemView,
    Problem,
    QuarantinedView,
    ServiceView,
    SilenceView,
    StreamMeta,
    UserView,
    make_ready,
)
from console.ops_api.address import split_address
from console.ops_api.errors import (
    CallRefusedError,
    InvalidRequestError,
    LostAnswerError,
    NotServingError,
    NotThereError,
    OpsError,
    UnreachableError,
)
from console.ops_api.prometheus_answer import PrometheusRule, QueryAnswer, QueryResult, RulesAnswer
from runbooks.wire import (
    ActionView,
    ApprovalView,
    ChangeView,
    DrillReport,
    ExecutionRequest,
    ExecutionView,
    LockView,
    Output,
    RehearsalView,
    RunbookView,
)

if TYPE_CHECKING:
    # Patterns and YAML come with these: only what is about windows and the public page waits for them.
    from alerts.maintenance import MaintenanceView
    from console.ops_api.public_answer import PublicAnswer
    from web.public_incident import PublicDraft, PublicIncidentView

T = TypeVar("T")
_AUDIT_PAGE = 1_000


class DaemonAccess:
    """Where the ops daemon is and with which token; its repr shows no secret."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url.rstrip("/")
        self._token = token

    def __repr__(self) -> str:
        return f"DaemonAccess({self.url!r}, token hidden)"

    @property
    def headers(self) -> dict[str, str]:
        """The header that carries the token."""
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}


class _Answer(msgspec.Struct):
    alerts: tuple[AlertView, ...] = ()
    incidents: tuple[IncidentView, ...] = ()
    runbooks: tuple[RunbookView, ...] = ()
    actions: tuple[ActionView, ...] = ()
    executions: tuple[ExecutionView, ...] = ()
    locks: tuple[LockView, ...] = ()
    services: tuple[ServiceView, ...] = ()
    faults: tuple[str, ...] = ()
    approvals: tuple[ApprovalView, ...] = ()
    pages: tuple[PageView, ...] = ()
    quarantined: tuple[QuarantinedView, ...] = ()
    files: tuple[ConfigurationFileView, ...] = ()
    changes: tuple[ChangeView, ...] = ()
    users: tuple[UserView, ...] = ()
    entries: tuple[AuditEntry, ...] = ()
    head: JournalHead | None = None
    meta: StreamMeta | None = None


class _ReadOnly(msgspec.Struct):
    read_only: str | None = None


class _SilenceSet(msgspec.Struct):
    silence_id: str = msgspec.field(name="silenceID")


_OF_PATHS = "".join(map(chr, range(0x21, 0x7F)))
"""What stands in the path of a request as it is; anything else is written as %XX."""


class _ErrorBody(msgspec.Struct):
    error: Problem


class _PrometheusError(msgspec.Struct):
    error: str
    errorType: str


class OpsClient:
    """Every call of the ops API that the console needs. Each raises an ``OpsError`` of the fitting kind."""

    def __init__(self, access: DaemonAccess, *, timeout_s: float = 10.0) -> None:
        self.access = access
        self._timeout_s = timeout_s
        self.on_write: Callable[[], None] = lambda: None
        """Called when a call has changed something, or may have: not after one that the daemon refused."""
        parts = split_address(access.url)
        self._host, self._https = parts.hostname or "", parts.scheme == "https"
        self._port = parts.port or (443 if self._https else 80)
        self._prefix = parts.path.rstrip("/")

    def alerts(self, *, everything: bool = False) -> tuple[AlertView, ...]:
        """Unresolved alerts, most severe first; with ``everything`` the resolved that are still kept too."""
        return self._get(f"/v1/alerts{'?all=1' if everything else ''}", _Answer).alerts

    def quarantined(self) -> tuple[QuarantinedView, ...]:
        """What was posted as an alert and is none, the latest first."""
        return self._get("/v1/quarantine", _Answer).quarantined

    def configuration(self) -> tuple[ConfigurationFileView, ...]:
        """The checked files of the daemon's state folder: what of each is in force, and what is wrong with it."""
        return self._get("/v1/configuration", _Answer).files

    def incidents(self, *, everything: bool = False) -> tuple[IncidentView, ...]:
        """Open incidents, or all of them."""
        return self._get(f"/v1/incidents{'?all=1' if everything else ''}", _Answer).incidents

    def incident(self, incident_id: int) -> IncidentView:
        """One incident with its timeline."""
        return self._get(f"/v1/incidents/{incident_id}", IncidentView)

    def acknowledge(self, incident_id: int, *, for_s: int | None = None) -> IncidentView:
        """Take an incident."""
        return self._post(f"/v1/incidents/{incident_id}/ack", {"for_s": for_s}, IncidentView)

    def unacknowledge(self, incident_id: int) -> IncidentView:
        """Give an incident back."""
        return self._post(f"/v1/incidents/{incident_id}/unack", {}, IncidentView)

    def note(self, incident_id: int, text: str, *, at: str | None = None) -> IncidentView:
        """Write something on the timeline, at a time of one's own where it happened earlier."""
        return self._post(f"/v1/incidents/{incident_id}/note", {"text": text, "at": at}, IncidentView)

    def transition(self, incident_id: int, to: str, version: int, reason: str) -> IncidentView:
        """Move an incident on, provided that it still has ``version``."""
        body = {"to": to, "version": version, "reason": reason}
        return self._post(f"/v1/incidents/{incident_id}/transition", body, IncidentView)

    def declare(self, title: str, service: str, severity: str) -> IncidentView:
        """Open an incident without an alert."""
        return self._post(
            "/v1/incidents", {"title": title, "service": service, "severity": severity}, IncidentView
        )

    def record(self, incident_id: int, path: str, body: Mapping[str, object]) -> IncidentView:
        """Put something down about an incident; ``path`` is what stands behind its own."""
        return self._post(f"/v1/incidents/{incident_id}/{path}", body, IncidentView)

    def postmortem(self, incident_id: int) -> PostmortemView:
        """The draft of an incident's post-mortem, or the shared one."""
        return self._get(f"/v1/incidents/{incident_id}/postmortem", PostmortemView)

    def share_postmortem(self, incident_id: int) -> IncidentView:
        """Send it to the audience of incidents."""
        return self._post(f"/v1/incidents/{incident_id}/postmortem/share", {}, IncidentView)

    def report(self, since_s: int, until_s: int = 0) -> OnCallReport:
        """How the on-call has gone over the last seconds."""
        return self._get(f"/v1/report?since_s={since_s}&until_s={until_s}", OnCallReport)

    def silences(self) -> tuple[SilenceView, ...]:
        """Every silence, over or not."""
        return self._get("/api/v2/silences", tuple[SilenceView, ...])

    def set_silence(
        self,
        matchers: Sequence[MatcherView],
        starts_at: datetime,
        ends_at: datetime,
        comment: str,
        silence_id: str = "",
    ) -> str:
        """Silence what fits all matchers between two times; the id. With ``silence_id`` that one is changed."""
        body = {
            "id": silence_id, "matchers": matchers, "startsAt": starts_at, "endsAt": ends_at,
            "createdBy": "", "comment": comment,
        }  # fmt: skip
        return self._post("/api/v2/silences", body, _SilenceSet).silence_id

    def end_silence(self, silence_id: str) -> None:
        """End a silence now."""
        self._request("DELETE", f"/api/v2/silence/{urllib.parse.quote(silence_id, safe='')}")

    def contacts(self) -> ContactsView:
        """Who is on call, and everybody who can be called."""
        return self._get("/v1/contacts", ContactsView)

    def test_contact(self, person: str) -> PageView:
        """Send somebody a test page."""
        return self._post(f"/v1/contacts/{urllib.parse.quote(person, safe='')}/test", {}, PageView)

    def set_on_call(self, level: str, person: str, until: str) -> ContactsView:
        """Have a person called at a level until an ISO time."""
        return self._post(f"/v1/oncall/{level}", {"person": person, "until": until}, ContactsView)

    def unset_on_call(self, level: str) -> ContactsView:
        """Call at a level whom the contacts file says."""
        return self._post(f"/v1/oncall/{level}/unset", {}, ContactsView)

    def page(self, who: str, text: str) -> PageView:
        """Call a person, a level or ``all``."""
        return self._post("/v1/pages", {"who": who, "text": text}, PageView)

    def pages(self) -> tuple[PageView, ...]:
        """Who was called lately, the latest first."""
        return self._get("/v1/pages", _Answer).pages

    def maintenances(self, *, everything: bool) -> "tuple[MaintenanceView, ...]":
        """Maintenance windows, the latest made first; ``everything`` has those that are over too."""
        from alerts.maintenance import MaintenanceView

        query = "?all=1" if everything else ""
        answer = self._get(f"/v1/maintenance{query}", dict[str, msgspec.Raw])
        return self._decoded(bytes(answer["maintenances"]), tuple[MaintenanceView, ...])

    def maintenance(self, number: int) -> "MaintenanceView":
        """One window."""
        from alerts.maintenance import MaintenanceView

        return self._get(f"/v1/maintenance/{number}", MaintenanceView)

    def maintenance_preview(self, number: int) -> dict[str, str]:
        """What announcing it would publish: ``subject``, ``body``, ``html``, ``digest``."""
        return self._get(f"/v1/maintenance/{number}/preview", dict[str, str])

    def schedule_maintenance(self, body: Mapping[str, object]) -> "MaintenanceView":
        """Plan a window."""
        from alerts.maintenance import MaintenanceView

        return self._post("/v1/maintenance", body, MaintenanceView)

    def step_maintenance(self, number: int, verb: str, body: Mapping[str, object]) -> "MaintenanceView":
        """Take one of its steps, on the window as it is now."""
        from alerts.maintenance import MaintenanceView

        return self._post(f"/v1/maintenance/{number}/{verb}", body, MaintenanceView)

    def public_entries(self, *, everything: bool) -> "PublicAnswer":
        """What the public reads: entries, components, and templates of words."""
        from console.ops_api.public_answer import PublicAnswer

        return self._get(f"/v1/public{'?all=1' if everything else ''}", PublicAnswer)

    def public_entry(self, number: int) -> "PublicIncidentView":
        """One entry."""
        from web.public_incident import PublicIncidentView

        return self._get(f"/v1/public/{number}", PublicIncidentView)

    def public_draft(self, incident_id: int | None) -> "PublicDraft":
        """Words by a rule, about an incident or about what is in trouble."""
        from web.public_incident import PublicDraft

        asked = f"?incident={incident_id}" if incident_id is not None else ""
        return self._get(f"/v1/public/draft{asked}", PublicDraft)

    def preview_public(self, path: str, body: Mapping[str, object]) -> dict[str, str]:
        """What publishing it would say: ``subject``, ``body``, ``html``; nothing is published."""
        return self._post(path, {**body, "preview": True}, dict[str, str])

    def publish(self, path: str, body: Mapping[str, object]) -> "PublicIncidentView":
        """Publish words: a new entry, more of one, or an announcement."""
        from web.public_incident import PublicIncidentView

        return self._post(path, body, PublicIncidentView)

    def shelf(self) -> tuple[tuple[RunbookView, ...], tuple[str, ...]]:
        """Every runbook without its sections, and what is wrong with the actions' file."""
        answer = self._get("/v1/runbooks", _Answer)
        return answer.runbooks, answer.faults

    def rehearse(self, runbook: str | None) -> RehearsalView:
        """Rehearse one runbook, or all. Raises ``CallRefusedError`` where it has to wait."""
        return self._post("/v1/rehearsals", {"runbook": runbook}, RehearsalView)

    def rehearsal(self, *, seen: int = 0, wait_s: int = 0) -> RehearsalView:
        """The rehearsal that is on or the latest, waiting up to ``wait_s`` seconds for more than ``seen`` steps."""
        path = f"/v1/rehearsals?seen={seen}&wait={wait_s}"
        return self._get(path, RehearsalView, timeout_s=wait_s + self._timeout_s)

    def report_drill(self, report: DrillReport) -> None:
        """Have the result of a drill journalled."""
        self._request("POST", "/v1/drills", msgspec.json.encode(report))

    def runbook(self, runbook_id: str) -> RunbookView:
        """One runbook with its sections."""
        return self._get(f"/v1/runbooks/{urllib.parse.quote(runbook_id)}", RunbookView)

    def actions(self) -> tuple[ActionView, ...]:
        """Every action with whether it is available here."""
        return self._get("/v1/actions", _Answer).actions

    def locks(self) -> tuple[LockView, ...]:
        """Who holds what."""
        return self._get("/v1/locks", _Answer).locks

    def services(self) -> tuple[ServiceView, ...]:
        """The target's services."""
        return self._get("/v1/services", _Answer, timeout_s=20).services

    def plan(self, request: ExecutionRequest) -> ExecutionView:
        """What exactly would run; nothing does."""
        return self._post("/v1/executions/plan", request, ExecutionView)

    def execute(self, request: ExecutionRequest) -> ExecutionView:
        """Run it; posted twice with one id it runs once. Raises ``LostAnswerError`` when the answer did not arrive."""
        return self._post("/v1/executions", request, ExecutionView)

    def execution(self, execution_id: str) -> ExecutionView:
        """One execution. Raises ``NotThereError`` when it never arrived."""
        return self._get(f"/v1/executions/{urllib.parse.quote(execution_id)}", ExecutionView)

    def executions(self, limit: int = 50, *, rehearsals: str = "") -> tuple[ExecutionView, ...]:
        """The latest executions, newest first; ``rehearsals`` is ``1`` for with them, ``only`` for nothing else."""
        query = f"limit={limit}" + (f"&rehearsals={rehearsals}" if rehearsals else "")
        return self._get(f"/v1/executions?{query}", _Answer).executions

    def output(self, execution_id: str, *, stdout: int, stderr: int, wait_s: float) -> Output:
        """What an execution printed since these byte offsets, waiting up to ``wait_s`` seconds for more."""
        query = f"stdout={stdout}&stderr={stderr}&wait={wait_s:g}"
        path = f"/v1/executions/{urllib.parse.quote(execution_id)}/output?{query}"
        return self._get(path, Output, timeout_s=wait_s + self._timeout_s)

    def cancel(self, execution_id: str) -> ExecutionView:
        """Ask a running execution to stop."""
        return self._post(f"/v1/executions/{urllib.parse.quote(execution_id)}/cancel", {}, ExecutionView)

    def clear(self, execution_id: str, reason: str) -> ExecutionView:
        """Settle an execution whose end is unknown, and free its locks."""
        return self._post(
            f"/v1/executions/{urllib.parse.quote(execution_id)}/clear", {"reason": reason}, ExecutionView
        )

    def approvals(self) -> tuple[ApprovalView, ...]:
        """What waits for a second person, or was agreed to and not done yet."""
        return self._get("/v1/approvals", _Answer).approvals

    def ask_approval(self, request: ExecutionRequest) -> ApprovalView:
        """Ask another person to agree to exactly what ``request`` would run."""
        body = {
            "runbook": request.runbook, "step": request.step, "action": request.action,
            "params": request.params, "for_s": request.for_s, "maintenance_id": request.maintenance_id,
        }  # fmt: skip
        return self._post("/v1/approvals", body, ApprovalView)

    def approve(self, approval_id: str) -> ApprovalView:
        """Agree to what another person asked for."""
        return self._post(f"/v1/approvals/{urllib.parse.quote(approval_id)}/approve", {}, ApprovalView)

    def changes(self) -> tuple[ChangeView, ...]:
        """Temporary changes, in force or past their end."""
        return self._get("/v1/changes", _Answer).changes

    def end_change(self, execution_id: str) -> None:
        """Say that a temporary change was taken back by other means."""
        self._request("POST", f"/v1/changes/{urllib.parse.quote(execution_id)}/end", b"{}")

    def set_read_only(self, reason: str | None) -> str | None:
        """Refuse every change for this reason, or (None) allow them again; the reason as it is shown."""
        return self._post("/v1/read-only", {"reason": reason}, _ReadOnly).read_only

    def note_done_by_hand(self, text: str) -> None:
        """Have something journalled that was done past the daemon."""
        self._request("POST", "/v1/journal/notes", msgspec.json.encode({"text": text}))

    def me(self) -> PersonView:
        """Whose token this is."""
        return self._get("/v1/me", PersonView)

    def meta(self) -> StreamMeta:
        """Where the daemon stands and what time it has."""
        meta = self._get("/v1/alerts", _Answer).meta
        if meta is None:
            raise OpsError(f"{self.access.url} does not say where it stands")
        return meta

    def users(self) -> tuple[UserView, ...]:
        """Every user of the ops API."""
        return self._get("/v1/users", _Answer).users

    def add_user(self, name: str, role: str) -> NewToken:
        """Add a user; the token is shown this once."""
        return self._post("/v1/users", {"name": name, "role": role}, NewToken)

    def rotate_user(self, name: str) -> NewToken:
        """Give a user a new token; the old one ends at once."""
        return self._post(f"/v1/users/{urllib.parse.quote(name)}/rotate", {}, NewToken)

    def revoke_user(self, name: str) -> None:
        """End a user's token at once."""
        self._request("DELETE", f"/v1/users/{urllib.parse.quote(name)}")

    def verify_audit(self, head: str | None = None) -> AuditVerdict:
        """Whether the journal is sound, and has the event noted as ``SEQ:HASH``; it may take a minute."""
        asked = f"?head={urllib.parse.quote(head)}" if head is not None else ""
        return self._get(f"/v1/audit/verify{asked}", AuditVerdict, timeout_s=120)

    def audit(self, limit: int) -> tuple[AuditEntry, ...]:
        """The latest rows of the journal, oldest first."""
        return tuple(islice(self.audit_backwards(min(limit, _AUDIT_PAGE)), limit))[::-1]

    def audit_backwards(self, page: int = _AUDIT_PAGE) -> Iterator[AuditEntry]:
        """All rows of the journal, the latest first, read a page at a time as they are asked for."""
        newest = self._get("/v1/audit?limit=1", _Answer).head
        upto = newest.seq if newest else 0
        while upto > 0:
            after = max(0, upto - page)
            entries = self._get(f"/v1/audit?after={after}&limit={upto - after}", _Answer).entries
            yield from reversed(entries)
            upto = after

    def health(self) -> dict[str, Any]:
        """What the daemon says of its own health, which grows with its parts."""
        return self._get("/v1/health", dict[str, Any])

    def prometheus(
        self, path: str, params: Mapping[str, object], *, timeout_s: float | None = None
    ) -> QueryResult:
        """The result of a query that the daemon passes on to Prometheus (``query`` or ``query_range``)."""
        words = urllib.parse.urlencode(params)
        answer = self._get(f"/v1/prometheus/{path}?{words}", QueryAnswer, timeout_s=timeout_s)
        return answer.data

    def rules(self) -> tuple[PrometheusRule, ...]:
        """The rules that Prometheus, or the evaluator in its place, has loaded."""
        answer = self._get("/v1/prometheus/rules", RulesAnswer)
        return tuple(rule for group in answer.data.groups for rule in group.rules)

    def pieces(self, method: str, path: str, body: bytes | None = None) -> Iterator[bytes]:
        """Any call of the API: its answer as it comes, line by line."""
        headers = {"Content-Type": "application/json"} if body is not None else {}
        with self._opened(method, path, headers, body, 60) as response:
            while line := response.readline():
                yield line

    def text(self, path: str) -> str:
        """A plain text answer, such as a log."""
        return self._request("GET", path, timeout_s=30).decode(errors="replace")

    def snapshot(self) -> Iterator[bytes]:
        """The lines of ``/v1/snapshot``, one JSON object each."""
        return self.lines("/v1/snapshot")

    def lines(self, path: str) -> Iterator[bytes]:
        """The lines of a long answer, one after another."""
        with self._opened("GET", path, {}, None, 30) as response:
            while line := response.readline():
                yield line

    def stream(self, last_event_id: str | None, *, silence_s: float) -> Iterator[tuple[str, str, bytes]]:
        """Events as (id, name, data) until the link breaks or is silent for ``silence_s`` seconds."""
        headers = {"Accept": "text/event-stream"}
        if last_event_id:
            headers["Last-Event-ID"] = last_event_id
        with self._opened("GET", "/v1/stream", headers, None, silence_s) as response:
            yield from read_events(response)

    def _get(self, path: str, kind: type[T], *, timeout_s: float | None = None) -> T:
        return self._decoded(self._request("GET", path, timeout_s=timeout_s), kind)

    def _post(self, path: str, body: object, kind: type[T]) -> T:
        return self._decoded(self._request("POST", path, msgspec.json.encode(body)), kind)

    def _decoded(self, raw: bytes, kind: type[T]) -> T:
        try:
            return msgspec.json.decode(raw, type=kind)
        except msgspec.MsgspecError as error:
            raise OpsError(
                f"{self.access.url} answered something else than an ops daemon would: {error}"
            ) from error

    def _request(
        self, method: str, path: str, body: bytes | None = None, timeout_s: float | None = None
    ) -> bytes:
        headers = {"Content-Type": "application/json"} if body is not None else {}
        with self._opened(method, path, headers, body, timeout_s or self._timeout_s) as response:
            return response.read()

    @contextmanager
    def _opened(
        self, method: str, path: str, headers: dict[str, str], body: bytes | None, timeout_s: float
    ) -> Iterator[http.client.HTTPResponse]:
        maker = http.client.HTTPSConnection if self._https else http.client.HTTPConnection
        connection = maker(self._host, self._port, timeout=timeout_s)
        sent = False
        try:
            connection.connect()
            sent = True
            with self._written(method):
                target = urllib.parse.quote(self._prefix + path, safe=_OF_PATHS)
                connection.request(method, target, body=body, headers={**headers, **self.access.headers})
                response = connection.getresponse()
                if response.status >= 400:
                    raise _error_of(response)
            yield response
        except (OSError, http.client.HTTPException) as error:
            raise self._link_error(error, lost=sent and method != "GET", sent=sent) from error
        finally:
            connection.close()

    @contextmanager
    def _written(self, method: str) -> Iterator[None]:
        """Says so where a call that goes out meanwhile has changed something, or may have: a refused one has not."""
        try:
            yield
        except (CallRefusedError, InvalidRequestError, NotThereError):
            raise
        except BaseException:
            if method != "GET":
                self.on_write()
            raise
        if method != "GET":
            self.on_write()

    def _link_error(self, error: Exception, *, lost: bool, sent: bool = False) -> UnreachableError:
        if lost:
            return LostAnswerError(f"the answer of {self.access.url} was lost ({error})")
        if sent and isinstance(error, TimeoutError | socket.timeout):
            return NotServingError(
                f"the ops daemon at {self.access.url} is there and does not answer in time; see ops logs ops"
            )
        why = "no answer in time" if isinstance(error, TimeoutError | socket.timeout) else str(error)
        return UnreachableError(
            f"the ops daemon at {self.access.url} does not answer ({why}); see ops ps, and ops logs ops"
        )


def _error_of(response: http.client.HTTPResponse) -> OpsError:
    raw = response.read(65536)
    try:
        problem = msgspec.json.decode(raw, type=_ErrorBody).error
    except msgspec.MsgspecError:
        return foreign_error(response.status, raw)
    return error_kind(response.status)(problem.message, problem)


_KINDS: Mapping[int, type[OpsError]] = {
    400: InvalidRequestError, 401: CallRefusedError, 403: CallRefusedError, 404: NotThereError, 409: CallRefusedError,
    413: InvalidRequestError, 422: InvalidRequestError, 423: CallRefusedError, 429: CallRefusedError, 503: NotServingError,
}  # fmt: skip


def error_kind(status: int) -> type[OpsError]:
    """What an answer with this status is; one that is neither ours nor the daemon's to mend has simply failed."""
    return _KINDS.get(status, OpsError)


def foreign_error(status: int, raw: bytes) -> OpsError:
    """The error in an answer that is none of the daemon's own: Prometheus' words where it passed them on."""
    try:
        said = msgspec.json.decode(raw, type=_PrometheusError)
    except msgspec.MsgspecError:
        kind = CallRefusedError if error_kind(status) is CallRefusedError else OpsError
        return kind(f"the ops daemon answered {status}: {raw[:200].decode(errors='replace')}")
    return (InvalidRequestError if status in (400, 422) else OpsError)(said.error)


def read_events(lines: Any) -> Iterator[tuple[str, str, bytes]]:
    """Server-sent events as (id, name, data) from something with ``readline``; a cut-off one is dropped.

    Source: WHATWG HTML, server-sent events, interpreting an event stream.
    """
    event_id, name = "", "message"
    data: list[bytes] = []
    while raw := lines.readline():
        line = raw.rstrip(b"\r\n")
        if not line:
            if data:
                yield event_id, name, b"\n".join(data)
            name, data = "message", []
            continue
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            data.append(value)
        elif field == b"event":
            name = value.decode(errors="replace")
        elif field == b"id":
            event_id = value.decode(errors="replace")


make_ready(__name__)
