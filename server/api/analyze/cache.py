"""Answers kept in this process and in Redis; however many ask at once, one of them pays for a miss."""

import asyncio
import hashlib
import random
from collections.abc import Awaitable, Callable
from time import monotonic, time
from typing import Any, Literal, NamedTuple, Protocol

import msgspec

from server.api.analyze.local_answers import LocalAnswers
from server.api.errors import ApiError
from server.api.ids import new_id
from server.api.tasks import Tasks
from server.store.redis import CACHE_GENERATION, RedisDownError

CacheWord = Literal["HIT", "STALE", "MISS", "COALESCED", "BYPASS"]
_PREFIX = "cache:"
_FLIGHT = "flight:"
_FLIGHT_MS = 2_000
"""A claim ends after so long unless it is renewed: who made it may have died, and others wait for it."""
_RENEW_S = 0.5
_TELL_AGAIN_S = 0.1
_TELL_AT_ONCE = 100
"""So many answers that Redis did not take are told again, for as long as others may wait for them."""
_EARLY = 0.1
"""In the last tenth of its life an entry is renewed by whoever meets it first."""
_REVALIDATE_S = 60.0
"""So long after its end an entry is served while a new one is made."""
_IF_ERROR_S = 3600.0
"""So long after its end an entry is served when no new one can be made."""


_FALLBACK_S = 60.0
"""A fallback's answer is kept no longer, so that the provider whose place it took is asked again."""


class CachedAnswer(msgspec.Struct, frozen=True, array_like=True):
    """One kept answer."""

    data: bytes
    """``data`` of the answer, as JSON."""
    provider: str
    model: str
    tokens: int
    validated: bool
    words: dict[str, str]
    """What the request log shows of it."""
    warnings: tuple[str, ...]
    stored_at: float
    """Unix time, seconds."""
    ttl: float
    """Seconds for which it is fresh."""
    input_tokens: int = 0
    output_tokens: int = 0
    tried: tuple[str, ...] = ()
    """Of a fallback's answer, the providers in the order in which they were tried; the last one answered."""

    @property
    def fallback(self) -> bool:
        """Whether another provider was to answer and could not."""
        return bool(self.tried)

    @property
    def good_after_s(self) -> float:
        """Seconds after its end for which it may still be served while a new one is made."""
        return 0.0 if self.tried else _REVALIDATE_S

    @property
    def good_if_error_s(self) -> float:
        """Seconds after its end for which it may still be served when no new one can be made."""
        return 0.0 if self.tried else _IF_ERROR_S


class Found(NamedTuple):
    """An answer, and how the cache came to it."""

    entry: CachedAnswer
    word: CacheWord


_CLAIM = """
local value = redis.call('GET', KEYS[1])
if value and ARGV[3] == '0' then return {value, 0} end
local ours = redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2])
return {value, ours and 1 or 0}
"""
_RELEASE = """
if redis.call('GET', KEYS[2]) == ARGV[1] then return redis.call('UNLINK', KEYS[2]) end
return 0
"""
_RENEW = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0
"""
_LEAVE = """
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('UNLINK', KEYS[2]) end
return 1
"""


class CacheKey(NamedTuple):
    """Everything that changes an answer: whose it is, who would make it, what was asked."""

    tenant: str
    maker: bytes
    question: bytes

    @property
    def digest(self) -> str:
        """The key's name in Redis."""
        parts = (self.tenant.encode(), self.maker, self.question)
        return hashlib.blake2b(b"\0".join(parts), digest_size=24).hexdigest()


Make = Callable[[], Awaitable[CachedAnswer]]
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(CachedAnswer)


class SharedStore(Protocol):
    """What the cache needs of Redis; every method may raise ``RedisDownError``."""

    async def get(self, key: str) -> bytes | None: ...
    async def run(self, script: str, keys: list[str], args: list[Any]) -> Any: ...
    async def unlink_matching(self, pattern: str) -> int: ...
    async def increment(self, key: str) -> int: ...


class AnswerCache:
    """Two levels, single-flight in the process and across processes, stale answers rather than none."""

    def __init__(self, redis: SharedStore, *, local_entries: int) -> None:
        self._redis = redis
        self._local = LocalAnswers(local_entries)
        self._flights: dict[CacheKey, asyncio.Task[Found]] = {}
        self._generation: bytes | None = b"unknown"
        self._telling = 0
        self._held: dict[str, asyncio.TimerHandle] = {}
        """Claims of answers that are being made, each with the timer that renews it."""
        self._tasks = Tasks()

    def fresh(self, key: CacheKey, ttl: int) -> CachedAnswer | None:
        """The entry at hand in this process if nothing needs doing about it: the shortest way to a hit."""
        entry = self._local.get(key)
        if entry is not None and time() - entry.stored_at < min(entry.ttl, ttl) * (1 - _EARLY):
            return entry
        return None

    async def find_or_make(self, key: CacheKey, ttl: int, make: Make) -> Found:
        """The answer under ``key``, at most ``ttl`` seconds old, made by ``make`` when there is none."""
        entry = self._local.get(key)
        age = time() - entry.stored_at if entry is not None else 0.0
        if entry is None or age >= min(entry.ttl, ttl) + entry.good_after_s:
            return await self._fly(key, ttl, make, entry)
        life = min(entry.ttl, ttl)
        if age >= life * (1 - _EARLY) and key not in self._flights:
            self._start(key, ttl, make, None)
        return Found(entry, "HIT" if age < life else "STALE")

    async def clear(self) -> int:
        """Remove every answer everywhere; how many Redis held. Raises ``RedisDownError``."""
        self._local.clear()
        # The generation comes last: a process that sees it change and asks again must not find what is about to go.
        gone = await self._redis.unlink_matching(_PREFIX + "*")
        await self._redis.increment(CACHE_GENERATION)
        return gone

    async def follow_generation(self) -> None:
        """Empty this process' level when somebody cleared the cache; called twice a second."""
        try:
            generation = await self._redis.get(CACHE_GENERATION)
        except RedisDownError:
            return
        if generation != self._generation:
            if self._generation != b"unknown":
                self._local.clear()
            self._generation = generation

    @property
    def local_size(self) -> int:
        """How many answers this process holds."""
        return len(self._local)

    async def close(self) -> None:
        """Let what is made reach Redis, and end the rest."""
        for flight in list(self._flights.values()):
            flight.cancel()
        await self._tasks.finish()

    async def _fly(self, key: CacheKey, ttl: int, make: Make, stale: CachedAnswer | None) -> Found:
        flight = self._flights.get(key)
        if flight is None:
            return await asyncio.shield(self._start(key, ttl, make, stale))
        found = await asyncio.shield(flight)
        return Found(found.entry, "COALESCED" if found.word == "MISS" else found.word)

    def _start(
        self, key: CacheKey, ttl: int, make: Make, stale: CachedAnswer | None
    ) -> "asyncio.Task[Found]":
        flight = self._flights[key] = self._tasks.start(
            self._find_or_make(key, ttl, make, stale), name="cache flight"
        )
        # Put down before the first await, so that whoever asks next finds it.
        flight.add_done_callback(lambda _: self._flights.pop(key, None))
        return flight

    async def _find_or_make(self, key: CacheKey, ttl: int, make: Make, stale: CachedAnswer | None) -> Found:
        token = new_id()
        try:
            found, stale = await self._find_or_claim(key, ttl, token, stale)
        except RedisDownError:
            # The claim may have been made, and only the word of it lost.
            found = None
        try:
            return found or await self._make(key, ttl, make, token)
        except ApiError as error:
            if (
                stale is not None
                and error.status >= 500
                and time() - stale.stored_at < stale.ttl + stale.good_if_error_s
            ):
                return Found(stale, "STALE")
            raise

    async def _find_or_claim(
        self, key: CacheKey, ttl: int, token: str, stale: CachedAnswer | None
    ) -> tuple[Found | None, CachedAnswer | None]:
        """What Redis holds, once it is fresh; nothing when it falls to us to make it. Beside it, the last stale one.

        While another process is at it, theirs is waited for.
        """
        pause, waited = 0.01, False
        keys, lock_ms = [_PREFIX + key.digest, _FLIGHT + key.digest], _FLIGHT_MS
        while True:
            value, ours = await self._redis.run(_CLAIM, keys, [token, lock_ms, int(stale is not None)])
            shared = _decoded(value)
            if shared is not None and time() - shared.stored_at < min(shared.ttl, ttl) * (1 - _EARLY):
                if ours:
                    await self._redis.run(_RELEASE, keys, [token])
                self._local.keep(key, shared)
                return Found(shared, "COALESCED" if waited else "HIT"), stale
            if ours:
                return None, shared or stale
            if shared is not None and stale is None:
                stale = shared
                continue
            waited = True
            await asyncio.sleep(pause + random.random() * pause)  # noqa: S311  # jitter
            pause = min(pause * 1.5, 0.1)

    async def _make(self, key: CacheKey, ttl: int, make: Make, token: str) -> Found:
        """Make it and leave it for others; ``token`` is our claim, which is held for as long as that takes."""
        keys = [_PREFIX + key.digest, _FLIGHT + key.digest]
        renewing = asyncio.get_running_loop().call_later(_RENEW_S, self._renew, keys[1], token)
        self._held[token] = renewing
        try:
            made = await make()
        except BaseException:
            # Those who wait for our claim would otherwise wait until it lapses.
            await self._say(_RELEASE, keys, [token])
            raise
        finally:
            self._held.pop(token).cancel()
        jitter = 1 - random.random() * 0.1  # noqa: S311  # so that what was made together does not end together
        life = min(ttl, _FALLBACK_S) if made.fallback else ttl
        entry = msgspec.structs.replace(made, stored_at=time(), ttl=life * jitter)
        # Ours first, Redis in the background: the caller does not wait for it, and a Redis that is away costs nothing.
        self._local.keep(key, entry)
        lasts_ms = max(1, int((entry.ttl + min(entry.ttl, entry.good_if_error_s)) * 1000))
        self._tasks.start(
            self._tell(_LEAVE, keys, [token, _encoder.encode(entry), lasts_ms]), name="cache leave"
        )
        return Found(entry, "MISS")

    def _renew(self, claim: str, token: str) -> None:
        """Hold the claim on an answer that takes its time."""
        loop = asyncio.get_running_loop()
        self._held[token] = loop.call_later(_RENEW_S, self._renew, claim, token)
        self._tasks.start(self._say(_RENEW, [claim], [token, _FLIGHT_MS]), name="cache renew")

    async def _say(self, script: str, keys: list[str], args: list[Any]) -> bool:
        try:
            await self._redis.run(script, keys, args)
        except RedisDownError:
            return False
        return True

    async def _tell(self, script: str, keys: list[str], args: list[Any]) -> None:
        """Say it until it is heard: others wait for it."""
        until = monotonic() + _FLIGHT_MS / 1000
        if await self._say(script, keys, args) or self._telling >= _TELL_AT_ONCE:
            return
        self._telling += 1
        try:
            while monotonic() < until:
                await asyncio.sleep(_TELL_AGAIN_S)
                if await self._say(script, keys, args):
                    return
        finally:
            self._telling -= 1


def _decoded(value: bytes | None) -> CachedAnswer | None:
    """An entry as Redis holds it; None for one that another version wrote."""
    if value is None:
        return None
    try:
        return _decoder.decode(value)
    except msgspec.DecodeError:
        return None
