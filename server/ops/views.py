"""The state in the words of the wire: what the console and the command line are shown."""

import asyncio
import heapq
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import datetime
from itertools import islice

from alerts.alert import Alert, flapping
from alerts.annotations import mttr_target_of, runbook_of
from alerts.escalation import as_it_goes_on, next_page
from alerts.incident import Incident
from alerts.wire import (
    AlertView,
    ChecklistItem,
    IncidentFields,
    IncidentView,
    MergedIncident,
    NextPage,
    TimelineEntry,
)
from runbooks.wire import ExecutionView, LockView
from server.ops.paging.escalations import why_muted
from server.ops.paging.on_call import called_at
from server.ops.state.item_faults import ItemFaults
from server.ops.state.state import State
from server.runner.execution import Execution

_Placed = tuple[int, datetime, str, Alert]
SEVERITIES = ("critical", "warning", "info", "none")
_SHOWN_AT_ONCE = 100
_INCIDENTS_AT_ONCE = 10
_LOOKED_AT = 20
"""Alerts of an incident that are looked at where it is one of many; whoever decides to call looks at more."""
ALL_LOOKED_AT = 600
"""Where one incident is asked for."""


def alert_view(state: State, alert: Alert, now: datetime) -> AlertView:
    """One alert."""
    incident = state.incident_of(alert.fingerprint)
    target_s = mttr_target_of(alert.annotations)
    sent = alert.labels.get("severity", "")
    return AlertView(
        fingerprint=alert.fingerprint,
        alertname=alert.alertname,
        severity=alert.severity,
        state=alert.state,
        service=alert.service,
        labels=alert.labels,
        annotations=alert.annotations,
        started_at=alert.started_at,
        updated_at=alert.seen_at,
        resolved_at=alert.ends_at if alert.state == "resolved" else None,
        incident_id=incident.id if incident else None,
        acknowledged_by=incident.acknowledged_by if incident else None,
        acknowledged_at=incident.acknowledged_at if incident and incident.acknowledged_by else None,
        runbook=runbook_of(alert.annotations),
        mttr_target_s=target_s if target_s is not None else incident.mttr_target_s if incident else None,
        mttr_deadline_at=incident.mttr_deadline_at if incident else None,
        silenced_by=state.silences_on(alert.labels, now),
        inhibited_by=state.inhibition.causes_of(alert.labels, now) if alert.active else (),
        maintenance=tuple(map(str, state.windows_on(alert.labels, now))) if alert.active else (),
        flapping=flapping(alert, now),
        stale_because=alert.stale_because,
        severity_sent="" if sent == alert.severity else sent,
        severity_unknown=bool(sent) and state.severities.meaning(sent) is None,
        source=alert.source,
        generator_url=alert.generator_url,
        version=alert.revision,
    )


async def alert_views(
    state: State, now: datetime, item_faults: ItemFaults, *, everything: bool = True
) -> AsyncIterator[list[AlertView]]:
    """All alerts, the most severe and then the oldest first, a few at a time; else only what is unresolved.

    One that cannot be shown is left out and named in ``item_faults``.
    """
    async for alerts in sorted_alerts(state):
        named = ((f"alert {a.fingerprint}", a) for a in alerts if everything or a.state != "resolved")
        yield item_faults.all_of("views", named, lambda alert: alert_view(state, alert, now))


async def sorted_alerts(state: State) -> AsyncIterator[list[Alert]]:
    """All alerts, the most severe and then the oldest first, a few at a time: the loop gets its turn between."""
    sorted_parts = []
    for part in state.alerts.parts():
        sorted_parts.append(sorted(_placed(alert) for _, alert in part))
        await asyncio.sleep(0)
    merged = heapq.merge(*map(_drained, sorted_parts))
    while alerts := [alert for *_, alert in islice(merged, _SHOWN_AT_ONCE)]:
        yield alerts
        await asyncio.sleep(0)


def _drained(part: list[_Placed]) -> Iterator[_Placed]:
    """The part's items, each let go as it is taken: all of them at once would hold the loop at the end."""
    part.reverse()
    while part:
        yield part.pop()


def _placed(alert: Alert) -> _Placed:
    return SEVERITIES.index(alert.severity), alert.started_at, alert.fingerprint, alert


async def incident_views(
    state: State, incidents: Iterable[Incident], now: datetime, item_faults: ItemFaults
) -> AsyncIterator[list[IncidentView]]:
    """Incidents, a few at a time; one that cannot be shown is left out and named in ``item_faults``."""
    ahead = iter(incidents)
    while part := list(islice(ahead, _INCIDENTS_AT_ONCE)):
        named = ((f"incident {i.id}", i) for i in part)
        yield item_faults.all_of("views", named, lambda incident: incident_view(state, incident, now))
        await asyncio.sleep(0)


def execution_views(executions: Iterable[Execution], item_faults: ItemFaults) -> list[ExecutionView]:
    """Executions; one that cannot be shown is left out and named in ``item_faults``."""
    named = ((f"execution {e.execution_id}", e) for e in executions)
    return item_faults.all_of("views", named, execution_view)


def incident_view(
    state: State,
    incident: Incident,
    now: datetime,
    timeline: Iterable[TimelineEntry] = (),
    fingerprints: Iterable[str] = (),
    merged: Iterable[Incident] = (),
    checklist: Iterable[ChecklistItem] = (),
    looked_at: int = _LOOKED_AT,
) -> IncidentView:
    """One incident; ``fingerprints`` are all of its alerts, where more are wanted than those that it names itself.

    ``merged`` are the incidents under it. Whether it is muted is asked of so many of its alerts as are ``looked_at``.
    """
    fields = {name: getattr(incident, name) for name in IncidentFields.__struct_fields__}
    fields["fingerprints"] = tuple(fingerprints) or incident.fingerprints
    fields["merged"] = tuple(
        MergedIncident(id=one.id, alertname=one.alertname, service=one.service) for one in merged
    )
    escalation = state.escalations.get(incident.id)
    if escalation is not None:
        escalation = as_it_goes_on(escalation, incident, now)
        ahead = next_page(escalation, incident)
        paused = escalation.paused
        if ahead is not None:
            at, level = ahead
            # A silence that ends before keeps nobody from being called then.
            if muted := why_muted(state, incident, max(at, now), looked_at):
                paused = f"muted: {muted}"
            else:
                called = called_at(state, level, max(at, now))
                fields["next_page"] = NextPage(at=at, level=called.level, people=called.people)
        fields |= {"paging_paused": paused, "paged": escalation.people}
    return IncidentView(
        **fields,
        mttr_deadline_at=incident.mttr_deadline_at,
        postmortem_due_at=incident.postmortem_due_at,
        timeline=tuple(timeline),
        checklist=tuple(checklist),
    )


def execution_view(execution: Execution) -> ExecutionView:
    """One execution."""
    return ExecutionView(
        execution_id=execution.execution_id,
        state=execution.state,
        kind=execution.kind,
        title=execution.title,
        actor=execution.actor,
        argv=execution.argv,
        digest=execution.digest,
        requested_at=execution.requested_at,
        runbook=execution.runbook,
        step=execution.step,
        action=execution.action,
        object=execution.object,
        params=execution.params,
        locks=execution.locks,
        incident_id=execution.incident_id,
        maintenance_id=execution.maintenance_id,
        started_at=execution.started_at,
        finished_at=execution.finished_at,
        exit_code=execution.exit_code,
        signal=execution.signal,
        pid=execution.pid,
        reason=execution.reason,
        dry_run=execution.dry_run,
        until_at=execution.until_at,
        verification=execution.verification,
        verdict=execution.verdict,
        survivors=execution.survivors,
        rehearsal=execution.rehearsal,
        unjournalled=execution.unjournalled,
        version=execution.version,
    )


def lock_views(state: State) -> list[LockView]:
    """Every lock that is held."""
    held = [
        (key, state.executions[holder]) for key, holder in state.locks.items() if holder in state.executions
    ]
    return [
        LockView(
            key=key,
            execution_id=execution.execution_id,
            holder=execution.actor,
            since=execution.requested_at,
            state=execution.state,
        )
        for key, execution in sorted(held, key=lambda pair: pair[0])
    ]
