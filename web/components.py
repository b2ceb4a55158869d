"""What the public sees of the service: its components, and what each alert means for them."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Literal

import msgspec

ComponentStatus = Literal[
    "operational", "degraded_performance", "partial_outage", "major_outage", "under_maintenance"
]
Indicator = Literal["none", "minor", "major", "critical", "maintenance"]


WORST_FIRST: tuple[ComponentStatus, ...] = (
    "major_outage",
    "partial_outage",
    "under_maintenance",
    "degraded_performance",
    "operational",
)


class Component(msgspec.Struct, frozen=True, kw_only=True):
    """One part of the service, in the public's words."""

    id: str
    """12 lower-case alphanumerics (Statuspage v2)."""
    name: str
    description: str


class ComponentAlert(msgspec.Struct, frozen=True, kw_only=True):
    """What the page needs to know of one unresolved alert, muted or not: a silence mutes people, never the truth."""

    alertname: str
    since: datetime


class ComponentState(msgspec.Struct, frozen=True, kw_only=True):
    """A component's status and since when it has it."""

    component_id: str
    status: ComponentStatus
    since: datetime


ANALYZE = Component(
    id="analyzeapi01", name="Analyze API", description="Prompts in, validated structured data out"
)
KEYS = Component(id="apikeysadm02", name="API keys", description="Creating and changing keys and limits")
CACHE = Component(id="respcache003", name="Response cache", description="Fast answers to prompts seen before")
COMPONENTS = (ANALYZE, KEYS, CACHE)

EFFECTS: Mapping[str, tuple[tuple[str, ComponentStatus], ...]] = {
    "APIDown": (
        (ANALYZE.id, "major_outage"),
        (KEYS.id, "major_outage"),
        (CACHE.id, "major_outage"),
    ),
    "DatabaseDown": ((ANALYZE.id, "degraded_performance"), (KEYS.id, "major_outage")),
    "RedisDown": ((ANALYZE.id, "degraded_performance"), (CACHE.id, "major_outage")),
    "APIHighErrorRate": ((ANALYZE.id, "partial_outage"),),
    "HighLatencyP95": ((ANALYZE.id, "degraded_performance"),),
}
"""Only critical alerts are here: nothing less shows itself to the public by itself."""


_FELT_BY_CALLERS = "APIHighErrorRate"
"""How bad this one is, callers feel: the share of their requests that fails says it."""


def felt_status(failed_share: float) -> ComponentStatus:
    """What callers feel of a share of failed requests, 0 to 1."""
    if failed_share >= 0.5:
        return "major_outage"
    if failed_share >= 0.05:
        return "partial_outage"
    return "degraded_performance" if failed_share >= 0.01 else "operational"


def worse(one: ComponentStatus, other: ComponentStatus) -> ComponentStatus:
    """The worse of two."""
    return min(one, other, key=WORST_FIRST.index)


def status_by_component(
    alerts: Iterable[ComponentAlert],
    now: datetime,
    hold_down: timedelta,
    failed_share: float | None = None,
) -> dict[str, ComponentStatus]:
    """Each component's status by the alerts that have lasted longer than ``hold_down``.

    ``failed_share`` is the share of callers' requests that fail just now, None where nobody can say. While an alert of
    a component fires the component is never operational, even when callers feel nothing any more.
    """
    status: dict[str, ComponentStatus] = {component.id: "operational" for component in COMPONENTS}
    for alert in alerts:
        if now - alert.since < hold_down:
            continue
        for component_id, usual in EFFECTS.get(alert.alertname, ()):
            effect = usual
            if alert.alertname == _FELT_BY_CALLERS and failed_share is not None:
                effect = worse(felt_status(failed_share), "degraded_performance")
            status[component_id] = worse(effect, status[component_id])
    return status


def overall(statuses: Iterable[ComponentStatus]) -> tuple[Indicator, str]:
    """The page's indicator and its sentence, in Statuspage's words."""
    found = list(statuses)
    major = found.count("major_outage")
    if major and major == len(found):
        return "critical", "Major System Outage"
    if major or "partial_outage" in found:
        return "major", "Partial System Outage"
    if "under_maintenance" in found:
        return "maintenance", "Service Under Maintenance"
    if "degraded_performance" in found:
        return "minor", "Partially Degraded Service"
    return "none", "All Systems Operational"
