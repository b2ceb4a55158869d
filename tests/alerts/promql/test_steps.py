"""Facts about steps: a range query is nothing but instant queries, whatever the expression."""

import math
import random
from itertools import product
from typing import Any

import pytest

from alerts.promql import PromQLError, SampleStore, instant_query, range_query
from alerts.promql.engine.range_kernel import KERNELS
from alerts.promql.tsdb.series import STALE
from tests.alerts.promql.peer_expressions import Expressions
from tests.alerts.promql.peer_samples import START_MS, store

_SAMPLES = store()
_START, _STEP, _COUNT = START_MS + 900_000, 211_000, 12
_END = _START + _STEP * (_COUNT - 1)

Column = dict[tuple[tuple[str, str], ...], float]


def _columns(expr: str, compat: int) -> list[Column]:
    """The vector at each step of a range query."""
    columns: list[Column] = [{} for _ in range(_COUNT)]
    for row in range_query(_SAMPLES, expr, _START, _END, _STEP, compat=compat)["result"]:
        for seconds, value in row["values"]:
            step = (round(seconds * 1000) - _START) // _STEP
            columns[step][tuple(sorted(row["metric"].items()))] = float(value)
    return columns


def _instant(expr: str, at_ms: int, compat: int) -> Column:
    data = instant_query(_SAMPLES, expr, at_ms, compat=compat)
    if data["resultType"] == "scalar":
        return {(): float(data["result"][1])}
    return {tuple(sorted(row["metric"].items())): float(row["value"][1]) for row in data["result"]}


def _same(one: Column, other: Column) -> bool:
    return one.keys() == other.keys() and all(_close(one[labels], other[labels]) for labels in one)


def _close(a: Any, b: Any) -> bool:
    return (a != a and b != b) or a == b or math.isclose(a, b, rel_tol=1e-12)


@pytest.mark.lengthy
@pytest.mark.parametrize("compat", [2, 3])
def test_a_generated_range_query_agrees_with_instant_queries_at_each_step(compat: int) -> None:
    source, compared = Expressions(seed=99 + compat, ranked=False), 0
    for _ in range(80):
        expr = source.vector()
        if "start()" in expr or "end()" in expr:  # these mean another time in each of the two
            continue
        try:
            columns = _columns(expr, compat)
        except PromQLError:
            continue
        for step, column in enumerate(columns):
            assert _same(column, _instant(expr, _START + step * _STEP, compat)), (expr, step)
        compared += any(columns)
    assert compared > 40


def _awkward(dice: random.Random, *, finite: bool) -> SampleStore:
    """One series with gaps, falls, staleness markers and, unless finite, whatever a float can be."""
    made, t_ms = SampleStore(), 0
    for number in range(150):
        t_ms += dice.choice([1_000, 5_000, 15_000, 15_000, 15_000, 400_000])
        odd = [math.nan, math.inf, -math.inf, 1e308, -1e308, STALE, 1e-300, dice.random() * 100]
        value = dice.choice([float(number), number * 0.1, 0.0] if finite else [*odd, 1.0, 2.5, float(number)])
        made.append({"__name__": "x"}, t_ms, value)
    return made


@pytest.mark.parametrize("function", sorted(KERNELS))
@pytest.mark.parametrize("finite", [True, False])
def test_a_function_over_many_windows_at_once_equals_itself_one_by_one(function: str, finite: bool) -> None:
    dice = random.Random(f"{function}{finite}")
    for compat, window in product((2, 3), ("30s", "2m", "10m")):
        samples, expr = _awkward(dice, finite=finite), f"{function}(x[{window}])"
        step, count = 37_000, 80
        rows = range_query(samples, expr, 0, step * (count - 1), step, compat=compat)["result"]
        values = {round(seconds * 1000): float(value) for row in rows for seconds, value in row["values"]}
        for at_ms in range(0, step * count, step):
            single = instant_query(samples, expr, at_ms, compat=compat)["result"]
            assert (at_ms in values) is bool(single)
            if single:
                assert _identical(values[at_ms], float(single[0]["value"][1])), (expr, compat, at_ms)


def _identical(a: float, b: float) -> bool:
    return a == b or (a != a and b != b)
