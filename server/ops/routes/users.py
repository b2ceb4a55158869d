"""Users and the audit log over HTTP."""

import asyncio
import re
from collections.abc import Callable, Container
from pathlib import Path

import msgspec
from aiohttp import web

from alerts.whole_number import parse_whole_number
from alerts.wire import JournalHead, PersonView, Role, UserView
from server.http.call import BadRequestError
from server.http.problem_table import Problems
from server.http.route import Reply
from server.ops.http import OpsCall, OpsRoute
from server.ops.state.audit import Audit, KeptHead
from server.ops.state.ledger import JOURNAL_ERRORS, Actor, Ledger, Transaction
from server.ops.users import (
    FILE_USERS,
    NoUserError,
    UserError,
    UserNameError,
    new_token,
    place_token_file,
    prepare_token_file,
    revoke_user,
    rotate_user,
    set_user,
)
from server.store.archive import Archive
from server.store.chain import JournalEntry, format_time

_LARGEST_PAGE = 10_000
_SLICE = 1_000
_READERS = 2
"""Readings of the journal's files at the same time."""
_LAST_SEQ = 2**62
_LONGEST_SEQ = 18
_HASH = re.compile("[0-9a-f]{16,64}")

PROBLEMS: Problems = {
    NoUserError: (404, "not_found"),
    UserNameError: (400, "invalid"),
    UserError: (409, "conflict"),
}


class _NewUser(msgspec.Struct, frozen=True):
    name: str
    role: Role


class UserRoutes:
    """``/v1/me``, ``/v1/users`` and ``/v1/audit``."""

    def __init__(
        self,
        ledger: Ledger,
        archive: Archive,
        audit: Audit,
        tokens: Path,
        given_tokens: Container[str],
        learn: Callable[[str], str],
    ) -> None:
        self._ledger = ledger
        self._archive = archive
        self._audit_of = audit
        self._tokens = tokens
        self._given_tokens = given_tokens
        self._learn = learn
        self._readers = asyncio.Semaphore(_READERS)

    def routes(self) -> list[OpsRoute]:
        """Every path of this file."""
        return [
            OpsRoute("GET", "/v1/me", "viewer", self._me),
            OpsRoute("GET", "/v1/users", "admin", self._users),
            OpsRoute("POST", "/v1/users", "admin", self._add, keeps_answer=False),
            OpsRoute("POST", r"/v1/users/{name}/rotate", "admin", self._rotate, keeps_answer=False),
            OpsRoute("DELETE", r"/v1/users/{name}", "admin", self._revoke),
            OpsRoute("GET", "/v1/audit", "viewer", self._audit),
            OpsRoute("GET", "/v1/audit/verify", "viewer", self._verify),
            OpsRoute("GET", "/v1/audit/export", "viewer", self._export),
        ]

    async def _me(self, call: OpsCall) -> Reply:
        return Reply(PersonView(name=call.caller.name, role=call.caller.role))

    async def _users(self, call: OpsCall) -> Reply:
        users = [
            UserView(name=user.name, role=user.role, since=user.since)
            for user in sorted(self._ledger.state.users.values(), key=lambda user: user.name)
        ]
        return Reply({"users": users})

    async def _add(self, call: OpsCall) -> Reply:
        wanted = await call.body(_NewUser)
        token = self._learn(new_token())
        await self._ledger.decide(lambda tx: set_user(tx, wanted.name, wanted.role, token, call.caller.actor))
        return Reply({"name": wanted.name, "role": wanted.role, "token": token}, 201)

    async def _rotate(self, call: OpsCall) -> Reply:
        name, token = call.path("name"), self._learn(new_token())
        if name in FILE_USERS:
            await self._rotate_file(name, token, call.caller.actor)
        else:
            await self._ledger.decide(
                lambda tx: rotate_user(tx, name, token, call.caller.actor, self._given_tokens)
            )
        return Reply({"name": name, "role": self._ledger.state.users[name].role, "token": token})

    async def _rotate_file(self, name: str, token: str, actor: Actor) -> None:
        """The draft first, then the journal, then the rename: a crash anywhere leaves the journal's token in force."""
        draft = await asyncio.to_thread(prepare_token_file, self._tokens, name, token)

        def decide(tx: Transaction) -> None:
            rotate_user(tx, name, token, actor, self._given_tokens)
            tx.afterwards(lambda: place_token_file(draft, name))

        try:
            await self._ledger.decide(decide)
        except (*JOURNAL_ERRORS, UserError):
            draft.unlink(missing_ok=True)
            raise

    async def _revoke(self, call: OpsCall) -> Reply:
        name = call.path("name")
        await self._ledger.decide(lambda tx: revoke_user(tx, name, call.caller.actor))
        return Reply({"name": name, "revoked": True})

    async def _audit(self, call: OpsCall) -> Reply:
        after, limit = (
            call.query_int("after", 0, at_most=_LAST_SEQ),
            call.query_int("limit", 100, at_most=_LARGEST_PAGE),
        )
        entries = await self._read(lambda: list(self._archive.read(after, limit)))
        return Reply({"entries": [entry_view(entry) for entry in entries], "head": self._head()})

    async def _export(self, call: OpsCall) -> web.StreamResponse:
        """Every event as NDJSON, and at the end the head: whoever keeps it sees later whether the tail was cut."""
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await response.prepare(call.request)
        head, after = self._ledger.kept_head, call.query_int("after", 0, at_most=_LAST_SEQ)
        while after < head.seq:
            page = await self._read(lambda after=after: self._page(after))  # type: ignore[misc]  # bound early
            if not page:
                break
            await response.write(b"".join(msgspec.json.encode(entry_view(entry)) + b"\n" for entry in page))
            after = page[-1].seq
        await response.write(
            msgspec.json.encode({"head": {"seq": head.seq, "hash": head.hash.hex()}}) + b"\n"
        )
        await response.write_eof()
        return response

    async def _read(self, read: Callable[[], list[JournalEntry]]) -> list[JournalEntry]:
        """Reads the journal's files; few at a time, or whoever only looks keeps steps from being started."""
        async with self._readers:
            return await asyncio.to_thread(read)

    def _page(self, after: int) -> list[JournalEntry]:
        return list(self._archive.read(after, _SLICE))

    async def _verify(self, call: OpsCall) -> Reply:
        text = call.query("head")
        return Reply(await self._audit_of.answer(_kept_head(text) if text else None))

    def _head(self) -> JournalHead:
        head = self._ledger.kept_head
        return JournalHead(seq=head.seq, at=head.at, hash=head.hash.hex())


def _kept_head(text: str) -> KeptHead:
    """A head as it was exported. Raises ``BadRequestError``."""
    number, _, sha256 = text.partition(":")
    seq = parse_whole_number(number)
    if seq is None or len(number) > _LONGEST_SEQ or not _HASH.fullmatch(sha256.lower()):
        raise BadRequestError("head is SEQ:HASH, with 16 to 64 hexadecimal digits of the hash", "head")
    return KeptHead(seq=seq, hash=sha256.lower())


def entry_view(entry: JournalEntry) -> dict[str, object]:
    """One event of the journal as the audit log shows it: enough to compute its hash again."""
    return {
        "seq": entry.seq,
        "at": format_time(entry.at),
        "actor": entry.actor,
        "auth": entry.auth,
        "kind": entry.kind,
        "object": entry.object,
        "digest": entry.digest,
        "body": msgspec.Raw(entry.body),
        "previous": entry.previous.hex(),
        "hash": entry.hash.hex(),
    }
