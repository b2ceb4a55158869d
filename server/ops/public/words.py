"""What people tell the public: entries published, updated, resolved and corrected, and announcements of what is neither."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

import msgspec

from alerts.incident import Incident
from alerts.public_update import PublicUpdate
from server.http.call import BadRequestError, NotFoundError
from server.ops.executions.admission import RefusedError
from server.ops.maintenance.windows import new_public_id, tell_audiences
from server.ops.state.ledger import Actor, Transaction
from server.ops.state.state import State
from web.announcement import SUBJECTS, Announcement
from web.component_status import ComponentStatus
from web.components import ComponentMap
from web.page import STATUS_WORDS
from web.public_incident import (
    IMPACTS,
    Impact,
    PublicChanged,
    PublicCorrected,
    PublicDraft,
    PublicFields,
    PublicIncident,
    PublicIncidentView,
    PublicOpened,
    PublicStatus,
    affected_now,
    filled,
    template_for,
    worst_impact,
)

LONGEST_SHOWN = timedelta(days=90)


class PublicWords(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to publish, its texts clean."""

    title: str
    body: str
    status: PublicStatus = "investigating"
    components: tuple[str, ...] = ()
    """Ids or names; those that are in trouble where none is named."""
    impact: Impact | None = None
    """As the components say where it is not given."""
    incident_id: int | None = None
    tell: tuple[str, ...] = ()
    """Audiences that get the same text."""


class PublicDesk:
    """Decisions about what the public reads. ``states`` are those that are shown of the components."""

    def __init__(
        self,
        components: Callable[[], ComponentMap],
        states: Callable[[], Mapping[str, ComponentStatus]],
        page_url: str,
    ) -> None:
        self._components = components
        self._states = states
        self._page_url = page_url.rstrip("/")

    def draft(self, state: State, incident: Incident | None) -> PublicDraft:
        """Words by a rule: what is in trouble, or what an incident's alerts speak for, in a template's words."""
        states = self._states()
        affected = self._touched_by(state, incident) if incident is not None else self._troubled()
        names = [self.names[component] for component in affected]
        found = [states.get(component, "operational") for component in affected]
        template = template_for(found)
        mine = self._automatic(state, affected)
        return PublicDraft(
            title=filled(template.title, names),
            status=template.status,
            body=filled(template.body, names),
            components=tuple(names),
            impact=self._impact(state, affected, mine, incident),
            entry=mine.id if mine is not None else None,
        )

    def said_by(self, status: str, title: str, body: str) -> Announcement:
        """What an audience gets of an update, to the byte."""
        return Announcement(subject=f"{STATUS_WORDS[status]}: {title}", body=body)

    def publish(self, tx: Transaction, actor: Actor, wanted: PublicWords) -> PublicIncident:
        """A person's words: into the entry that stands there already where nobody has written in it, else a new one."""
        if wanted.status in ("resolved", "postmortem"):
            raise BadRequestError("an entry begins as investigating, identified or monitoring", "status")
        if wanted.incident_id is not None and wanted.incident_id not in tx.state.incidents:
            raise BadRequestError(f"there is no incident {wanted.incident_id}", "incident_id")
        components = tuple(dict.fromkeys(map(self._component, wanted.components))) or self._troubled()
        mine = self._automatic(tx.state, components)
        impact = wanted.impact or self._impact(
            tx.state, components, mine, tx.state.incidents.get(wanted.incident_id or 0)
        )
        if mine is not None:
            entry = self._take_over(tx, actor, mine, wanted, components, impact)
        else:
            entry = self._open(tx, actor, wanted, components, impact)
        tell_audiences(tx, wanted.tell, self.said_by(wanted.status, wanted.title, wanted.body), actor.name)
        return entry

    def update(
        self,
        tx: Transaction,
        actor: Actor,
        entry: PublicIncident,
        status: PublicStatus,
        body: str,
        tell: tuple[str, ...],
    ) -> PublicIncident:
        """More words about an entry that is open."""
        _check_open(entry)
        if status in ("resolved", "postmortem"):
            raise BadRequestError("resolve it: ops public resolve", "status")
        return self._say(tx, actor, entry, status, body, tell)

    def resolve(
        self,
        tx: Transaction,
        actor: Actor,
        entry: PublicIncident,
        body: str,
        reason: str,
        tell: tuple[str, ...],
    ) -> PublicIncident:
        """Says that it is over. Refused while a component of it is in trouble, but for a ``reason``."""
        _check_open(entry)
        bad = [self.names[c] for c in entry.components if c in self._troubled()]
        if bad and not reason:
            raise RefusedError(
                f"{', '.join(bad)} still {'is' if len(bad) == 1 else 'are'} in trouble; say why it is over all the same: --reason"
            )
        return self._say(tx, actor, entry, "resolved", body, tell)

    def postmortem(
        self, tx: Transaction, actor: Actor, entry: PublicIncident, url: str, body: str
    ) -> PublicIncident:
        """Says where it can be read what happened."""
        if entry.is_open:
            raise RefusedError(f"public {entry.id} is {entry.status}; resolve it first")
        event = PublicChanged(
            id=entry.id,
            update=self._update(tx, actor, entry.updates, "postmortem", body, entry.components),
            status="postmortem",
            impact=entry.impact,
            components=entry.components,
            postmortem_url=url,
        )
        return _recorded(tx, actor, entry.id, event)

    def correct(
        self,
        tx: Transaction,
        actor: Actor,
        entry: PublicIncident,
        update_id: str,
        body: str,
        tell: tuple[str, ...] = (),
    ) -> PublicIncident:
        """Other words for an update, the latest where none is named; the page shows both, and ``tell`` gets the new ones."""
        wanted = update_id or entry.updates[-1].id
        if wanted not in {update.id for update in entry.updates}:
            raise NotFoundError(f"public {entry.id} has no update {wanted}")
        after = _recorded(tx, actor, entry.id, PublicCorrected(id=entry.id, update_id=wanted, body=body))
        tell_audiences(tx, tell, self.corrected(entry, body), actor.name)
        return after

    def corrected(self, entry: PublicIncident, body: str) -> Announcement:
        """What an audience gets of a correction, to the byte."""
        return Announcement(subject=f"{SUBJECTS['correct']}: {entry.title}", body=body)

    def announce(
        self,
        tx: Transaction,
        actor: Actor,
        said: Announcement,
        shown_for: timedelta,
        tell: tuple[str, ...],
    ) -> PublicIncident:
        """Tells everybody something that is neither outage nor maintenance: on the page for a while, and for good below it."""
        entry = PublicIncident(
            id=tx.state.last_public + 1,
            public_id=new_public_id(),
            kind="announcement",
            title=said.subject,
            status="resolved",
            impact="none",
            components=(),
            started_at=tx.now,
            created_at=tx.now,
            resolved_at=tx.now,
            updates=(self._update(tx, actor, (), "resolved", said.body, ()),),
            shown_until=tx.now + min(shown_for, LONGEST_SHOWN),
        )
        tx.record(PublicOpened(incident=entry), actor, f"public-{entry.id}")
        tell_audiences(tx, tell, said, actor.name)
        return tx.state.public_incidents[entry.id]

    def view(self, entry: PublicIncident) -> PublicIncidentView:
        """An entry as it is shown."""
        fields = {name: getattr(entry, name) for name in PublicFields.__struct_fields__}
        return PublicIncidentView(**fields, url=f"{self._page_url}/incidents/{entry.public_id}")

    @property
    def names(self) -> Mapping[str, str]:
        """Names of the page's components by id."""
        return {component.id: component.name for component in self._components().components}

    def _troubled(self) -> tuple[str, ...]:
        states = self._states()
        return tuple(
            c for c in self.names if states.get(c, "operational") not in ("operational", "under_maintenance")
        )

    def _touched_by(self, state: State, incident: Incident) -> tuple[str, ...]:
        """Components for which an alert of the incident speaks, by components.yml."""
        found = [a for f in incident.fingerprints if (a := state.alerts.get(f)) is not None]
        labels = [alert.labels for alert in found] or [
            {"alertname": incident.alertname, "service": incident.service}
        ]
        return tuple(
            component.id
            for component in self._components().components
            if any(effect.when.fits(one) for effect in component.effects for one in labels)
        )

    def _shown(self, components: Sequence[str]) -> list[ComponentStatus]:
        states = self._states()
        return [states.get(component, "operational") for component in components]

    def _impact(
        self,
        state: State,
        components: Sequence[str],
        mine: PublicIncident | None,
        incident: Incident | None,
    ) -> Impact:
        """The worst that it was since it began: an impact tells how bad it came, not how it stands when somebody writes."""
        began = [one.started_at for one in (mine, incident) if one is not None]
        since = min(began, default=None)
        records = [record for c in components if (record := state.components.get(c)) is not None]
        earlier = [
            span.status
            for record in records
            for span in record.spans
            if since is not None and (span.ended_at is None or span.ended_at > since)
        ]
        worst = worst_impact([*self._shown(components), *earlier])
        return max(worst, mine.impact if mine is not None else "none", key=IMPACTS.index)

    def _automatic(self, state: State, components: Sequence[str]) -> PublicIncident | None:
        for entry in reversed(list(state.public_incidents.values())):
            if entry.automatic and entry.is_open and set(entry.components) & set(components):
                return entry
        return None

    def _component(self, name: str) -> str:
        for component in self._components().components:
            if name in (component.id, component.name):
                return component.id
        known = ", ".join(self.names.values())
        raise BadRequestError(f"there is no component {name[:60]!r}; there are {known}", "components")

    def _take_over(
        self,
        tx: Transaction,
        actor: Actor,
        mine: PublicIncident,
        wanted: PublicWords,
        components: tuple[str, ...],
        impact: Impact,
    ) -> PublicIncident:
        both = tuple(dict.fromkeys((*mine.components, *components)))
        event = PublicChanged(
            id=mine.id,
            update=self._update(tx, actor, mine.updates, wanted.status, wanted.body, both),
            status=wanted.status,
            title=wanted.title,
            impact=impact,
            components=both,
            incident_id=wanted.incident_id,
        )
        return _recorded(tx, actor, mine.id, event)

    def _open(
        self,
        tx: Transaction,
        actor: Actor,
        wanted: PublicWords,
        components: tuple[str, ...],
        impact: Impact,
    ) -> PublicIncident:
        records = [record for c in components if (record := tx.state.components.get(c)) is not None]
        began = [record.since for record in records if record.status != "operational"]
        incident = tx.state.incidents.get(wanted.incident_id or 0)
        began += [incident.started_at] if incident is not None else []
        entry = PublicIncident(
            id=tx.state.last_public + 1,
            public_id=new_public_id(),
            title=wanted.title,
            status=wanted.status,
            impact=impact,
            components=components,
            incident_id=wanted.incident_id,
            started_at=min((tx.now, *began)),
            created_at=tx.now,
            monitoring_at=tx.now if wanted.status == "monitoring" else None,
            updates=(self._update(tx, actor, (), wanted.status, wanted.body, components),),
        )
        tx.record(PublicOpened(incident=entry), actor, f"public-{entry.id}")
        return tx.state.public_incidents[entry.id]

    def _say(
        self,
        tx: Transaction,
        actor: Actor,
        entry: PublicIncident,
        status: PublicStatus,
        body: str,
        tell: tuple[str, ...],
    ) -> PublicIncident:
        event = PublicChanged(
            id=entry.id,
            update=self._update(tx, actor, entry.updates, status, body, entry.components),
            status=status,
            impact=entry.impact,
            components=entry.components,
        )
        after = _recorded(tx, actor, entry.id, event)
        tell_audiences(tx, tell, self.said_by(status, entry.title, body), actor.name)
        return after

    def _update(
        self,
        tx: Transaction,
        actor: Actor,
        earlier: tuple[PublicUpdate, ...],
        status: str,
        body: str,
        components: tuple[str, ...],
    ) -> PublicUpdate:
        affected = affected_now(earlier, components, self.names, self._states())
        return PublicUpdate(
            id=new_public_id(), status=status, body=body, at=tx.now, by=actor.name, affected=affected
        )


def find_entry(state: State, number: int) -> PublicIncident:
    """The entry of a number. Raises ``NotFoundError``."""
    entry = state.public_incidents.get(number)
    if entry is None:
        raise NotFoundError(f"nothing public has the number {number}; ops public list shows what there is")
    return entry


def _check_open(entry: PublicIncident) -> None:
    if not entry.is_open:
        raise RefusedError(f"public {entry.id} is {entry.status}: publish a new one, or correct its words")


def _recorded(
    tx: Transaction, actor: Actor, number: int, event: PublicChanged | PublicCorrected
) -> PublicIncident:
    tx.record(event, actor, f"public-{number}")
    return tx.state.public_incidents[number]
