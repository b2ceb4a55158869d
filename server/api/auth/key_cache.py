"""Who calls: API keys, looked up by their SHA-256 and remembered for a moment."""

import asyncio
import hashlib
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable
from time import monotonic, time
from typing import Protocol

import msgspec

from server.api.errors import ApiError, unavailable
from server.api.tasks import Tasks
from server.store.postgres import PostgresDownError

_FORM = re.compile(r"sp_[0-9a-f]{64}")
_FRESH_S = 1.0
"""A younger answer of PostgreSQL is used as it is."""
_REFRESH_S = 3.5
"""Up to this age it is used while a newer one is fetched; past it the caller waits for the newer one."""
_STALE_S = 24 * 3600.0
"""So long a key stays good while PostgreSQL is away."""
_KNOWN = 50_000
_UNKNOWN = 10_000


class KeyOwner(msgspec.Struct, frozen=True, kw_only=True):
    """The owner of a key, as PostgreSQL last described it."""

    id: str
    name: str
    limit: int | None
    """Requests an hour; None follows the default."""
    active: bool = True
    expires_at: float | None = None
    """Unix time in seconds."""


class KeyLookup(Protocol):
    """Finds the owner of a key."""

    async def find(self, key_hash: str) -> KeyOwner | None:
        """The caller whose key has this hash. Raises ``PostgresDownError``."""


class _Known:
    """One remembered answer; ``caller`` is None for a key that nobody has."""

    __slots__ = ("asked_at", "caller")

    def __init__(self, caller: KeyOwner | None, asked_at: float) -> None:
        self.caller = caller
        self.asked_at = asked_at


class KeyCache:
    """Keys seen lately: single-flight, refreshed before they age, and still good while PostgreSQL is away."""

    def __init__(self, table: KeyLookup, count_failure: Callable[[str], None]) -> None:
        self._table = table
        self._count_failure = count_failure
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._unknown: OrderedDict[str, _Known] = OrderedDict()
        self._flights: dict[str, asyncio.Task[_Known]] = {}
        self._tasks = Tasks()

    def at_hand(self, key: str) -> KeyOwner | None:
        """The owner of ``key`` if it was looked up just now: the shortest way."""
        known = self._known.get(key)
        if known is None or monotonic() - known.asked_at > _FRESH_S:
            return None
        return self._good(known.caller)

    async def caller(self, key: str | None) -> KeyOwner:
        """The owner of ``key``. Raises ``ApiError`` 401, or 503 while PostgreSQL is away and the key is new to us."""
        known = await self._look_up(self._well_formed(key))
        return self._good(known.caller)

    def _good(self, caller: KeyOwner | None) -> KeyOwner:
        if caller is None:
            raise self._refused("unknown", "This API key is not known.")
        if not caller.active:
            raise self._refused("inactive", "This API key is not active.")
        if caller.expires_at is not None and caller.expires_at <= time():
            raise self._refused("expired", "This API key has expired.")
        return caller

    def owner_of(self, key: str | None) -> str:
        """The id of whoever has, or had, this key, though it may be refused; empty where nobody did."""
        known = self._known.get(key) if key is not None else None
        return known.caller.id if known is not None and known.caller is not None else ""

    def forget(self, caller_id: str) -> None:
        """Ask again for every key of this owner: something about it was changed just now."""
        for key in [k for k, known in self._known.items() if known.caller and known.caller.id == caller_id]:
            del self._known[key]

    async def close(self) -> None:
        """End the look-ups in flight."""
        await self._tasks.close()

    def _well_formed(self, key: str | None) -> str:
        if key is None:
            raise self._refused("missing", "An API key is needed: X-API-Key, or Authorization: Bearer.")
        if not _FORM.fullmatch(key):
            raise self._refused("malformed", "This is no API key: they are sp_ and 64 hex digits.")
        return key

    async def _look_up(self, key: str) -> _Known:
        known = self._known.get(key) or self._unknown.get(key)
        age = monotonic() - known.asked_at if known is not None else _STALE_S
        if known is not None and age <= _FRESH_S:
            return known
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = self._tasks.start(self._ask(key), name="key look-up")
        if known is not None and known.caller is not None and age <= _REFRESH_S:
            return known
        try:
            return await asyncio.shield(flight)
        except PostgresDownError as error:
            if known is not None and known.caller is not None and age < _STALE_S:
                return known
            raise unavailable(
                "database_unavailable", "Keys cannot be checked just now.", retry_after_s=2
            ) from error

    async def _ask(self, key: str) -> _Known:
        asked_at = monotonic()
        try:
            caller = await self._table.find(key_hash(key))
        finally:
            del self._flights[key]
        known = _Known(caller, asked_at)
        if caller is None:
            self._known.pop(key, None)
            _keep(self._unknown, key, known, _UNKNOWN)
        else:
            self._unknown.pop(key, None)
            _keep(self._known, key, known, _KNOWN)
        return known

    def _refused(self, reason: str, message: str) -> ApiError:
        self._count_failure(reason)
        return ApiError("authentication_error", message, headers={"WWW-Authenticate": 'Bearer realm="sps"'})


def new_key() -> str:
    """A fresh API key."""
    return "sp_" + secrets.token_hex(32)


def key_hash(key: str) -> str:
    """What is stored of a key, whatever bytes a header held."""
    return hashlib.sha256(key.encode(errors="backslashreplace")).hexdigest()


def _keep(shelf: OrderedDict[str, _Known], key: str, known: _Known, limit: int) -> None:
    shelf[key] = known
    shelf.move_to_end(key)
    while len(shelf) > limit:
        shelf.popitem(last=False)
