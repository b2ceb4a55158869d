"""The request log: rows written to PostgreSQL off the path, bounded, counted when lost, never in the way."""

import asyncio
import re
from collections import defaultdict, deque
from collections.abc import Sequence
from typing import Any

import msgspec

from server.api.telemetry.metrics import ApiMetrics
from server.store.postgres import Database, PostgresDownError, PostgresRefusedError

_MAX_ROWS = 4_000
_MAX_BYTES = 4 * 1024 * 1024
_BATCH = 500
_EVERY_S = 0.5
_ROW_BYTES = 400
_encoder = msgspec.json.Encoder()

_INSERT = """
INSERT INTO request_logs (id, created_at, request_id, api_key_id, method, path, status, error_type, prompt, intent,
    subject, output_format, original_language, provider, model, tokens_used, cache, latency_ms)
SELECT i, a, coalesce(r, i::text), k, m, p, s, e, q, n, j, o, l, v, d, coalesce(t, 0), c, z
FROM json_to_recordset(%s::json) AS row (i uuid, a timestamptz, r text, k uuid, m text, p text, s integer, e text, q text,
    n text, j text, o text, l text, v text, d text, t integer, c text, z double precision)
ON CONFLICT DO NOTHING
"""
_COUNT = """
INSERT INTO usage_daily (api_key_id, day, requests, errors, cache_hits, tokens)
SELECT api_key_id, day, requests, errors, cache_hits, tokens FROM json_populate_recordset(NULL::usage_daily, %s::json)
ON CONFLICT (api_key_id, day) DO UPDATE SET requests = usage_daily.requests + excluded.requests,
    errors = usage_daily.errors + excluded.errors, cache_hits = usage_daily.cache_hits + excluded.cache_hits,
    tokens = usage_daily.tokens + excluded.tokens
"""
_USED = """
UPDATE api_keys SET last_used_at = greatest(api_keys.last_used_at, v.last_used_at)
FROM json_populate_recordset(NULL::api_keys, %s::json) AS v WHERE api_keys.id = v.id
"""
_SECRETS = re.compile(
    r"(?i)\b(?:sp_[0-9a-f]{16,}|sk-[\w-]{16,}|bearer\s+[\w.~+/-]{8,}=*|[\w.+-]+@[\w-]+\.[\w.-]+|(?:\d[ -]?){13,19})\b"
)


class LogRow(msgspec.Struct, omit_defaults=True):
    """One answered call; on the way to PostgreSQL every name is one letter."""

    id: str = msgspec.field(name="i")
    created_at: str = msgspec.field(name="a")
    """RFC 3339, UTC."""
    method: str = msgspec.field(name="m")
    path: str = msgspec.field(name="p")
    status: int = msgspec.field(name="s")
    latency_ms: float = msgspec.field(name="z")
    request_id: str | None = msgspec.field(name="r", default=None)
    """None: the same as ``id``."""
    api_key_id: str | None = msgspec.field(name="k", default=None)
    error_type: str | None = msgspec.field(name="e", default=None)
    prompt: str | None = msgspec.field(name="q", default=None)
    intent: str | None = msgspec.field(name="n", default=None)
    subject: str | None = msgspec.field(name="j", default=None)
    output_format: str | None = msgspec.field(name="o", default=None)
    original_language: str | None = msgspec.field(name="l", default=None)
    provider: str | None = msgspec.field(name="v", default=None)
    model: str | None = msgspec.field(name="d", default=None)
    tokens_used: int = msgspec.field(name="t", default=0)
    cache: str | None = msgspec.field(name="c", default=None)


class RequestLog:
    """Rows that wait, and the task that writes them."""

    def __init__(self, database: Database, metrics: ApiMetrics, *, prompts: str) -> None:
        self._database = database
        self._metrics = metrics
        self._prompts = prompts
        self._rows: deque[LogRow] = deque()
        self._bytes = 0
        self._full = asyncio.Event()

    @property
    def depth(self) -> int:
        """Rows that wait."""
        return len(self._rows)

    @property
    def full(self) -> bool:
        """Whether there is no room for another row."""
        return len(self._rows) >= _MAX_ROWS or self._bytes > _MAX_BYTES

    def drop(self) -> None:
        """Count a row that found no room."""
        self._metrics.log_dropped.inc()

    def add(self, row: LogRow) -> None:
        """Queue one row."""
        self._rows.append(row)
        self._bytes += _size(row)
        if len(self._rows) == _BATCH:
            self._full.set()

    def shown(self, prompt: str) -> str | None:
        """A prompt as the configuration lets it be kept."""
        if self._prompts == "none" or not prompt:
            return None
        return _SECRETS.sub("[redacted]", prompt) if self._prompts == "redacted" else prompt

    async def run(self) -> None:
        """Write batches until cancelled."""
        while True:
            try:
                await asyncio.wait_for(self._full.wait(), _EVERY_S)
            except TimeoutError:
                pass
            self._full.clear()
            while self._rows and await self.write_batch():
                pass
            self._metrics.log_depth.set(len(self._rows))

    async def flush(self) -> None:
        """Write what waits; gives up when PostgreSQL is away."""
        while self._rows and await self.write_batch():
            pass

    async def write_batch(self) -> bool:
        """Write up to one batch; False when it has to wait for PostgreSQL."""
        batch = [self._rows[i] for i in range(min(_BATCH, len(self._rows)))]
        try:
            await self._write(batch)
        except PostgresDownError:
            return False
        except PostgresRefusedError:
            self._metrics.log_dropped.inc(len(batch))
        else:
            self._metrics.log_written.inc(len(batch))
        for row in batch:
            self._rows.popleft()
            self._bytes -= _size(row)
        return True

    async def _write(self, batch: Sequence[LogRow]) -> None:
        totals, used = _totals(batch)
        async with self._database.session() as session, session.transaction():
            await session.execute(_INSERT, (_json(batch),))
            if totals:
                await session.execute(_COUNT, (_json(totals),))
                await session.execute(_USED, (_json(used),))


def _json(rows: Sequence[Any]) -> str:
    """The rows as one parameter; text in PostgreSQL holds no NUL."""
    return _encoder.encode(rows).decode().replace("\\u0000", "\ufffd")


def _totals(batch: Sequence[LogRow]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What the batch adds to each key's day, and when each key was last used."""
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    used: dict[str, str] = {}
    for row in batch:
        if row.api_key_id is None:
            continue
        total = sums[row.api_key_id, row.created_at[:10]]
        total[0] += 1
        total[1] += row.status >= 400
        total[2] += row.cache in ("HIT", "STALE", "COALESCED")
        total[3] += row.tokens_used
        used[row.api_key_id] = row.created_at
    totals = [
        {"api_key_id": id, "day": day, "requests": n, "errors": errors, "cache_hits": hits, "tokens": tokens}
        for (id, day), (n, errors, hits, tokens) in sorted(sums.items())
    ]
    return totals, [{"id": id, "last_used_at": at} for id, at in sorted(used.items())]


def _size(row: LogRow) -> int:
    return _ROW_BYTES + len(row.prompt or "") + len(row.subject or "")
