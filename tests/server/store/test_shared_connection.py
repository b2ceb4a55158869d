"""Facts about the connection that callers share, on a real Redis: everybody gets the answer to their own question."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator

import pytest
import redis.exceptions as redis_errors
from redis.asyncio.connection import AbstractConnection as Connection

from server.store.redis import RedisDownError, RedisStore, count_matching, info_once, unlink_matching
from server.store.shared_connection import SharedConnection
from tests.server.conftest import Redis


@pytest.fixture
async def store(redis: Redis) -> AsyncIterator[RedisStore]:
    store = RedisStore(redis.url, timeout_s=2.0)
    yield store
    await store.close()


async def test_a_thousand_at_once_each_get_their_own_answer(store: RedisStore, redis: Redis) -> None:
    client = redis.client()
    names = [f"k{n}" for n in range(1000)]
    client.mset({name: name for name in names})
    random.Random(7).shuffle(names)
    assert await asyncio.gather(*(store.get(name) for name in names)) == [name.encode() for name in names]
    assert client.info("clients")["connected_clients"] <= 3


async def test_a_refused_command_is_its_callers_alone(store: RedisStore, redis: Redis) -> None:
    redis.client().mset({"word": "no number", "other": "here"})
    good, bad, also_good = await asyncio.gather(
        store.get("other"), store.increment("word"), store.get("other"), return_exceptions=True
    )
    assert (good, also_good) == (b"here", b"here")
    assert isinstance(bad, RedisDownError)
    assert "not an integer" in str(bad)


async def test_a_script_that_the_server_has_forgotten_is_given_again(store: RedisStore, redis: Redis) -> None:
    script = "return ARGV[1]"
    assert await store.run(script, [], ["one"]) == b"one"
    redis.client().script_flush()
    assert await store.run(script, [], ["two"]) == b"two"


async def test_one_who_gives_up_leaves_the_others_their_answers(store: RedisStore, redis: Redis) -> None:
    redis.client().mset({f"k{n}": str(n) for n in range(100)})
    asked = [asyncio.create_task(store.get(f"k{n}")) for n in range(100)]
    await asyncio.sleep(0)
    for task in asked[::2]:
        task.cancel()
    await asyncio.wait(asked)
    assert [task.result() for task in asked[1::2]] == [str(n).encode() for n in range(1, 100, 2)]


async def test_a_server_that_went_is_said_and_asked_again_when_it_is_back(
    store: RedisStore, redis: Redis
) -> None:
    assert await store.get("k") is None
    redis.stop()
    with pytest.raises(RedisDownError):
        await store.get("k")
    redis.start()
    await store.ping()
    assert await store.increment("k") == 1


async def test_a_server_that_hangs_is_given_up_in_time_and_used_again_afterwards(redis: Redis) -> None:
    store = RedisStore(redis.url, timeout_s=0.2)
    assert await store.increment("k") == 1
    redis.pause()
    found = await asyncio.gather(*(store.get("k") for _ in range(20)), return_exceptions=True)
    redis.resume()
    assert {type(each) for each in found} == {RedisDownError}
    for _ in range(100):
        with contextlib.suppress(RedisDownError):
            await store.ping()
            break
    assert await store.get("k") == b"1"
    await store.close()


class Hanging:
    """A server of which the first connection never answers, and takes its time to end; the next echo."""

    made = 0

    def __init__(self) -> None:
        Hanging.made += 1
        self._hangs = Hanging.made == 1
        self._sent: asyncio.Queue[bytes] = asyncio.Queue()

    async def connect(self) -> None:
        return

    async def disconnect(self, nowait: bool = False) -> None:
        await asyncio.sleep(0.05)

    def pack_command(self, *words: str) -> list[bytes]:
        return [words[0].encode()]

    async def send_packed_command(self, command: list[bytes], check_health: bool = True) -> None:
        for each in command:
            self._sent.put_nowait(each)

    async def read_response(self, *, timeout: float) -> bytes:
        if self._hangs:
            await asyncio.Event().wait()
        return await self._sent.get()


async def test_callers_who_give_up_one_after_the_other_never_shift_the_answers_of_those_who_come() -> None:
    Hanging.made = 0
    shared = SharedConnection(Hanging, RuntimeError, timeout_s=0.3)

    async def late(seconds: float, word: str) -> bytes:
        await asyncio.sleep(seconds)
        answer: bytes = await shared.command(word)
        return answer

    given_up = await asyncio.gather(*(late(n / 100, f"early {n}") for n in range(5)), return_exceptions=True)
    assert all(isinstance(each, TimeoutError | ConnectionError) for each in given_up)
    assert await asyncio.gather(*(shared.command(f"{n}") for n in range(5))) == [b"0", b"1", b"2", b"3", b"4"]
    assert await shared.command("mine") == b"mine"
    await shared.close()


async def test_a_connection_that_is_slow_to_close_fails_nobody(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library gives up on it with an error; whoever looked has looked all the same."""
    disconnect = Connection.disconnect

    async def slow(connection: Connection, *given: object, **named: object) -> None:
        await disconnect(connection, nowait=True)
        raise redis_errors.TimeoutError("Timed out closing connection after 0.045")

    store = RedisStore(redis.url, timeout_s=2.0)
    assert await store.count_matching("nothing:*") == 0
    monkeypatch.setattr(Connection, "disconnect", slow)
    await store.close()
    assert "redis_version" in await info_once(redis.url)
    assert await unlink_matching(redis.url, "nothing:*") == 0
    assert await count_matching(redis.url, "nothing:*") == 0
