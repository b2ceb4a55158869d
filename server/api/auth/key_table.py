"""API keys as operators see them: make, list, change, rotate, revoke."""

from datetime import datetime
from typing import Any

import msgspec

from server.api.auth.key_cache import KeyOwner, key_hash, new_key
from server.api.clock import time_to_come
from server.api.errors import ApiError
from server.api.wire import KeyList, KeyPatch, KeyRequest, KeyView, NewKeyView
from server.store.postgres import Statements

_BY_HASH = """
SELECT id::text, name, rate_limit_per_hour, is_active AND revoked_at IS NULL, extract(epoch FROM expires_at)::float8
FROM api_keys WHERE key_hash = %s
"""
_COLUMNS = """id::text, name, key_prefix, rate_limit_per_hour, is_active AND revoked_at IS NULL, created_at, expires_at,
    rotated_at, revoked_at, last_used_at"""
_RETURNING = " RETURNING " + _COLUMNS
_INSERT = """
INSERT INTO api_keys (name, key_hash, key_prefix, rate_limit_per_hour, expires_at) VALUES (%s, %s, %s, %s, %s)
"""
_LIST = """
WHERE (%s OR revoked_at IS NULL)
  AND (%s::text IS NULL OR (created_at, id) > (SELECT a.created_at, a.id FROM api_keys a WHERE a.id = %s::uuid))
ORDER BY created_at, id LIMIT %s
"""
_SELECT = " ".join(("SELECT", _COLUMNS, "FROM api_keys"))
_ONE = " WHERE id = %s::uuid"
_ROTATE = """
UPDATE api_keys SET key_hash = %s, key_prefix = %s, rotated_at = now() WHERE id = %s::uuid AND revoked_at IS NULL
"""
_ACTIVATE = "UPDATE api_keys SET is_active = true, revoked_at = NULL WHERE id = %s::uuid"
_REVOKE = """
UPDATE api_keys SET is_active = false, revoked_at = coalesce(revoked_at, now()) WHERE id = %s::uuid
"""
_CHANGE = "UPDATE api_keys SET {changes} WHERE id = %s::uuid"
_CHANGEABLE = frozenset(field.name for field in msgspec.structs.fields(KeyPatch))


class KeyTable:
    """The table ``api_keys`` as a look-up."""

    def __init__(self, database: Statements) -> None:
        self._database = database

    async def find(self, key_hash: str) -> KeyOwner | None:
        rows = await self._database.fetch(_BY_HASH, (key_hash,))
        if not rows:
            return None
        id, name, limit, active, expires_at = rows[0]
        return KeyOwner(id=id, name=name, limit=limit, active=active, expires_at=expires_at)


class KeyStore:
    """The table ``api_keys`` for operators. Every method may raise ``PostgresDownError``."""

    def __init__(self, database: Statements) -> None:
        self._database = database

    async def create(self, wanted: KeyRequest, default_limit: int) -> NewKeyView:
        """Make a key; its secret is shown this once."""
        ends = None if wanted.expires_at is None else time_to_come(wanted.expires_at, "expires_at")
        key = new_key()
        rows = await self._database.fetch(
            _INSERT + _RETURNING,
            (wanted.name, key_hash(key), key[:11], wanted.rate_limit_per_hour, ends),
        )
        return _with_secret(rows[0], default_limit, key)

    async def list(self, default_limit: int, *, after: str | None, limit: int, revoked: bool) -> KeyList:
        """A page of keys."""
        rows = await self._database.fetch(_SELECT + _LIST, (revoked, after, after, limit + 1))
        keys = [_view(row, default_limit) for row in rows[:limit]]
        return KeyList(keys=keys, next_after=keys[-1].id if len(rows) > limit else None)

    async def get(self, id: str, default_limit: int) -> KeyView:
        """One key. Raises ``ApiError`` 404."""
        return _view(_found(await self._database.fetch(_SELECT + _ONE, (id,))), default_limit)

    async def change(self, id: str, patch: KeyPatch, default_limit: int) -> KeyView:
        """Change what ``patch`` names. Raises ``ApiError`` 404 or 422."""
        values = {n: v for n, v in msgspec.structs.asdict(patch).items() if v is not msgspec.UNSET}
        if not values:
            return await self.get(id, default_limit)
        if isinstance(patch.expires_at, datetime):
            values["expires_at"] = time_to_come(patch.expires_at, "expires_at")
        sql = _CHANGE.format(changes=", ".join(f"{name} = %s" for name in values if name in _CHANGEABLE))
        return _view(
            _found(await self._database.fetch(sql + _RETURNING, (*values.values(), id))), default_limit
        )

    async def rotate(self, id: str, default_limit: int) -> NewKeyView:
        """Give the key a new secret; the old one ends. Raises ``ApiError`` 404."""
        key = new_key()
        rows = await self._database.fetch(_ROTATE + _RETURNING, (key_hash(key), key[:11], id))
        return _with_secret(_found(rows), default_limit, key)

    async def activate(self, id: str, default_limit: int) -> KeyView:
        """Let a revoked or inactive key in again. Raises ``ApiError`` 404."""
        return _view(_found(await self._database.fetch(_ACTIVATE + _RETURNING, (id,))), default_limit)

    async def revoke(self, id: str) -> None:
        """End a key; its row stays for the record. Raises ``ApiError`` 404."""
        if await self._database.execute(_REVOKE, (id,)) == 0:
            raise _unknown()


def _view(row: tuple[Any, ...], default_limit: int) -> KeyView:
    return KeyView(**_fields(row, default_limit))


def _with_secret(row: tuple[Any, ...], default_limit: int, key: str) -> NewKeyView:
    return NewKeyView(**_fields(row, default_limit), key=key)


def _fields(row: tuple[Any, ...], default_limit: int) -> dict[str, Any]:
    names = (field.name for field in msgspec.structs.fields(KeyView))
    found = dict(zip(names, row, strict=True))
    if found["rate_limit_per_hour"] is None:
        found["rate_limit_per_hour"] = default_limit
    return found


def _found(rows: list[tuple[Any, ...]]) -> tuple[Any, ...]:
    if not rows:
        raise _unknown()
    return rows[0]


def _unknown() -> ApiError:
    return ApiError("not_found", "There is no API key with this id.")
