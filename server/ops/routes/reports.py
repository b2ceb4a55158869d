"""Post-mortems and the report of the on-call."""

import asyncio
import hashlib
from datetime import timedelta
from pathlib import Path

import msgspec

from alerts.incident import Incident
from alerts.incident_record import PostmortemShared
from alerts.wire import IncidentView
from server.http.call import BadRequestError, NotFoundError
from server.http.route import Reply
from server.ops.alerting.timeline import Timelines
from server.ops.executions.admission import RefusedError
from server.ops.executions.executions import Executions
from server.ops.http import OpsCall, OpsRoute
from server.ops.incidents.frozen_metrics import FrozenMetrics, MetricsFreezer, write_evidence
from server.ops.incidents.picture import picture_of
from server.ops.incidents.postmortem import IncidentEvidence, clock_words, postmortem_of
from server.ops.incidents.report import report_of
from server.ops.paging.escalations import INCIDENTS, decide_page
from server.ops.paging.on_call import AUDIENCE
from server.ops.state.ledger import Ledger, Transaction
from server.ops.views import incident_view
from server.runner.execution import Execution
from server.runner.output_writer import kept_size, read_kept
from server.store.anchor import spelled

_TAIL_BYTES = 16 * 1024
_LONGEST_SPAN_S = 366 * 86_400


class ReportRoutes:
    """``/v1/incidents/{id}/postmortem`` and ``/v1/report``."""

    def __init__(
        self,
        ledger: Ledger,
        timelines: Timelines,
        executions: Executions,
        freezer: MetricsFreezer,
        folder: Path,
    ) -> None:
        self._ledger = ledger
        self._timelines = timelines
        self._executions = executions
        self._freezer = freezer
        self._folder = folder

    def routes(self) -> list[OpsRoute]:
        """Every path of this file."""
        return [
            OpsRoute("GET", r"/v1/incidents/{id}/postmortem", "viewer", self._postmortem),
            OpsRoute("POST", r"/v1/incidents/{id}/postmortem/share", "responder", self._share),
            OpsRoute("GET", "/v1/report", "viewer", self._report),
        ]

    async def _postmortem(self, call: OpsCall) -> Reply:
        incident, now = self._find(call), self._ledger.clock()
        metrics = await asyncio.to_thread(self._freezer.read, incident)
        return Reply(
            {
                "incident_id": incident.id,
                "markdown": await self._written(incident, metrics),
                "pictures": _pictures(incident, metrics) if metrics is not None else {},
                "due": clock_words(incident, now),
            }
        )

    async def _written(self, incident: Incident, metrics: FrozenMetrics | None) -> str:
        state = self._ledger.state
        merged = {i.id for i in state.merged_under(incident.id)} | {incident.id}
        head = self._ledger.kept_head
        evidence = IncidentEvidence(
            incident=incident,
            timeline=await self._timelines.of(incident.id),
            executions=[e for e in state.executions.values() if e.incident_id in merged],
            pages=[p for p in state.pages.values() if p.incident_id in merged],
            metrics=metrics,
            head=spelled(head),
        )
        return await asyncio.to_thread(postmortem_of, evidence, self._ledger.clock(), self._tail)

    async def _share(self, call: OpsCall) -> Reply:
        asked = self._find(call)
        _check_shareable(asked)
        # The text as it is shared is kept: what is written about the incident later is not what people were sent.
        as_shared = msgspec.structs.replace(asked, postmortem_shared_at=self._ledger.clock())
        metrics = await asyncio.to_thread(self._freezer.read, asked)
        encoded = (await self._written(as_shared, metrics)).encode()
        place = f"incidents/{asked.id}/postmortem.md"
        await asyncio.to_thread(write_evidence, self._folder / place, encoded)
        sha256 = hashlib.sha256(encoded).hexdigest()

        def decide(tx: Transaction) -> IncidentView:
            incident = tx.state.incidents.get(asked.id, asked)
            _check_shareable(incident)
            shared = PostmortemShared(id=incident.id, sha256=sha256)
            tx.record(shared, call.caller.actor, str(incident.id), sha256)
            text = f"post-mortem of incident {incident.id}, {incident.title}: {incident.root_cause[:300]}"
            if INCIDENTS in tx.state.contacts.audiences:
                by, audience = call.caller.actor.name, (f"{AUDIENCE}{INCIDENTS}",)
                decide_page(tx, "notice", audience, text=text, by=by, attached=place)
            return incident_view(tx.state, tx.state.incidents[incident.id], tx.now)

        return Reply(await self._ledger.decide(decide))

    async def _report(self, call: OpsCall) -> Reply:
        span_s = call.query_int("since_s", 30 * 86_400)
        if not 0 < span_s <= _LONGEST_SPAN_S:
            raise BadRequestError("since_s is a number of seconds, at most 366 days", "since_s")
        ended_s = call.query_int("until_s", 0)
        if not 0 <= ended_s < span_s:
            raise BadRequestError("until_s is a number of seconds ago, less than since_s", "until_s")
        now = self._ledger.clock()
        since, until = (now - timedelta(seconds=ago) for ago in (span_s, ended_s))
        report = report_of(self._ledger.state, since, until)
        return Reply(msgspec.structs.replace(report, head=spelled(self._ledger.kept_head)))

    def _find(self, call: OpsCall) -> Incident:
        try:
            return self._ledger.state.incidents[call.number("id")]
        except KeyError:
            raise NotFoundError(f"there is no incident {call.number('id')}") from None

    def _tail(self, execution: Execution) -> str:
        folder = self._executions.folder_of(execution.execution_id)
        parts = []
        for name in ("stdout", "stderr"):
            size = kept_size(folder, name)
            kept = read_kept(folder, name, max(0, size - _TAIL_BYTES))
            parts.append(kept.data.decode(errors="replace").strip())
        return "\n".join(filter(None, parts))


def _check_shareable(incident: Incident) -> None:
    """Raises ``RefusedError`` where there is nothing to share yet."""
    if incident.is_open:
        raise RefusedError(f"incident {incident.id} is {incident.state}: it is not over yet")
    if not incident.root_cause:
        raise RefusedError(
            f'the root cause is missing: ops incident {incident.id} root-cause "…" puts it down'
        )


def _pictures(incident: Incident, metrics: FrozenMetrics) -> dict[str, str]:
    marks = [(incident.detected_at, "detected")]
    if incident.mitigated_at is not None:
        marks.append((incident.mitigated_at, "mitigated"))
    return {
        f"metrics-{n}.svg": picture_of(figure, metrics.begins_at, metrics.ends_at, marks)
        for n, figure in enumerate(metrics.figures, 1)
    }
