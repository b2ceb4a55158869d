"""Facts about the probes: what the exporters would show, and that an outage is a value and no error."""

import pytest

from server.evaluator import probe_node, probe_postgres, probe_redis
from server.evaluator.target import ScrapeTarget
from server.exposition import Exposition, parse_series
from tests.server.conftest import Postgres, Redis


def _values(found: Exposition, name: str, **labels: str) -> list[float]:
    wanted = {"__name__": name, **labels}
    return [one.value for one in found.samples if wanted.items() <= parse_series(one.series).items()]


def _names(found: Exposition) -> set[str]:
    return {parse_series(one.series)["__name__"] for one in found.samples}


async def test_postgresql_is_shown_under_its_exporters_names(postgres: Postgres) -> None:
    found = await probe_postgres.probe_postgres(postgres.url(), timeout_s=5)
    assert _names(found) == probe_postgres.METRICS
    assert _values(found, "pg_up") == [1.0]
    assert _values(found, "pg_settings_max_connections") == [200.0]
    assert sum(_values(found, "pg_stat_activity_count", datname="postgres", state="active")) >= 1
    assert _values(found, "pg_database_size_bytes", datname="postgres")[0] > 1_000_000


async def test_a_postgresql_that_is_stopped_is_down(postgres: Postgres) -> None:
    postgres.stop()
    try:
        found = await probe_postgres.probe_postgres(postgres.url(), timeout_s=2)
    finally:
        postgres.start()
    assert [(one.series, one.value) for one in found.samples] == [("pg_up", 0.0)]


async def test_a_postgresql_that_hangs_is_down_in_time(postgres: Postgres) -> None:
    postgres.pause()
    try:
        found = await probe_postgres.probe_postgres(postgres.url(), timeout_s=0.5)
    finally:
        postgres.resume()
    assert _values(found, "pg_up") == [0.0]


async def test_redis_is_shown_under_its_exporters_names(redis: Redis) -> None:
    redis.client().set("cache:1", "x")
    found = await probe_redis.probe_redis(redis.url, timeout_s=5)
    assert _names(found) <= probe_redis.METRICS
    assert {
        "redis_up",
        "redis_memory_used_bytes",
        "redis_memory_max_bytes",
        "redis_connected_clients",
    } <= _names(found)
    assert _values(found, "redis_up") == [1.0]
    assert _values(found, "redis_memory_used_bytes")[0] > 100_000
    assert _values(found, "redis_db_keys", db="db0")[0] >= 1


async def test_a_redis_that_is_stopped_is_down(redis: Redis) -> None:
    redis.stop()
    try:
        found = await probe_redis.probe_redis(redis.url, timeout_s=2)
    finally:
        redis.start()
    assert [(one.series, one.value) for one in found.samples] == [("redis_up", 0.0)]


async def test_an_empty_redis_has_no_keys_rather_than_no_value() -> None:
    counts = probe_redis._keys({"used_memory": 1})
    assert [(one.series, one.value) for one in counts] == [('redis_db_keys{db="db0"}', 0.0)]


async def test_the_host_is_shown_under_node_exporters_names() -> None:
    found = await probe_node.probe_node(ScrapeTarget("node", "", "h", 1, 1))
    assert _names(found) == set(probe_node.METRICS)
    available, total = (
        _values(found, "node_memory_MemAvailable_bytes"),
        _values(found, "node_memory_MemTotal_bytes"),
    )
    assert 0 < available[0] < total[0]
    assert len(_values(found, "node_cpu_seconds_total", mode="idle")) >= 1
    assert (
        0
        <= _values(found, "node_filesystem_avail_bytes")[0]
        <= _values(found, "node_filesystem_size_bytes")[0]
    )


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:secret@db.example:6543/app", "db.example:6543"),
        ("postgresql://me:secret@db.example/app", "db.example:5432"),
        ("postgresql://me@/app?host=/run/pg", "/run/pg"),
    ],
)
def test_credentials_are_no_part_of_an_instance(url: str, shown: str) -> None:
    assert probe_postgres.instance_of(url) == shown


@pytest.mark.parametrize(
    ("url", "shown"), [("redis://:secret@cache:7000/0", "cache:7000"), ("unix:///run/r.sock", "/run/r.sock")]
)
def test_nor_of_that_of_redis(url: str, shown: str) -> None:
    assert probe_redis.instance_of(url) == shown
