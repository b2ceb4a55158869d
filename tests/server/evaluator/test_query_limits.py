"""Facts about heavy queries: a deadline, an end when nobody waits, any number of terms, and never a fault of ours."""

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from alerts.promql import SampleStore, instant_query
from alerts.promql.error import QueryStoppedError
from server.evaluator.query_pool import QueryPool
from tests.server.evaluator.fake_clock import FakeClock
from tests.server.evaluator.whole import World, evaluator

_RULES = "groups: [{name: g, rules: [{alert: A, expr: x}]}]"


@pytest.fixture
def deep() -> Iterator[None]:
    """As the process itself sets it."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(6_000)
    yield
    sys.setrecursionlimit(before)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with evaluator(tmp_path, _RULES) as running:
        yield running


async def _ask(world: World, path: str, **query: str) -> tuple[int, Any]:
    async with world.session.get(world.url + path, params=query) as response:
        return response.status, await response.json()


async def test_a_query_past_its_deadline_is_told_so(world: World) -> None:
    status, body = await _ask(world, "/api/v1/query", query="1", timeout="0")
    assert (status, body["errorType"]) == (503, "timeout")
    assert "timed out" in body["error"]


@pytest.mark.parametrize("timeout", ["x", "-", "1parsec"])
async def test_a_timeout_that_is_none_is_the_askers_fault(world: World, timeout: str) -> None:
    status, body = await _ask(world, "/api/v1/query", query="1", timeout=timeout)
    assert (status, body["errorType"]) == (400, "bad_data")


@pytest.mark.usefixtures("deep")
async def test_six_hundred_terms_are_added(world: World) -> None:
    status, body = await _ask(world, "/api/v1/query", query="+".join(["1"] * 600))
    assert (status, body["data"]["result"][1]) == (200, "600")


@pytest.mark.usefixtures("deep")
@pytest.mark.parametrize("text", ["+".join(["1"] * 1_500), "(" * 900 + "1" + ")" * 900, "-" * 900 + "x"])
@pytest.mark.parametrize("path", ["/api/v1/query", "/api/v1/format_query", "/api/v1/query_exemplars"])
async def test_too_many_operations_are_refused(world: World, path: str, text: str) -> None:
    status, body = await _ask(world, path, query=text)
    assert status in (400, 422) and ("more than" in body["error"] or "too many" in body["error"])


async def test_the_page_of_queries_answers_what_is_too_deep(world: World) -> None:
    async with world.session.get(world.url + "/graph", params={"g0.expr": "+".join(["1"] * 1_500)}) as page:
        assert (page.status, "more than 1000 operators" in await page.text()) == (200, True)


def _store() -> SampleStore:
    store = SampleStore()
    for index in range(500):
        store.append({"__name__": "x", "n": str(index)}, 1_000, 1.0)
    return store


async def test_a_query_that_nobody_waits_for_ends_while_it_runs() -> None:
    pool = QueryPool(_store(), FakeClock(0), compat=3, subquery_step_ms=1_000)
    asked = 0

    def wanted() -> bool:
        nonlocal asked
        asked += 1
        return asked < 5

    with pytest.raises(QueryStoppedError, match="canceled"):
        await pool.run(instant_query, "sum(x) + sum(x) + sum(x) + sum(x)", 1_000, wanted=wanted)


async def test_a_query_runs_off_the_loop() -> None:
    pool = QueryPool(_store(), FakeClock(0), compat=3, subquery_step_ms=1_000)
    inside, go_on = threading.Event(), threading.Event()

    def held(*_: object, **__: object) -> dict[str, Any]:
        inside.set()
        assert go_on.wait(30)
        return {}

    running = asyncio.create_task(pool.run(held, "x", 1_000, wanted=lambda: True))
    await asyncio.wait_for(asyncio.to_thread(inside.wait, 30), 60)
    go_on.set()
    assert await asyncio.wait_for(running, 60) == {}
