"""An incident as the public reads it: its states, its updates, and the one text that is written without a person. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal, get_args

import msgspec

from alerts.event import JournalEvent
from alerts.public_update import AffectedComponent, PublicUpdate, corrected
from alerts.wire import Moment
from web.component_status import ComponentStatus

PublicStatus = Literal["investigating", "identified", "monitoring", "resolved", "postmortem"]
Impact = Literal["none", "minor", "major", "critical"]
PUBLIC_STATUSES: tuple[PublicStatus, ...] = get_args(PublicStatus)
_OVER: frozenset[PublicStatus] = frozenset({"resolved", "postmortem"})
IMPACTS: tuple[Impact, ...] = get_args(Impact)
IMPACT_OF: Mapping[ComponentStatus, Impact] = {
    "operational": "none",
    "under_maintenance": "none",
    "degraded_performance": "minor",
    "partial_outage": "major",
    "major_outage": "critical",
}
GOES_ON_WITHIN = timedelta(minutes=1)
"""Trouble that comes back so soon after an entry that no person touched is the same entry."""


class PublicFields(msgspec.Struct, frozen=True, kw_only=True):
    """What an entry is, in the daemon's state and on the wire alike."""

    id: int
    """A short number that can be typed."""
    public_id: str
    kind: Literal["incident", "announcement"] = "incident"
    title: str
    status: PublicStatus
    impact: Impact
    components: tuple[str, ...]
    """Ids of the page's components."""
    incident_id: int | None = None
    """Our own incident that it is about."""
    started_at: Moment
    created_at: Moment
    monitoring_at: Moment | None = None
    resolved_at: Moment | None = None
    updates: tuple[PublicUpdate, ...] = ()
    """The earliest first."""
    automatic: bool = False
    """Whether no person has written anything in it."""
    shown_until: Moment | None = None
    """Of an announcement: until when it stands on the page itself."""
    postmortem_url: str = ""
    version: int = 1


class PublicIncident(PublicFields, frozen=True, kw_only=True):
    """One entry of the public page."""

    @property
    def is_open(self) -> bool:
        """Whether the public is told that it is not over."""
        return self.status not in _OVER


class PublicIncidentView(PublicFields, frozen=True, kw_only=True):
    """One entry as the ops API shows it."""

    url: str = ""


class PublicDraft(msgspec.Struct, frozen=True, kw_only=True):
    """Words proposed by a rule, for a person to publish."""

    title: str
    status: PublicStatus
    body: str
    components: tuple[str, ...]
    """Names."""
    impact: Impact
    entry: int | None = None
    """Number of the entry that is open already."""


class PublicOpened(JournalEvent, frozen=True, kw_only=True, tag="public.opened"):
    """The public was told of something."""

    incident: PublicIncident


class PublicChanged(JournalEvent, frozen=True, kw_only=True, tag="public.changed"):
    """The public was told more: words, a state, or what is affected."""

    id: int
    update: PublicUpdate | None = None
    """None where only what is affected has changed."""
    status: PublicStatus
    title: str = ""
    """Another one; empty where it stays."""
    impact: Impact
    components: tuple[str, ...]
    incident_id: int | None = None
    by_person: bool = True
    postmortem_url: str = ""


class PublicCorrected(JournalEvent, frozen=True, kw_only=True, tag="public.corrected"):
    """Published words were changed; the page shows both."""

    id: int
    update_id: str
    body: str


PublicEvent = PublicOpened | PublicChanged | PublicCorrected


def apply_public_event(
    known: PublicIncident | None, event: PublicEvent, at: datetime, actor: str
) -> PublicIncident | None:
    """The entry after an event of the journal; None where there is none."""
    if isinstance(event, PublicOpened):
        return event.incident
    if known is None:
        return None
    changed = msgspec.structs.replace(known, version=known.version + 1)
    if isinstance(event, PublicCorrected):
        updates = corrected(known.updates, event.update_id, event.body, at, actor)
        return msgspec.structs.replace(changed, updates=updates)
    return msgspec.structs.replace(
        changed,
        title=event.title or known.title,
        status=event.status,
        impact=event.impact,
        components=event.components,
        incident_id=event.incident_id if event.incident_id is not None else known.incident_id,
        updates=(*known.updates, event.update) if event.update is not None else known.updates,
        automatic=known.automatic and not event.by_person,
        postmortem_url=event.postmortem_url or known.postmortem_url,
        monitoring_at=at
        if event.status == "monitoring" and known.status != "monitoring"
        else known.monitoring_at,
        resolved_at=_resolved_at(known, event.status, at),
    )


def _resolved_at(known: PublicIncident, status: PublicStatus, at: datetime) -> datetime | None:
    if status not in _OVER:
        return None
    return known.resolved_at or at


def worst_impact(statuses: Sequence[ComponentStatus]) -> Impact:
    """What these states of components mean together."""
    return max((IMPACT_OF[status] for status in statuses), key=IMPACTS.index, default="none")


def automatic_title(names: Sequence[str]) -> str:
    """The only text that the public reads and nobody wrote."""
    if len(names) > 1:
        return f"We are looking into a problem with {', '.join(names[:-1])} and {names[-1]}"
    return f"We are looking into a problem with {names[0] if names else 'the service'}"


def affected_now(
    entry_updates: Sequence[PublicUpdate],
    components: Sequence[str],
    names: Mapping[str, str],
    statuses: Mapping[str, ComponentStatus],
) -> tuple[AffectedComponent, ...]:
    """How each component stands with a new update, and how it stood with the one before it."""
    before = {one.code: one.new_status for update in entry_updates for one in update.affected}
    return tuple(
        AffectedComponent(
            code=component,
            name=names[component],
            old_status=before.get(component, "operational"),
            new_status=statuses.get(component, "operational"),
        )
        for component in components
        if component in names
    )


class WordTemplate(msgspec.Struct, frozen=True, kw_only=True):
    """Words to begin with; ``{components}`` stands for the names of what is affected."""

    name: str
    status: PublicStatus
    title: str
    body: str


TEMPLATES: tuple[WordTemplate, ...] = (
    WordTemplate(
        name="investigating",
        status="investigating",
        title="Problem with {components}",
        body="We are seeing a problem with {components} and are looking for its cause.",
    ),
    WordTemplate(
        name="slow",
        status="investigating",
        title="Slow answers from {components}",
        body="{components} answers more slowly than usual. Requests are not lost. We are looking for the cause.",
    ),
    WordTemplate(
        name="identified",
        status="identified",
        title="Problem with {components}",
        body="We know what causes the problem with {components} and are working on it.",
    ),
    WordTemplate(
        name="monitoring",
        status="monitoring",
        title="Problem with {components}",
        body="{components} works again. We are watching it.",
    ),
    WordTemplate(
        name="resolved",
        status="resolved",
        title="Problem with {components}",
        body="The problem with {components} is resolved.",
    ),
)
"""By name, in the order in which they are needed."""


def template_for(statuses: Sequence[ComponentStatus]) -> WordTemplate:
    """The words to begin with, by the worst that callers feel."""
    slow = worst_impact(statuses) == "minor"
    return next(template for template in TEMPLATES if template.name == ("slow" if slow else "investigating"))


def filled(text: str, names: Sequence[str]) -> str:
    """A template's text about these components; whatever else is in braces stays as it is."""
    listed = " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else "the service"
    return text.replace("{components}", listed)
