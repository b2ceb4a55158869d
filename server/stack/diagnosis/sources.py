"""Where a diagnosis looks: addresses, and one connection to each store that is asked for, opened once and only to read."""

import asyncio
import os
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Self

import msgspec

from server.stack.diagnosis.api_log import TimedLogLine, decoded
from server.stack.layout import Layout
from server.stack.targets import RemoteTarget, UnavailableError, elsewhere, lines_of
from server.store.postgres import LoneSession, PostgresDownError, one_connection
from server.store.redis import RedisDownError, RedisLook, looking

ANSWER_S = 3.0
"""How long anything asked may take."""
LINES_ELSEWHERE = 20_000
_NAME = "ops-diag"
_LARGEST = 16 * 1024 * 1024


class NothingHereError(Exception):
    """Neither a stack nor an address to look at."""


class HttpDownError(Exception):
    """The API, or Prometheus, did not give what was asked."""


class Places(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses; empty or None where there is none."""

    database_url: str = ""
    redis_url: str = ""
    api_url: str = ""
    prometheus_url: str = ""
    metrics_token: str = ""
    api_log: Path | None = None
    postgres_log: Path | None = None
    elsewhere: RemoteTarget | None = None
    """A target that is no local stack: its program prints the API's log."""


def places_of(state: Path, env: Mapping[str, str] = os.environ) -> Places:
    """The local stack's in ``state`` with the roles that can only read, else what the environment names.

    Raises ``NothingHereError``.
    """
    layout = Layout.of_running(state)
    if layout is not None and env.get("TARGET", "local") == "local":
        return Places(
            database_url=env.get("DATABASE_READ_URL") or layout.database_read_url,
            redis_url=env.get("REDIS_READ_URL") or layout.redis_read_url,
            api_url=layout.url("api") or "",
            prometheus_url=layout.url("evaluator") or "",
            metrics_token=env.get("METRICS_TOKEN", ""),
            api_log=_readable_log(layout, "api"),
            postgres_log=_readable_log(layout, "postgres"),
        )
    if not any(name in env for name in ("DATABASE_URL", "REDIS_URL", "API_URL")):
        raise NothingHereError(
            f"no stack is up in {state}; bring it up with ops up, or set DATABASE_URL, REDIS_URL and API_URL"
        )
    return Places(
        database_url=env.get("DATABASE_READ_URL") or env.get("DATABASE_URL", ""),
        redis_url=env.get("REDIS_READ_URL") or env.get("REDIS_URL", ""),
        api_url=env.get("API_URL", ""),
        prometheus_url=env.get("PROMETHEUS_URL", ""),
        metrics_token=env.get("METRICS_TOKEN", ""),
        elsewhere=elsewhere(env),
    )


def _readable_log(layout: Layout, service: str) -> Path | None:
    """The log's file; None for a step that runs as a user who may not look into the folder of logs."""
    path = layout.log(service)
    return None if path.parent.is_dir() and not os.access(path.parent, os.R_OK | os.X_OK) else path


class Sources:
    """The stores and the API, each asked for the first time when it is needed; a failure is remembered."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self._stack = AsyncExitStack()
        self._postgres: LoneSession | PostgresDownError | None = None
        self._redis: RedisLook | RedisDownError | None = None
        self._lines: list[TimedLogLine] | None = None
        self._pages: dict[str, bytes | HttpDownError] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def postgres(self) -> LoneSession:
        """PostgreSQL, unable to change anything. Raises ``PostgresDownError``."""
        if self._postgres is None:
            self._postgres = await self._connect()
        if isinstance(self._postgres, PostgresDownError):
            raise self._postgres
        return self._postgres

    async def _connect(self) -> LoneSession | PostgresDownError:
        if not self.places.database_url:
            return PostgresDownError("DATABASE_READ_URL is not set")
        connection = one_connection(
            self.places.database_url,
            application_name=_NAME,
            timeout_s=ANSWER_S,
            statement_timeout_s=ANSWER_S,
            settings={"default_transaction_read_only": "on", "lock_timeout": "1000"},
        )
        try:
            return await self._stack.enter_async_context(connection)
        except PostgresDownError as error:
            return error

    async def redis(self) -> RedisLook:
        """Redis. Raises ``RedisDownError``."""
        if self._redis is None:
            try:
                if not self.places.redis_url:
                    raise RedisDownError("REDIS_READ_URL is not set")
                self._redis = await self._stack.enter_async_context(looking(self.places.redis_url))
            except RedisDownError as error:
                self._redis = error
        if isinstance(self._redis, RedisDownError):
            raise self._redis
        return self._redis

    async def lines_elsewhere(self) -> list[TimedLogLine] | None:
        """The last lines of the API's log on another target, oldest first; None where it prints none."""
        target = self.places.elsewhere
        if target is None:
            return None
        if self._lines is None:
            try:
                program = target.log("api", tail=LINES_ELSEWHERE, follow=False)
                printed = await asyncio.to_thread(lines_of, program)
            except UnavailableError:
                printed = []
            self._lines = decoded(line.encode() for line in printed)
        return self._lines or None

    async def metrics(self) -> str:
        """What the API counts, in Prometheus' text format. Raises ``HttpDownError``."""
        return (await self._page(self.places.api_url, "/v1/metrics")).decode(errors="replace")

    async def query(self, expression: str) -> list[tuple[dict[str, str], float]]:
        """Prometheus' answer to an instant query, as labels and value. Raises ``HttpDownError``."""
        path = f"/api/v1/query?query={urllib.parse.quote(expression)}"
        raw = await self._page(self.places.prometheus_url, path)
        try:
            samples: list[dict[str, Any]] = msgspec.json.decode(raw)["data"]["result"]
            return [(sample["metric"], float(sample["value"][1])) for sample in samples]
        except (msgspec.DecodeError, KeyError, TypeError, ValueError) as error:
            raise HttpDownError(f"Prometheus' answer could not be read: {error}") from error

    async def _page(self, base: str, path: str) -> bytes:
        found = self._pages.get(base + path) or self._pages.get(base)
        if found is None:
            try:
                found = await asyncio.to_thread(_fetch, base, path, self.places.metrics_token)
                self._pages[base + path] = found
            except HttpDownError as error:
                found = self._pages[base] = error
        if isinstance(found, HttpDownError):
            raise found
        return found


def _fetch(base: str, path: str, token: str) -> bytes:
    if not base:
        raise HttpDownError("its address is not set")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(base + path, headers=headers)  # noqa: S310  (addresses come from the operator)
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_S) as answer:  # noqa: S310
            return bytes(answer.read(_LARGEST))
    except urllib.error.HTTPError as error:
        raise HttpDownError(f"{path.partition('?')[0]} answers {error.code}") from error
    except (OSError, ValueError) as error:
        raise HttpDownError(str(getattr(error, "reason", error))) from error
