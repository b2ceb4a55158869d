"""Facts about the diagnosis: on real PostgreSQL and Redis each verdict changes when its cause is there."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psycopg2
import psycopg2.extensions
import pytest

from alerts.promql import SampleStore, instant_query
from server.api.telemetry.metrics import ApiMetrics
from server.stack.diagnosis.api import _grown
from server.stack.diagnosis.report import EVERYTHING, Asked, diagnose
from server.stack.diagnosis.section import Section, Table, section_lines, table_lines
from server.stack.diagnosis.sources import Places, Sources, places_of
from server.stack.diagnosis.statement import masked
from server.store.redis import looking
from tests.server.conftest import Postgres, Redis
from tests.stackwork import until


async def _look(places: Places, name: str, asked: Asked = Asked()) -> Section:  # noqa: B008  (frozen)
    async with Sources(places) as sources:
        [section] = await diagnose(sources, [name], asked)
    return section


@contextmanager
def _connected(url: str, *statements: str, name: str = "") -> Iterator[psycopg2.extensions.connection]:
    connection = psycopg2.connect(url, application_name=name)
    try:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        yield connection
    finally:
        connection.close()


@contextmanager
def _running(url: str, statement: str) -> Iterator[int]:
    """A statement that runs on the server until the block is left; the pid of its backend."""
    connection = psycopg2.connect(url, async_=True)
    _wait(connection)
    connection.cursor().execute(statement)
    try:
        yield connection.info.backend_pid
    finally:
        with _connected(url) as other, other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", (connection.info.backend_pid,))
        connection.close()


def _wait(connection: psycopg2.extensions.connection) -> None:
    until(lambda: connection.poll() == psycopg2.extensions.POLL_OK, what="the connection")


async def _until_verdict(places: Places, name: str, verdict: str, asked: Asked = Asked()) -> Section:  # noqa: B008
    deadline = time.monotonic() + 20
    while (section := await _look(places, name, asked)).verdict != verdict:
        assert time.monotonic() < deadline, section
    return section


async def test_a_lock_that_is_waited_for_is_shown_with_who_holds_it(database_url: str) -> None:
    places = Places(database_url=database_url)
    with _connected(database_url, "CREATE TABLE keys (id int)", "COMMIT"):
        pass
    assert (await _look(places, "locks")).verdict == "ok"
    with (
        _connected(database_url, "LOCK TABLE keys", name="holder") as holder,
        _running(database_url, "INSERT INTO keys VALUES (4711)") as waiter,
    ):
        section = await _until_verdict(places, "locks", "waiting 1")
        [wait] = section.figures["waits"]
        assert (wait["pid"], wait["blocked_by"]) == (waiter, holder.info.backend_pid)
        assert wait["relation"] == "keys"
        assert wait["blocker_application"] == "holder"
        assert wait["blocker_query"] == "LOCK TABLE keys"
        assert wait["query"] == "INSERT INTO keys VALUES (?)"
    assert (await _until_verdict(places, "locks", "ok")).state == "ok"


async def test_a_query_is_long_from_the_given_time_on(database_url: str) -> None:
    places = Places(database_url=database_url)
    quick, patient = Asked(longer_than_s=0.3), Asked(longer_than_s=600)
    assert (await _look(places, "queries", quick)).verdict == "ok"
    with _running(database_url, "SELECT pg_sleep(60), 'sp_secret'") as pid:
        section = await _until_verdict(places, "queries", "running long 1", quick)
        [query] = section.figures["queries"]
        assert (query["pid"], query["query"]) == (pid, "SELECT pg_sleep(?), ?")
        assert query["wait_event"] == "Timeout:PgSleep"
        assert (await _look(places, "queries", patient)).verdict == "ok"


async def test_connections_that_are_nearly_all_taken_are_a_fault(database_url: str) -> None:
    places = Places(database_url=database_url)
    assert (await _look(places, "connections")).verdict == "ok"
    crowd = [psycopg2.connect(database_url, application_name="crowd") for _ in range(165)]
    try:
        section = await _look(places, "connections")
        assert section.state == "wrong"
        assert section.verdict.endswith("of 197 taken")
        assert {"application": "crowd", "count": 165} in [
            {"application": each["application"], "count": each["count"]} for each in section.figures["by"]
        ]
    finally:
        for connection in crowd:
            connection.close()


async def test_an_invalid_index_is_named_with_its_table(database_url: str) -> None:
    places = Places(database_url=database_url)
    with _connected(database_url, "CREATE TABLE twice AS SELECT 1 AS a FROM generate_series(1, 2)", "COMMIT"):
        pass
    assert (await _look(places, "tables")).verdict == "ok"
    with _connected(database_url) as connection:
        connection.autocommit = True
        with pytest.raises(psycopg2.errors.UniqueViolation):
            connection.cursor().execute("CREATE UNIQUE INDEX CONCURRENTLY broken ON twice (a)")
    section = await _look(places, "tables")
    assert section.verdict == "invalid index broken"
    assert "broken on twice is invalid" in section.notes[0]


async def test_keys_are_counted_by_prefix_with_the_share_that_expires(redis: Redis) -> None:
    client = redis.client()
    for n in range(300):
        client.set(f"cache:{n}", b"x" * 100, ex=600)
    for n in range(7):
        client.set(f"rate_limit:{n}", n)
    section = await _look(Places(redis_url=redis.url), "keys")
    assert section.verdict == "ok"
    found = {each["prefix"]: each for each in section.figures["prefixes"]}
    assert (found["cache:"]["count"], found["cache:"]["with_ttl"]) == (300, found["cache:"]["sampled"])
    assert (found["rate_limit:"]["count"], found["rate_limit:"]["with_ttl"]) == (7, 0)
    assert found["cache:"]["sample_bytes"] > 100 * found["cache:"]["sampled"]
    client.set("cache:for-ever", b"x")
    client.delete(*[f"cache:{n}" for n in range(300)])
    assert (await _look(Places(redis_url=redis.url), "keys")).verdict == "cache:* without expiry"


async def test_looking_through_keys_stops_when_its_time_is_up_and_says_so(redis: Redis) -> None:
    from server.stack.diagnosis.redis import keys

    client = redis.client()
    client.mset({f"other:{n}": n for n in range(20_000)})
    async with looking(redis.url) as look:
        section = await keys(look, budget_s=0.0)
    assert section.state == "ok"
    assert section.figures["complete"] is False
    assert 0 < section.figures["seen"] < 20_000
    assert "stopped after 0 s" in section.notes[0]


async def test_evictions_are_a_fault_of_the_memory(redis: Redis) -> None:
    client = redis.client()
    client.config_resetstat()
    assert (await _look(Places(redis_url=redis.url), "memory")).verdict == "ok"
    used = int(client.info("memory")["used_memory"])
    client.config_set("maxmemory", used + 200_000)
    client.config_set("maxmemory-policy", "volatile-lru")
    try:
        for n in range(300):
            client.set(f"cache:{n}", b"x" * 4000, ex=600)
        section = await _look(Places(redis_url=redis.url), "memory")
        assert section.state == "wrong"
        assert f"evicted {section.figures['evicted_keys']}" in section.verdict
    finally:
        client.config_set("maxmemory", 0)
        client.config_set("maxmemory-policy", "noeviction")
        client.config_resetstat()


async def test_a_slow_command_is_found_without_its_arguments(redis: Redis, database_url: str) -> None:
    places = Places(redis_url=redis.url, database_url=database_url)
    client = redis.client()
    client.slowlog_reset()
    assert (await _look(places, "slowlog")).verdict == "ok"
    busy = "local n = 0 for i = 1, 20000000 do n = n + i end return n"
    try:
        client.eval(busy, 1, "secret-key")
        section = await _look(places, "slowlog")
        assert section.verdict == "slow commands 1"
        assert "secret-key" not in "\n".join(section_lines(section, 200))
        assert "EVAL" in "\n".join(section_lines(section, 80))
    finally:
        client.slowlog_reset()


async def test_slow_statements_come_from_the_servers_log_with_their_values_masked(
    tmp_path: Path, redis_url: str, postgres: Postgres
) -> None:
    log = tmp_path / "postgres.log"
    with _connected(postgres.url()) as connection:
        connection.autocommit = True
        connection.cursor().execute("ALTER SYSTEM SET log_min_duration_statement = 1000")
        connection.cursor().execute("SELECT pg_reload_conf()")
    places = Places(redis_url=redis_url, database_url=postgres.url(), postgres_log=log)
    try:
        log.write_text("")
        assert (await _look(places, "slowlog")).verdict == "ok"
        now = datetime.now(UTC)
        log.write_text(
            f"{now - timedelta(hours=3):%Y-%m-%d %H:%M:%S}.000 UTC [7] LOG:  duration: 9000.1 ms  statement: SELECT 1\n"
            f"{now:%Y-%m-%d %H:%M:%S}.123 UTC [7] LOG:  duration: 1234.5 ms  statement: SELECT 'sp_mine' FROM t\n"
        )
        section = await _look(places, "slowlog")
        assert section.verdict == "slow statements 1"
        assert section.figures["statements"][0]["statement"] == "SELECT ? FROM t"
    finally:
        with _connected(postgres.url()) as connection:
            connection.autocommit = True
            connection.cursor().execute("ALTER SYSTEM RESET log_min_duration_statement")
            connection.cursor().execute("SELECT pg_reload_conf()")


async def test_a_stopped_postgres_is_named_with_its_cure_and_redis_is_still_shown(
    postgres: Postgres, redis: Redis
) -> None:
    places = Places(database_url=postgres.url(), redis_url=redis.url, api_url="http://127.0.0.1:9")
    postgres.stop()
    async with Sources(places) as sources:
        found = {section.name: section for section in await diagnose(sources, EVERYTHING, Asked())}
    assert {name for name, section in found.items() if section.state == "away"} == {
        "connections", "queries", "locks", "tables", "slowlog", "errors", "clients", "providers"
    }  # fmt: skip
    assert found["locks"].verdict == "PostgreSQL does not answer"
    assert "start it with ops act start-postgres" in found["locks"].notes[0]
    assert found["memory"].verdict == "ok"


async def test_a_stopped_redis_is_named_and_slow_statements_are_still_looked_for(
    redis: Redis, database_url: str
) -> None:
    redis.stop()
    places = Places(redis_url=redis.url, database_url=database_url)
    assert (await _look(places, "memory")).verdict == "Redis does not answer"
    section = await _look(places, "slowlog")
    assert (section.state, section.verdict) == ("away", "Redis does not answer")
    assert any("PostgreSQL: no pg_stat_statements" in note for note in section.notes)


async def test_a_postgres_that_hangs_is_given_up_within_its_time(postgres: Postgres) -> None:
    places = Places(database_url=postgres.url())
    postgres.pause()
    try:
        async with Sources(places) as sources:
            sections = await diagnose(sources, ["connections", "locks", "tables"], Asked())
    finally:
        postgres.resume()
    assert {section.state for section in sections} == {"away"}
    assert "no answer within 3 s" in sections[0].notes[0]


async def test_a_diagnosis_can_change_nothing(database_url: str) -> None:
    from server.store.postgres import PostgresRefusedError

    async with Sources(Places(database_url=database_url)) as sources:
        session = await sources.postgres()
        with pytest.raises(PostgresRefusedError, match="read-only"):
            await session.execute("CREATE TABLE t ()")


def _line(**fields: Any) -> str:
    return json.dumps({"level": "INFO", "message": "", "logger": "api", **fields})


async def test_server_errors_are_a_fault_from_five_per_cent_on_and_old_ones_are_not(tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    now = datetime.now(UTC)
    fresh, old = now.isoformat(), (now - timedelta(hours=1)).isoformat()
    good = [_line(timestamp=fresh, status=200, path="/v1/analyze/", method="POST") for _ in range(30)]
    bad = {
        "status": 500,
        "path": "/v1/analyze/",
        "method": "POST",
        "error_type": "internal_error",
        "level": "ERROR",
    }
    past = [_line(timestamp=old, request_id="past", **bad) for _ in range(30)]
    places = Places(api_log=log)
    log.write_text("\n".join([*past, *good]) + "\n")
    assert (await _look(places, "errors")).verdict == "ok"
    log.write_text("\n".join([*past, *good, *[_line(timestamp=fresh, request_id="r-1", **bad)] * 10]) + "\n")
    section = await _look(places, "errors")
    assert section.verdict == "10 of 40 answers failed (25 %)"
    assert section.figures["by_type"] == [{"level": "ERROR", "error_type": "internal_error", "count": 10}]
    assert "ops diag request r-1" in section.notes[-1]


@contextmanager
def _served(metrics: ApiMetrics) -> Iterator[str]:
    """The API's own metrics at an address of their own."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = metrics.exposition()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _call(metrics: ApiMetrics, provider: str, outcome: str, seconds: float) -> None:
    metrics.llm_requests.labels(provider, outcome).inc()
    metrics.llm_durations.labels(provider).observe(seconds)


async def test_a_provider_is_slow_failing_or_broken_each_by_its_own_verdict() -> None:
    metrics = ApiMetrics(version="1", environment="test")
    metrics.llm_breaker.labels("primary").set(0)
    with _served(metrics) as url:
        places = Places(api_url=url)
        for _ in range(20):
            _call(metrics, "primary", "ok", 0.4)
        section = await _look(places, "providers")
        assert section.verdict == "ok"
        [figures] = section.figures["providers"]
        assert 0.1 < figures["p50_s"] < figures["p95_s"] <= 0.5
        assert figures["outcomes"] == {"ok": 20}
        for _ in range(5):
            _call(metrics, "primary", "error", 0.4)
        assert (await _look(places, "providers")).verdict == "failing primary"
        for _ in range(100):
            _call(metrics, "primary", "ok", 4.0)
        assert (await _look(places, "providers")).verdict == "slow primary"
        metrics.llm_breaker.labels("primary").set(1)
        assert (await _look(places, "providers")).verdict == "breaker open primary, slow primary"


_ROWS = """
INSERT INTO request_logs (id, created_at, request_id, api_key_id, method, path, status, latency_ms)
SELECT gen_random_uuid(), now() - interval '10 s', 'r-' || n, k.id, 'POST', '/v1/analyze/', %s, 1
FROM generate_series(1, %s) n LEFT JOIN api_keys k ON %s = 429
"""


async def test_refused_clients_are_a_fault_from_a_rate_on_and_those_with_a_key_are_named(
    database_url: str,
) -> None:
    metrics = ApiMetrics(version="1", environment="test")
    with _connected(database_url) as connection, connection.cursor() as cursor, _served(metrics) as url:
        connection.autocommit = True
        for file in sorted(Path("server/store/migrations").glob("*.sql")):
            cursor.execute(file.read_text())
        cursor.execute("INSERT INTO api_keys (name, key_hash, key_prefix) VALUES ('grown', 'h', 'p')")
        places = Places(database_url=database_url, api_url=url)
        cursor.execute(_ROWS, (429, 20, 429))
        assert (await _look(places, "clients")).verdict == "ok"
        cursor.execute(_ROWS, (429, 200, 429))
        cursor.execute(_ROWS, (401, 300, 401))
        metrics.auth_failures.labels("unknown").inc(300)
        section = await _look(places, "clients")
        assert section.verdict == "401 1.0 a second, 429 0.7 a second"
        counted = [(each["status"], each["client"], each["count"]) for each in section.figures["clients"]]
        assert counted == [(401, "(no known key)", 300), (429, "grown", 220)]
        assert section.figures["reasons"]["unknown"] == 300


async def test_on_another_target_the_log_comes_from_its_program(tmp_path: Path, database_url: str) -> None:
    now = datetime.now(UTC).isoformat()
    bad = _line(
        timestamp=now, status=503, path="/v1/analyze/", error_type="database_unavailable", level="ERROR"
    )
    mine = _line(timestamp=now, status=200, path="/v1/analyze/", method="POST", request_id="r-7")
    other = _line(timestamp=now, status=200, path="/v1/analyze/", method="POST", request_id="r-70")
    (tmp_path / "log").write_text("\n".join(["starting", bad, mine, other]) + "\n")
    program = tmp_path / "services"
    program.write_text(f'#!/bin/sh\n[ "$1 $2" = "logs api" ] && cat {tmp_path}/log\n')
    program.chmod(0o755)
    places = places_of(
        tmp_path, {"TARGET": "procfile", "SERVICE_COMMAND": str(program), "DATABASE_URL": database_url}
    )
    assert (await _look(places, "errors")).verdict == "1 of 3 answers failed (33 %)"
    with _connected(database_url) as connection, connection.cursor() as cursor:
        for file in sorted(Path("server/store/migrations").glob("*.sql")):
            cursor.execute(file.read_text())
        connection.commit()
    found = await _look(places, "request", Asked(request_id="r-7"))
    assert [line.request_id for line in found.figures["lines"]] == ["r-7"]
    program.unlink()
    assert (await _look(places, "errors")).notes[-1].startswith("the API's log is not on this machine")


def test_the_reading_users_of_a_target_are_taken_where_they_are_named(tmp_path: Path) -> None:
    env = {"TARGET": "compose", "DATABASE_URL": "owner", "REDIS_URL": "all", "DATABASE_READ_URL": "reader"}
    places = places_of(tmp_path, env)
    assert (places.database_url, places.redis_url) == ("reader", "all")


@pytest.mark.parametrize(
    ("statement", "shown"),
    [
        ("SELECT 'it''s', E'a\\'b', 3.5e4, $1, t1 FROM t1", "SELECT ?, ?, ?, $1, t1 FROM t1"),
        ("INSERT INTO logs\n  VALUES ($q$sp_key$q$, -4)", "INSERT INTO logs VALUES (?, ?)"),
        ("SELECT a -- it's here\nFROM t", "SELECT a FROM t"),
        ("SELECT * FROM t WHERE prompt = 'cut off in the mid", "SELECT * FROM t WHERE prompt = ?"),
        ('SELECT "Name 1" FROM x /* tell nobody */ -- nor this', 'SELECT "Name 1" FROM x'),
    ],
)
def test_values_in_a_statement_are_masked(statement: str, shown: str) -> None:
    assert masked(statement) == shown


def test_a_section_fits_its_width_and_ends_with_its_verdict() -> None:
    table = Table(("PID", "WHAT"), (("1", "w" * 300), ("2", "short")))
    section = Section(
        name="locks", state="wrong", verdict="waiting 2", tables=(table,), notes=("word " * 60,)
    )
    lines = list(section_lines(section, 80))
    assert max(map(len, lines)) <= 80
    assert lines[-1] == "locks: waiting 2"
    assert table_lines(table, 80)[1].endswith("…")


@pytest.mark.parametrize(
    ("samples", "grown"),
    [({600: 5.0}, 5.0), ({590: 5.0, 600: 9.0}, 9.0), ({290: 5.0, 305: 5.0, 600: 5.0}, 0.0), ({200: 5.0, 305: 5.0, 600: 8.0}, 3.0)],
)  # fmt: skip
def test_a_counter_that_was_not_there_before_has_grown_by_all_of_it(samples: dict[int, float], grown: float) -> None:  # fmt: skip
    store = SampleStore()
    for at_s, value in samples.items():
        store.append({"__name__": "refused_total", "reason": "odd"}, at_s * 1000, value)
    (row,) = instant_query(store, _grown("refused_total", "reason", 300.0), 600_000)["result"]
    assert float(row["value"][1]) == pytest.approx(grown, rel=0.05)
