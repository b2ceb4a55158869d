"""The settings that operators change while the service runs: a table, polled every second, last known good on disk."""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from server.api.clock import time_to_come
from server.api.config import ApiConfig
from server.api.errors import ApiError
from server.api.wire import Moment, Name
from server.store.postgres import Database, json_value

_ALL = (
    "SELECT name, temporary, value, until_at FROM runtime_settings WHERE until_at IS NULL OR until_at > now()"
    " ORDER BY temporary, updated_at"
)
_SET = """
INSERT INTO runtime_settings (name, temporary, value, until_at) VALUES (%s, %s, %s, %s)
ON CONFLICT (name, temporary) DO UPDATE SET value = excluded.value, until_at = excluded.until_at, updated_at = now()
"""
_BLOCKED = "blocked_clients"
_ITEM = f"{_BLOCKED}/"
"""Before the client's name or id: a block of its own, with an end of its own."""
_LET_IN = """
UPDATE runtime_settings SET updated_at = now(), value =
    (SELECT coalesce(jsonb_agg(one), '[]') FROM jsonb_array_elements_text(value) AS one WHERE one <> %s)
WHERE name = %s AND jsonb_typeof(value) = 'array' AND value ? %s
"""
_KEEP_EARLIER = """
UPDATE runtime_settings SET name = name || '/' || gen_random_uuid() WHERE name = %s AND temporary AND until_at > now()
"""
"""The temporary value in force gets a name of its own: it is there again when the one that comes now ends before it."""
_FORGET_EARLIER = "DELETE FROM runtime_settings WHERE starts_with(name, %s) AND (until_at <= now() OR %s)"
_FORGET_ITEMS = "DELETE FROM runtime_settings WHERE starts_with(name, %s)"
_UNSET = "DELETE FROM runtime_settings WHERE name = %s AND (temporary = %s OR NOT %s)"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings in force."""

    cache_default_ttl: Annotated[int, msgspec.Meta(ge=0, le=86_400)]
    """Seconds."""
    default_rate_limit: Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)]
    """Requests an hour for keys without a limit of their own."""
    provider_order: tuple[str, ...] = ()
    """Providers that are tried first, in this order; the others follow in the order of the configuration."""
    blocked_clients: tuple[str, ...] = ()
    """Ids or names of keys that are refused with 403."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"


class SettingsPatch(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What to change; what is left out stays, null goes back to the configuration's value."""

    cache_default_ttl: Annotated[int, msgspec.Meta(ge=0, le=86_400)] | msgspec.UnsetType | None = (
        msgspec.UNSET
    )
    default_rate_limit: Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)] | msgspec.UnsetType | None = (
        msgspec.UNSET
    )
    provider_order: tuple[Name, ...] | msgspec.UnsetType | None = msgspec.UNSET
    blocked_clients: tuple[Name, ...] | msgspec.UnsetType | None = msgspec.UNSET
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] | msgspec.UnsetType | None = msgspec.UNSET
    block: tuple[Name, ...] = ()
    """Keys to refuse besides those that are refused now, each with this change's end, whatever the others' ends."""
    unblock: tuple[Name, ...] = ()
    """Keys to let in again, whenever they were to be; the others stay refused."""
    until: Moment | None = None
    """When the change ends by itself; null: it stays."""


class TemporarySetting(msgspec.Struct, frozen=True, kw_only=True):
    """A change that ends by itself."""

    name: str
    until_at: datetime
    item: str | None = None
    """Of ``blocked_clients``: which client, where it was blocked by itself."""


class SettingsView(msgspec.Struct, frozen=True, kw_only=True):
    """The settings in force, and which of them are temporary."""

    settings: Settings
    temporary: tuple[TemporarySetting, ...]


class LiveSettings:
    """The settings in force in this process."""

    def __init__(self, config: ApiConfig, database: Database, changed: Callable[[Settings], None]) -> None:
        self._defaults = Settings(
            cache_default_ttl=config.cache_default_ttl,
            default_rate_limit=config.default_rate_limit,
            log_level=config.log_level,
        )
        self._providers = frozenset(provider.name for provider in config.llm_providers)
        self._database = database
        self._changed = changed
        self._file = config.state / "settings.json"
        self.now = self._defaults
        self.temporary: tuple[TemporarySetting, ...] = ()

    def recall(self) -> None:
        """Take the last known good settings from disk, for a start while PostgreSQL is away."""
        try:
            kept = msgspec.json.decode(self._file.read_bytes(), type=Settings)
        except (OSError, msgspec.DecodeError):
            return
        self._take(kept, self.temporary)

    async def poll(self) -> None:
        """Read the table; when it cannot be read, what is in force stays. Raises ``PostgresDownError``."""
        rows = await self._database.fetch(_ALL)
        values: dict[str, Any] = {}
        for name, _temporary, value, _until in rows:
            values[name if name.startswith(_ITEM) else _setting_of(name)] = value
        items = sorted(name.removeprefix(_ITEM) for name in values if name.startswith(_ITEM))
        values = {name: value for name, value in values.items() if not name.startswith(_ITEM)}
        if items:
            values[_BLOCKED] = _together(values.get(_BLOCKED), items)
        ends = tuple(_end_of(name, until) for name, temporary, _, until in rows if temporary)
        self._take(_settings(self._defaults, values), ends)

    async def change(self, patch: SettingsPatch) -> None:
        """Write what ``patch`` changes and put it in force here. Raises ``ApiError`` 422 or ``PostgresDownError``."""
        self._check(patch)
        until = None if patch.until is None else time_to_come(patch.until, "until")
        temporary = until is not None
        async with self._database.session() as session, session.transaction():
            for name, value in msgspec.structs.asdict(patch).items():
                if name in ("until", "block", "unblock") or value is msgspec.UNSET:
                    continue
                if name == _BLOCKED and not temporary:
                    await session.execute(_FORGET_ITEMS, (_ITEM,))
                if name != _BLOCKED:
                    all_of_them = value is None or not temporary
                    await session.execute(_FORGET_EARLIER, (f"{name}/", all_of_them))
                if value is None or not temporary:
                    await session.execute(_UNSET, (name, True, temporary))
                elif name != _BLOCKED:
                    await session.execute(_KEEP_EARLIER, (name,))
                if value is not None:
                    await session.execute(_SET, (name, temporary, json_value(value), until))
            for client in patch.unblock:
                await session.execute(_UNSET, (_ITEM + client, True, False))
                await session.execute(_LET_IN, (client, _BLOCKED, client))
            for client in patch.block:
                if not temporary:
                    await session.execute(_UNSET, (_ITEM + client, True, True))
                await session.execute(_SET, (_ITEM + client, temporary, json_value(True), until))
        await self.poll()

    def view(self) -> SettingsView:
        """What an operator sees."""
        return SettingsView(settings=self.now, temporary=self.temporary)

    def _check(self, patch: SettingsPatch) -> None:
        for name in patch.provider_order or ():
            if name not in self._providers:
                raise ApiError("validation_error", f"There is no provider {name!r}.", field="provider_order")

    def _take(self, settings: Settings, temporary: tuple[TemporarySetting, ...]) -> None:
        self.temporary = temporary
        if settings == self.now:
            return
        self.now = settings
        self._changed(settings)
        _write(self._file, msgspec.json.encode(settings))


def _together(listed: Any, items: list[str]) -> list[Any]:
    known = list(listed) if isinstance(listed, list) else []
    return known + [item for item in items if item not in known]


def _setting_of(row: str) -> str:
    """The setting that a row is about; an earlier temporary value has its own name behind it."""
    return row.partition("/")[0]


def _end_of(name: str, until: datetime) -> TemporarySetting:
    if not name.startswith(_ITEM):
        return TemporarySetting(name=_setting_of(name), until_at=until)
    return TemporarySetting(name=_BLOCKED, until_at=until, item=name.removeprefix(_ITEM))


def _settings(defaults: Settings, values: dict[str, Any]) -> Settings:
    """The defaults with every value that is valid; one that somebody broke by hand is left out."""
    known = msgspec.to_builtins(defaults)
    for name, value in values.items():
        try:
            known = msgspec.to_builtins(msgspec.convert({**known, name: value}, Settings))
        except msgspec.ValidationError:
            continue
    return msgspec.convert(known, Settings)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(data)
    part.replace(path)
