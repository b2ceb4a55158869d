"""What was slow: Redis' slow log, and PostgreSQL's statements by its statistics or by its log."""

import re
import time
from collections import deque
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from server.stack.diagnosis.redis import RECENT_S, slow_commands
from server.stack.diagnosis.section import Section, Table, age, judged
from server.stack.diagnosis.sources import Sources
from server.stack.diagnosis.statement import masked
from server.store.postgres import LoneSession, PostgresDownError, PostgresRefusedError
from server.store.redis import RedisDownError

_STATISTICS = (
    "SELECT to_regclass('pg_stat_statements') IS NOT NULL, current_setting('log_min_duration_statement')"
)
_STATEMENTS = """
SELECT calls, mean_exec_time::float, max_exec_time::float, query FROM pg_stat_statements ORDER BY total_exec_time DESC LIMIT 8
"""
_LOGGED = re.compile(
    r"^(?P<day>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.\d+)? (?P<zone>\S+) .*duration: (?P<ms>[\d.]+) ms  (?:statement|execute [^:]*): (?P<text>.*)"
)
_MOST_LINES = 50_000


async def slowlog(sources: Sources) -> Section:
    """Both; whichever does not answer is named, and the other still shown."""
    gone: list[str] = []
    notes: list[str] = []
    tables: list[Table] = []
    faults: list[str] = []
    figures: dict[str, Any] = {}
    try:
        table, slow, entries = await slow_commands(await sources.redis(), time.time())
        tables, faults, figures["redis"] = [table], slow, entries
        notes.append(
            f"Redis: {len(entries)} commands in its slow log" if entries else "Redis: no slow command"
        )
    except RedisDownError as error:
        gone.append("Redis")
        notes.append(f"Redis does not answer: {error}; start it with ops act start-redis")
    try:
        await _statements(
            await sources.postgres(), sources.places.postgres_log, tables, notes, faults, figures
        )
    except (PostgresDownError, PostgresRefusedError) as error:
        gone.append("PostgreSQL")
        notes.append(
            f"PostgreSQL does not answer: {' '.join(str(error).split())}; start it with ops act start-postgres"
        )
    section = judged("slowlog", [*(f"{name} does not answer" for name in gone), *faults], *tables, notes=notes, figures=figures)  # fmt: skip
    return section if not gone else Section(
        name="slowlog", state="away", verdict=section.verdict, tables=section.tables, notes=section.notes, figures=figures
    )  # fmt: skip


async def _statements(
    session: LoneSession,
    log: Path | None,
    tables: list[Table],
    notes: list[str],
    faults: list[str],
    figures: dict[str, Any],
) -> None:
    [(statistics, threshold)] = await session.fetch(_STATISTICS)
    if statistics:
        rows = [(*row[:3], masked(row[3])) for row in await session.fetch(_STATEMENTS)]
        tables.append(Table(("CALLS", "MEAN", "LONGEST", "STATEMENT"), tuple((str(c), f"{m:.1f} ms", f"{x:.0f} ms", text) for c, m, x, text in rows)))  # fmt: skip
        figures["statements"] = [dict(zip(("calls", "mean_ms", "max_ms", "statement"), row, strict=True)) for row in rows]  # fmt: skip
        notes.append("PostgreSQL: by pg_stat_statements, those that took most in all")
        return
    if threshold == "-1":
        notes.append(
            "PostgreSQL: no pg_stat_statements, and log_min_duration_statement is off: nothing is known"
        )
        return
    found = None if log is None else _logged(log)
    if found is None:
        notes.append(
            f"PostgreSQL: statements over {threshold} are in its own log, which is not on this machine"
        )
        return
    recent = [each for each in found if each["ago_s"] is None or each["ago_s"] < RECENT_S]
    rows = [(age(each["ago_s"]), f"{each['took_ms']:.0f} ms", each["statement"]) for each in found[:8]]
    tables.append(Table(("AGO", "TOOK", "STATEMENT"), tuple(rows)))
    figures["statements"] = found
    notes.append(f"PostgreSQL: {len(recent)} statements over {threshold} in the last hour, by its log")
    if recent:
        faults.append(f"slow statements {len(recent)}")


def _logged(log: Path) -> list[dict[str, Any]] | None:
    """Slow statements of the log's end, newest first; None where there is no log."""
    if not log.exists():
        return None
    with log.open(errors="replace") as file:
        lines = deque(file, maxlen=_MOST_LINES)
    found = []
    for line in reversed(lines):
        match = _LOGGED.match(line)
        if match:
            found.append(
                {"ago_s": _ago(match), "took_ms": float(match["ms"]), "statement": masked(match["text"])}
            )
    return found


def _ago(match: re.Match[str]) -> float | None:
    """None where the log's zone is not UTC: its offset is not written there."""
    if match["zone"] not in ("UTC", "GMT"):
        return None
    at = datetime.strptime(match["day"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    return (datetime.now(UTC) - at).total_seconds()
