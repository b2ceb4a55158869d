"""What people put down about an incident: declaring, severity, owner, root cause, follow-ups, links, reports, merging."""

import urllib.parse
from collections.abc import Callable
from datetime import date

import msgspec

from alerts.checklist import SIX_STEPS
from alerts.escalation import is_called_for
from alerts.escalation_policy import DEFAULT_TARGET_S
from alerts.incident import Incident, IncidentNoted, IncidentOpened, StaleVersionError
from alerts.incident_record import (
    FollowupAdded,
    FollowupDone,
    IncidentAssigned,
    IncidentLinked,
    IncidentMajor,
    IncidentRecord,
    IncidentVerified,
    PersonOnIncident,
    RootCauseSet,
    SeveritySet,
    StepTicked,
    UserReported,
)
from alerts.wire import Followup, IncidentView, Severity
from server.http.call import BadRequestError, NotFoundError
from server.http.route import Reply
from server.ops.alerting.recent_changes import CHANGED, what_changed
from server.ops.executions.admission import RefusedError
from server.ops.executions.redactor import Redactor
from server.ops.http import OpsCall, OpsRoute
from server.ops.incidents.known_people import check_known
from server.ops.incidents.merge import merge, unmerge
from server.ops.paging.escalations import page_last_level
from server.ops.state.ledger import DAEMON, Ledger, Transaction
from server.ops.views import incident_view

_LONGEST_TEXT = 10_000
_LONGEST_LINE = 500
_MOST_FOLLOWUPS = 100
_MOST_LINKS = 100
DECLARED = "Declared"
"""Name in the place of an alert's, of what a person opened."""


class _Declared(msgspec.Struct, frozen=True):
    title: str
    service: str
    severity: Severity = "critical"


class _Reason(msgspec.Struct, frozen=True):
    reason: str = ""


class _Severity(msgspec.Struct, frozen=True):
    severity: Severity
    reason: str = ""


class _Person(msgspec.Struct, frozen=True):
    person: str


class _Text(msgspec.Struct, frozen=True):
    text: str


class _Followup(msgspec.Struct, frozen=True):
    text: str
    owner: str = ""
    due_on: date | None = None


class _Link(msgspec.Struct, frozen=True):
    url: str


class _Into(msgspec.Struct, frozen=True):
    into: int
    version: int | None = None
    """As whoever asks knows the incident; None for whatever it is by now."""


class _Tick(msgspec.Struct, frozen=True):
    done: bool = True
    reason: str = ""


class _OnIt(msgspec.Struct, frozen=True):
    person: str = ""
    """Empty for whoever calls."""
    on: bool = True


class _Verification(msgspec.Struct, frozen=True):
    passed: bool
    text: str
    load: bool = False


class _Version(msgspec.Struct, frozen=True):
    version: int | None = None


class IncidentRecordRoutes:
    """``POST /v1/incidents`` and what is below an incident's path besides its state."""

    def __init__(self, ledger: Ledger, redactor: Redactor) -> None:
        self._ledger = ledger
        self._redactor = redactor

    def routes(self) -> list[OpsRoute]:
        """Every path of this file."""
        below = r"/v1/incidents/{id}"
        return [
            OpsRoute("POST", "/v1/incidents", "responder", self._declare),
            OpsRoute("POST", f"{below}/major", "responder", self._major),
            OpsRoute("POST", f"{below}/severity", "responder", self._severity),
            OpsRoute("POST", f"{below}/assign", "responder", self._assign),
            OpsRoute("POST", f"{below}/root-cause", "responder", self._root_cause),
            OpsRoute("POST", f"{below}/followups", "responder", self._followup),
            OpsRoute("POST", f"{below}/followups/{{number}}/done", "responder", self._followup_done),
            OpsRoute("POST", f"{below}/links", "responder", self._link),
            OpsRoute("POST", f"{below}/reports", "responder", self._report),
            OpsRoute("POST", f"{below}/checklist/{{step}}", "responder", self._tick),
            OpsRoute("POST", f"{below}/people", "responder", self._person),
            OpsRoute("POST", f"{below}/verifications", "responder", self._verification),
            OpsRoute("POST", f"{below}/merge", "responder", self._merge),
            OpsRoute("POST", f"{below}/unmerge", "responder", self._unmerge),
        ]

    async def _declare(self, call: OpsCall) -> Reply:
        wanted = await call.body(_Declared)
        title = self._line(wanted.title, "title")
        service = self._line(wanted.service, "service")
        if wanted.severity == "none":
            raise BadRequestError("severity is critical, warning or info", "severity")

        def decide(tx: Transaction) -> IncidentView:
            opened = Incident(
                id=tx.state.last_incident + 1,
                title=title,
                service=service,
                alertname=DECLARED,
                severity=wanted.severity,
                started_at=tx.now,
                detected_at=tx.now,
                declared_by=call.caller.actor.name,
                mttr_target_s=DEFAULT_TARGET_S.get(wanted.severity),
            )
            tx.record(IncidentOpened(incident=opened), call.caller.actor, str(opened.id))
            changed = what_changed(tx.state, tx.now)
            if changed:
                noted = IncidentNoted(id=opened.id, text=f"{CHANGED}{changed}", noted_at=tx.now)
                # Nobody has said it: it is no evidence that somebody looks, and the post-mortem takes it from there.
                tx.record(noted, DAEMON, str(opened.id))
            return incident_view(tx.state, tx.state.incidents[opened.id], tx.now)

        return Reply(await self._ledger.decide(decide), 201)

    async def _major(self, call: OpsCall) -> Reply:
        reason = self._optional((await call.body(_Reason)).reason, "reason")

        def decide(tx: Transaction) -> IncidentView:
            incident = find_incident(tx, call)
            if not is_called_for(incident):
                raise RefusedError(
                    f"incident {incident.id} is {incident.state}: only one that is on is major"
                )
            if not incident.major:
                tx.record(IncidentMajor(id=incident.id, reason=reason), call.caller.actor, str(incident.id))
                page_last_level(tx, incident, f"{call.caller.actor.name} declared a major incident")
            return incident_view(tx.state, tx.state.incidents[incident.id], tx.now)

        return Reply(await self._ledger.decide(decide))

    async def _severity(self, call: OpsCall) -> Reply:
        wanted = await call.body(_Severity)
        reason = self._optional(wanted.reason, "reason")
        return await self._put_down(
            call, lambda incident: SeveritySet(id=incident.id, severity=wanted.severity, reason=reason)
        )

    async def _assign(self, call: OpsCall) -> Reply:
        person = self._optional((await call.body(_Person)).person, "person")
        return await self._put_down(
            call, lambda incident: IncidentAssigned(id=incident.id, person=person), person=person
        )

    async def _root_cause(self, call: OpsCall) -> Reply:
        text = self._text((await call.body(_Text)).text)
        return await self._put_down(call, lambda incident: RootCauseSet(id=incident.id, text=text))

    async def _followup(self, call: OpsCall) -> Reply:
        wanted = await call.body(_Followup)
        text, owner = self._line(wanted.text, "text"), self._optional(wanted.owner, "owner")

        def added(incident: Incident) -> FollowupAdded:
            if len(incident.followups) >= _MOST_FOLLOWUPS:
                raise RefusedError(f"incident {incident.id} has {_MOST_FOLLOWUPS} follow-ups already")
            number = len(incident.followups) + 1
            todo = Followup(number=number, text=text, owner=owner, due_on=wanted.due_on)
            return FollowupAdded(id=incident.id, followup=todo)

        return await self._put_down(call, added, person=owner, field="owner")

    async def _followup_done(self, call: OpsCall) -> Reply:
        number = call.number("number")

        def done(incident: Incident) -> FollowupDone:
            if number not in {todo.number for todo in incident.followups}:
                raise NotFoundError(f"incident {incident.id} has no follow-up {number}")
            return FollowupDone(id=incident.id, number=number)

        return await self._put_down(call, done)

    async def _link(self, call: OpsCall) -> Reply:
        url = self._line((await call.body(_Link)).url, "url")
        try:
            parts = urllib.parse.urlsplit(url)
        except ValueError as error:
            raise BadRequestError(f"url is no address: {error}", "url") from error
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise BadRequestError("url is an address that begins with http:// or https://", "url")

        def linked(incident: Incident) -> IncidentLinked:
            if len(incident.links) >= _MOST_LINKS:
                raise RefusedError(f"incident {incident.id} has {_MOST_LINKS} links already")
            return IncidentLinked(id=incident.id, url=url)

        return await self._put_down(call, linked)

    async def _report(self, call: OpsCall) -> Reply:
        text = self._text((await call.body(_Text)).text)
        return await self._put_down(call, lambda incident: UserReported(id=incident.id, text=text))

    async def _tick(self, call: OpsCall) -> Reply:
        wanted, step = await call.body(_Tick), call.path("step")
        if step not in SIX_STEPS:
            raise NotFoundError(f"there is no step {step[:40]!r}; there are {', '.join(SIX_STEPS)}")
        reason = self._optional(wanted.reason, "reason")
        return await self._put_down(
            call, lambda incident: StepTicked(id=incident.id, step=step, done=wanted.done, reason=reason)
        )

    async def _person(self, call: OpsCall) -> Reply:
        wanted = await call.body(_OnIt)
        person = self._optional(wanted.person, "person") or call.caller.actor.name
        return await self._put_down(
            call,
            lambda incident: PersonOnIncident(id=incident.id, person=person, on=wanted.on),
            person=person,
        )

    async def _verification(self, call: OpsCall) -> Reply:
        wanted = await call.body(_Verification)
        text = self._line(wanted.text, "text")
        return await self._put_down(
            call,
            lambda incident: IncidentVerified(
                id=incident.id, passed=wanted.passed, text=text, load=wanted.load
            ),
        )

    async def _merge(self, call: OpsCall) -> Reply:
        wanted = await call.body(_Into)
        into = wanted.into

        def decide(tx: Transaction) -> IncidentView:
            incident, target = find_incident(tx, call), tx.state.incidents.get(into)
            _check_version(incident, wanted.version)
            if target is None:
                raise NotFoundError(f"there is no incident {into}")
            if target.id == incident.id or not target.is_open:
                raise RefusedError(
                    f"incident {into} is {target.state}: a merge needs another one that is open"
                )
            merge(tx, incident, target, call.caller.actor)
            return incident_view(tx.state, tx.state.incidents[incident.id], tx.now)

        return Reply(await self._ledger.decide(decide))

    async def _unmerge(self, call: OpsCall) -> Reply:
        version = (await call.body(_Version)).version

        def decide(tx: Transaction) -> IncidentView:
            incident = find_incident(tx, call)
            _check_version(incident, version)
            if incident.merged_into is None:
                raise RefusedError(f"incident {incident.id} is not merged")
            unmerge(tx, incident, call.caller.actor)
            return incident_view(tx.state, tx.state.incidents[incident.id], tx.now)

        return Reply(await self._ledger.decide(decide))

    async def _put_down(
        self,
        call: OpsCall,
        event_of: Callable[[Incident], IncidentRecord],
        *,
        person: str = "",
        field: str = "person",
    ) -> Reply:
        """Journals it; the ``person`` that the ``field`` names has to be somebody."""

        def decide(tx: Transaction) -> IncidentView:
            incident = find_incident(tx, call)
            check_known(tx.state, incident, person, field, call.caller.actor.name)
            tx.record(event_of(incident), call.caller.actor, str(incident.id))
            return incident_view(tx.state, tx.state.incidents[incident.id], tx.now)

        return Reply(await self._ledger.decide(decide))

    def _text(self, text: str) -> str:
        redacted = self._redactor.redacted(text.strip())
        if not 0 < len(redacted) <= _LONGEST_TEXT:
            raise BadRequestError(f"text has 1 to {_LONGEST_TEXT} characters", "text")
        return redacted

    def _line(self, text: str, name: str) -> str:
        line = self._optional(text, name)
        if not line:
            raise BadRequestError(f"{name} has 1 to {_LONGEST_LINE} characters", name)
        return line

    def _optional(self, text: str, name: str) -> str:
        line = self._redactor.redacted(" ".join(text.split()))
        if len(line) > _LONGEST_LINE:
            raise BadRequestError(f"{name} has at most {_LONGEST_LINE} characters", name)
        return line


def find_incident(tx: Transaction, call: OpsCall) -> Incident:
    """The incident of the path. Raises ``NotFoundError``."""
    try:
        return tx.state.incidents[call.number("id")]
    except KeyError:
        raise NotFoundError(f"there is no incident {call.number('id')}") from None


def _check_version(incident: Incident, version: int | None) -> None:
    """Raises ``StaleVersionError`` where it has changed since whoever asks has seen it."""
    if version is not None and version != incident.version:
        raise StaleVersionError(incident, version)
