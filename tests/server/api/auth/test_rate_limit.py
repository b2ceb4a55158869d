"""Facts about the hourly limit, on a real Redis."""

import asyncio
from time import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.api.auth.rate_limit import DRAW, Limiter, headers
from server.store.redis import RedisDownError, RedisStore
from tests.server.conftest import Redis


class _Away:
    """A Redis that is not there."""

    async def run(self, script: str, keys: list[str], args: list[object]) -> object:
        raise RedisDownError("away")


async def _admitted(limiter: Limiter, limit: int, calls: int) -> int:
    standings = [await limiter.take("k", limit) for _ in range(calls)]
    return sum(standing.admitted for standing in standings)


async def test_four_processes_on_one_limit_admit_the_limit_and_no_more(redis: Redis) -> None:
    stores = [RedisStore(redis.url, timeout_s=2.0) for _ in range(4)]
    limiters = [Limiter(store, processes=4) for store in stores]
    admitted = await asyncio.gather(
        *(_admitted(limiter, 1000, 60) for limiter in limiters for _ in range(10))
    )
    assert sum(admitted) <= 1000
    for limiter in limiters:
        await limiter.close()
    rest = await _admitted(Limiter(stores[0]), 1000, 1000 - sum(admitted) + 5)
    assert sum(admitted) + rest == 1000
    for store in stores:
        await store.close()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    limit=st.integers(1, 60), weights=st.lists(st.tuples(st.integers(0, 2), st.integers(1, 9)), max_size=40)
)
def test_whatever_is_asked_in_whatever_order_the_limit_holds(
    redis: Redis, limit: int, weights: list[tuple[int, int]]
) -> None:
    async def ask() -> int:
        redis.client().flushall()
        stores = [RedisStore(redis.url, timeout_s=2.0) for _ in range(3)]
        limiters = [Limiter(store, processes=3) for store in stores]
        admitted = 0
        for who, weight in weights:
            standing = await limiters[who].take("k", limit, weight)
            admitted += weight if standing.admitted else 0
            assert 0 <= standing.remaining <= limit
        for limiter, store in zip(limiters, stores, strict=True):
            await limiter.close()
            await store.close()
        return admitted

    admitted = asyncio.run(ask())
    assert admitted <= limit
    charged = sum(int(count) for count in redis.client().hgetall("rate_limit:k").values())
    assert charged == admitted


async def test_a_charge_counts_for_more_than_an_hour_and_then_no_more(redis: Redis) -> None:
    client = redis.client()
    minute = int(client.time()[0]) // 60
    client.hset("rate_limit:k", mapping={str(minute - 61): 7, str(minute - 62): 100})
    store = RedisStore(redis.url, timeout_s=2.0)
    granted, remaining, *_ = await store.run(DRAW, ["rate_limit:k"], [10, 1, 1, 0, 0, 0, 62])
    assert (granted, remaining) == (1, 2)
    await store.close()


async def test_unspent_tokens_are_given_back(redis: Redis) -> None:
    store = RedisStore(redis.url, timeout_s=2.0)
    limiter = Limiter(store)
    assert await _admitted(limiter, 100_000, 50) == 50
    await limiter.close()
    assert sum(int(count) for count in redis.client().hgetall("rate_limit:k").values()) == 50
    await store.close()


async def test_without_redis_a_key_gets_a_minutes_share_and_pays_it_when_redis_is_back(redis: Redis) -> None:
    store = RedisStore(redis.url, timeout_s=0.2)
    limiter = Limiter(store)
    redis.stop()
    assert await _admitted(limiter, 600, 30) == 10
    redis.start()
    await store.ping()
    standing = await limiter.take("k", 600)
    assert standing.remaining == 589
    await limiter.close()
    await store.close()


async def test_a_limit_that_redis_called_spent_stays_so_while_redis_is_away(redis: Redis) -> None:
    store = RedisStore(redis.url, timeout_s=0.2)
    limiter = Limiter(store)
    assert await _admitted(limiter, 120, 130) == 120
    redis.stop()
    assert await _admitted(limiter, 120, 30) == 0
    assert await _admitted(limiter, 240, 30) == 4, "a limit that was raised meanwhile is another one"
    await limiter.close()
    await store.close()


async def test_several_processes_without_redis_share_a_minutes_share() -> None:
    assert await _admitted(Limiter(_Away(), processes=4), 2400, 30) == 10


async def test_the_headers_say_the_same_in_both_dialects() -> None:
    standing = await Limiter(_Away()).take("k", 60)
    found = headers(standing, time())
    assert found["X-RateLimit-Limit"] == "60"
    assert found["RateLimit-Policy"] == '"hour";q=60;w=3600'
    assert found["RateLimit"].startswith(f'"hour";r={found["X-RateLimit-Remaining"]};t=')
    refused = await Limiter(_Away()).take("k", 60, 50)
    assert int(headers(refused, time())["Retry-After"]) > 0


@pytest.mark.parametrize("limit", [1, 5])
async def test_a_raised_limit_counts_at_once(redis: Redis, limit: int) -> None:
    store = RedisStore(redis.url, timeout_s=2.0)
    limiter = Limiter(store)
    assert await _admitted(limiter, limit, 10) == limit
    assert await _admitted(limiter, limit + 2, 10) == 2
    await limiter.close()
    await store.close()


class _Granting:
    """A Redis that grants whatever is asked, and remembers who gave tokens back."""

    def __init__(self) -> None:
        self.refunded: list[str] = []

    async def run(self, script: str, keys: list[str], args: list[object]) -> object:
        if script != DRAW:
            self.refunded.append(keys[0])
            return 0
        return [8, 100, 1, int(time()) + 60, int(time())]


async def test_who_is_forgotten_is_who_asked_longest_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.api.auth.rate_limit._KEYS", 2)
    redis = _Granting()
    limiter = Limiter(redis)
    for key in ("often", "once", *["often"] * 9, "new"):
        await limiter.take(key, 1000)
    await limiter.close()
    assert redis.refunded[0] == "rate_limit:once"
