"""Facts about values: how they are written, which dates there are, and which pairs are ambiguous."""

import pytest

from alerts.promql import PromQLError, SampleStore, instant_query

_TWO = '(label_replace(vector(1), "a", "1", "", "") or label_replace(vector(2), "a", "2", "", ""))'


def _value(expr: str, *, compat: int = 3) -> str:
    data = instant_query(SampleStore(), expr, 1_000_000, compat=compat)
    if data["resultType"] == "scalar":
        return str(data["result"][1])
    (one,) = data["result"]
    return str(one["value"][1])


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        ("1e21", "1000000000000000000000"),
        ("1e-7", "0.0000001"),
        ("vector(1e21)", "1e+21"),
        ("vector(1e20)", "100000000000000000000"),
        ("vector(1e-7)", "1e-07"),
        ("vector(1e-6)", "0.000001"),
        ("vector(-2.5e-10)", "-2.5e-10"),
        ("vector(0)", "0"),
        ("year(vector(300000000000))", "11476"),
        ("year(vector(1e15))", "31690708"),
        ("year(vector(1e18))", "31688740476"),
        ("year(vector(-1e11))", "-1199"),
        ("month(vector(1e12))", "9"),
        ("day_of_year(vector(-1e12))", "95"),
        ("day_of_week(vector(1e14))", "6"),
        ("days_in_month(vector(3e11))", "31"),
    ],
)
def test_a_value_is_written_as_prometheus_writes_it(expr: str, expected: str) -> None:
    assert _value(expr) == expected


def test_digits_may_be_grouped_since_version_3() -> None:
    assert _value("1_000") == "1000"
    with pytest.raises(PromQLError, match="bad number"):
        _value("1_000", compat=2)


@pytest.mark.parametrize("op", ["== on()", "> on()", "== bool on()", "+ on()"])
def test_an_ambiguous_pair_is_refused_whatever_the_filter_leaves(op: str) -> None:
    for right in ("vector(5)", "vector(1)"):
        with pytest.raises(PromQLError, match="many-to-one matching must be explicit"):
            instant_query(SampleStore(), f"{_TWO} {op} {right}", 1_000)


def test_version_2_overlooks_what_the_filter_hides() -> None:
    assert instant_query(SampleStore(), f"{_TWO} == on() vector(5)", 1_000, compat=2)["result"] == []


@pytest.mark.parametrize(
    "call", ["histogram_count(vector(1))", "histogram_sum(vector(1))", "histogram_fraction(0, 1, vector(1))"]
)
def test_there_are_no_native_histograms(call: str) -> None:
    assert instant_query(SampleStore(), call, 1_000)["result"] == []
