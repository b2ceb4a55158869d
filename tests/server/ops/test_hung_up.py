"""What was journalled is done although the client has gone: it hangs up while the commit is on its way."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from server.ops.users import hash_token, prepare_token_file
from server.store.chain import JournalEntry
from tests.server.ops.conftest import House, Start


@contextlib.asynccontextmanager
async def hung_up(house: House, monkeypatch: pytest.MonkeyPatch, request: Any) -> AsyncIterator[None]:
    """Sends a request whose commit is held until the client has gone and its handler with it."""
    begun, released = threading.Event(), threading.Event()
    archive = house.built.ledger._archive
    append = archive.append

    def held(entries: Sequence[JournalEntry]) -> None:
        begun.set()
        assert released.wait(10)
        append(entries)

    monkeypatch.setattr(archive, "append", held)
    asking = asyncio.create_task(request)
    assert await asyncio.to_thread(begun.wait, 10)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await _none_is_handled(house)
    monkeypatch.setattr(archive, "append", append)
    released.set()
    yield


async def _none_is_handled(house: House) -> None:
    """Until the server has noticed that the client has gone, and the handler has ended."""
    async with asyncio.timeout(10):
        while house.handling:
            await asyncio.sleep(0.01)


GREET = {"execution_id": "run-00000001", "action": "greet", "confirm": "greet"}
HOLD = {"execution_id": "run-00000002", "action": "hold-api", "confirm": "hold-api"}


async def test_an_execution_is_begun_and_its_locks_go(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async with hung_up(house, monkeypatch, house.ask("POST", "/v1/executions", GREET)):
        async with asyncio.timeout(10):
            while "run-00000001" not in house.built.ledger.state.executions:
                await asyncio.sleep(0.01)
        assert (await house.settled("run-00000001"))["state"] == "succeeded"
    assert not house.built.ledger.state.locks


async def test_a_cancel_is_passed_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.post("/v1/executions", HOLD)
    async with asyncio.timeout(10):
        while house.built.ledger.state.executions["run-00000002"].pid is None:
            await asyncio.sleep(0.01)
    async with hung_up(house, monkeypatch, house.ask("POST", "/v1/executions/run-00000002/cancel", {})):
        assert (await house.settled("run-00000002"))["state"] == "cancelled"


async def test_a_rotated_token_is_in_its_file(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    file = house.config.state / "tokens" / "metrics"
    old = file.read_text()
    async with hung_up(house, monkeypatch, house.ask("POST", "/v1/users/metrics/rotate", {})):
        async with asyncio.timeout(10):
            while file.read_text() == old:
                await asyncio.sleep(0.01)
    hashed = house.built.ledger.state.users["metrics"].token_sha256
    assert hash_token(file.read_text().strip()) == hashed
    assert [path.name for path in file.parent.iterdir() if path.name.endswith(".new")] == []


async def test_the_answer_to_an_idempotency_key_is_kept(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.fire()
    key = {"Idempotency-Key": "once"}
    async with hung_up(house, monkeypatch, house.ask("POST", "/v1/incidents/1/ack", {}, **key)):
        status, answer = await house.ask("POST", "/v1/incidents/1/ack", {}, **key)
    assert (status, answer["state"], answer["version"]) == (200, "acknowledged", 2)


async def test_a_token_that_was_journalled_before_a_crash_is_put_in_place_at_the_next_start(
    start: Start,
) -> None:
    async with start() as house:
        tokens = house.config.state / "tokens"
        old = (tokens / "metrics").read_text().strip()
        new = (await house.post("/v1/users/metrics/rotate"))["token"]
        (tokens / "metrics").write_text(old + "\n")
        prepare_token_file(tokens, "metrics", new)
        never = prepare_token_file(tokens, "ingest", "ops_never_journalled")
    async with start() as house:
        assert (await house.get("/v1/me", token=new))["name"] == "metrics"
        assert (await house.ask("GET", "/v1/me", token=old))[0] == 401
        assert (tokens / "metrics").read_text().strip() == new
        assert not never.exists()
