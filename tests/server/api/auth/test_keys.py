"""Facts about keys remembered in the process."""

import asyncio

import pytest

from server.api.auth.key_cache import KeyCache, KeyOwner, key_hash, new_key
from server.api.errors import ApiError
from server.store.postgres import PostgresDownError


class Table:
    """A look-up that counts, and is away when told to."""

    def __init__(self) -> None:
        self.callers: dict[str, KeyOwner] = {}
        self.asked = 0
        self.away = False
        self.gate = asyncio.Event()
        self.gate.set()

    def add(self, key: str, limit: int = 5) -> None:
        self.callers[key_hash(key)] = KeyOwner(id="id-1", name="n", limit=limit)

    async def find(self, key_hash: str) -> KeyOwner | None:
        self.asked += 1
        await self.gate.wait()
        if self.away:
            raise PostgresDownError("away")
        return self.callers.get(key_hash)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The ring's clock, moved by hand."""
    now = [1000.0]
    monkeypatch.setattr("server.api.auth.key_cache.monotonic", lambda: now[0])
    return now


def _ring(table: Table) -> tuple[KeyCache, list[str]]:
    failures: list[str] = []
    return KeyCache(table, failures.append), failures


async def test_a_hundred_first_calls_of_a_key_are_one_look_up() -> None:
    table, key = Table(), new_key()
    table.add(key)
    table.gate.clear()
    ring, _ = _ring(table)
    calls = [asyncio.ensure_future(ring.caller(key)) for _ in range(100)]
    await asyncio.sleep(0)
    table.gate.set()
    assert {caller.id for caller in await asyncio.gather(*calls)} == {"id-1"}
    assert table.asked == 1


async def test_an_operators_edit_is_live_within_five_seconds(clock: list[float]) -> None:
    table, key = Table(), new_key()
    table.add(key, limit=5)
    ring, _ = _ring(table)
    await ring.caller(key)
    table.add(key, limit=10_000)
    clock[0] += 4.9
    assert (await ring.caller(key)).limit == 10_000


async def test_a_known_key_is_good_for_a_day_while_postgres_is_away(clock: list[float]) -> None:
    table, key = Table(), new_key()
    table.add(key)
    ring, _ = _ring(table)
    await ring.caller(key)
    table.away = True
    clock[0] += 23 * 3600
    assert (await ring.caller(key)).id == "id-1"
    clock[0] += 2 * 3600
    with pytest.raises(ApiError) as refused:
        await ring.caller(key)
    assert refused.value.status == 503


async def test_an_unknown_key_while_postgres_is_away_is_503_and_never_401() -> None:
    table = Table()
    table.away = True
    ring, failures = _ring(table)
    with pytest.raises(ApiError) as refused:
        await ring.caller(new_key())
    assert (refused.value.status, failures) == (503, [])


async def test_a_key_that_nobody_has_is_asked_for_once_in_a_while(clock: list[float]) -> None:
    table, key = Table(), new_key()
    ring, failures = _ring(table)
    for _ in range(5):
        with pytest.raises(ApiError):
            await ring.caller(key)
    assert (table.asked, failures) == (1, ["unknown"] * 5)
    clock[0] += 5
    table.add(key)
    assert (await ring.caller(key)).id == "id-1"


async def test_a_malformed_key_costs_no_look_up() -> None:
    table = Table()
    ring, failures = _ring(table)
    with pytest.raises(ApiError):
        await ring.caller("sp_short")
    assert (table.asked, failures) == (0, ["malformed"])


def test_keys_are_long_and_never_the_same() -> None:
    keys = {new_key() for _ in range(100)}
    assert len(keys) == 100
    assert all(key.startswith("sp_") and len(key) == 67 for key in keys)
