"""Who is on call, who can be called, and calling somebody."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from alerts.contacts import OnCallOverride, Rotation
from alerts.escalation_policy import DEFAULT_POLICIES, LEVELS, policy_words
from alerts.notification import Notification, OnCallSet, OnCallUnset
from alerts.wire import ContactsView, ContactView, DeliveryView, EmergencyView, OnCallView, PageView
from server.http.call import BadRequestError, NotFoundError
from server.http.route import Reply
from server.ops.executions.redactor import Redactor
from server.ops.http import OpsCall, OpsRoute
from server.ops.paging.escalations import decide_page
from server.ops.paging.on_call import at_level
from server.ops.paging.reach import unreachable
from server.ops.state.ledger import Ledger, Transaction
from server.ops.state.state import State

_LONGEST_TEXT = 1_000
_LONGEST_OVERRIDE = timedelta(days=31)
_SHOWN = 200


class _Override(msgspec.Struct, frozen=True):
    person: str
    until: datetime


class _Notice(msgspec.Struct, frozen=True):
    who: str
    text: str


class PageRoutes:
    """``/v1/contacts``, ``/v1/oncall`` and ``/v1/pages``."""

    def __init__(self, ledger: Ledger, redactor: Redactor, env: Mapping[str, str]) -> None:
        """``env`` holds the secrets that channels name by their variable."""
        self._ledger = ledger
        self._redactor = redactor
        self._env = env

    def routes(self) -> list[OpsRoute]:
        """Every path of this file."""
        return [
            OpsRoute("GET", "/v1/contacts", "viewer", self._contacts),
            OpsRoute("POST", r"/v1/contacts/{person}/test", "responder", self._test),
            OpsRoute("POST", r"/v1/oncall/{level}", "responder", self._set),
            OpsRoute("POST", r"/v1/oncall/{level}/unset", "responder", self._unset),
            OpsRoute("GET", "/v1/pages", "viewer", self._pages),
            OpsRoute("POST", "/v1/pages", "responder", self._notice),
        ]

    async def _contacts(self, call: OpsCall) -> Reply:
        view = contacts_view(self._ledger.state, self._ledger.clock())
        people = tuple(self._ledger.state.contacts.people.values())
        # In a thread: a folder may lie on a disk that hangs.
        troubles = await asyncio.to_thread(unreachable, people, self._env)
        with_troubles = (
            msgspec.structs.replace(one, troubles=troubles.get(one.id, ())) for one in view.people
        )
        return Reply(msgspec.structs.replace(view, people=tuple(with_troubles)))

    async def _test(self, call: OpsCall) -> Reply:
        person = call.path("person")

        def decide(tx: Transaction) -> PageView:
            _find(tx.state, person)
            return page_view(decide_page(tx, "test", (person,), by=call.caller.actor.name))

        return Reply(await self._ledger.decide(decide), 201)

    async def _set(self, call: OpsCall) -> Reply:
        wanted = await call.body(_Override)
        level = _level(call.path("level"))

        def decide(tx: Transaction) -> ContactsView:
            _find(tx.state, wanted.person)
            if wanted.until.tzinfo is None:
                raise BadRequestError("until needs its time zone, such as 2026-01-31T09:00:00Z", "until")
            if not tx.now < wanted.until <= tx.now + _LONGEST_OVERRIDE:
                raise BadRequestError("until lies ahead, at most 31 days", "until")
            override = OnCallOverride(
                level=level, person=wanted.person, until_at=wanted.until, by=call.caller.actor.name
            )
            tx.record(OnCallSet(override=override), call.caller.actor, level)
            return contacts_view(tx.state, tx.now)

        return Reply(await self._ledger.decide(decide))

    async def _unset(self, call: OpsCall) -> Reply:
        level = _level(call.path("level"))

        def decide(tx: Transaction) -> ContactsView:
            if level not in tx.state.on_call:
                raise NotFoundError(f"nobody was put at {level} by hand")
            tx.record(OnCallUnset(level=level), call.caller.actor, level)
            return contacts_view(tx.state, tx.now)

        return Reply(await self._ledger.decide(decide))

    async def _pages(self, call: OpsCall) -> Reply:
        pages = list(self._ledger.state.pages.values())[-_SHOWN:]
        return Reply({"pages": [page_view(page) for page in reversed(pages)]})

    async def _notice(self, call: OpsCall) -> Reply:
        wanted = await call.body(_Notice)
        text = self._redactor.redacted(" ".join(wanted.text.split()))
        if not 0 < len(text) <= _LONGEST_TEXT:
            raise BadRequestError(f"text has 1 to {_LONGEST_TEXT} characters", "text")

        def decide(tx: Transaction) -> PageView:
            people = _meant(tx.state, wanted.who, tx.now)
            level = wanted.who if wanted.who in (*LEVELS, "all") else ""
            by = call.caller.actor.name
            return page_view(decide_page(tx, "notice", people, level=level, text=text, by=by))

        return Reply(await self._ledger.decide(decide), 201)


def _meant(state: State, who: str, now: datetime) -> tuple[str, ...]:
    """People by a name, a level or ``all``. Raises ``BadRequestError`` where nobody is there."""
    if who in (*LEVELS, "all"):
        people = at_level(state, who, now)
        if not people:
            raise BadRequestError(f"nobody is on call at {who}", "who")
        return people
    return (_find(state, who),)


def _find(state: State, person: str) -> str:
    if person not in state.contacts.people:
        there = ", ".join(state.contacts.people) or "nobody"
        raise NotFoundError(f"there is no {person[:40]!r} among the contacts; there are {there}")
    return person


def _level(text: str) -> str:
    if text.upper() not in LEVELS:
        raise NotFoundError(f"there is no level {text[:40]!r}; there are {', '.join(LEVELS)}")
    return text.upper()


def contacts_view(state: State, now: datetime) -> ContactsView:
    """Who is called at each level now, and everybody who can be."""
    contacts = state.contacts
    on_call = {level: at_level(state, level, now) for level in LEVELS}
    return ContactsView(
        levels=tuple(_on_call_view(state, level, on_call[level], now) for level in LEVELS),
        people=tuple(
            ContactView(
                id=person.id,
                name=person.name,
                user=person.user,
                channels=tuple(channel.label for channel in person.channels),
                levels=tuple(level for level in LEVELS if person.id in on_call[level]),
            )
            for person in contacts.people.values()
        ),
        hotline=contacts.hotline,
        emergency=tuple(EmergencyView(name=one.name, reach=one.reach) for one in contacts.emergency),
        policies={
            severity: policy_words(contacts.policies.get(severity) or policy)
            for severity, policy in DEFAULT_POLICIES.items()
        },
        audiences=tuple(contacts.audiences),
        from_file=state.contacts.from_file,
    )


def _on_call_view(state: State, level: str, people: tuple[str, ...], now: datetime) -> OnCallView:
    override = state.on_call.get(level)
    if override is not None and people == (override.person,) and override.until_at > now:
        return OnCallView(level=level, people=people, until_at=override.until_at, override_by=override.by)
    members = state.contacts.levels.get(level)
    until = members.ends_at(now) if isinstance(members, Rotation) else None
    return OnCallView(level=level, people=people, until_at=until)


def page_view(page: Notification) -> PageView:
    """One page as the ops API shows it."""
    return PageView(
        id=page.id,
        kind=page.kind,
        level=page.level,
        incident_id=page.incident_id,
        why=page.why,
        text=page.text,
        by=page.by,
        due_at=page.due_at,
        decided_at=page.decided_at,
        deliveries=tuple(
            DeliveryView(
                person=name,
                state=delivery.state,
                channel=delivery.channel,
                tries=delivery.tries,
                tried_at=delivery.tried_at,
                why=delivery.why,
            )
            for name, delivery in page.deliveries.items()
        ),
    )
