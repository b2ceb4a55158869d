"""The service in four figures: request rate, error rate, P95 and hit rate over the last ten minutes."""

import msgspec

from alerts.service_figures import ERROR_SHARE, HIT_RATE, P95, REQUEST_RATE
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


QUERIES = (
    ("rps", REQUEST_RATE, "{:.3g}"),
    ("err", ERROR_SHARE, "{:.3g}%"),
    ("p95", P95, "{:.0f}ms"),
    ("hit", HIT_RATE, "{:.0f}%"),
)
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
