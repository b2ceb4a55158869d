"""The snapshot and the event stream."""

import asyncio
from collections.abc import Iterator

import msgspec
from aiohttp import web

from server.ops.http import OpsCall, OpsRoute
from server.ops.state.ledger import Ledger
from server.ops.stream.meta import MetaSource
from server.ops.stream.ring import Ring, sse
from server.ops.users import Caller, UnauthenticatedError, authenticate
from server.ops.views import alert_view, execution_view, firing_names, incident_view, sorted_alerts

HEARTBEAT_S = 2.0
_SLICE = 200
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
        batch = bytearray()
        for n, line in enumerate(self._lines(call.caller)):
            batch += msgspec.json.encode(line) + b"\n"
            if n % _SLICE == 0:
                await response.write(bytes(batch))
                batch.clear()
        await response.write(bytes(batch))
        await response.write_eof()
        return response

    def _lines(self, caller: Caller) -> Iterator[dict[str, object]]:
        """The picture as of the meta line: what changes while it is sent comes on the stream after that line's seq."""
        state, now = self._ledger.state, self._ledger.clock()
        firing, alerts = firing_names(state), sorted_alerts(state)
        incidents = sorted(state.incidents.values(), key=lambda i: (not i.is_open, -i.id))[:_KEPT_IN_SNAPSHOT]
        executions = [e for e in state.executions.values() if not e.rehearsal][-_KEPT_IN_SNAPSHOT:]
        yield {"kind": "meta", **msgspec.to_builtins(self._meta.for_caller(caller))}
        for alert in alerts:
            yield {"kind": "alert", "alert": alert_view(state, alert, now, firing)}
        for incident in incidents:
            yield {"kind": "incident", "incident": incident_view(incident)}
        for execution in executions:
            yield {"kind": "execution", "execution": execution_view(execution)}
        yield {"kind": "end"}

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
            changes = self._ring.since(number)
            if changes is None:
                number = self._ring.number
                await response.write(sse("reset", b"{}", self._id(number)))
            elif changes:
                number = changes[-1].number
                await response.write(
                    b"".join(sse(change.event, change.data, self._id(change.number)) for change in changes)
                )
            await self._ring.news(number, max(0.0, beat_at - loop.time()))

    def _id(self, number: int) -> str:
        return f"{self._ring.boot}-{number}"
