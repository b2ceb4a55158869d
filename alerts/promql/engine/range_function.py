"""The functions of one window: samples in, a value out, or None where there are too few."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isinf, nan

from alerts.promql.engine import kahan
from alerts.promql.error import PromQLError

Times = Sequence[int]
Values = Sequence[float]


@dataclass(slots=True)
class Window:
    """One window of one series; at least one sample, no staleness markers."""

    times: Times
    values: Values
    start_ms: int
    end_ms: int
    param: float
    """The scalar argument, NaN where the function has none."""
    at_ms: int
    """The time of the evaluation, before any offset."""
    second: float
    """The second scalar argument, NaN where the function has fewer."""
    steady: bool
    """True where the caller knows that no value is lower than the one before."""


RangeFunction = Callable[[Window], float | None]


def counter_increase(window: Window) -> float:
    """Last minus first, with each reset added back."""
    values = window.values
    result = values[-1] - values[0]
    if window.steady:
        return result
    before = values[0]
    for value in values:
        if value < before:
            result += before
        before = value
    return result


def extrapolation(window: Window, increase: float, *, counter: bool, v3: bool) -> float:
    """The factor by which an observed increase grows to cover the window's ends (Prometheus, ``extrapolatedRate``)."""
    times, first = window.times, window.values[0]
    to_start = (times[0] - window.start_ms) / 1000
    to_end = (window.end_ms - times[-1]) / 1000
    sampled = (times[-1] - times[0]) / 1000
    average = sampled / (len(times) - 1)
    threshold = average * 1.1
    to_zero = sampled * (first / increase) if counter and increase > 0 and first >= 0 else to_start
    if not v3:
        to_start = min(to_start, to_zero)
    if to_start >= threshold:
        to_start = average / 2
    if v3 and to_zero < to_start:
        to_start = to_zero
    if to_end >= threshold:
        to_end = average / 2
    return (sampled + to_start + to_end) / sampled


def _extrapolated(window: Window, *, counter: bool, per_second: bool, v3: bool) -> float | None:
    if len(window.times) < 2:
        return None
    increase = counter_increase(window) if counter else window.values[-1] - window.values[0]
    factor = extrapolation(window, increase, counter=counter, v3=v3)
    if per_second:
        factor /= (window.end_ms - window.start_ms) / 1000
    return increase * factor


def _rate(window: Window, *, v3: bool) -> float | None:
    return _extrapolated(window, counter=True, per_second=True, v3=v3)


def _increase(window: Window, *, v3: bool) -> float | None:
    return _extrapolated(window, counter=True, per_second=False, v3=v3)


def _delta(window: Window) -> float | None:
    return _extrapolated(window, counter=False, per_second=False, v3=True)


def _last_two(window: Window) -> tuple[float, float, int] | None:
    if len(window.times) < 2 or window.times[-1] == window.times[-2]:
        return None
    return window.values[-2], window.values[-1], window.times[-1] - window.times[-2]


def _irate(window: Window) -> float | None:
    pair = _last_two(window)
    if pair is None:
        return None
    before, last, interval_ms = pair
    return (last if last < before else last - before) / (interval_ms / 1000)


def _idelta(window: Window) -> float | None:
    pair = _last_two(window)
    return None if pair is None else pair[1] - pair[0]


def _regression(window: Window, origin_ms: int) -> tuple[float, float]:
    """Slope per second and intercept at ``origin_ms`` of the least-squares line."""
    first = window.values[0]
    if all(value == first for value in window.values):
        return (nan, nan) if isinf(first) else (0.0, first)
    count = len(window.times)
    seconds = [(t - origin_ms) / 1000 for t in window.times]
    sum_x, sum_y = kahan.total(seconds), kahan.total(window.values)
    sum_xy = kahan.total([x * y for x, y in zip(seconds, window.values, strict=True)])
    sum_xx = kahan.total([x * x for x in seconds])
    spread = sum_xx - sum_x * sum_x / count
    covariance = sum_xy - sum_x * sum_y / count
    slope = covariance / spread if spread else nan
    return slope, sum_y / count - slope * sum_x / count


def _deriv(window: Window) -> float | None:
    return None if len(window.times) < 2 else _regression(window, window.times[0])[0]


def _predict_linear(window: Window) -> float | None:
    if len(window.times) < 2:
        return None
    slope, intercept = _regression(window, window.at_ms)
    return slope * window.param + intercept


def _holt_winters(window: Window) -> float | None:
    """Double exponential smoothing, the last value smoothed; ``param`` weighs the level and ``second`` the trend.

    Source: Prometheus 2, ``promql/functions.go``, ``funcHoltWinters``.
    """
    for name, factor in (("smoothing", window.param), ("trend", window.second)):
        if factor <= 0 or factor >= 1:
            raise PromQLError(f"invalid {name} factor. Expected: 0 < {name[0]}f < 1, got: {factor:f}")
    values = window.values
    if len(values) < 2:
        return None
    level, before, trend = values[0], 0.0, values[1] - values[0]
    for n, value in enumerate(values[1:]):
        if n:
            trend = window.second * (level - before) + (1 - window.second) * trend
        before, level = level, window.param * value + (1 - window.param) * (level + trend)
    return level


def _changes(window: Window) -> float:
    pairs = zip(window.values, window.values[1:], strict=False)
    return float(sum(a != b and not (a != a and b != b) for a, b in pairs))


def _resets(window: Window) -> float:
    if window.steady:
        return 0.0
    return float(sum(b < a for a, b in zip(window.values, window.values[1:], strict=False)))


def _largest(values: Values) -> float:
    result = values[0]
    for value in values:
        if value > result or result != result:
            result = value
    return result


def _smallest(values: Values) -> float:
    result = values[0]
    for value in values:
        if value < result or result != result:
            result = value
    return result


def quantile(q: float, values: Sequence[float]) -> float:
    """The φ-quantile by linear interpolation between ranks; NaN sorts first."""
    if q != q or not values:
        return nan
    if q < 0 or q > 1:
        return float("-inf") if q < 0 else float("inf")
    ordered = sorted(values, key=lambda v: (v == v, v))
    rank = q * (len(ordered) - 1)
    lower = int(rank)
    weight = rank - lower
    upper = min(len(ordered) - 1, lower + 1)
    return ordered[lower] * (1 - weight) + ordered[upper] * weight


def range_functions(*, v3: bool) -> dict[str, RangeFunction]:
    """Every function over a window, by name; ``v3`` is Prometheus 3's way to extrapolate."""
    return {
        "rate": lambda w: _rate(w, v3=v3),
        "increase": lambda w: _increase(w, v3=v3),
        "delta": _delta,
        "irate": _irate,
        "idelta": _idelta,
        "deriv": _deriv,
        "predict_linear": _predict_linear,
        "holt_winters": _holt_winters,
        "changes": _changes,
        "resets": _resets,
        "avg_over_time": lambda w: kahan.mean(w.values),
        "sum_over_time": lambda w: kahan.total(w.values),
        "count_over_time": lambda w: float(len(w.values)),
        "min_over_time": lambda w: _smallest(w.values),
        "max_over_time": lambda w: _largest(w.values),
        "last_over_time": lambda w: w.values[-1],
        "present_over_time": lambda _: 1.0,
        "stddev_over_time": lambda w: kahan.deviation(w.values),
        "stdvar_over_time": lambda w: kahan.variance(w.values),
        "quantile_over_time": lambda w: quantile(w.param, w.values),
    }
