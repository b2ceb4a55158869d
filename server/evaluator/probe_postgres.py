"""PostgreSQL probed in one statement, under postgres_exporter's metric names."""

import json
import re
from urllib.parse import parse_qs, urlsplit

from server.exposition import ExposedSample, Exposition, Metadata, quoted
from server.store.postgres import PostgresDownError, Row, query_once

# One row a sample: the metric, its labels as JSON, its value. What an ordinary user may not see is left out.
_FACTS = """
SELECT 'pg_stat_activity_count', json_build_object('datname', d.datname, 'state', s.state)::text,
       count(a.pid)::float8
  FROM pg_database d
 CROSS JOIN (VALUES ('active'), ('idle'), ('idle in transaction'),
                    ('idle in transaction (aborted)'), ('fastpath function call'), ('disabled')) AS s(state)
  LEFT JOIN pg_stat_activity a ON a.datname = d.datname AND a.state = s.state
 WHERE NOT d.datistemplate
 GROUP BY 2
UNION ALL
SELECT 'pg_stat_activity_max_tx_duration', json_build_object('datname', d.datname, 'state', 'active')::text,
       coalesce(max(extract(epoch FROM now() - a.xact_start)), 0)::float8
  FROM pg_database d
  LEFT JOIN pg_stat_activity a ON a.datname = d.datname AND a.state = 'active' AND a.pid <> pg_backend_pid()
 WHERE NOT d.datistemplate
 GROUP BY 2
UNION ALL
SELECT 'pg_settings_max_connections', '{}', current_setting('max_connections')::float8
UNION ALL
SELECT 'pg_locks_count', json_build_object('datname', d.datname, 'mode', lower(l.mode))::text, count(*)::float8
  FROM pg_locks l JOIN pg_database d ON d.oid = l.database
 GROUP BY 2
UNION ALL
SELECT metric, json_build_object('datname', datname)::text, value::float8
  FROM pg_stat_database,
       LATERAL (VALUES ('pg_stat_database_numbackends', numbackends::float8),
                       ('pg_stat_database_xact_commit', xact_commit::float8),
                       ('pg_stat_database_xact_rollback', xact_rollback::float8),
                       ('pg_stat_database_blks_read', blks_read::float8),
                       ('pg_stat_database_blks_hit', blks_hit::float8),
                       ('pg_stat_database_deadlocks', deadlocks::float8)) AS facts(metric, value)
 WHERE datname IS NOT NULL
UNION ALL
SELECT 'pg_database_size_bytes', json_build_object('datname', datname)::text, pg_database_size(datname)::float8
  FROM pg_database WHERE NOT datistemplate AND has_database_privilege(datname, 'CONNECT')
UNION ALL
SELECT 'pg_postmaster_start_time_seconds', '{}', extract(epoch FROM pg_postmaster_start_time())::float8
"""

METRICS = frozenset({"pg_up", *re.findall(r"'(pg_[a-z_]+)'", _FACTS)})
"""Every metric that the probe can show."""
_METADATA = {
    "pg_up": Metadata("gauge", "Whether the last probe could connect to PostgreSQL."),
    "pg_stat_activity_count": Metadata("gauge", "Connections by database and state."),
    "pg_settings_max_connections": Metadata("gauge", "How many connections PostgreSQL accepts."),
}


def instance_of(dsn: str) -> str:
    """Where PostgreSQL listens, without any credentials."""
    parts = urlsplit(dsn)
    sockets = parse_qs(parts.query).get("host")
    if sockets:
        return sockets[0]
    return f"{parts.hostname or 'localhost'}:{parts.port or 5432}"


async def probe_postgres(dsn: str, *, timeout_s: float) -> Exposition:
    """Never fails: a PostgreSQL that does not answer is ``pg_up 0``."""
    try:
        rows = await query_once(dsn, _FACTS, timeout_s=timeout_s)
    except PostgresDownError:
        return Exposition([ExposedSample("pg_up", 0.0, None)], _METADATA)
    return Exposition([ExposedSample("pg_up", 1.0, None), *map(_sample, rows)], _METADATA)


def _sample(row: Row) -> ExposedSample:
    name, labels, value = row
    pairs = ",".join(f"{key}={quoted(str(text))}" for key, text in sorted(json.loads(labels).items()))
    return ExposedSample(f"{name}{{{pairs}}}" if pairs else str(name), float(value), None)
