"""A page: that somebody is called, what they are told, and what became of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from alerts.contacts import OnCallOverride
from alerts.escalation import DuePage
from alerts.event import JournalEvent

PageKind = Literal["page", "recovery", "notice", "test", "summary", "announcement"]


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """How far one person's copy of a page has come."""

    state: Literal["waiting", "sent", "failed", "dropped"] = "waiting"
    channel: str = ""
    """The channel that was tried last."""
    tries: int = 0
    tried_at: datetime | None = None
    why: str = ""
    """What was wrong with the last attempt, empty where it was sent."""


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """People are called, or told, about an incident or by somebody."""

    id: int
    kind: PageKind
    level: str = ""
    people: tuple[str, ...]
    """Ids of the contacts file."""
    incident_id: int | None = None
    why: str = ""
    """Why now: nobody has acknowledged, a level is empty, a channel failed."""
    text: str = ""
    """What a person wrote, of a notice; of an announcement its subject, an empty line and what follows."""
    attached: str = ""
    """A text that goes along, by its place in the daemon's folder."""
    by: str = ""
    held: bool = False
    """Whether somebody had the incident, and it was not mitigated."""
    falls_to: str = ""
    """Of a notice: the level that is told where nobody of it can be reached; empty for none."""
    due_at: datetime
    decided_at: datetime
    deliveries: Mapping[str, Delivery] = {}
    """By person."""

    @property
    def waiting(self) -> tuple[str, ...]:
        """People who have not got it yet."""
        return tuple(name for name, delivery in self.deliveries.items() if delivery.state == "waiting")

    @property
    def failed(self) -> bool:
        """Whether nobody got it, and nobody will."""
        if not self.deliveries:
            return self.kind == "page"
        return all(d.state == "failed" for d in self.deliveries.values())


class PageDecided(JournalEvent, frozen=True, kw_only=True, tag="page.decided"):
    """Somebody is to be called; journalled before anything is sent."""

    page: Notification
    due: DuePage | None = None
    """What it settles of the incident's ladder."""


class PageTried(JournalEvent, frozen=True, kw_only=True, tag="page.tried"):
    """A channel took a person's copy, or did not."""

    id: int
    person: str
    channel: str
    ok: bool
    why: str = ""
    last: bool = False
    """Whether no other channel is left."""
    dropped: bool = False
    """Whether it was not tried at all: by now somebody has the incident, or it is over."""


class PageAnswered(JournalEvent, frozen=True, kw_only=True, tag="page.answered"):
    """Somebody answered a page away from a terminal: in PagerDuty, or by the link in it."""

    id: int
    """Of the incident."""
    where: str
    """``PagerDuty`` or ``link``."""
    key: str
    """What tells this answer from others, so that it counts once."""
    what: Literal["acknowledged", "resolved"]
    refused: str = ""
    """Why it changed nothing; empty where it counts."""


class OnCallSet(JournalEvent, frozen=True, kw_only=True, tag="oncall.set"):
    """Somebody takes a level for a while."""

    override: OnCallOverride


class OnCallUnset(JournalEvent, frozen=True, kw_only=True, tag="oncall.unset"):
    """The contacts file alone says again who is called at a level."""

    level: str


PageEvent = PageDecided | PageTried | PageAnswered | OnCallSet | OnCallUnset


def new_page(page: Notification, people: Sequence[str]) -> Notification:
    """The page with a copy for each person, none of them sent."""
    return msgspec.structs.replace(
        page, people=tuple(people), deliveries={name: Delivery() for name in people}
    )


def apply_try(page: Notification, event: PageTried, at: datetime) -> Notification:
    """The page after an attempt."""
    known = page.deliveries.get(event.person, Delivery())
    state: Literal["waiting", "sent", "failed", "dropped"] = (
        "dropped" if event.dropped else "sent" if event.ok else "failed" if event.last else "waiting"
    )
    tried = Delivery(
        state=state,
        channel=event.channel,
        tries=known.tries + 1,
        tried_at=at,
        why="" if event.ok else event.why,
    )
    return msgspec.structs.replace(page, deliveries={**page.deliveries, event.person: tried})
