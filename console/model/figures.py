"""The service in four figures: request rate, error rate, P95 and hit rate over the last ten minutes."""

import msgspec

from console.ops_api.client import OpsClient


class Figures(msgspec.Struct, frozen=True):
    """One metric over the last minutes: its samples (None: a gap) and the latest as text."""

    name: str
    samples: tuple[float | None, ...]
    latest: str


class ServiceFigures(msgspec.Struct, frozen=True):
    """The figures, and whether the API was there to give them at the last sample."""

    figures: tuple[Figures, ...]
    is_up: bool


_CALLERS = 'job="api",handler!~"/v1/(health|ready|live|metrics)"'
"""Requests of callers: the same as the alert rules count, our own scrapes and probes left out."""
_REQUESTS = f"sum(rate(http_requests_total{{{_CALLERS}}}[1m]))"
_ERRORS = f'sum(rate(http_requests_total{{{_CALLERS},status=~"5.."}}[1m]))'
_BUCKETS = f"sum by (le) (rate(http_request_duration_seconds_bucket{{{_CALLERS}}}[1m]))"
QUERIES = (
    ("rps", _REQUESTS, "{:.3g}"),
    ("err", f"100 * ({_ERRORS} or 0 * {_REQUESTS}) / {_REQUESTS}", "{:.3g}%"),
    ("p95", f"1000 * histogram_quantile(0.95, {_BUCKETS})", "{:.0f}ms"),
    ("hit", "100 * sum(rate(cache_hits_total[1m])) / (sum(rate(cache_hits_total[1m])) + sum(rate(cache_misses_total[1m])))", "{:.0f}%"),
)  # fmt: skip
_UP = 'max(up{job="api"})'
SPAN_S, STEP_S = 600, 30


def read_figures(client: OpsClient, now_s: float) -> ServiceFigures:
    """Request rate, error rate, P95 and hit rate of the last ten minutes; raises ``OpsError``."""
    found = tuple(_figures(client, name, query, form, now_s) for name, query, form in QUERIES)
    up = client.prometheus("query", {"query": _UP}, timeout_s=5).series
    return ServiceFigures(found, is_up=any(one.value is not None and one.value[1] == "1" for one in up))


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
