"""Facts about results, worked out by hand where a real Prometheus of version 3 is not at hand to ask."""

import pytest

from alerts.promql import PromQLError, SampleStore, instant_query, range_query
from tests.alerts.promql.notation import at, loaded, over

_MINUTES = loaded(
    60,
    {
        'c{i="a"}': "0+60x20",
        'c{i="b"}': "0+60x10 0+60x9",
        'g{i="a",z="x"}': "5 -3 NaN 4 4 4",
        'g{i="b",z="y"}': "1x20",
        "one": "1x20",
        "gone": "1 2 3 stale",
        "back": "1 stale 3 4",
    },
)


@pytest.mark.parametrize(
    ("expr", "v3", "old"),
    [
        ("count_over_time(one[5m])", "5", "6"),
        ("sum_over_time(one[1m])", "1", "2"),
        ("count_over_time(one[90s])", "2", "2"),
        ("count_over_time(one[5m:1m])", "5", "6"),
        ("count_over_time(one[5m:2m])", "3", "3"),
        ('increase(c{i="a"}[1m])', None, "60"),
        ('increase(c{i="a"}[10m])', "600", "600"),
    ],
)
def test_the_left_end_of_a_window_belonged_to_it_before_version_3(
    expr: str, v3: str | None, old: str
) -> None:
    for compat, expected in ((3, v3), (2, old)):
        found = list(at(_MINUTES, expr, 600, compat=compat).values())
        assert found == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("seconds", "compat", "there"),
    [(120 + 299, 3, True), (120 + 300, 3, False), (120 + 300, 2, True), (120 + 301, 2, False)],
)
def test_a_sample_is_seen_for_five_minutes(seconds: int, compat: int, there: bool) -> None:
    store = loaded(60, {"x": "1 1 1"})
    assert bool(at(store, "x", seconds, compat=compat)) is there


@pytest.mark.parametrize("compat", [2, 3])
def test_a_staleness_marker_ends_a_series_at_once(compat: int) -> None:
    assert over(_MINUTES, "gone", 0, 240, 60, compat=compat) == {"gone": "1 2 3 _ _"}
    assert at(_MINUTES, "count_over_time(gone[10m])", 300, compat=compat) == {"{}": "3"}
    assert over(_MINUTES, "back", 0, 180, 60, compat=compat) == {"back": "1 _ 3 4"}


def test_a_counter_near_zero_is_not_extrapolated_below_it() -> None:
    store = loaded(60, {"x": "_ _ _ 10+60x6"})
    # Nine minutes of 60 a minute: the start is guessed at half an interval, but zero is reached after ten seconds.
    assert float(at(store, "increase(x[20m])", 540)["{}"]) == pytest.approx(370)
    # Version 2 looks at zero first: ten seconds are less than the threshold too.
    assert float(at(store, "increase(x[20m])", 540, compat=2)["{}"]) == pytest.approx(370)


def test_a_reset_counts_from_zero() -> None:
    assert at(_MINUTES, 'increase(c{i="b"}[4m])', 720) == {"{i=b}": "160"}
    assert at(_MINUTES, 'resets(c{i="b"}[10m])', 720) == {"{i=b}": "1"}


def test_a_vector_at_many_steps_keeps_the_gaps() -> None:
    assert over(_MINUTES, 'g{i="a"} > 3', 0, 300, 60) == {"g{i=a,z=x}": "5 _ _ 4 4 4"}
    assert over(_MINUTES, 'g{i="a"}', 0, 660, 60) == {"g{i=a,z=x}": "5 -3 NaN 4 4 4 4 4 4 4 _ _"}


def test_a_range_query_agrees_with_instant_queries_at_each_step() -> None:
    for expr in (
        "rate(c[5m])",
        "sum by (i) (increase(c[3m]))",
        "c offset 1m",
        "max_over_time(g[4m])",
        "delta(g[4m])",
    ):
        for compat in (2, 3):
            ranged = over(_MINUTES, expr, 0, 1200, 60, compat=compat)
            for index, seconds in enumerate(range(0, 1201, 60)):
                column = {k: v.split()[index] for k, v in ranged.items() if v.split()[index] != "_"}
                assert column == at(_MINUTES, expr, seconds, compat=compat)


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        ("1 / 0", "+Inf"),
        ("-1 / 0", "-Inf"),
        ("0 / 0", "NaN"),
        ("-7 % 3", "-1"),
        ("2 ^ 3 ^ 2", "512"),
        ("-2 ^ 2", "-4"),
        ("1 == bool 1", "1"),
        ("1e21", "1000000000000000000000"),
        ("1e-7", "0.0000001"),
        ("0.1 + 0.2", "0.30000000000000004"),
        ("time()", "90.5"),
        ("scalar(nothing)", "NaN"),
        ("0x1p", None),
    ],
)
def test_scalars_are_written_as_prometheus_writes_them(expr: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(PromQLError):
            at(_MINUTES, expr, 90.5)
    else:
        assert at(_MINUTES, expr, 90.5) == {"scalar": expected}


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        ("-g", {"{i=a,z=x}": "-5", "{i=b,z=y}": "-1"}),
        ("+g", {"g{i=a,z=x}": "5", "g{i=b,z=y}": "1"}),
        ("2 < g", {"g{i=a,z=x}": "5"}),
        ("2 < bool g", {"{i=a,z=x}": "1", "{i=b,z=y}": "0"}),
        ("sum by (i) (g)", {"{i=a}": "5", "{i=b}": "1"}),
        ("sum without (z) (g)", {"{i=a}": "5", "{i=b}": "1"}),
        ("sum by (__name__) (g)", {"g": "6"}),
        ("count(nothing)", {}),
        ("topk(1, g)", {"g{i=a,z=x}": "5"}),
        ("bottomk(5, g)", {"g{i=b,z=y}": "1", "g{i=a,z=x}": "5"}),
        ("topk(0, g)", {}),
        ("sort_desc(g)", {"g{i=a,z=x}": "5", "g{i=b,z=y}": "1"}),
        ("sort(g)", {"g{i=b,z=y}": "1", "g{i=a,z=x}": "5"}),
        ("quantile(0.5, g)", {"{}": "3"}),
        ("quantile(2, g)", {"{}": "+Inf"}),
        ('count_values("v", g)', {"{v=5}": "1", "{v=1}": "1"}),
        ("absent(g)", {}),
        ('absent(nothing{a="b",c=~"d",e="f",e="g"})', {"{a=b}": "1"}),
        ("absent(sum(nothing))", {"{}": "1"}),
        ('absent_over_time(nothing{a="b"}[5m])', {"{a=b}": "1"}),
        ("clamp(g, 2, 3)", {"{i=a,z=x}": "3", "{i=b,z=y}": "2"}),
        ("clamp(g, 3, 2)", {}),
        ("clamp_min(g, NaN)", {"{i=a,z=x}": "NaN", "{i=b,z=y}": "NaN"}),
        ("round(g / 2, 0.2)", {"{i=a,z=x}": "2.6", "{i=b,z=y}": "0.6"}),
        ("round(-g / 2)", {"{i=a,z=x}": "-2", "{i=b,z=y}": "0"}),
        ("g and on (i) one", {}),
        ("g and on () one", {"g{i=a,z=x}": "5", "g{i=b,z=y}": "1"}),
        ("g unless ignoring (i, z) one", {}),
        ('g{i="a"} or g', {"g{i=a,z=x}": "5", "g{i=b,z=y}": "1"}),
        ("g * on () group_left () one", {"{i=a,z=x}": "5", "{i=b,z=y}": "1"}),
        ("one * on () group_right () g", {"{i=a,z=x}": "5", "{i=b,z=y}": "1"}),
        ("g > on () group_left one", {"g{i=a,z=x}": "5"}),
        ("g / ignoring (z) g", {"{i=a}": "1", "{i=b}": "1"}),
        ("vector(3)", {"{}": "3"}),
        ("vector(scalar(g))", {"{}": "NaN"}),
        ("timestamp(g)", {"{i=a,z=x}": "0", "{i=b,z=y}": "0"}),
        ("timestamp(-g)", {"{i=a,z=x}": "30", "{i=b,z=y}": "30"}),
        ('label_replace(g, "i", "${1}$1-$$", "z", "(.)")', {"g{i=xx-$,z=x}": "5", "g{i=yy-$,z=y}": "1"}),
        ('label_replace(g, "z", "", "z", ".*")', {"g{i=a}": "5", "g{i=b}": "1"}),
        ('label_replace(g, "n", "x", "i", "nomatch")', {"g{i=a,z=x}": "5", "g{i=b,z=y}": "1"}),
        ("g @ 60", {"g{i=a,z=x}": "-3", "g{i=b,z=y}": "1"}),
        ("g @ 1m", {"g{i=a,z=x}": "-3", "g{i=b,z=y}": "1"}),
        ("-g @ 60 offset 1m", {"{i=a,z=x}": "-5", "{i=b,z=y}": "-1"}),
        ("sum_over_time((g @ 60)[2m:30s])", {"{i=a,z=x}": "-12", "{i=b,z=y}": "4"}),
        ("sum_over_time(vector(time())[3s:1s] @ 10)", {"{}": "27"}),
        ("timestamp(timestamp(g @ 60))", {"{i=a,z=x}": "30", "{i=b,z=y}": "30"}),
        ('{__name__="one"}', {"one": "1"}),
        ("one offset -30s", {"one": "1"}),
    ],
)
def test_a_vector_has_these_values_and_labels(expr: str, expected: dict[str, str]) -> None:
    found = at(_MINUTES, expr, 30)
    assert found == expected
    if expr.startswith(("sort", "bottomk")):
        assert list(found) == list(expected)


@pytest.mark.parametrize(
    ("expr", "reason"),
    [
        ("g + on () one + on () g", "many-to-one matching must be explicit"),
        ("one + on () g", "found duplicate series for the match group"),
        ("g + on () group_left (z) g", "found duplicate series"),
        (
            "c * on () group_left (i) one * on () group_left () vector(1)",
            "grouping labels must ensure unique",
        ),
        ("-{__name__=~'c|d', i='a'} or -{__name__=~'c|g', i='a', z=''}", None),
        ("rate({__name__=~'one|gone'}[5m])", "same labelset"),
        ("-{__name__=~'one|gone'}", "same labelset"),
        ('label_replace(g, "z", "", "z", ".*") + label_replace(c, "i", "", "i", ".*")', "same labelset"),
        ('label_replace(g, "", "x", "i", ".*")', "invalid label name"),
        ('label_replace(g, "\\xff", "x", "i", ".*")', "invalid label name"),
        ('label_replace(g, "a", "x", "i", "(")', "regexp"),
        ("topk(NaN, g)", "overflows int64"),
        ("topk(1e30, g)", "overflows int64"),
    ],
)
def test_what_has_no_single_answer_is_refused(expr: str, reason: str | None) -> None:
    if reason is None:
        assert at(_MINUTES, expr, 60)
        return
    with pytest.raises(PromQLError, match=reason):
        at(_MINUTES, expr, 60)


@pytest.mark.parametrize(
    ("phi", "expected"),
    [("0.5", "0.75"), ("0", "0"), ("1", "1"), ("0.99", "1"), ("-1", "-Inf"), ("2", "+Inf"), ("NaN", "NaN")],
)
def test_a_quantile_is_interpolated_in_its_bucket(phi: str, expected: str) -> None:
    store = loaded(60, {'b{le="0.5"}': "2", 'b{le="1"}': "8", 'b{le="+Inf"}': "10", 'b{le="x"}': "99"})
    assert at(store, f"histogram_quantile({phi}, b)", 0) == {"{}": expected}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ({'b{le="1"}': "5", 'b{le="2"}': "5"}, "NaN"),
        ({'b{le="+Inf"}': "5"}, "NaN"),
        ({'b{le="1"}': "0", 'b{le="+Inf"}': "0"}, "NaN"),
        ({'b{le="-1"}': "9", 'b{le="+Inf"}': "9"}, "-1"),
        ({'b{le="1"}': "4", 'b{le="2"}': "2", 'b{le="+Inf"}': "4"}, "0.9"),
        ({'b{le="1"}': "2", 'b{le="1.0"}': "2", 'b{le="+Inf"}': "4"}, "0.9"),
    ],
)
def test_odd_buckets_give_what_prometheus_gives(lines: dict[str, str], expected: str) -> None:
    assert at(loaded(60, lines), "histogram_quantile(0.9, b)", 0) == {"{}": expected}


def test_buckets_of_two_metrics_are_no_histogram() -> None:
    store = loaded(60, {f'{name}{{le="{le}"}}': "1" for name in ("a", "b") for le in ("1", "+Inf")})
    with pytest.raises(PromQLError, match="same labelset"):
        at(store, 'histogram_quantile(0.5, {le!=""})', 0)
    assert at(store, 'histogram_quantile(0.5, {le!=""})', 0, compat=2) == {"{}": "0.5"}


def test_rounding_errors_between_buckets_do_not_move_a_quantile() -> None:
    store = loaded(
        60, {'b{le="1"}': "10", 'b{le="2"}': "10.0000000000001", 'b{le="+Inf"}': "10.0000000000001"}
    )
    assert at(store, "histogram_quantile(1, b)", 0) == {"{}": "1"}
    assert at(store, "histogram_quantile(1, b)", 0, compat=2) == {"{}": "2"}


def test_sums_do_not_lose_small_values_beside_large_ones() -> None:
    store = loaded(
        60,
        {
            'x{i="1"}': "1",
            'x{i="2"}': "1e100",
            'x{i="3"}': "1",
            'x{i="4"}': "-1e100",
            "y": "1 1e100 1 -1e100",
        },
    )
    assert at(store, "sum(x)", 0) == {"{}": "2"}
    assert over(store, "sum(x)", 0, 200, 10)["{}"].split() == ["2"] * 21
    assert at(store, "sum_over_time(y[5m])", 180) == {"{}": "2"}


def test_means_do_not_overflow() -> None:
    store = loaded(60, {'x{i="1"}': "1e308 1e308 1e308", 'x{i="2"}': "1e308"})
    assert at(store, "avg(x)", 0) == {"{}": at(store, 'x{i="1"}', 0)["x{i=1}"]}
    assert float(at(store, 'avg_over_time(x{i="1"}[5m])', 180)["{i=1}"]) == pytest.approx(1e308)


def test_nan_loses_in_every_ranking() -> None:
    store = loaded(60, {'x{i="1"}': "NaN", 'x{i="2"}': "1", 'x{i="3"}': "NaN", 'x{i="4"}': "2"})
    assert list(at(store, "topk(2, x)", 0).values()) == ["2", "1"]
    assert list(at(store, "bottomk(3, x)", 0).values()) == ["1", "2", "NaN"]
    assert list(at(store, "sort_desc(x)", 0).values()) == ["2", "1", "NaN", "NaN"]
    assert at(store, "max(x)", 0) == {"{}": "2"}


def test_an_instant_query_of_a_range_gives_the_samples() -> None:
    assert instant_query(_MINUTES, "gone[3m]", 180_000) == {
        "resultType": "matrix",
        "result": [{"metric": {"__name__": "gone"}, "values": [[60, "2"], [120, "3"]]}],
    }


def test_a_string_is_a_result_too() -> None:
    assert instant_query(_MINUTES, '"a\\n"', 1_500) == {"resultType": "string", "result": [1.5, "a\n"]}


def test_a_scalar_over_a_range_is_a_series_without_labels() -> None:
    assert range_query(SampleStore(), "1", 0, 2_000, 1_000) == {
        "resultType": "matrix",
        "result": [{"metric": {}, "values": [[0, "1"], [1, "1"], [2, "1"]]}],
    }


@pytest.mark.parametrize(("start", "end", "step"), [(0, 10, 0), (0, 10, -1), (10, 0, 1)])
def test_a_range_that_is_none_is_refused(start: int, end: int, step: int) -> None:
    with pytest.raises(PromQLError):
        range_query(_MINUTES, "one", start, end, step)


@pytest.mark.parametrize("expr", ["max_over_time(one[100y:1ms])", "max_over_time(vector(1)[100y:1ms])"])
def test_a_query_that_would_fill_the_memory_is_refused(expr: str) -> None:
    with pytest.raises(PromQLError, match="too many samples"):
        at(_MINUTES, expr, 600)


def test_a_range_query_takes_no_range_vector() -> None:
    with pytest.raises(PromQLError, match="invalid expression type"):
        range_query(_MINUTES, "one[5m]", 0, 10, 1)


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [("a.b", True), ("a(?s:.)b", True), ("(?i)A\nB", True), ("\\Qa\n\\Eb", True), ("a", False)],
)
def test_a_pattern_is_re2_over_the_whole_value(pattern: str, matches: bool) -> None:
    store = SampleStore()
    store.append({"__name__": "x", "l": "a\nb"}, 0, 1.0)
    assert bool(at(store, f"x{{l=~`{pattern}`}}", 0)) is matches


def test_a_dot_met_no_newline_before_version_3() -> None:
    store = SampleStore()
    store.append({"__name__": "x", "l": "a\nb"}, 0, 1.0)
    assert at(store, 'x{l=~"a.b"}', 0, compat=2) == {}


def test_an_evil_pattern_costs_no_time() -> None:
    store = SampleStore()
    store.append({"__name__": "x", "l": "a" * 5_000}, 0, 1.0)
    assert at(store, 'x{l=~"(a+)+b"}', 0) == {}


def test_a_quoted_metric_name_selects_it() -> None:
    store = SampleStore()
    store.append({"__name__": "a.b", "c.d": "e"}, 0, 1.0)
    assert at(store, 'sum by ("c.d") ({"a.b", "c.d"="e"})', 0) == {"{c.d=e}": "1"}
