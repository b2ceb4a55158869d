"""PostgreSQL looked at: connections, long queries, locks, tables."""

from datetime import datetime
from typing import Any

from server.stack.diagnosis.section import Section, Table, age, judged, size
from server.stack.diagnosis.statement import masked
from server.store.postgres import LoneSession, Row

_NEARLY_FULL = 0.8
_IDLE_TOO_LONG_S = 60.0
_WAITED_S = 1.0
_DEAD_SHARE, _DEAD_ROWS = 0.2, 10_000
_MOST_ROWS = 15

_CONNECTIONS = """
SELECT coalesce(nullif(application_name, ''), '-'), coalesce(usename, '-'), coalesce(state, '-'), count(*),
    extract(epoch FROM max(now() - state_change))::float,
    count(*) FILTER (WHERE state LIKE 'idle in transaction%%' AND now() - state_change > make_interval(secs => %s))
FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3
"""
_ROOM = """
SELECT current_setting('max_connections')::int,
    current_setting('superuser_reserved_connections')::int + current_setting('reserved_connections', true)::int
"""
_QUERIES = """
SELECT pid, usename, coalesce(nullif(application_name, ''), '-'), state, coalesce(wait_event_type || ':' || wait_event, '-'),
    extract(epoch FROM now() - CASE state WHEN 'active' THEN query_start ELSE xact_start END)::float AS age_s, query
FROM pg_stat_activity
WHERE backend_type = 'client backend' AND state <> 'idle' AND pid <> pg_backend_pid()
    AND now() - CASE state WHEN 'active' THEN query_start ELSE xact_start END > make_interval(secs => %s)
ORDER BY age_s DESC
"""
_LOCKS = """
SELECT w.pid, extract(epoch FROM now() - coalesce(l.waitstart, w.query_start))::float, l.locktype, l.mode,
    CASE WHEN l.relation IS NOT NULL AND l.database IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
        THEN l.relation::regclass::text END,
    w.query, blocker, b.state, coalesce(nullif(b.application_name, ''), b.usename, '-'), b.query,
    extract(epoch FROM now() - b.xact_start)::float
FROM pg_stat_activity w
JOIN pg_locks l ON l.pid = w.pid AND NOT l.granted
CROSS JOIN LATERAL unnest(pg_blocking_pids(w.pid)) AS blocker
LEFT JOIN pg_stat_activity b ON b.pid = blocker
ORDER BY 2 DESC
"""
_TABLES = """
SELECT c.oid::regclass::text, pg_total_relation_size(c.oid), pg_indexes_size(c.oid), coalesce(s.n_live_tup, 0),
    coalesce(s.n_dead_tup, 0), greatest(s.last_vacuum, s.last_autovacuum), greatest(s.last_analyze, s.last_autoanalyze), now()
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_stat_user_tables s ON s.relid = c.oid
WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_t%'
ORDER BY 2 DESC
"""
_INVALID = """
SELECT i.indexrelid::regclass::text, i.indrelid::regclass::text FROM pg_index i
WHERE NOT i.indisvalid AND i.indexrelid NOT IN (SELECT index_relid FROM pg_stat_progress_create_index) ORDER BY 1
"""


async def connections(session: LoneSession) -> Section:
    """Who is connected and in which state, against the most there may be."""
    [(most, kept_back)] = await session.fetch(_ROOM)
    rows = await session.fetch(_CONNECTIONS, (_IDLE_TOO_LONG_S,))
    taken, idle = sum(row[3] for row in rows), sum(row[5] for row in rows)
    room = most - kept_back
    faults = []
    if taken >= _NEARLY_FULL * room:
        faults.append(f"{taken} of {room} taken")
    if idle:
        faults.append(f"idle in transaction {idle}")
    notes = [f"{taken} of {room} connections are taken ({most} less {kept_back} kept back for operators)"]
    if faults:
        notes.append("ops act reset-db-connections ends those of the service; it opens new ones by itself")
    table = Table(
        ("APPLICATION", "USER", "STATE", "COUNT", "SINCE"),
        tuple((app, user, state, str(count), age(since)) for app, user, state, count, since, _ in rows),
    )
    fields = ("application", "user", "state", "count", "oldest_state_s", "idle_in_transaction_too_long")
    return judged(
        "connections", faults, table, notes=notes,
        figures={"taken": taken, "room": room, "max_connections": most, "by": _named(fields, rows)},
    )  # fmt: skip


async def queries(session: LoneSession, longer_than_s: float) -> Section:
    """What has run, or held a transaction open, for longer than ``longer_than_s``."""
    rows = [(*row[:6], masked(row[6])) for row in await session.fetch(_QUERIES, (longer_than_s,))]
    table = Table(
        ("PID", "AGE", "STATE", "WAITS FOR", "QUERY"),
        tuple((str(pid), age(old), state, wait, text) for pid, _, _, state, wait, old, text in rows[:_MOST_ROWS]),
    )  # fmt: skip
    notes = [] if rows else [f"nothing runs for longer than {age(longer_than_s)}"]
    if rows:
        notes.append(
            "ops act terminate-long-queries --param seconds=N ends those of the service that run longer"
        )
    fields = ("pid", "user", "application", "state", "wait_event", "age_s", "query")
    return judged(
        "queries", [f"running long {len(rows)}"] if rows else [], table, notes=notes,
        figures={"longer_than_s": longer_than_s, "queries": _named(fields, rows)},
    )  # fmt: skip


async def locks(session: LoneSession) -> Section:
    """Who waits for whom; those that wait for less than a second are shown and are no fault."""
    rows = [(*row[:5], masked(row[5]), *row[6:9], masked(row[9] or ""), row[10]) for row in await session.fetch(_LOCKS)]  # fmt: skip
    waiting = {row[0] for row in rows if row[1] >= _WAITED_S}
    table = Table(
        ("WAITS", "FOR", "ON", "BLOCKED BY", "WANTS TO"),
        tuple(
            (str(pid), age(waits), f"{mode.removesuffix('Lock')} {relation or kind}", str(blocker), text)
            for pid, waits, kind, mode, relation, text, blocker, *_ in rows[:_MOST_ROWS]
        ),
    )
    blockers = {row[6]: row[7:] for row in rows if row[6] not in {waiter[0] for waiter in rows}}
    roots = Table(
        ("BLOCKER", "OPEN FOR", "STATE", "APPLICATION", "ITS STATEMENT"),
        tuple(
            (str(pid), age(open_s), state or "prepared", app, text)
            for pid, (state, app, text, open_s) in blockers.items()
        ),
    )
    notes = ["nobody waits for a lock"] if not rows else []
    if waiting:
        notes.append(
            "a blocker that is active ends with ops act terminate-long-queries, one that is idle in transaction with "
            "ops act reset-db-connections"
        )
    fields = (
        "pid", "waiting_s", "lock", "mode", "relation", "query",
        "blocked_by", "blocker_state", "blocker_application", "blocker_query", "blocker_open_s",
    )  # fmt: skip
    return judged(
        "locks", [f"waiting {len(waiting)}"] if waiting else [], table, roots, notes=notes,
        figures={"waits": _named(fields, rows)},
    )  # fmt: skip


async def tables(session: LoneSession) -> Section:
    """Sizes, dead rows, the last vacuum and analyze, and indexes that a failed build left behind."""
    rows = await session.fetch(_TABLES)
    invalid = await session.fetch(_INVALID)
    bloated = [row[0] for row in rows if row[4] > _DEAD_ROWS and row[4] > _DEAD_SHARE * (row[3] + row[4])]
    faults = [f"invalid index {name}" for name, _ in invalid] + [f"dead rows in {name}" for name in bloated]
    notes = [f"{name} on {table} is invalid: a build that failed left it; DROP INDEX CONCURRENTLY, then ops act create-index" for name, table in invalid]  # fmt: skip
    table = Table(
        ("TABLE", "SIZE", "INDEXES", "ROWS", "DEAD", "VACUUMED", "ANALYZED"),
        tuple(
            (name, size(total), size(indexes), str(live), str(dead), _ago(vacuumed, now), _ago(analyzed, now))
            for name, total, indexes, live, dead, vacuumed, analyzed, now in rows[:_MOST_ROWS]
        ),
    )
    fields = (
        "table", "total_bytes", "index_bytes", "live_rows", "dead_rows", "vacuumed_at", "analyzed_at"
    )  # fmt: skip
    return judged(
        "tables", faults, table, notes=notes,
        figures={"tables": _named(fields, rows), "invalid_indexes": [name for name, _ in invalid]},
    )  # fmt: skip


def _ago(at: datetime | None, now: datetime) -> str:
    return "never" if at is None else age((now - at).total_seconds())


def _named(fields: tuple[str, ...], rows: list[Row]) -> list[dict[str, Any]]:
    return [dict(zip(fields, row, strict=False)) for row in rows]
