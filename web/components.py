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
    """What the page needs to know of one unresolved alert."""

    alertname: str
    since: datetime
    muted: bool = False
    """Silenced, inhibited or in maintenance: it changes nothing for the public."""


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


def status_by_component(
    alerts: Iterable[ComponentAlert], now: datetime, hold_down: timedelta
) -> dict[str, ComponentStatus]:
    """Each component's status by the alerts that have lasted longer than ``hold_down``."""
    status: dict[str, ComponentStatus] = {component.id: "operational" for component in COMPONENTS}
    for alert in alerts:
        if alert.muted or now - alert.since < hold_down:
            continue
        for component_id, effect in EFFECTS.get(alert.alertname, ()):
            if WORST_FIRST.index(effect) < WORST_FIRST.index(status[component_id]):
                status[component_id] = effect
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
