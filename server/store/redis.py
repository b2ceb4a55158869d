"""Redis: the one file that imports redis."""

import hashlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

import redis.asyncio
import redis.exceptions
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from server.store.shared_connection import SharedConnection

_FAULTS = (redis.exceptions.RedisError, OSError, TimeoutError)


async def _end(close: Callable[[], Awaitable[object]]) -> None:
    """Closes; the library gives up on a slow one with an error, and then it is closed all the same."""
    with suppress(*_FAULTS):
        await close()


CACHE_GENERATION = "cache_generation"
"""Outside ``cache:*``, so that removing the answers does not remove it; its growth or loss empties every process."""


class RedisDownError(Exception):
    """Redis could not be reached, or did not answer in time."""


async def info_once(url: str, *, timeout_s: float = 1.0) -> dict[str, Any]:
    """Connect, run INFO, disconnect: for probes and one-off tools, never for a request.

    Raises ``RedisDownError`` when there is no answer within ``timeout_s`` seconds.
    """
    client = redis.asyncio.Redis.from_url(url, socket_timeout=timeout_s, socket_connect_timeout=timeout_s)
    try:
        answer: dict[str, Any] = await client.info()
    except (redis.exceptions.RedisError, OSError) as error:
        raise RedisDownError(str(error) or f"no answer within {timeout_s} s") from error
    finally:
        await _end(client.aclose)
    return answer


async def unlink_matching(url: str, pattern: str, *, timeout_s: float = 5.0) -> int:
    """Remove every key that matches, by SCAN and UNLINK, and say how many: for tools, never for a request.

    Processes that hold answers of their own drop them within a second. Raises ``RedisDownError``.
    """
    client = redis.asyncio.Redis.from_url(url, socket_timeout=timeout_s, socket_connect_timeout=timeout_s)
    removed, batch = 0, []
    try:
        async for key in client.scan_iter(match=pattern, count=1000):
            batch.append(key)
            if len(batch) == 500:
                removed += await client.unlink(*batch)
                batch.clear()
        if batch:
            removed += await client.unlink(*batch)
        await client.incr(CACHE_GENERATION)
    except (redis.exceptions.RedisError, OSError) as error:
        raise RedisDownError(str(error) or f"no answer within {timeout_s} s") from error
    finally:
        await _end(client.aclose)
    return removed


async def count_matching(url: str, pattern: str, *, timeout_s: float = 5.0) -> int:
    """How many keys match, by SCAN: for tools, never for a request. Raises ``RedisDownError``."""
    async with looking(url, timeout_s=timeout_s) as look:
        count, cursor = 0, 0
        while True:
            cursor, keys = await look.scan(cursor, pattern)
            count += len(keys)
            if cursor == 0:
                return count


class RedisLook:
    """What a tool may ask of Redis: it changes nothing and never asks for all keys at once."""

    def __init__(self, client: Any) -> None:
        self._client = client

    async def info(self) -> dict[str, Any]:
        """INFO, every part of it."""
        answer: dict[str, Any] = await self._client.info()
        return answer

    async def scan(self, cursor: int, pattern: str | None = None) -> tuple[int, list[bytes]]:
        """The next keys of about a thousand, and the cursor after them; 0 at the end."""
        answer: tuple[int, list[bytes]] = await self._client.scan(cursor=cursor, match=pattern, count=1000)
        return answer

    async def weigh(self, keys: Sequence[bytes]) -> list[tuple[int, int]]:
        """Of each key the milliseconds that it still lives (-1: for ever, -2: gone) and its bytes."""
        pipeline = self._client.pipeline(transaction=False)
        for key in keys:
            pipeline.pttl(key)
            pipeline.memory_usage(key, samples=5)
        answers = await pipeline.execute()
        return [(int(lives), int(size or 0)) for lives, size in zip(answers[::2], answers[1::2], strict=True)]

    async def slow_commands(self, count: int) -> list[dict[str, Any]]:
        """The newest of the slow log: ``start_time`` (Unix), ``duration`` (microseconds), ``command`` (bytes)."""
        answer: list[dict[str, Any]] = await self._client.slowlog_get(count)
        return answer


@asynccontextmanager
async def looking(url: str, *, timeout_s: float = 2.0) -> AsyncIterator[RedisLook]:
    """A connection for looking. Raises ``RedisDownError``, for its body too."""
    client = redis.asyncio.Redis.from_url(url, socket_timeout=timeout_s, socket_connect_timeout=timeout_s)
    try:
        await client.ping()
        yield RedisLook(client)
    except _FAULTS as error:
        raise RedisDownError(str(error) or f"no answer within {timeout_s:g} s") from error
    finally:
        await _end(client.aclose)


class RedisStore:
    """A shared connection for requests and a pool for the rest, behind a breaker: no retries, and one time-out opens it.

    Every method raises ``RedisDownError``; while the breaker is open it does so without asking. ``ping`` asks all the same
    and closes it; called often enough, no request ever waits for a Redis that is away. Without such calls, one command
    every ``probe_after_s`` seconds is let through.
    """

    def __init__(
        self, url: str, *, timeout_s: float = 0.045, connections: int = 32, probe_after_s: float = 2.0
    ) -> None:
        self._pool: Any = redis.asyncio.BlockingConnectionPool.from_url(
            url,
            max_connections=connections,
            timeout=timeout_s,
            socket_timeout=timeout_s,
            socket_connect_timeout=timeout_s,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
        )
        self._client: Any = redis.asyncio.Redis(connection_pool=self._pool)
        self._shared = SharedConnection(
            lambda: self._pool.connection_class(**self._pool.connection_kwargs | {"socket_timeout": None}),
            redis.exceptions.ResponseError,
            timeout_s=timeout_s,
        )
        self._probe_after_s = probe_after_s
        self._digests: dict[str, str] = {}
        self._refuse_until = 0.0
        self.open = False
        """Whether commands are refused without asking."""

    async def ping(self) -> None:
        """Ask whether Redis answers, past the breaker: a good answer closes it."""
        await self._ask(self._client.ping)

    async def ping_if_open(self) -> None:
        """While the breaker is open, ask whether Redis is back; called ten times a second."""
        if self.open:
            with suppress(RedisDownError):
                await self.ping()

    async def get(self, key: str) -> bytes | None:
        """The value of ``key``."""
        value: bytes | None = await self._call(lambda: self._shared.command("GET", key))
        return value

    async def increment(self, key: str) -> int:
        """Add one to a number that never expires; its new value."""
        return int(await self._call(lambda: self._shared.command("INCR", key)))

    async def run(self, script: str, keys: list[str], args: list[Any]) -> Any:
        """Run a Lua script; by its digest once the server knows it."""
        return await self._call(lambda: self._run(script, keys, args))

    async def unlink_matching(self, pattern: str) -> int:
        """Remove every key that matches, by SCAN and UNLINK in batches; how many there were."""
        gone = 0
        cursor = 0
        while True:
            cursor, keys = await self._scan(cursor, pattern)
            if keys:
                gone += int(await self._call(partial(self._client.unlink, *keys)))
            if cursor == 0:
                return gone

    async def count_matching(self, pattern: str) -> int:
        """How many keys match, by SCAN: for a background gauge, never for a request."""
        count = 0
        cursor = 0
        while True:
            cursor, keys = await self._scan(cursor, pattern)
            count += len(keys)
            if cursor == 0:
                return count

    async def close(self) -> None:
        """Close every connection."""
        await self._shared.close()
        await _end(partial(self._pool.disconnect, inuse_connections=True))

    async def _scan(self, cursor: int, pattern: str) -> tuple[int, list[bytes]]:
        answer: tuple[int, list[bytes]] = await self._call(
            lambda: self._client.scan(cursor=cursor, match=pattern, count=1000)
        )
        return answer

    async def _run(self, script: str, keys: list[str], args: list[Any]) -> Any:
        digest = self._digests.get(script)
        if digest is None:
            digest = self._digests[script] = hashlib.sha1(script.encode()).hexdigest()  # noqa: S324  (its name in Redis)
        try:
            return await self._shared.command("EVALSHA", digest, len(keys), *keys, *args)
        except redis.exceptions.NoScriptError:
            return await self._shared.command("EVAL", script, len(keys), *keys, *args)

    async def _call(self, command: Callable[[], Awaitable[Any]]) -> Any:
        if self.open:
            if time.monotonic() < self._refuse_until:
                raise RedisDownError("not asked again so soon after a failure")
            self._refuse_until = time.monotonic() + self._probe_after_s
        return await self._ask(command)

    async def _ask(self, command: Callable[[], Awaitable[Any]]) -> Any:
        try:
            answer = await command()
        except _FAULTS as error:
            self.open = True
            self._refuse_until = time.monotonic() + self._probe_after_s
            raise RedisDownError(str(error) or "no answer in time") from error
        self.open = False
        return answer
