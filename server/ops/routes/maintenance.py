"""Maintenance windows over HTTP: planning one, every step of it, and what its announcement would say."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import msgspec

from alerts.maintenance import (
    Maintenance,
    MaintenanceView,
    PreCheckName,
    StaleWindowError,
    WindowTransitionError,
)
from server.http.call import BadRequestError
from server.http.problem_table import Problems
from server.http.route import Reply
from server.ops.executions.runbook_folder import RunbookFolder
from server.ops.http import OpsCall, OpsRoute
from server.ops.maintenance.windows import (
    WindowDesk,
    WindowPlan,
    check_announceable,
    digest_of,
    find_window,
)
from server.ops.public.published_text import PublishedText
from server.ops.state.ledger import Ledger, Transaction
from server.ops.users import ForbiddenError
from web.markdown import html_of

_MOST_NAMED = 20
_LAST_YEAR = 9999
_SHOWN = 200

PROBLEMS: Problems = {
    StaleWindowError: (409, "conflict"),
    WindowTransitionError: (409, "conflict"),
}


class _Plan(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    starts_at: datetime
    ends_at: datetime
    matchers: tuple[str, ...]
    components: tuple[str, ...] = ()
    owner: str = ""
    reason: str
    body: str = ""
    runbooks: tuple[str, ...] = ()


class _Step(msgspec.Struct, frozen=True, kw_only=True):
    """What any step may carry; each takes what it needs."""

    version: int | None = None
    text: str = ""
    reason: str = ""
    digest: str | None = None
    ends_at: datetime | None = None
    for_s: int | None = None
    starts_at: datetime | None = None
    check: PreCheckName | None = None
    run: str = ""
    update: str = ""


Step = Callable[[Transaction, OpsCall, Maintenance, _Step], Maintenance]


class MaintenanceRoutes:
    """``/v1/maintenance``."""

    def __init__(self, ledger: Ledger, desk: WindowDesk, texts: PublishedText, shelf: RunbookFolder) -> None:
        self._ledger = ledger
        self._shelf = shelf
        self._desk = desk
        self._texts = texts

    def routes(self) -> list[OpsRoute]:
        """Every path of this file."""
        below = r"/v1/maintenance/{id}"
        return [
            OpsRoute("GET", "/v1/maintenance", "viewer", self._list),
            OpsRoute("POST", "/v1/maintenance", "responder", self._schedule),
            OpsRoute("GET", below, "viewer", self._one),
            OpsRoute("GET", f"{below}/preview", "viewer", self._preview),
            OpsRoute("POST", f"{below}/announce", "approver", self._step(self._announce)),
            OpsRoute("POST", f"{below}/check", "responder", self._step(self._check)),
            OpsRoute("POST", f"{below}/check-in", "responder", self._step(self._check_in)),
            OpsRoute("POST", f"{below}/update", "responder", self._step(self._update)),
            OpsRoute("POST", f"{below}/no-change", "responder", self._step(self._no_change)),
            OpsRoute("POST", f"{below}/extend", "responder", self._step(self._extend)),
            OpsRoute("POST", f"{below}/verify", "responder", self._step(self._verify)),
            OpsRoute("POST", f"{below}/complete", "responder", self._step(self._complete)),
            OpsRoute("POST", f"{below}/cancel", "responder", self._step(self._cancel)),
            OpsRoute("POST", f"{below}/reschedule", "responder", self._step(self._reschedule)),
            OpsRoute("POST", f"{below}/correct", "approver", self._step(self._correct)),
        ]

    async def _list(self, call: OpsCall) -> Reply:
        state, now = self._ledger.state, self._ledger.clock()
        found = list(state.maintenances.values()) if call.query("all") == "1" else state.open_windows()
        views = [self._desk.view(window, now) for window in found[::-1][:_SHOWN]]
        return Reply({"maintenances": views})

    async def _one(self, call: OpsCall) -> Reply:
        window = find_window(self._ledger.state, call.number("id"))
        return Reply(self._desk.view(window, self._ledger.clock()))

    async def _preview(self, call: OpsCall) -> Reply:
        window, now = find_window(self._ledger.state, call.number("id")), self._ledger.clock()
        check_announceable(window, now)
        said = self._desk.preview(window, now)
        return Reply(
            {
                "subject": said.subject,
                "body": said.body,
                "html": html_of(said.body),
                "digest": digest_of(said),
            }
        )

    async def _schedule(self, call: OpsCall) -> Reply:
        wanted = await call.body(_Plan)
        for name, listed in (("matchers", wanted.matchers), ("components", wanted.components)):
            if len(listed) > _MOST_NAMED:
                raise BadRequestError(f"{name} has at most {_MOST_NAMED}", name)
        known = self._shelf.catalogue.runbooks
        for runbook in wanted.runbooks:
            if runbook not in known:
                raise BadRequestError(
                    f"there is no runbook {runbook[:60]!r}; ops runbooks list names them", "runbooks"
                )
        planned = WindowPlan(
            title=self._texts.line(wanted.title, "title"),
            body=self._texts.markdown(wanted.body),
            reason=self._texts.line(wanted.reason, "reason"),
            matchers=tuple(self._texts.line(text, "matchers") for text in wanted.matchers),
            components=wanted.components,
            owner=wanted.owner.strip(),
            starts_at=_aware(wanted.starts_at, "starts_at"),
            ends_at=_aware(wanted.ends_at, "ends_at"),
            runbooks=tuple(self._texts.line(name, "runbooks") for name in wanted.runbooks[:_MOST_NAMED]),
        )
        actor = call.caller.actor
        window = await self._ledger.decide(lambda tx: self._desk.schedule(tx, actor, planned))
        return Reply(self._desk.view(window, self._ledger.clock()), 201)

    def _step(self, take: Step) -> Callable[[OpsCall], Awaitable[Reply]]:
        """A handler that takes one step of the window in the path."""

        async def handle(call: OpsCall) -> Reply:
            given = await call.body(_Step)

            def decide(tx: Transaction) -> MaintenanceView:
                window = find_window(tx.state, call.number("id"))
                if given.version is not None and given.version != window.version:
                    raise StaleWindowError(window, given.version)
                return self._desk.view(take(tx, call, window, given), tx.now)

            return Reply(await self._ledger.decide(decide))

        return handle

    def _announce(self, tx: Transaction, call: OpsCall, window: Maintenance, given: _Step) -> Maintenance:
        return self._desk.announce(tx, call.caller.actor, window, given.digest)

    def _check(self, tx: Transaction, call: OpsCall, window: Maintenance, given: _Step) -> Maintenance:
        if given.check is None:
            raise BadRequestError("check is backup, rollback or monitoring", "check")
        words = self._texts.optional(given.text, "text")
        return self._desk.check(tx, call.caller.actor, window, given.check, given.run.strip(), words)

    def _check_in(self, tx: Transaction, call: OpsCall, window: Maintenance, given: _Step) -> Maintenance:
        if window.announced_at is None and not call.caller.may("approver"):
            raise ForbiddenError(
                f"maintenance {window.id} is not announced, and a check-in would announce it: that needs the role approver "
                f"(ops maintenance announce {window.id})"
            )
        reason = self._texts.optional(given.reason, "reason")
        return self._desk.check_in(tx, call.caller.actor, window, self._texts.markdown(given.text), reason)

    def _update(self, tx: Transaction, call: OpsCall, window: Maintenance, given: _Step) -> Maintenance:
        return self._desk.update(tx, call.caller.actor, window, self._texts.words(given.text))

    def _no_change(self, tx: Transaction, call: OpsCall, window: Maintenance, given: _Step) -> Maintenance:
        return self._desk.update(tx, call.caller.actor, window, None)

    def _extend(self, tx: Transaction, call: OpsCall, window: Maintenance, given: _Step) -> Maintenance:
        if (given.ends_at is None) is (given.for_s is None):
            raise BadRequestError("say until when: ends_at, or for_s counted from its planned end", "ends_at")
        if given.for_s is not None:
            if not 0 < given.for_s <= 7 * 86_400:
                raise BadRequestError("for_s is 1 second to 7 days", "for_s")
            ends_at = max(window.ends_at, tx.now) + timedelta(seconds=given.for_s)
        else:
            ends_at = _aware(given.ends_at or tx.now, "ends_at")
        return self._desk.extend(tx, call.caller.actor, window, ends_at, self._texts.markdown(given.text))

    def _verify(self, tx: Transaction, call: OpsCall, window: Maintenance, given: _Step) -> Maintenance:
        return self._desk.verify(tx, call.caller.actor, window, self._texts.markdown(given.text))

    def _complete(self, tx: Transaction, call: OpsCall, window: Maintenance, given: _Step) -> Maintenance:
        reason = self._texts.optional(given.reason, "reason")
        return self._desk.complete(tx, call.caller.actor, window, self._texts.markdown(given.text), reason)

    def _cancel(self, tx: Transaction, call: OpsCall, window: Maintenance, given: _Step) -> Maintenance:
        reason = self._texts.optional(given.reason, "reason")
        return self._desk.cancel(tx, call.caller.actor, window, reason, self._texts.markdown(given.text))

    def _reschedule(self, tx: Transaction, call: OpsCall, window: Maintenance, given: _Step) -> Maintenance:
        if given.starts_at is None:
            raise BadRequestError("say when it begins", "starts_at")
        starts_at = _aware(given.starts_at, "starts_at")
        lasts = window.ends_at - window.starts_at
        ends_at = _aware(given.ends_at, "ends_at") if given.ends_at is not None else starts_at + lasts
        times = (starts_at, ends_at)
        return self._desk.reschedule(tx, call.caller.actor, window, times, self._texts.markdown(given.text))

    def _correct(self, tx: Transaction, call: OpsCall, window: Maintenance, given: _Step) -> Maintenance:
        words = self._texts.words(given.text)
        return self._desk.correct(tx, call.caller.actor, window, given.update, words)


def _aware(at: datetime, name: str) -> datetime:
    """Raises ``BadRequestError`` for a time without a zone."""
    if at.tzinfo is None:
        raise BadRequestError(f"{name} needs its zone: 2026-03-14T12:00:00Z", name)
    if not 1 < at.year < _LAST_YEAR:
        raise BadRequestError(f"{name} is no time that anybody plans for", name)
    return at
