"""Facts about the request log, on a real PostgreSQL."""

from collections.abc import AsyncIterator

import pytest

from server.api.ids import new_id
from server.api.migrate import migrate
from server.api.telemetry.metrics import ApiMetrics
from server.api.telemetry.request_log import LogRow, RequestLog
from server.api.telemetry.request_log_months import rotate
from server.store.postgres import Database, PostgresBusyError
from tests.server.conftest import Postgres

_KEY = "00000000-0000-7000-8000-000000000001"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url, retry_after_s=0.0)
    await migrate(made)
    yield made
    await made.close()


def _log(database: Database, prompts: str = "full") -> tuple[RequestLog, ApiMetrics]:
    metrics = ApiMetrics(version="0", environment="test")
    return RequestLog(database, metrics, prompts=prompts), metrics


def _row(**values: object) -> LogRow:
    fields: dict[str, object] = {
        "id": new_id(),
        "created_at": "2026-03-04T05:06:07.000Z",
        "method": "POST",
        "path": "/v1/analyze",
        "status": 200,
        "latency_ms": 1.5,
        **values,
    }
    return LogRow(**fields)  # type: ignore[arg-type]  # a builder of one row


async def test_rows_and_totals_are_written_in_one_go(database: Database) -> None:
    log, _ = _log(database)
    await database.execute(
        "INSERT INTO api_keys (id, name, key_hash, key_prefix) VALUES (%s, 'k', 'h', 'p')", (_KEY,)
    )
    for n in range(1200):
        log.add(
            _row(api_key_id=_KEY, cache="HIT" if n % 2 else "MISS", tokens_used=3, prompt="a\0b", status=200)
        )
    await log.flush()
    assert await database.fetch(
        "SELECT count(*), min(prompt), min(request_id) = min(id::text) FROM request_logs"
    ) == [(1200, "a\ufffdb", True)]
    assert await database.fetch("SELECT requests, cache_hits, errors, tokens FROM usage_daily") == [
        (1200, 600, 0, 3600)
    ]
    assert (await database.fetch("SELECT last_used_at::text FROM api_keys"))[0][0].startswith(
        "2026-03-04 05:06:07"
    )


async def test_while_postgres_is_away_the_queue_is_bounded_and_losses_are_counted(
    database: Database, postgres: Postgres
) -> None:
    log, metrics = _log(database)
    postgres.stop()
    for _ in range(10_000):
        log.drop() if log.full else log.add(_row(prompt="x" * 100))
    await log.flush()
    assert (log.depth, metrics.totals("request_log_dropped_total")) == (4000, [6000.0])
    postgres.start()
    await log.flush()
    assert await database.fetch("SELECT count(*) FROM request_logs") == [(4000,)]


async def test_a_few_large_prompts_fill_it_too(database: Database) -> None:
    log, _ = _log(database)
    while not log.full:
        log.add(_row(prompt="x" * 10_000))
    assert log.depth < 450


async def test_a_batch_written_twice_is_stored_once(database: Database) -> None:
    log, _ = _log(database)
    row = _row()
    for _ in range(2):
        log.add(row)
        await log.flush()
    assert await database.fetch("SELECT count(*) FROM request_logs") == [(1,)]


@pytest.mark.parametrize(
    ("policy", "kept"), [("full", "mail bob@example.org"), ("redacted", "mail [redacted]"), ("none", None)]
)
async def test_prompts_are_kept_as_configured(database: Database, policy: str, kept: str | None) -> None:
    log, _ = _log(database, policy)
    assert log.shown("mail bob@example.org") == kept


async def test_the_turn_of_the_month_makes_a_child_of_the_old_table(database: Database) -> None:
    log, _ = _log(database)
    for month in ("2026-01", "2026-02", "2026-03"):
        await rotate(database, month, keep_months=2)
        log.add(_row(created_at=f"{month}-10T00:00:00.000Z"))
        await log.flush()
    tables = await database.fetch(
        "SELECT tablename FROM pg_tables WHERE tablename LIKE 'request_logs%%' ORDER BY tablename"
    )
    assert [name for (name,) in tables] == ["request_logs", "request_logs_2026_01", "request_logs_2026_02"]
    assert await database.fetch("SELECT count(*) FROM request_logs") == [(3,)]
    await database.execute("CREATE INDEX CONCURRENTLY idx_requests_api_key ON request_logs(api_key_id)")
    await rotate(database, "2026-04", keep_months=2)
    assert await database.fetch("SELECT count(*) FROM request_logs") == [(2,)]
    indexes = await database.fetch("SELECT indexdef FROM pg_indexes WHERE tablename = 'request_logs'")
    assert any("(api_key_id)" in definition for (definition,) in indexes)


async def _made_key(database: Database) -> None:
    await database.execute(
        "INSERT INTO api_keys (id, name, key_hash, key_prefix) VALUES (%s, 'k', 'h', 'p')", (_KEY,)
    )


@pytest.mark.parametrize(
    ("prompt", "kept"),
    [
        ("\\u0000", "\\u0000"),
        ("a\\\0b", "a\\\ufffdb"),
        ("\\\\u0000\0", "\\\\u0000\ufffd"),
        ("\ud800x", "\ufffdx"),
    ],
)
async def test_every_text_is_kept_as_far_as_postgres_can(database: Database, prompt: str, kept: str) -> None:
    log, metrics = _log(database)
    log.add(_row(prompt=prompt, subject=prompt))
    log.add(_row(prompt="next"))
    await log.flush()
    assert await database.fetch("SELECT prompt, subject FROM request_logs ORDER BY prompt = 'next'") == [
        (kept, kept),
        ("next", None),
    ]
    assert metrics.totals("request_log_dropped_total") == [0.0]


async def test_a_bad_row_is_lost_alone_and_counted(database: Database) -> None:
    log, metrics = _log(database)
    await _made_key(database)
    for n in range(100):
        log.add(_row(api_key_id=_KEY, tokens_used=2**40 if n in (3, 77) else 2))
    await log.flush()
    assert await database.fetch("SELECT count(*) FROM request_logs") == [(98,)]
    assert await database.fetch("SELECT requests, tokens FROM usage_daily") == [(98, 196)]
    assert metrics.totals("request_log_dropped_total", "request_log_written_total") == [2.0, 98.0]


async def test_usage_is_counted_once_where_a_commits_answer_was_lost(database: Database) -> None:
    log, _ = _log(database)
    await _made_key(database)
    rows = [_row(api_key_id=_KEY, tokens_used=2, input_tokens=1, output_tokens=1) for _ in range(3)]
    for batch in (rows, [*rows, _row(api_key_id=_KEY, tokens_used=2, input_tokens=1, output_tokens=1)]):
        for row in batch:
            log.add(row)
        await log.flush()
    assert await database.fetch("SELECT requests, tokens, input_tokens, output_tokens FROM usage_daily") == [
        (4, 8, 4, 4)
    ]


async def test_the_turn_of_the_month_waits_for_nobody_and_holds_up_no_writer(database: Database) -> None:
    log, _ = _log(database)
    await rotate(database, "2026-01", keep_months=2)
    async with database.session() as reader, reader.transaction():
        await reader.fetch("SELECT count(*) FROM request_logs")
        with pytest.raises(PostgresBusyError):
            await rotate(database, "2026-02", keep_months=2)
        log.add(_row())
        await log.flush()
        assert log.depth == 0
    assert await rotate(database, "2026-02", keep_months=2)


async def test_every_session_ends_its_statements_and_its_waiting(database: Database) -> None:
    async def limits() -> list[tuple[str, str]]:
        return await database.fetch(
            "SELECT current_setting('statement_timeout'), current_setting('lock_timeout')"
        )

    before = await limits()
    async with database.session(timeout_s=60.0) as session:
        assert await session.fetch("SELECT current_setting('statement_timeout')") == [("60500ms",)]
    assert await limits() == before == [("2500ms", "1s")]
