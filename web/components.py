"""What the public sees of the service: its components, and what each alert means for them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Literal

import msgspec
import yaml

from alerts.checked_document import CheckedDocument
from alerts.label_selector import LabelSelector, read_selector
from web.component_status import ComponentStatus

Indicator = Literal["none", "minor", "major", "critical", "maintenance"]


WORST_FIRST: tuple[ComponentStatus, ...] = (
    "major_outage",
    "partial_outage",
    "under_maintenance",
    "degraded_performance",
    "operational",
)


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """What alerts of one kind mean for a component."""

    when: LabelSelector
    status: ComponentStatus
    felt: bool = False
    """Whether the share of callers' requests that fail says how bad it is, wherever that share is known."""


class Component(msgspec.Struct, frozen=True, kw_only=True):
    """One part of the service, in the public's words, and the alerts that speak for it."""

    id: str
    """12 lower-case alphanumerics (Statuspage v2)."""
    name: str
    description: str
    effects: tuple[Effect, ...] = ()


class ComponentMap(msgspec.Struct, frozen=True):
    """The components in the order in which they are shown."""

    components: tuple[Component, ...]

    @property
    def effects(self) -> Iterator[Effect]:
        """What any alert may mean for any of them."""
        return (effect for component in self.components for effect in component.effects)


class ComponentAlert(msgspec.Struct, frozen=True, kw_only=True):
    """What the page needs to know of one unresolved alert, muted or not: a silence mutes people, never the truth."""

    labels: Mapping[str, str]
    since: datetime


class ComponentState(msgspec.Struct, frozen=True, kw_only=True):
    """A component's status and since when it has it."""

    component_id: str
    status: ComponentStatus
    since: datetime


DEFAULT_TEXT = """\
# The components of the public page, in order, and which alerts speak for them. `when` is a matcher as amtool writes it,
# or a list of them, all of which must fit. `status` is what such an alert means: degraded_performance, partial_outage
# or major_outage. With `felt: true` the share of callers' requests that fail says it, where that share is known.
# An id is 12 lower-case letters and digits; it stays when a name changes.
components:
  - id: analyzeapi01
    name: Analyze API
    description: Prompts in, validated structured data out
    alerts:
      - {when: alertname="APIDown", status: major_outage}
      - {when: alertname="DatabaseDown", status: degraded_performance}
      - {when: alertname="RedisDown", status: degraded_performance}
      - {when: alertname="APIHighErrorRate", status: partial_outage, felt: true}
      - {when: alertname="HighLatencyP95", status: degraded_performance}
  - id: apikeysadm02
    name: API keys
    description: Creating and changing keys and limits
    alerts:
      - {when: alertname="APIDown", status: major_outage}
      - {when: alertname="DatabaseDown", status: major_outage}
  - id: respcache003
    name: Response cache
    description: Fast answers to prompts seen before
    alerts:
      - {when: alertname="APIDown", status: major_outage}
      - {when: alertname="RedisDown", status: major_outage}
"""
"""Only critical alerts are here: nothing less shows itself to the public by itself."""
_EFFECTS: tuple[ComponentStatus, ...] = ("degraded_performance", "partial_outage", "major_outage")
_ID = re.compile(r"[a-z0-9]{12}", re.ASCII)


def parse_components(text: str) -> ComponentMap:
    """The components in a file's text. Raises ``DocumentError`` with all of its faults."""
    document = CheckedDocument(text)
    fields = document.fields(document.root, "the file", ("components",))
    nodes = document.items(fields["components"], "components") if fields else []
    if fields and isinstance(fields["components"], yaml.SequenceNode) and not nodes:
        document.fault(fields["components"], "components is empty; name at least one")
    found: list[Component] = []
    for node in nodes:
        component = _component(document, node)
        if component.id and component.id in {other.id for other in found}:
            document.fault(node, f"the id {component.id!r} is there already; each component has its own")
        found.append(component)
    document.finish()
    return ComponentMap(tuple(found))


def _component(document: CheckedDocument, node: yaml.Node) -> Component:
    fields = document.fields(node, "a component", ("id", "name"), ("description", "alerts"))
    component_id = document.text(fields["id"], "id") if "id" in fields else ""
    if component_id and not _ID.fullmatch(component_id):
        document.fault(fields["id"], f"id is 12 lower-case letters and digits; it is {component_id!r}")
    listed = document.items(fields["alerts"], "alerts") if "alerts" in fields else []
    return Component(
        id=component_id,
        name=document.text(fields["name"], "name") if "name" in fields else "",
        description=document.text(fields["description"], "description") if "description" in fields else "",
        effects=tuple(_effect(document, effect) for effect in listed),
    )


def _effect(document: CheckedDocument, node: yaml.Node) -> Effect:
    fields = document.fields(node, "an entry of alerts", ("when", "status"), ("felt",))
    word = document.text(fields["status"], "status") if "status" in fields else ""
    status = next((known for known in _EFFECTS if known == word), None)
    if word and status is None:
        document.fault(fields["status"], f"status is one of {', '.join(_EFFECTS)}; it is {word!r}")
    return Effect(
        when=read_selector(document, fields["when"], "when") if "when" in fields else LabelSelector(()),
        status=status or "degraded_performance",
        felt=document.switch(fields["felt"], "felt") if "felt" in fields else False,
    )


DEFAULT = parse_components(DEFAULT_TEXT)


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
    shown: ComponentMap = DEFAULT,
) -> dict[str, ComponentStatus]:
    """Each component's status by the alerts that have lasted longer than ``hold_down``.

    ``failed_share`` is the share of callers' requests that fail just now, None where nobody can say. While an alert of
    a component fires the component is never operational, even when callers feel nothing any more.
    """
    status: dict[str, ComponentStatus] = {component.id: "operational" for component in shown.components}
    for alert in alerts:
        if now - alert.since < hold_down:
            continue
        for component in shown.components:
            for effect in component.effects:
                if effect.when.fits(alert.labels):
                    status[component.id] = worse(_felt(effect, failed_share), status[component.id])
    return status


def trouble_since(
    alerts: Iterable[ComponentAlert], now: datetime, hold_down: timedelta, shown: ComponentMap = DEFAULT
) -> dict[str, datetime]:
    """When the trouble of each component that has some began: the begin of its oldest alert that shows."""
    since: dict[str, datetime] = {}
    for alert in alerts:
        if now - alert.since < hold_down:
            continue
        for component in shown.components:
            if any(effect.when.fits(alert.labels) for effect in component.effects):
                since[component.id] = min(alert.since, since.get(component.id, alert.since))
    return since


def _felt(effect: Effect, failed_share: float | None) -> ComponentStatus:
    if effect.felt and failed_share is not None:
        return worse(felt_status(failed_share), "degraded_performance")
    return effect.status


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
