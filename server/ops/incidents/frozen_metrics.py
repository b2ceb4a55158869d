"""The figures of an outage, kept in a file of their own when it is over, and their digest in the journal."""

import asyncio
import hashlib
import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from alerts.incident import Incident
from alerts.incident_record import MetricsFrozen
from alerts.service_figures import ERROR_SHARE, HIT_RATE, P95, REQUEST_RATE
from server.ops.prometheus import PrometheusClient, PrometheusUnreachableError
from server.ops.state.ledger import DAEMON, Ledger, Transaction
from server.periodic import Periodic

BEFORE = timedelta(minutes=30)
AFTER = timedelta(minutes=15)
_EVERY = timedelta(seconds=30)
_GIVE_UP_AFTER = timedelta(hours=1)
_POINTS = 120
FIGURES: Mapping[str, str] = {
    "requests a second": REQUEST_RATE,
    "errors, %": ERROR_SHARE,
    "P95, ms": P95,
    "cache hits, %": HIT_RATE,
}


class FrozenFigure(msgspec.Struct, frozen=True):
    """One figure over the outage."""

    name: str
    query: str
    points: tuple[tuple[float, float], ...]
    """Seconds since 1970 and the value; where there was none, there is no point."""


class FrozenMetrics(msgspec.Struct, frozen=True, kw_only=True):
    """The four figures of an outage, from half an hour before it was detected to a quarter after it was mitigated."""

    incident_id: int
    begins_at: datetime
    ends_at: datetime
    step_s: float
    figures: tuple[FrozenFigure, ...]


class MetricsFreezer:
    """Looks for outages that are over and whose figures are not kept yet."""

    def __init__(self, ledger: Ledger, source: PrometheusClient, folder: Path) -> None:
        self._ledger = ledger
        self._source = source
        self._folder = folder
        self.loop = Periodic("frozen metrics", _EVERY, self.look)

    def path_of(self, incident_id: int) -> Path:
        """Where the figures of an incident are."""
        return self._folder / str(incident_id) / "metrics.json"

    def read(self, incident: Incident) -> FrozenMetrics | None:
        """The figures of an incident, None where there are none, or not those whose digest the journal has."""
        try:
            encoded = self.path_of(incident.id).read_bytes()
            if hashlib.sha256(encoded).hexdigest() != incident.metrics_sha256:
                return None
            return msgspec.json.decode(encoded, type=FrozenMetrics)
        except (OSError, msgspec.DecodeError):
            return None

    async def look(self) -> None:
        """Keeps the figures of what is due; raises the errors of the journal and of the disk."""
        now = self._ledger.clock()
        due = [incident for incident in self._ledger.state.incidents.values() if _is_due(incident, now)]
        for incident in due:
            try:
                frozen = await self._measured(incident)
            except (PrometheusUnreachableError, LookupError, ValueError, TypeError) as error:
                if incident.resolved_at is not None and now - incident.resolved_at > _GIVE_UP_AFTER:
                    await self._note(incident, "", str(error))
                continue
            encoded = msgspec.json.encode(frozen)
            await asyncio.to_thread(write_evidence, self.path_of(incident.id), encoded)
            await self._note(incident, hashlib.sha256(encoded).hexdigest(), "")

    async def _measured(self, incident: Incident) -> FrozenMetrics:
        begins_at = incident.detected_at - BEFORE
        ends_at = (incident.mitigated_at or incident.detected_at) + AFTER
        step_s = max(15.0, (ends_at - begins_at).total_seconds() // _POINTS)
        figures = []
        for name, query in FIGURES.items():
            params = {
                "query": query,
                "start": f"{begins_at.timestamp():.3f}",
                "end": f"{ends_at.timestamp():.3f}",
                "step": f"{step_s:g}",
            }
            data = await self._source.data("query_range", params)
            figures.append(FrozenFigure(name, query, _points(data)))
        return FrozenMetrics(
            incident_id=incident.id,
            begins_at=begins_at,
            ends_at=ends_at,
            step_s=step_s,
            figures=tuple(figures),
        )

    async def _note(self, incident: Incident, sha256: str, why: str) -> None:
        def decide(tx: Transaction) -> None:
            known = tx.state.incidents.get(incident.id)
            if known is not None and known.metrics_sha256 is None:
                tx.record(MetricsFrozen(id=incident.id, sha256=sha256, why=why), DAEMON, str(incident.id))

        await self._ledger.decide(decide)


def _is_due(incident: Incident, now: datetime) -> bool:
    over = incident.state in ("resolved", "reviewing", "closed")
    if not over or incident.metrics_sha256 is not None or incident.resolved_at is None:
        return False
    # What was over long before this daemon began is not in the source any more.
    return (
        (incident.mitigated_at or incident.resolved_at) + AFTER
        <= now
        < incident.resolved_at + timedelta(hours=6)
    )


def _points(data: Any) -> tuple[tuple[float, float], ...]:
    result = data.get("result", []) if isinstance(data, dict) else []
    points = []
    for at, text in result[0]["values"] if result else ():
        value = float(text)
        if value == value and abs(value) != float("inf"):
            points.append((float(at), value))
    return tuple(points)


def write_evidence(path: Path, encoded: bytes) -> None:
    """Writes a file of an incident, whole or not at all. Raises ``OSError``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    with fresh.open("wb") as file:
        file.write(encoded)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
