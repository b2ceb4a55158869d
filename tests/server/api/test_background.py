"""The API's background loops: no error ends one, each is counted, and a kind in a row is told once."""

import json
from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from server.api.background import LoopFactory
from server.api.telemetry.log import Log
from server.api.telemetry.metrics import ApiMetrics
from server.store.redis import RedisDownError


@pytest.fixture
def log() -> Iterator[Log]:
    written = Log(level="INFO")
    yield written
    written.close()


async def test_an_error_of_the_disk_does_not_end_the_settings_loop(
    log: Log, capfd: pytest.CaptureFixture[str]
) -> None:
    metrics = ApiMetrics(version="0", environment="test")
    outcomes: list[Exception | None] = [
        OSError("no space left"),
        OSError("no space left"),
        RedisDownError("away"),
        None,
    ]

    async def step() -> None:
        outcome = outcomes.pop(0)
        if outcome is not None:
            raise outcome

    loop = LoopFactory(log, metrics).every(1.0, "settings", step)
    assert [await loop.turn() for _ in range(4)] == [False, False, False, True]
    assert (loop.health.failures, loop.health.fault) == (3, None)
    samples = {
        (sample.name, sample.labels.get("loop")): sample.value
        for family in text_string_to_metric_families(metrics.exposition().decode())
        for sample in family.samples
    }
    assert samples["background_loop_failures_total", "settings"] == 3
    log.close()
    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert len([line for line in lines if "settings" in json.dumps(line)]) == 2
