"""The snapshot and the event stream."""

import asyncio
from collections.abc import AsyncIterator, Iterable

import msgspec
from aiohttp import web

from server.ops.http import OpsCall, OpsRoute
from server.ops.state.ledger import Ledger
from server.ops.stream.meta import MetaSource
from server.ops.stream.ring import Change, Ring, Subject, sse
from server.ops.users import Caller, UnauthenticatedError, authenticate
from server.ops.views import (
    alert_view,
    alert_views,
    execution_view,
    execution_views,
    incident_view,
    incident_views,
)

HEARTBEAT_S = 2.0
_AT_ONCE = 200
_PAUSE_S = 0.05
_KEPT_IN_SNAPSHOT = 100


class StreamRoutes:
    """``/v1/snapshot`` and ``/v1/stream``."""

    def __init__(self, ledger: Ledger, ring: Ring, meta: MetaSource) -> None:
        self._ledger = ledger
        self._ring = ring
        self._meta = meta
        self.clients = 0

    def routes(self) -> list[OpsRoute]:
        """Every path of this file."""
        return [
            OpsRoute("GET", "/v1/snapshot", "viewer", self._snapshot),
            OpsRoute("GET", "/v1/stream", "viewer", self._stream),
        ]

    async def _snapshot(self, call: OpsCall) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        response.enable_compression()
        await response.prepare(call.request)
        async for lines in self._lines(call.caller):
            await response.write(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
        await response.write_eof()
        return response

    async def _lines(self, caller: Caller) -> AsyncIterator[Iterable[dict[str, object]]]:
        """At least the picture as of the meta line: what changes while it is sent comes on the stream once more."""
        state, now = self._ledger.state, self._ledger.clock()
        yield ({"kind": "meta", **msgspec.to_builtins(self._meta.for_caller(caller))},)
        item_faults = self._ledger.item_faults
        async for alerts in alert_views(state, now, item_faults):
            yield ({"kind": "alert", "alert": alert} for alert in alerts)
        latest = state.latest_incidents(_KEPT_IN_SNAPSHOT)
        async for incidents in incident_views(state, latest, now, item_faults):
            yield ({"kind": "incident", "incident": incident} for incident in incidents)
        executions = [e for e in state.executions.values() if not e.rehearsal][-_KEPT_IN_SNAPSHOT:]
        yield ({"kind": "execution", "execution": e} for e in execution_views(executions, item_faults))
        yield ({"kind": "end"},)

    async def _stream(self, call: OpsCall) -> web.StreamResponse:
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream",
                "Cache-Control": "no-cache",
                "X-Accel-Buffering": "no",
            }
        )
        await response.prepare(call.request)
        self.clients += 1
        try:
            await self._follow(call, response)
        except (ConnectionResetError, UnauthenticatedError):
            pass
        finally:
            self.clients -= 1
        return response

    async def _follow(self, call: OpsCall, response: web.StreamResponse) -> None:
        last_id = call.request.headers.get("Last-Event-ID", "")
        number = self._ring.resume_from(last_id)
        if number is None:
            number = self._ring.number
            if last_id:
                await response.write(sse("reset", b"{}", self._id(number)))
        header = call.request.headers.get("Authorization", "")
        beat_at = 0.0
        loop = asyncio.get_running_loop()
        while not self._ring.closed:
            if loop.time() >= beat_at:
                caller = authenticate(self._ledger.state, header)
                meta = msgspec.json.encode(self._meta.for_caller(caller))
                await response.write(sse("heartbeat", meta))
                beat_at = loop.time() + HEARTBEAT_S
            changes = self._ring.since(number, _AT_ONCE)
            if changes is None:
                number = self._ring.number
                await response.write(sse("reset", b"{}", self._id(number)))
            elif changes:
                number = changes[-1].number
                await response.write(b"".join(map(self._rendered, changes)))
                # What changes again within this pause is sent once; a storm costs each client twenty sends a second.
                await asyncio.sleep(_PAUSE_S if number == self._ring.number else 0)
            await self._ring.news(number, max(0.0, beat_at - loop.time()))

    def _rendered(self, change: Change) -> bytes:
        number = self._id(change.number)
        return self._ring.rendered(change, lambda about: self._render_or_leave_out(about, number))

    def _render_or_leave_out(self, about: Subject, number: str) -> bytes:
        """One thing that cannot be rendered ends nobody's stream."""
        item_faults = self._ledger.item_faults
        return b"".join(
            item_faults.all_of(
                "stream", [(f"{about.kind} {about.id}", about)], lambda one: self._render(one, number)
            )
        )

    def _render(self, about: Subject, number: str) -> bytes:
        """The thing as it is now, which is at least what it had become by that change."""
        state = self._ledger.state
        if about.kind == "alert":
            alert = state.alerts.get(about.id)
            if alert is None:
                return sse("alert_gone", msgspec.json.encode({"fingerprint": about.id}), number)
            return sse("alert", msgspec.json.encode(alert_view(state, alert, self._ledger.clock())), number)
        if about.kind == "incident":
            incident = state.incidents.get(int(about.id))
            if incident is None:
                return b""
            view = incident_view(state, incident, self._ledger.clock())
            return sse("incident", msgspec.json.encode(view), number)
        execution = state.executions.get(about.id)
        if execution is None or execution.rehearsal:
            return b""
        return sse("execution", msgspec.json.encode(execution_view(execution)), number)

    def _id(self, number: int) -> str:
        return f"{self._ring.boot}-{number}"
