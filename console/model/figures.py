"""The service in four figures: request rate, error rate, P95 and hit rate over the last ten minutes."""

import msgspec

from console.ops_api.client import OpsClient


class Figures(msgspec.Struct, frozen=True):
    """One metric over the last minutes: its samples (None: a gap) and the latest as text."""

    name: str
    samples: tuple[float | None, ...]
    latest: str


QUERIES = (
    ("rps", "sum(rate(http_requests_total[1m]))", "{:.3g}"),
    ("err", '100 * sum(rate(http_requests_total{status=~"5.."}[1m])) / sum(rate(http_requests_total[1m]))', "{:.2g}%"),
    ("p95", "1000 * histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[1m])))", "{:.0f}ms"),
    ("hit", "100 * sum(rate(cache_hits_total[1m])) / (sum(rate(cache_hits_total[1m])) + sum(rate(cache_misses_total[1m])))", "{:.0f}%"),
)  # fmt: skip
SPAN_S, STEP_S = 600, 30


def read_figures(client: OpsClient, now_s: float) -> tuple[Figures, ...]:
    """Request rate, error rate, P95 and hit rate of the last ten minutes; raises ``OpsError``."""
    return tuple(_figures(client, name, query, form, now_s) for name, query, form in QUERIES)


def _figures(client: OpsClient, name: str, query: str, form: str, now_s: float) -> Figures:
    end = int(now_s) // STEP_S * STEP_S
    params = {"query": query, "start": end - SPAN_S, "end": end, "step": STEP_S}
    found = client.prometheus("query_range", params, timeout_s=5).series
    at = {int(t): _number(v) for t, v in (found[0].values if found else ())}
    samples = tuple(at.get(t) for t in range(end - SPAN_S, end + 1, STEP_S))
    latest = samples[-1] if samples[-1] is not None else samples[-2]
    return Figures(name, samples, "-" if latest is None else form.format(latest))


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if value == value and abs(value) != float("inf") else None
