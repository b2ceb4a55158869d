"""One request followed: its lines of the API's log and its rows of the request log, in the order of time."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from server.stack.diagnosis.api_log import TimedLogLine, kept_since, lines_of, of_request
from server.stack.diagnosis.section import Section, Table, away
from server.stack.diagnosis.sources import LINES_ELSEWHERE, Sources
from server.store.postgres import LoneSession, PostgresDownError, PostgresRefusedError

_ROW = """
SELECT r.created_at, r.method, r.path, r.status, r.error_type, r.latency_ms, coalesce(k.name, r.api_key_id::text), r.provider,
    r.model, r.tokens_used, r.cache, r.intent, length(r.prompt)
FROM request_logs r LEFT JOIN api_keys k ON k.id = r.api_key_id WHERE {condition} ORDER BY r.created_at LIMIT 100
"""
_BY_ID = _ROW.format(condition="r.id = %s::uuid AND r.request_id = %s")
_BY_REQUEST = _ROW.format(condition="r.request_id = %s")
_KEPT = "SELECT min(created_at) FROM request_logs"
_FIELDS = (
    "at", "method", "path", "status", "error_type", "latency_ms", "client", "provider", "model", "tokens", "cache", "intent",
    "prompt_characters",
)  # fmt: skip


async def request(sources: Sources, request_id: str) -> Section:
    """When a request came, what was asked of whom, how it was answered, and where else it is named."""
    log = sources.places.api_log
    printed = await sources.lines_elsewhere()
    lines = (
        lines_of(log, request_id)
        if log is not None and log.exists()
        else of_request(printed or (), request_id)
    )
    looked, rows, trouble = [_log_words(sources, printed)], [], ""
    try:
        session = await sources.postgres()
        rows = [dict(zip(_FIELDS, row, strict=True)) for row in await _rows(session, request_id)]
        looked.append(await _kept(session))
    except (PostgresDownError, PostgresRefusedError) as error:
        trouble = f"PostgreSQL does not answer, so that the request log was not searched: {' '.join(str(error).split())}; start it with ops act start-postgres"  # fmt: skip
    if not lines and not rows:
        if trouble and log is None:
            return away("request", "PostgreSQL", trouble, "ops act start-postgres")
        notes = (f"{request_id} was not found.", f"Looked in {'; '.join(looked)}.", *([trouble] if trouble else []))  # fmt: skip
        return Section(name="request", state="away" if trouble else "wrong", verdict="not found", notes=notes, figures={"request_id": request_id})  # fmt: skip
    return _told(request_id, lines, rows, trouble)


async def _rows(session: LoneSession, request_id: str) -> list[tuple[Any, ...]]:
    try:
        found = await session.fetch(_BY_ID, (str(UUID(request_id)), request_id))
    except ValueError:
        found = []
    return found or await session.fetch(_BY_REQUEST, (request_id,))


async def _kept(session: LoneSession) -> str:
    [(oldest,)] = await session.fetch(_KEPT)
    since = f"since {_stamp(oldest)}" if oldest else "empty"
    return f"the request log in PostgreSQL ({since}; kept for REQUEST_LOG_RETENTION_MONTHS, 13 unless it was set)"


def _log_words(sources: Sources, printed: list[TimedLogLine] | None) -> str:
    log = sources.places.api_log
    if printed:
        since = next((_stamp(line.at) for line in printed if line.at is not None), "?")
        return f"the last {LINES_ELSEWHERE} lines of the API's log (since {since})"
    if log is None:
        return "no log of the API (it is not on this machine)"
    oldest = kept_since(log)
    since = f"since {_stamp(oldest)}" if oldest else "empty"
    return f"the API's log ({since}; 20 MB and three older files of that size are kept)"


def _told(request_id: str, lines: list[TimedLogLine], rows: list[dict[str, Any]], trouble: str) -> Section:
    events: list[tuple[datetime, str, str]] = []
    for row in rows:
        took = timedelta(milliseconds=row["latency_ms"])
        events.append((row["at"] - took, "request", f"{row['method']} {row['path']} begins" + (f", client {row['client']}" if row["client"] else "")))  # fmt: skip
        if row["provider"]:
            events.append((row["at"], "provider", _provider_words(row)))
        words = f"answered {row['status']}" + (f" {row['error_type']}" if row["error_type"] else "")
        events.append((row["at"], "request log", f"{words} after {row['latency_ms']:.1f} ms, intent {row['intent'] or '-'}"))  # fmt: skip
    for line in lines:
        text = line.message if not line.status else f"{line.level} {line.method} {line.path} {line.status} {line.error_type or 'ok'} {line.duration_ms:.1f} ms, cache {line.cache or '-'}, provider {line.provider or '-'}"  # fmt: skip
        events.append((line.at or datetime.min.replace(tzinfo=UTC), "API log", text))
        if line.detail:
            events.append((events[-1][0], "API log", line.detail.strip().splitlines()[-1]))
    events.sort(key=lambda event: event[0])
    statuses = [row["status"] for row in rows] or [line.status for line in lines if line.status]
    failed = [status for status in statuses if status >= 500]
    notes = [trouble] if trouble else []
    if not rows and not trouble:
        notes.append(
            "the request log has no row of it: only analyze calls leave one, half a second after the answer"
        )
    table = Table(("AT (UTC)", "FROM", "WHAT"), tuple((f"{at.astimezone(UTC):%H:%M:%S.%f}"[:12], where, text) for at, where, text in events), wraps=True)  # fmt: skip
    notes.insert(0, f"{request_id}, {_stamp(events[0][0])}")
    verdict = f"answered {failed[0]}" if failed else "ok" + (f", answered {statuses[-1]}" if statuses else "")
    return Section(
        name="request", state="wrong" if failed else "ok", verdict=verdict, tables=(table,), notes=tuple(notes),
        figures={"request_id": request_id, "rows": rows, "lines": lines, "events": [{"at": at, "from": where, "what": text} for at, where, text in events]},
    )  # fmt: skip


def _provider_words(row: dict[str, Any]) -> str:
    if row["cache"] in ("HIT", "STALE"):
        return f"not called: the cache had the answer of {row['provider']} ({row['cache']})"
    return f"{row['provider']} {row['model'] or ''} answered, {row['tokens']} tokens".replace("  ", " ")


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}"
