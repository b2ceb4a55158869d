"""The request log: rows written to PostgreSQL off the path, bounded, counted when lost, never in the way."""

import asyncio
import re
from collections import deque
from collections.abc import Sequence

import msgspec

from server.api.telemetry.metrics import ApiMetrics
from server.store.postgres import Database, PostgresDownError, PostgresRefusedError

_MAX_ROWS = 4_000
_MAX_BYTES = 4 * 1024 * 1024
_BATCH = 500
_ROW_BYTES = 400
_encoder = msgspec.json.Encoder()

_WRITE = """
WITH row AS (
    SELECT * FROM json_to_recordset(%s::json) AS row (i uuid, a timestamptz, r text, k uuid, m text, p text, s integer,
        e text, q text, n text, j text, o text, l text, v text, d text, t integer, c text, z double precision,
        x integer, y integer)
), written AS (
    INSERT INTO request_logs (id, created_at, request_id, api_key_id, method, path, status, error_type, prompt, intent,
        subject, output_format, original_language, provider, model, tokens_used, cache, latency_ms, input_tokens,
        output_tokens)
    SELECT i, a, coalesce(r, i::text), k, m, p, s, e, q, n, j, o, l, v, d, coalesce(t, 0), c, z, coalesce(x, 0),
        coalesce(y, 0) FROM row
    ON CONFLICT DO NOTHING
    RETURNING api_key_id, created_at, status, cache, tokens_used, input_tokens, output_tokens
), counted AS (
    INSERT INTO usage_daily (api_key_id, day, requests, errors, cache_hits, tokens, input_tokens, output_tokens)
    SELECT api_key_id, (created_at AT TIME ZONE 'UTC')::date AS day, count(*), count(*) FILTER (WHERE status >= 400),
        count(*) FILTER (WHERE cache IN ('HIT', 'STALE', 'COALESCED')), sum(tokens_used), sum(input_tokens),
        sum(output_tokens)
    FROM written WHERE api_key_id IS NOT NULL GROUP BY api_key_id, day ORDER BY api_key_id, day
    ON CONFLICT (api_key_id, day) DO UPDATE SET requests = usage_daily.requests + excluded.requests,
        errors = usage_daily.errors + excluded.errors, cache_hits = usage_daily.cache_hits + excluded.cache_hits,
        tokens = usage_daily.tokens + excluded.tokens, input_tokens = usage_daily.input_tokens + excluded.input_tokens,
        output_tokens = usage_daily.output_tokens + excluded.output_tokens
)
UPDATE api_keys SET last_used_at = greatest(api_keys.last_used_at, used.at)
FROM (SELECT api_key_id, max(created_at) AS at FROM written WHERE api_key_id IS NOT NULL GROUP BY api_key_id) AS used
WHERE api_keys.id = used.api_key_id
"""
"""One statement: usage counts exactly the rows that were not there before, also where a commit's answer was lost and the
batch comes again."""
_LOST_ONE_BY_ONE = 8
"""After so many bad rows of a batch the rest of it is lost too: then it is not the rows that are wrong."""
_FORBIDDEN = re.compile("[\x00\ud800-\udfff]")
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
    input_tokens: int = msgspec.field(name="x", default=0)
    output_tokens: int = msgspec.field(name="y", default=0)


class RequestLog:
    """Rows that wait, and the task that writes them."""

    def __init__(self, database: Database, metrics: ApiMetrics, *, prompts: str) -> None:
        self._database = database
        self._metrics = metrics
        self._prompts = prompts
        self._rows: deque[LogRow] = deque()
        self._bytes = 0
        self.due = asyncio.Event()
        """Set when there is a whole batch to write."""

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
            self.due.set()

    def shown(self, prompt: str) -> str | None:
        """A prompt as the configuration lets it be kept."""
        if self._prompts == "none" or not prompt:
            return None
        return _SECRETS.sub("[redacted]", prompt) if self._prompts == "redacted" else prompt

    async def write(self) -> None:
        """Write what waits, and show how much is left."""
        await self.flush()
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
            written = await self._write_apart(batch)
            if written is None:
                return False
            self._metrics.log_written.inc(written)
            self._metrics.log_dropped.inc(len(batch) - written)
        else:
            self._metrics.log_written.inc(len(batch))
        for row in batch:
            self._rows.popleft()
            self._bytes -= _size(row)
        return True

    async def _write_apart(self, batch: Sequence[LogRow]) -> int | None:
        """Write the good rows of a batch that was refused, by halves; how many, None while PostgreSQL is away."""
        waiting, written, lost = [batch], 0, 0
        while waiting and lost < _LOST_ONE_BY_ONE:
            part = waiting.pop()
            try:
                await self._write(part)
            except PostgresDownError:
                # What was written stays written: the whole batch comes again, and rows that are there are passed over.
                return None
            except PostgresRefusedError:
                if len(part) == 1:
                    lost += 1
                else:
                    waiting += [part[len(part) // 2 :], part[: len(part) // 2]]
            else:
                written += len(part)
        return written

    async def _write(self, batch: Sequence[LogRow]) -> None:
        await self._database.execute(_WRITE, (_json(batch),))


def _json(rows: Sequence[LogRow]) -> str:
    """The rows as one parameter; text in PostgreSQL holds no NUL and no lone surrogate."""
    try:
        encoded = _encoder.encode(rows)
    except UnicodeEncodeError:
        encoded = b"\\u0000"
    if b"\\u0000" in encoded:
        encoded = _encoder.encode([_cleaned(row) for row in rows])
    return encoded.decode()


def _cleaned(row: LogRow) -> LogRow:
    texts = {name: value for name, value in msgspec.structs.asdict(row).items() if isinstance(value, str)}
    changed = {name: _FORBIDDEN.sub("\ufffd", value) for name, value in texts.items()}
    return msgspec.structs.replace(row, **changed)


def _size(row: LogRow) -> int:
    return _ROW_BYTES + len(row.prompt or "") + len(row.subject or "")
