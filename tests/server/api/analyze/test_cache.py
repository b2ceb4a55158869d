"""Facts about the cache, on a real Redis: who pays for a miss, and what is served when nobody can."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from server.api.analyze.cache import AnswerCache, CachedAnswer, CacheKey, Found
from server.api.errors import ApiError
from server.store.redis import RedisDownError, RedisStore
from tests.server.conftest import Redis

KEY = CacheKey("tenant", b"auto/local/rules-1", b"question")


class Maker:
    """Makes answers, counts them, fails and waits when told to."""

    def __init__(self) -> None:
        self.made = 0
        self.fault: ApiError | None = None
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self) -> CachedAnswer:
        self.made += 1
        await self.gate.wait()
        if self.fault is not None:
            raise self.fault
        return CachedAnswer(
            data=b'{"n":%d}' % self.made,
            provider="local",
            model="rules-1",
            tokens=0,
            validated=True,
            words={},
            warnings=(),
            stored_at=0.0,
            ttl=0.0,
        )


NewCache = Callable[[], AnswerCache]


@pytest.fixture
async def new_cache(redis: Redis) -> AsyncIterator[NewCache]:
    """Makes caches as separate processes would have them: each with connections of its own."""
    made: list[tuple[AnswerCache, RedisStore]] = []

    def new() -> AnswerCache:
        store = RedisStore(redis.url, timeout_s=2.0)
        made.append((AnswerCache(store, local_entries=100), store))
        return made[-1][0]

    yield new
    for cache, store in made:
        await cache.close()
        await store.close()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Moves the cache's time of day."""
    now = [1_700_000_000.0]
    monkeypatch.setattr("server.api.analyze.cache.time", lambda: now[0])

    def move(seconds: float) -> None:
        now[0] += seconds

    return move


async def test_five_hundred_identical_misses_in_four_processes_are_one_call(new_cache: NewCache) -> None:
    caches, make = [new_cache() for _ in range(4)], Maker()
    make.gate.clear()
    asks = [asyncio.ensure_future(caches[n % 4].find_or_make(KEY, 60, make)) for n in range(500)]
    while make.made == 0:
        await asyncio.sleep(0)
    make.gate.set()
    found = await asyncio.gather(*asks)
    assert make.made == 1
    assert {answer.entry.data for answer in found} == {b'{"n":1}'}
    assert sum(answer.word == "MISS" for answer in found) == 1


async def test_another_process_finds_the_answer_in_redis(new_cache: NewCache, redis: Redis) -> None:
    make = Maker()
    await new_cache().find_or_make(KEY, 60, make)
    await _until(lambda: bool(redis.client().keys("cache:*")))
    assert (await new_cache().find_or_make(KEY, 60, make)).word == "HIT"
    assert make.made == 1


async def test_another_tenant_does_not(new_cache: NewCache) -> None:
    cache, make = new_cache(), Maker()
    await cache.find_or_make(KEY, 60, make)
    assert (await cache.find_or_make(KEY._replace(tenant="other"), 60, make)).word == "MISS"


async def test_an_ended_answer_is_served_while_one_caller_renews_it(
    new_cache: NewCache, clock: Callable[[float], None]
) -> None:
    cache, make = new_cache(), Maker()
    await cache.find_or_make(KEY, 60, make)
    clock(61)
    stale = await asyncio.gather(*(cache.find_or_make(KEY, 60, make) for _ in range(20)))
    assert {found.word for found in stale} == {"STALE"}
    await _until(lambda: cache.fresh(KEY, 60) is not None)
    assert make.made == 2


async def test_shortly_before_its_end_an_answer_is_renewed_by_who_meets_it(
    new_cache: NewCache, clock: Callable[[float], None]
) -> None:
    cache, make = new_cache(), Maker()
    first = await cache.find_or_make(KEY, 60, make)
    clock(first.entry.ttl * 0.95)
    assert (await cache.find_or_make(KEY, 60, make)).word == "HIT"
    await _until(lambda: make.made == 2)


async def test_an_ended_answer_is_better_than_an_error_for_an_hour(
    new_cache: NewCache, clock: Callable[[float], None]
) -> None:
    cache, make = new_cache(), Maker()
    await cache.find_or_make(KEY, 600, make)
    clock(1000)
    make.fault = ApiError("provider_error", "down")
    assert (await cache.find_or_make(KEY, 600, make)).word == "STALE"
    clock(3600)
    with pytest.raises(ApiError):
        await cache.find_or_make(KEY, 600, make)


async def test_errors_are_not_kept(new_cache: NewCache, redis: Redis) -> None:
    cache, make = new_cache(), Maker()
    make.fault = ApiError("provider_error", "down")
    with pytest.raises(ApiError):
        await cache.find_or_make(KEY, 60, make)
    assert redis.client().keys("*") == []
    make.fault = None
    assert (await cache.find_or_make(KEY, 60, make)).word == "MISS"


async def test_clearing_empties_other_processes_too(new_cache: NewCache, redis: Redis) -> None:
    one, other, make = new_cache(), new_cache(), Maker()
    for cache in (one, other):
        await cache.follow_generation()
        await cache.find_or_make(KEY, 60, make)
    await _until(lambda: bool(redis.client().keys("cache:*")))
    assert await one.clear() == 1
    await other.follow_generation()
    assert (await other.find_or_make(KEY, 60, make)).word == "MISS"


async def test_a_flushed_redis_empties_the_processes(new_cache: NewCache, redis: Redis) -> None:
    cache, make = new_cache(), Maker()
    await cache.clear()
    await cache.follow_generation()
    await cache.find_or_make(KEY, 60, make)
    redis.client().flushdb()
    await cache.follow_generation()
    assert cache.local_size == 0


async def test_without_redis_a_miss_is_still_one_call_in_this_process(
    new_cache: NewCache, redis: Redis
) -> None:
    cache, make = new_cache(), Maker()
    redis.stop()
    found: list[Found] = await asyncio.gather(*(cache.find_or_make(KEY, 60, make) for _ in range(50)))
    assert (make.made, found[0].entry.data) == (1, b'{"n":1}')


async def test_an_answer_that_redis_did_not_take_reaches_other_processes_once_it_does(redis: Redis) -> None:
    store, make = Deaf(RedisStore(redis.url, timeout_s=2.0)), Maker()
    cache = AnswerCache(store, local_entries=100)
    store.deaf_to = 3
    assert (await cache.find_or_make(KEY, 60, make)).word == "MISS"
    await _until(lambda: bool(redis.client().keys("cache:*")))
    assert store.deaf_to == 0
    assert redis.client().keys("flight:*") == []
    await cache.close()
    await store.close()


async def test_a_claim_whose_maker_died_blocks_others_for_two_seconds_at_most(
    new_cache: NewCache, redis: Redis
) -> None:
    cache, make = new_cache(), Maker()
    make.gate.clear()
    asked = asyncio.ensure_future(cache.find_or_make(KEY, 60, make))
    await _until(lambda: bool(redis.client().keys("flight:*")))
    (claim,) = redis.client().keys("flight:*")
    make.gate.set()
    await asked
    await _until(lambda: bool(redis.client().keys("cache:*")))
    redis.client().flushdb()
    redis.client().set(claim, "of one who died", px=2000)
    async with asyncio.timeout(4):
        assert (await new_cache().find_or_make(KEY, 60, make)).word == "MISS"
    assert make.made == 2


async def test_a_claim_is_held_for_as_long_as_its_answer_takes(new_cache: NewCache, redis: Redis) -> None:
    cache, make = new_cache(), Maker()
    make.gate.clear()
    asked = asyncio.ensure_future(cache.find_or_make(KEY, 60, make))
    await _until(lambda: bool(redis.client().keys("flight:*")))
    claim = redis.client().keys("flight:*")[0]
    redis.client().pexpire(claim, 1500)
    async with asyncio.timeout(5):
        while redis.client().pttl(claim) <= 1500:
            await asyncio.sleep(0.02)
    make.gate.set()
    assert (await asked).word == "MISS"
    await _until(lambda: redis.client().keys("flight:*") == [])


class Deaf:
    """A store that loses what it is told, so many times after the claim."""

    def __init__(self, store: RedisStore) -> None:
        self._store = store
        self.deaf_to = 0
        self._claimed = False
        self.get, self.unlink_matching = store.get, store.unlink_matching
        self.increment, self.close = store.increment, store.close

    async def run(self, script: str, keys: list[str], args: list[Any]) -> Any:
        if self._claimed and self.deaf_to > 0:
            self.deaf_to -= 1
            raise RedisDownError("deaf")
        self._claimed = True
        return await self._store.run(script, keys, args)


async def test_a_shorter_ttl_than_the_answers_age_is_obeyed(
    new_cache: NewCache, clock: Callable[[float], None]
) -> None:
    cache, make = new_cache(), Maker()
    await cache.find_or_make(KEY, 3600, make)
    clock(100)
    assert cache.fresh(KEY, 3600) is not None
    assert cache.fresh(KEY, 60) is None


async def _until(question: Callable[[], bool | Awaitable[bool]]) -> None:
    async with asyncio.timeout(5):
        while not question():
            await asyncio.sleep(0)
