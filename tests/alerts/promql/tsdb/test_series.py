"""Facts about samples in memory: nothing is lost by packing, and windows end where they should."""

import struct
from bisect import bisect_right
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.promql.tsdb.series import STALE, OutOfOrderError, Samples, is_stale

_ODD = st.sampled_from([0.0, -0.0, nan, STALE, inf, -inf, 1e300, 5e-324, 2.0**53, -(2.0**63), 0.1])
_COUNTING = st.integers(min_value=-5, max_value=70_000).map(float)
_PLAN = st.tuples(
    st.integers(min_value=1, max_value=2_600),
    st.lists(_ODD, min_size=1, max_size=5)
    | st.lists(_COUNTING, min_size=1, max_size=30)
    | st.lists(st.floats()),
    st.integers(min_value=1, max_value=10**6),
    st.lists(st.integers(min_value=0, max_value=900), min_size=1, max_size=7),
)
Point = tuple[int, float]


def _points(plan: tuple[int, list[float], int, list[int]]) -> list[Point]:
    """Samples on a jittery grid."""
    count, values, step, jitter = plan
    values = values or [1.0]
    return [
        (index * (step + 1_000) + jitter[index % len(jitter)], values[index % len(values)])
        for index in range(count)
    ]


def _bits(points: list[Point]) -> list[tuple[int, bytes]]:
    return [(t, struct.pack("<d", value)) for t, value in points]


def _filled(points: list[Point]) -> Samples:
    samples = Samples()
    for t_ms, value in points:
        samples.append(t_ms, value)
    return samples


@given(_PLAN, st.floats(min_value=0, max_value=1), st.floats(min_value=0, max_value=1))
def test_packed_samples_come_back_bit_by_bit(
    plan: tuple[int, list[float], int, list[int]], one: float, other: float
) -> None:
    points = _points(plan)
    samples, span = _filled(points), points[-1][0]
    after, until = sorted((int(one * span) - 1, int(other * span)))
    wanted = [(t, value) for t, value in points if after < t <= until]
    times, values = samples.columns(after, until)
    assert _bits(list(zip(times.tolist(), values.tolist(), strict=True))) == _bits(wanted)
    live = [(t, value) for t, value in wanted if not is_stale(value)]
    assert _bits(list(zip(*samples.between(after, until), strict=True))) == _bits(live)
    last = wanted[-1] if wanted and not is_stale(wanted[-1][1]) else None
    found = samples.latest(after, until)
    assert _bits([found] if found else []) == _bits([last] if last else [])


@given(_PLAN, st.floats(min_value=0, max_value=1.1))
def test_cutting_forgets_only_what_is_old(
    plan: tuple[int, list[float], int, list[int]], share: float
) -> None:
    points = _points(plan)
    samples, before = _filled(points), int(share * points[-1][0])
    samples.cut(before)
    kept = len(samples)
    assert kept >= len(points) - bisect_right([t for t, _ in points], before - 1)
    if kept:
        times, values = samples.columns(-1, points[-1][0])
        assert _bits(list(zip(times.tolist(), values.tolist(), strict=True))) == _bits(points[-kept:])
    assert samples.has_stale is any(is_stale(value) for _, value in points[len(points) - kept :])


def test_a_series_that_ended_is_forgotten_whole() -> None:
    samples = _filled([(t, 1.0) for t in range(10)])
    samples.cut(10)
    assert len(samples) == 0


def test_old_samples_of_a_long_series_are_forgotten() -> None:
    samples = _filled([(t, float(t)) for t in range(5_000)])
    samples.cut(4_000)
    assert 1_000 <= len(samples) <= 1_600


def test_a_counters_samples_take_little_memory() -> None:
    samples = _filled([(t * 15_000, float(t * 3)) for t in range(5_760)])
    assert 0 < samples.packed_bytes / 5_760 < 3


def test_a_sample_before_the_last_one_is_refused() -> None:
    samples = _filled([(10, 1.0)])
    with pytest.raises(OutOfOrderError):
        samples.append(9, 1.0)


def test_a_sample_at_the_same_time_replaces_the_last_one() -> None:
    samples = _filled([(10, STALE)])
    samples.append(10, 2.0)
    assert (samples.latest(0, 10), samples.has_stale) == ((10, 2.0), False)


@pytest.mark.parametrize(
    ("values", "drop_ms"), [([1, 2, 2], None), ([1, 0, 5], 1), ([1, nan, 5], 2), ([5, STALE, 1], 2)]
)
def test_the_newest_fall_of_a_counter_is_known(values: list[float], drop_ms: int | None) -> None:
    assert _filled(list(enumerate(values))).last_drop_ms == drop_ms
