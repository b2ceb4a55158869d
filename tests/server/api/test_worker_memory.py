"""What a worker holds: circles of objects are freed although they outlived a look of the collector."""

import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest

from server.api.worker import serve


class Link:
    """One half of a circle."""

    other: "Link"


@pytest.fixture
def thresholds() -> Iterator[None]:
    """Those of a worker, for the time of the test."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 50)
    yield
    gc.set_threshold(*before)


async def test_a_circle_that_outlived_a_look_is_freed(
    thresholds: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "_YOUNG_S", 0.001)
    monkeypatch.setattr(serve, "_ALL_EVERY", 3)
    one = Link()
    one.other = Link()
    one.other.other = one
    gone = weakref.ref(one)
    gc.collect(1)
    # It is of the oldest generation now, which a look at the young ones passes by.
    del one
    gc.collect(1)
    assert gone() is not None
    task = asyncio.create_task(serve._collect())
    async with asyncio.timeout(10):
        while gone() is not None:
            await asyncio.sleep(0.001)
    task.cancel()
