"""The API looked at: its errors, the clients it refuses, its providers."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from server.exposition import LabelledValue, quantile, samples_of
from server.stack.diagnosis.api_log import TimedLogLine, lines_since
from server.stack.diagnosis.section import Section, Table, age, away, judged
from server.stack.diagnosis.sources import LINES_ELSEWHERE, HttpDownError, Sources
from server.store.postgres import PostgresDownError, PostgresRefusedError, Row

_ERROR_SHARE = 0.05
_REFUSALS_PER_S = 0.5
_SLOW_P95_S = 3.0
_FAILING_SHARE = 0.1
_FEWEST_CALLS = 5
_MOST_ROWS = 10
_PROBES = ("/v1/live", "/v1/ready", "/v1/health", "/v1/metrics")

_FAILED = """
SELECT status, path, coalesce(error_type, '-'), count(*), (array_agg(request_id ORDER BY created_at DESC))[1], max(created_at)
FROM request_logs WHERE created_at > now() - make_interval(secs => %s) AND status >= 500 GROUP BY 1, 2, 3 ORDER BY 4 DESC
"""
_ANSWERED = "SELECT count(*) FROM request_logs WHERE created_at > now() - make_interval(secs => %s)"
_REFUSED = """
SELECT r.status, coalesce(k.name, r.api_key_id::text, '(no known key)'), r.path, count(*), min(r.created_at), max(r.created_at),
    (array_agg(r.request_id ORDER BY r.created_at DESC))[1]
FROM request_logs r LEFT JOIN api_keys k ON k.id = r.api_key_id
WHERE r.created_at > now() - make_interval(secs => %s) AND r.status IN (401, 429)
GROUP BY 1, 2, 3 ORDER BY 4 DESC
"""


async def errors(sources: Sources, within_s: float) -> Section:
    """Errors by type from the API's log, and server errors by status and path; from the request log where it has none."""
    log = sources.places.api_log
    if log is not None and log.exists():
        lines, whole = lines_since(log, datetime.now(UTC) - timedelta(seconds=within_s))
        return _errors_of(lines, within_s, whole=whole)
    printed = await sources.lines_elsewhere()
    if printed is not None:
        start = datetime.now(UTC) - timedelta(seconds=within_s)
        fresh = [line for line in printed if line.at is not None and line.at >= start]
        return _errors_of(fresh, within_s, whole=len(fresh) < len(printed) or len(printed) < LINES_ELSEWHERE)
    try:
        session = await sources.postgres()
        failed = await session.fetch(_FAILED, (within_s,))
        [(answered,)] = await session.fetch(_ANSWERED, (within_s,))
    except (PostgresDownError, PostgresRefusedError) as error:
        return away("errors", "the API's log", f"not on this machine, and the request log says: {error}", "ops act start-postgres")  # fmt: skip
    notes = ["the API's log is not on this machine; this is the request log in PostgreSQL"]
    by_path = {(status, path, kind): (count, last) for status, path, kind, count, last, _ in failed}
    return _errors("errors", by_path, Counter(), answered, within_s, notes)


def _errors_of(lines: Iterable[TimedLogLine], within_s: float, *, whole: bool) -> Section:
    kinds: Counter[tuple[str, str]] = Counter()
    by_path: dict[tuple[int, str, str], tuple[int, str]] = {}
    answered, quiet = 0, True
    for line in lines:
        if line.status and line.path not in _PROBES:
            answered += 1
            quiet = quiet and line.status >= 400
        if line.error_type and (line.status >= 400 or line.level in ("ERROR", "CRITICAL")):
            kinds[line.level, line.error_type] += 1
        if line.status >= 500 and line.path not in _PROBES:
            key = (line.status, line.path.partition("?")[0], line.error_type)
            by_path[key] = (by_path.get(key, (0, ""))[0] + 1, line.request_id)
    notes = [] if whole else ["the log is longer than what was read of it: its end"]
    if quiet and answered:
        notes.append("the log has errors only (LOG_LEVEL), so that their share of all answers is not known")
    return _errors("errors", by_path, kinds, answered, within_s, notes)


def _errors(
    name: str,
    by_path: dict[tuple[int, str, str], tuple[int, str]],
    kinds: Counter[tuple[str, str]],
    answered: int,
    within_s: float,
    notes: list[str],
) -> Section:
    failed = sum(count for count, _ in by_path.values())
    ordered = sorted(by_path.items(), key=lambda item: -item[1][0])
    types = Table(("LEVEL", "ERROR TYPE", "COUNT"), tuple((*kind, str(count)) for kind, count in kinds.most_common(_MOST_ROWS)))  # fmt: skip
    paths = Table(
        ("STATUS", "PATH", "ERROR TYPE", "COUNT"),
        tuple((str(s), path, kind, str(count)) for (s, path, kind), (count, _) in ordered[:_MOST_ROWS]),
    )  # fmt: skip
    notes = [f"{failed} of {answered} answers of the last {age(within_s)} were server errors", *notes]
    if ordered:
        notes.append(f"follow one with: ops diag request {ordered[0][1][1]}")
    share = failed / answered if answered else 0.0
    faults = [f"{failed} of {answered} answers failed ({100 * share:.0f} %)"] if share > _ERROR_SHARE else []
    return judged(
        name, faults, types, paths, notes=notes,
        figures={
            "within_s": within_s, "answers": answered, "failed": failed,
            "by_type": [{"level": level, "error_type": kind, "count": count} for (level, kind), count in kinds.most_common()],
            "by_status_and_path": [{"status": s, "path": p, "error_type": k, "count": n, "latest_request_id": last} for (s, p, k), (n, last) in ordered],
        },
    )  # fmt: skip


async def clients(sources: Sources, within_s: float) -> Section:
    """Whom the API refuses, by key and path; who sends a key that never existed is known by its path alone."""
    notes: list[str] = []
    rows: list[Row] = []
    silent: Exception | None = None
    try:
        rows = await (await sources.postgres()).fetch(_REFUSED, (within_s,))
    except (PostgresDownError, PostgresRefusedError) as error:
        silent = error
    reasons, since = await _reasons(sources, within_s, sum(row[3] for row in rows if row[0] == 401))
    if silent is not None:
        if reasons is None:
            return away("clients", "PostgreSQL", f"{silent} (and neither does the API)", "ops act start-postgres")  # fmt: skip
        notes.append(f"who they are is not known: PostgreSQL does not answer ({str(silent).splitlines()[0]}); start it with ops act start-postgres")  # fmt: skip
    refused = {status: sum(row[3] for row in rows if row[0] == status) for status in (401, 429)}
    per_s = {status: count / within_s for status, count in refused.items()}
    faults = [f"{status} {rate:.1f} a second" for status, rate in per_s.items() if rate > _REFUSALS_PER_S]
    notes.insert(0, f"in the last {age(within_s)}: {refused[401]} requests refused with 401, {refused[429]} with 429")  # fmt: skip
    if reasons is None:
        notes.append("why keys were refused is not known: neither Prometheus nor the API answers")
    if rows:
        notes.append(f"follow one with: ops diag request {rows[0][6]}")
    why = Table(("KEY REFUSED BECAUSE", since), tuple((r, f"{n:.0f}") for r, n in sorted((reasons or {}).items(), key=lambda i: -i[1]) if n >= 1))  # fmt: skip
    return judged(
        "clients", faults, _refused_table(rows), why, notes=notes,
        figures={
            "within_s": within_s, "refused_401": refused[401], "refused_429": refused[429], "reasons": reasons or {},
            "clients": [dict(zip(("status", "client", "path", "count", "first_at", "last_at", "latest_request_id"), row, strict=True)) for row in rows],
        },
    )  # fmt: skip


def _refused_table(rows: list[Row]) -> Table:
    return Table(
        ("STATUS", "CLIENT", "PATH", "COUNT"),
        tuple((str(s), name, path, str(n)) for s, name, path, n, *_ in rows[:_MOST_ROWS]),
    )


async def _reasons(sources: Sources, within_s: float, refused: int) -> tuple[dict[str, float] | None, str]:
    """Refused keys by reason, and since when they are counted; None where nobody tells.

    Where most of those ``refused`` came after the last sample, the API's own count is told.
    """
    try:
        found = await sources.query(_grown("auth_failures_total", "reason", within_s))
        if found and sum(_by(found, "reason").values()) >= refused / 2:
            return _by(found, "reason"), f"LAST {age(within_s)}"
    except HttpDownError:
        pass
    try:
        return _by(samples_of(await sources.metrics(), "auth_failures_total"), "reason"), "SINCE ITS START"
    except HttpDownError:
        return None, "COUNT"


def _grown(counter: str, by: str, within_s: float) -> str:
    """By how much a counter has grown, in PromQL; one that was not there before has grown by all of it.

    ``increase`` alone knows nothing of what came before the first sample.
    """
    window = f"{within_s:.0f}s"
    return f"sum by ({by}) (({counter} unless {counter} offset {window}) or increase({counter}[{window}]))"


def _by(samples: Iterable[LabelledValue], label: str) -> dict[str, float]:
    sums: dict[str, float] = defaultdict(float)
    for labels, value in samples:
        sums[labels.get(label, "")] += value
    return dict(sums)


async def providers(sources: Sources, within_s: float) -> Section:
    """Each provider's latency, outcomes and breaker."""
    try:
        text = await sources.metrics()
    except HttpDownError as error:
        return away("providers", "the API", str(error), "ops act start-api")
    breakers = _by(samples_of(text, "llm_breaker_open"), "provider")
    buckets, outcomes, since = await _calls(sources, text, within_s)
    rows, faults, figures = [], [], []
    for name in sorted({*breakers, *buckets}):
        p50, p95 = quantile(0.5, buckets.get(name, ())), quantile(0.95, buckets.get(name, ()))
        ended = {kind: round(n) for kind, n in outcomes.get(name, {}).items() if n >= 0.5}
        calls = sum(ended.values())
        bad = calls - ended.get("ok", 0) - ended.get("cancelled", 0)
        is_open = breakers.get(name, 0) > 0
        if is_open:
            faults.append(f"breaker open {name}")
        if p95 is not None and p95 > _SLOW_P95_S:
            faults.append(f"slow {name}")
        if calls >= _FEWEST_CALLS and bad > _FAILING_SHARE * calls:
            faults.append(f"failing {name}")
        words = ", ".join(f"{n} {kind}" for kind, n in sorted(ended.items(), key=lambda item: -item[1]))
        observed = round(max((count for _, count in buckets.get(name, ())), default=0.0))
        words = words or (f"{observed} calls" if observed else "no calls")
        rows.append((name, _ms(p50), _ms(p95), "open" if is_open else "closed", words))
        figures.append({"provider": name, "p50_s": p50, "p95_s": p95, "breaker_open": is_open, "outcomes": ended})  # fmt: skip
    notes = [f"calls {since}"]
    if faults:
        notes.append(
            "another provider is tried first with: ops act switch-provider --param name=NAME --for 1h"
        )
    table = Table(("PROVIDER", "P50", "P95", "BREAKER", "OUTCOMES"), tuple(rows))
    return judged("providers", faults, table, notes=notes, figures={"within_s": within_s, "since": since, "providers": figures})  # fmt: skip


async def _calls(
    sources: Sources, text: str, within_s: float
) -> tuple[dict[str, list[tuple[float, float]]], dict[str, dict[str, float]], str]:
    """Buckets and outcomes by provider: of the last while from Prometheus, else since the API started."""
    name, ended = "llm_request_duration_seconds_bucket", "llm_requests_total"
    since = f"of the last {age(within_s)}"
    try:
        found = await sources.query(_grown(name, "provider, le", within_s))
        outcomes = await sources.query(_grown(ended, "provider, outcome", within_s))
    except HttpDownError:
        found = outcomes = []
    if not found:
        found, outcomes, since = samples_of(text, name), samples_of(text, ended), "since the API started"
    buckets: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for labels, count in found:
        buckets[labels["provider"]].append((float(labels["le"]), count))
    by: dict[str, dict[str, float]] = defaultdict(dict)
    for labels, count in outcomes:
        by[labels["provider"]][labels["outcome"]] = count
    return buckets, by, since


def _ms(seconds: float | None) -> str:
    return "-" if seconds is None else f"{1000 * seconds:.0f} ms"
