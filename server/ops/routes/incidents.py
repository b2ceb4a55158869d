"""Alerts and incidents: reading them, and what a person does to an incident."""

from datetime import datetime, timedelta

import msgspec
from aiohttp import web

from alerts.checklist import checklist_of
from alerts.escalation import is_called_for
from alerts.incident import (
    IllegalTransitionError,
    Incident,
    IncidentEvent,
    IncidentNoted,
    StaleVersionError,
    Verb,
    acknowledge,
    move,
    verb_towards,
)
from alerts.incident_record import missing_before_close
from alerts.wire import IncidentState, IncidentView, QuarantinedView
from server.http.call import BadRequestError, NotFoundError
from server.http.problem_table import Problems
from server.http.route import Reply
from server.ops.alerting.timeline import Timelines
from server.ops.executions.admission import RefusedError
from server.ops.executions.redactor import Redactor
from server.ops.http import OpsCall, OpsRoute, stream_list
from server.ops.paging.escalations import page_next_level
from server.ops.state.ledger import Ledger, Transaction
from server.ops.stream.meta import MetaSource
from server.ops.views import ALL_LOOKED_AT, alert_views, incident_view, incident_views

_LONGEST_NOTE = 10_000

PROBLEMS: Problems = {StaleVersionError: (409, "conflict"), IllegalTransitionError: (409, "conflict")}


class _Ack(msgspec.Struct, frozen=True):
    for_s: int | None = None


class _Note(msgspec.Struct, frozen=True):
    text: str
    at: datetime | None = None


class _Move(msgspec.Struct, frozen=True):
    to: IncidentState
    version: int
    reason: str = ""


class _Escalate(msgspec.Struct, frozen=True):
    reason: str = ""


_LONGEST_REASON = 500


class IncidentRoutes:
    """``/v1/alerts`` and ``/v1/incidents``."""

    def __init__(self, ledger: Ledger, meta: MetaSource, timelines: Timelines, redactor: Redactor) -> None:
        self._ledger = ledger
        self._meta = meta
        self._timelines = timelines
        self._redactor = redactor

    def routes(self) -> list[OpsRoute]:
        """Every path of this file."""
        return [
            OpsRoute("GET", "/v1/alerts", "viewer", self._alerts),
            OpsRoute("GET", "/v1/quarantine", "viewer", self._quarantine),
            OpsRoute("GET", "/v1/incidents", "viewer", self._incidents),
            OpsRoute("GET", r"/v1/incidents/{id}", "viewer", self._incident),
            OpsRoute("POST", r"/v1/incidents/{id}/ack", "responder", self._ack),
            OpsRoute("POST", r"/v1/incidents/{id}/unack", "responder", self._unack),
            OpsRoute("POST", r"/v1/incidents/{id}/note", "responder", self._note),
            OpsRoute("POST", r"/v1/incidents/{id}/transition", "responder", self._transition),
            OpsRoute("POST", r"/v1/incidents/{id}/escalate", "responder", self._escalate),
        ]

    async def _alerts(self, call: OpsCall) -> web.StreamResponse:
        everything = call.query("all") == "1"
        parts = alert_views(
            self._ledger.state, self._ledger.clock(), self._ledger.item_faults, everything=everything
        )
        meta = msgspec.json.encode(self._meta.for_caller(call.caller))
        return await stream_list(call.request, parts, before=b'{"alerts":[', after=b'],"meta":%b}' % meta)

    async def _quarantine(self, call: OpsCall) -> Reply:
        kept = self._ledger.state.quarantine
        views = [QuarantinedView(at=bad.at, why=bad.why, raw=bad.raw) for bad in reversed(kept)]
        return Reply({"quarantined": views, "meta": self._meta.for_caller(call.caller)})

    async def _incidents(self, call: OpsCall) -> Reply:
        state, now = self._ledger.state, self._ledger.clock()
        incidents = state.incidents.values()
        chosen = [i for i in incidents if i.is_open or call.query("all") == "1"]
        parts = incident_views(state, reversed(chosen), now, self._ledger.item_faults)
        views = [view async for part in parts for view in part]
        return Reply({"incidents": views, "meta": self._meta.for_caller(call.caller)})

    async def _incident(self, call: OpsCall) -> Reply:
        state = self._ledger.state
        incident = _find(state.incidents, call.number("id"))
        members, merged = state.index.members(incident.id), state.merged_under(incident.id)
        timeline = await self._timelines.of(incident.id)
        now, checklist = self._ledger.clock(), checklist_of(incident)
        return Reply(incident_view(state, incident, now, timeline, members, merged, checklist, ALL_LOOKED_AT))

    async def _ack(self, call: OpsCall) -> Reply:
        for_s = (await call.body(_Ack)).for_s
        if for_s is not None and not 0 < for_s <= 7 * 86_400:
            raise BadRequestError("for_s must be between 1 second and 7 days", "for_s")

        def decide(tx: Transaction) -> IncidentView:
            incident = _find(tx.state.incidents, call.number("id"))
            hold = {"hold": timedelta(seconds=for_s)} if for_s else {}
            return _record(tx, call, acknowledge(incident, tx.now, **hold))

        return Reply(await self._ledger.decide(decide))

    async def _unack(self, call: OpsCall) -> Reply:
        def decide(tx: Transaction) -> IncidentView:
            incident = _find(tx.state.incidents, call.number("id"))
            _refuse_anothers(call, incident)
            return _record(tx, call, move(incident, Verb.UNACKNOWLEDGE))

        return Reply(await self._ledger.decide(decide))

    async def _note(self, call: OpsCall) -> Reply:
        note = await call.body(_Note)
        if not note.text.strip() or len(note.text) > _LONGEST_NOTE:
            raise BadRequestError(f"a note has 1 to {_LONGEST_NOTE} characters", "text")
        text = self._redactor.redacted(note.text)

        def decide(tx: Transaction) -> IncidentView:
            incident = _find(tx.state.incidents, call.number("id"))
            if note.at is not None and note.at.tzinfo is None:
                raise BadRequestError("at needs its time zone, such as 2026-01-31T03:12:00Z", "at")
            if note.at is not None and note.at > tx.now:
                raise BadRequestError("at lies in the future", "at")
            return _record(tx, call, IncidentNoted(id=incident.id, text=text, noted_at=note.at or tx.now))

        return Reply(await self._ledger.decide(decide))

    async def _escalate(self, call: OpsCall) -> Reply:
        reason = self._redactor.redacted(" ".join((await call.body(_Escalate)).reason.split()))
        if len(reason) > _LONGEST_REASON:
            raise BadRequestError(f"reason has at most {_LONGEST_REASON} characters", "reason")

        def decide(tx: Transaction) -> IncidentView:
            incident = _find(tx.state.incidents, call.number("id"))
            if not is_called_for(incident):
                raise RefusedError(f"incident {incident.id} is {incident.state}: nobody is called for it")
            asked = f"{call.caller.actor.name} asks for it" + (f": {reason}" if reason else "")
            if not page_next_level(tx, incident, asked):
                raise RefusedError(
                    "nobody is on call above the level that was called; ops oncall shows who is"
                )
            return incident_view(tx.state, tx.state.incidents[incident.id], tx.now)

        return Reply(await self._ledger.decide(decide))

    async def _transition(self, call: OpsCall) -> Reply:
        wanted = await call.body(_Move)
        reason = self._redactor.redacted(wanted.reason)

        def decide(tx: Transaction) -> IncidentView:
            incident = _find(tx.state.incidents, call.number("id"))
            if incident.version != wanted.version:
                raise StaleVersionError(incident, wanted.version)
            verb = verb_towards(incident, wanted.to)
            busy = tx.state.busy_with(incident)
            if verb in (Verb.RESOLVE, Verb.CLOSE) and busy:
                raise RefusedError(
                    f"incident {incident.id} has change steps that run or are unknown: {', '.join(busy)}"
                )
            if verb is Verb.ACKNOWLEDGE:
                return _record(tx, call, acknowledge(incident, tx.now))
            if verb is Verb.UNACKNOWLEDGE:
                _refuse_anothers(call, incident)
            warned = _gated(tx, incident, verb, reason)
            return _record(tx, call, move(incident, verb, reason="; ".join(filter(None, (reason, warned)))))

        return Reply(await self._ledger.decide(decide))


def _gated(tx: Transaction, incident: Incident, verb: Verb, reason: str) -> str:
    """What the timeline says of a step that the facts speak against. Raises ``RefusedError`` where they forbid it."""
    if verb is Verb.MERGE:
        raise RefusedError(
            f"a merge names the incident that this one goes into: POST /v1/incidents/{incident.id}/merge"
        )
    if verb is Verb.REOPEN and incident.merged_into is not None:
        raise RefusedError(
            f"incident {incident.id} is merged into {incident.merged_into}: ops incident {incident.id} unmerge"
        )
    missing = missing_before_close(incident) if verb is Verb.CLOSE else ()
    if missing:
        raise RefusedError(
            f"incident {incident.id} was critical, and before it is closed it needs {'; '.join(missing)}"
        )
    firing = tx.state.index.active_in(incident.id)
    if not firing or verb not in (Verb.RESOLVE, Verb.CLOSE):
        return ""
    if verb is Verb.CLOSE:
        raise RefusedError(f"incident {incident.id} is not over: {firing} of its alerts still fire")
    if not reason.strip():
        raise RefusedError(f"{firing} of its alerts still fire; say why it is resolved all the same (reason)")
    return f"resolved while {firing} of its alerts still fire"


def _refuse_anothers(call: OpsCall, incident: Incident) -> None:
    """Nobody undoes another's acknowledgement; it lapses by itself. Raises ``RefusedError``."""
    holder = incident.acknowledged_by
    if holder is not None and holder != call.caller.actor.name:
        since, until = incident.acknowledged_at, incident.acknowledged_until
        raise RefusedError(
            f"incident {incident.id} is {holder}'s"
            + (f" since {since:%H:%M:%SZ}" if since else "")
            + ", and nobody undoes another's acknowledgement"
            + (f"; without activity it ends at {until:%H:%M:%SZ}" if until else "")
        )


def _find(incidents: dict[int, Incident], incident_id: int) -> Incident:
    try:
        return incidents[incident_id]
    except KeyError:
        raise NotFoundError(f"there is no incident {incident_id}") from None


def _record(tx: Transaction, call: OpsCall, event: IncidentEvent) -> IncidentView:
    incident_id = call.number("id")
    tx.record(event, call.caller.actor, str(incident_id))
    return incident_view(tx.state, tx.state.incidents[incident_id], tx.now)
