"""What the public reads, over HTTP: drafts, previews, entries and their updates, announcements."""

import urllib.parse
from collections.abc import Callable
from datetime import timedelta

import aiohttp_jinja2
import msgspec
from aiohttp import web

from server.http.call import BadRequestError
from server.http.route import Reply
from server.ops.http import OpsCall, OpsRoute
from server.ops.maintenance.windows import WindowDesk, find_window
from server.ops.public.published_text import PublishedText
from server.ops.public.refresh import PublicRefresh
from server.ops.public.words import PublicDesk, PublicWords, find_entry
from server.ops.state.ledger import Ledger, Transaction
from web.announcement import Announcement
from web.markdown import html_of
from web.page import build_page
from web.public_incident import TEMPLATES, Impact, PublicIncident, PublicStatus
from web.render import preview_words

_SHOWN = 200
_DEFAULT_SHOWN_S = 7 * 86_400
_MOST_TOLD = 10


class _Publish(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    text: str
    status: PublicStatus = "investigating"
    components: tuple[str, ...] = ()
    impact: Impact | None = None
    incident_id: int | None = None
    tell: tuple[str, ...] = ()
    preview: bool = False


class _More(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    status: PublicStatus | None = None
    reason: str = ""
    url: str = ""
    update: str = ""
    tell: tuple[str, ...] = ()
    preview: bool = False


class _Announce(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    text: str
    for_s: int = _DEFAULT_SHOWN_S
    tell: tuple[str, ...] = ("announcements", "customers")
    preview: bool = False


class PublicWordsRoutes:
    """``/v1/public`` and ``/v1/announcements``."""

    def __init__(
        self,
        ledger: Ledger,
        desk: PublicDesk,
        windows: WindowDesk,
        refresh: PublicRefresh,
        texts: PublishedText,
    ) -> None:
        self._ledger = ledger
        self._desk = desk
        self._windows = windows
        self._refresh = refresh
        self._texts = texts

    def routes(self) -> list[OpsRoute]:
        """Every path of this file."""
        below = r"/v1/public/{id:\d+}"
        return [
            OpsRoute("GET", "/v1/public", "viewer", self._list),
            OpsRoute("GET", "/v1/public/draft", "viewer", self._draft),
            OpsRoute("GET", r"/v1/public/preview/{id:\d+}", "viewer", self._window_page),
            OpsRoute("GET", below, "viewer", self._one),
            OpsRoute("POST", "/v1/public", "approver", self._publish),
            OpsRoute("POST", f"{below}/update", "approver", self._update),
            OpsRoute("POST", f"{below}/resolve", "approver", self._resolve),
            OpsRoute("POST", f"{below}/postmortem", "approver", self._postmortem),
            OpsRoute("POST", f"{below}/correct", "approver", self._correct),
            OpsRoute("POST", "/v1/announcements", "approver", self._announce),
        ]

    async def _list(self, call: OpsCall) -> Reply:
        entries = list(self._ledger.state.public_incidents.values())[::-1]
        shown = [entry for entry in entries if entry.is_open or call.query("all") == "1"]
        return Reply(
            {
                "public": [self._desk.view(entry) for entry in shown[:_SHOWN]],
                "components": [
                    {
                        "id": component,
                        "name": name,
                        "status": self._refresh.states.get(component, "operational"),
                    }
                    for component, name in self._desk.names.items()
                ],
                "templates": TEMPLATES,
            }
        )

    async def _one(self, call: OpsCall) -> Reply:
        return Reply(self._desk.view(find_entry(self._ledger.state, call.number("id"))))

    async def _draft(self, call: OpsCall) -> Reply:
        number = call.query_int("incident", 0)
        incident = self._ledger.state.incidents.get(number) if number else None
        if number and incident is None:
            raise BadRequestError(f"there is no incident {number}", "incident")
        return Reply(self._desk.draft(self._ledger.state, incident))

    async def _window_page(self, call: OpsCall) -> web.Response:
        """A window's page as it is when it is announced: by the template that the public page is made with."""
        now = self._ledger.clock()
        window = find_window(self._ledger.state, call.number("id"))
        facts = self._refresh.facts(now)
        if window.announced_at is None:
            window = self._windows.as_announced(window, now)
            facts = msgspec.structs.replace(facts, windows=(*facts.windows, window))
        page = build_page(facts)
        entries = (entry for entry in page.entries if entry.public_id == window.public_id)
        words = preview_words(page, entries)
        return aiohttp_jinja2.render_template("entry.html", call.request, words)

    async def _publish(self, call: OpsCall) -> Reply:
        given = await call.body(_Publish)
        wanted = PublicWords(
            title=self._texts.line(given.title, "title"),
            body=self._texts.words(given.text),
            status=given.status,
            components=given.components,
            impact=given.impact,
            incident_id=given.incident_id,
            tell=self._told(given.tell),
        )
        if given.preview:
            return _previewed(self._desk.said_by(wanted.status, wanted.title, wanted.body))
        return await self._decide(lambda tx: self._desk.publish(tx, call.caller.actor, wanted), 201)

    async def _update(self, call: OpsCall) -> Reply:
        given = await call.body(_More)
        body, tell = self._texts.words(given.text), self._told(given.tell)
        entry = find_entry(self._ledger.state, call.number("id"))
        if given.preview:
            return _previewed(self._desk.said_by(given.status or entry.status, entry.title, body))

        def decide(tx: Transaction) -> PublicIncident:
            known = find_entry(tx.state, entry.id)
            status = given.status or known.status
            return self._desk.update(tx, call.caller.actor, known, status, body, tell)

        return await self._decide(decide)

    async def _resolve(self, call: OpsCall) -> Reply:
        given = await call.body(_More)
        body, tell = self._texts.words(given.text), self._told(given.tell)
        reason = self._texts.optional(given.reason, "reason")
        entry = find_entry(self._ledger.state, call.number("id"))
        if given.preview:
            return _previewed(self._desk.said_by("resolved", entry.title, body))

        def decide(tx: Transaction) -> PublicIncident:
            known = find_entry(tx.state, entry.id)
            return self._desk.resolve(tx, call.caller.actor, known, body, reason, tell)

        return await self._decide(decide)

    async def _postmortem(self, call: OpsCall) -> Reply:
        given = await call.body(_More)
        body, url = self._texts.words(given.text), _address(self._texts.line(given.url, "url"))

        def decide(tx: Transaction) -> PublicIncident:
            known = find_entry(tx.state, call.number("id"))
            return self._desk.postmortem(tx, call.caller.actor, known, url, body)

        return await self._decide(decide)

    async def _correct(self, call: OpsCall) -> Reply:
        given = await call.body(_More)
        body, tell = self._texts.words(given.text), self._told(given.tell)
        entry = find_entry(self._ledger.state, call.number("id"))
        if given.preview:
            return _previewed(self._desk.corrected(entry, body))

        def decide(tx: Transaction) -> PublicIncident:
            known = find_entry(tx.state, entry.id)
            return self._desk.correct(tx, call.caller.actor, known, given.update, body, tell)

        return await self._decide(decide)

    async def _announce(self, call: OpsCall) -> Reply:
        given = await call.body(_Announce)
        if not 0 < given.for_s <= 90 * 86_400:
            raise BadRequestError("for_s is 1 second to 90 days", "for_s")
        said = Announcement(
            subject=self._texts.line(given.title, "title"), body=self._texts.words(given.text)
        )
        if given.preview:
            return _previewed(said)
        tell, shown_for = self._told(given.tell), timedelta(seconds=given.for_s)
        return await self._decide(
            lambda tx: self._desk.announce(tx, call.caller.actor, said, shown_for, tell), 201
        )

    async def _decide(self, decide: Callable[[Transaction], PublicIncident], status: int = 200) -> Reply:
        return Reply(self._desk.view(await self._ledger.decide(decide)), status)

    def _told(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Audiences that are there. Raises ``BadRequestError`` for another, but for those that we come with."""
        audiences = self._ledger.state.contacts.audiences
        for name in names[:_MOST_TOLD]:
            if name not in audiences and name not in ("announcements", "customers"):
                there = ", ".join(audiences) or "none"
                raise BadRequestError(f"there is no audience {name[:40]!r}; there are {there}", "tell")
        return tuple(dict.fromkeys(names[:_MOST_TOLD]))


def _previewed(said: Announcement) -> Reply:
    return Reply({"subject": said.subject, "body": said.body, "html": html_of(said.body)})


def _address(url: str) -> str:
    try:
        parts = urllib.parse.urlsplit(url)
    except ValueError as error:
        raise BadRequestError(f"url is no address: {error}", "url") from error
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise BadRequestError("url is an address that begins with http:// or https://", "url")
    return url
