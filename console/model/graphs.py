"""What the graphs screen draws: eight figures of what callers see, over a range, with marks of what was done and fired."""

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import msgspec

from alerts.service_figures import ERROR_SHARE, HIT_RATE, P50, P95, P99, REQUEST_RATE
from alerts.wire import AlertView
from console.ops_api.client import OpsClient
from console.ops_api.errors import InvalidRequestError
from runbooks.wire import ExecutionView

_PROVIDERS = "sum by (le) (rate(llm_request_duration_seconds_bucket[1m]))"
QUERIES = (
    ("calls", "/s", REQUEST_RATE),
    ("errors", "%", ERROR_SHARE),
    ("P50", "ms", P50),
    ("P95", "ms", P95),
    ("P99", "ms", P99),
    ("cache hits", "%", HIT_RATE),
    ("provider P95", "ms", f"1000 * histogram_quantile(0.95, {_PROVIDERS})"),
    ("loop lag", "ms", "1000 * max(event_loop_lag_seconds)"),
)
RANGES = (("30 m", 1_800, 15), ("3 h", 10_800, 60), ("24 h", 86_400, 480))
"""Name, seconds, seconds between samples."""


class Graph(msgspec.Struct, frozen=True):
    """One figure over a range."""

    title: str
    unit: str
    samples: tuple[float | None, ...]
    """None where nothing was measured."""
    trouble: str = ""

    @property
    def latest(self) -> float | None:
        """The last value, or the one before where the last is not there yet."""
        ends = [v for v in self.samples[-2:] if v is not None]
        return ends[-1] if ends else None


class Graphs(msgspec.Struct, frozen=True):
    """All of them, on one axis of time."""

    graphs: tuple[Graph, ...]
    begins: datetime
    ends: datetime
    range_name: str


OVERVIEW = tuple(query for query in QUERIES if query[0] in ("calls", "errors", "P95", "cache hits"))
"""The four that say in a glance how the service is."""


def read_overview(client: OpsClient, now: datetime) -> Graphs:
    """The four figures of the last half hour; raises ``OpsError`` where nothing answers."""
    return _read_all(client, now, 0, OVERVIEW)


def read_graphs(client: OpsClient, now: datetime, range_at: int, typed: str = "") -> Graphs:
    """The figures, and what a person typed before them; raises ``OpsError`` where nothing answers."""
    asked = [("typed", "", typed)] if typed else []
    return _read_all(client, now, range_at, (*asked, *QUERIES)[: len(QUERIES)])


def _read_all(
    client: OpsClient, now: datetime, range_at: int, asked: Sequence[tuple[str, str, str]]
) -> Graphs:
    name, span, step = RANGES[range_at]
    end = int(now.timestamp()) // step * step
    graphs = tuple(_read(client, title, unit, query, end - span, end, step) for title, unit, query in asked)
    begins, ends = datetime.fromtimestamp(end - span, UTC), datetime.fromtimestamp(end, UTC)
    return Graphs(graphs, begins, ends, name)


def _read(client: OpsClient, title: str, unit: str, query: str, start: int, end: int, step: int) -> Graph:
    params = {"query": query, "start": start, "end": end, "step": step}
    try:
        found = client.prometheus("query_range", params, timeout_s=8).series
    except InvalidRequestError as error:
        return Graph(title, unit, (), str(error))
    at = {int(t): _number(v) for t, v in (found[0].values if found else ())}
    return Graph(title, unit, tuple(at.get(t) for t in range(start, end + 1, step)))


def _number(text: str) -> float | None:
    value = float(text)
    return value if math.isfinite(value) else None


_TELLING = (
    ("error", "errors"),
    ("latency", "P95"),
    ("slow", "P95"),
    ("cache", "cache hits"),
    ("redis", "cache hits"),
)


def telling_figure(alertname: str) -> str:
    """Which of the four figures tells most of an alert, by a word of its name; the calls where none does."""
    name = alertname.lower()
    return next((title for word, title in _TELLING if word in name), "calls")


class GraphMark(msgspec.Struct, frozen=True):
    """Something that happened, on the axis of time."""

    at: datetime
    text: str
    is_change: bool


def marks_between(
    begins: datetime, ends: datetime, runs: Iterable[ExecutionView], alerts: Iterable[AlertView]
) -> list[GraphMark]:
    """Changes that were made and alerts that began to fire, in the order in which they happened."""
    marks = [
        GraphMark(run.started_at, run.title, is_change=True)
        for run in runs
        if run.kind != "read" and not run.dry_run and run.started_at and begins <= run.started_at <= ends
    ]
    marks += [
        GraphMark(alert.started_at, alert.alertname, is_change=False)
        for alert in alerts
        if alert.state != "pending" and begins <= alert.started_at <= ends
    ]
    return sorted(marks, key=lambda mark: mark.at)
