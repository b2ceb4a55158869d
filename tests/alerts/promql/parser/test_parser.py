"""Facts about reading expressions: what is a tree, what is refused, and where."""

import pytest

from alerts.promql.error import PromQLError
from alerts.promql.parser.parser import parse
from alerts.promql.parser.printer import to_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SUM(x) BY (a,b,)", "sum by (a, b) (x)"),
        ("sum by (a) (rate(x[5m]))>bool 1", "sum by (a) (rate(x[5m])) > bool 1"),
        ("a/ignoring(b)group_left c", "a / ignoring (b) group_left () c"),
        ("a and on(b) c or d unless e", "a and on (b) c or d unless e"),
        ("-x^2*3", "-x ^ 2 * 3"),
        ("x offset -5m", "x offset -5m"),
        ("x[5m]@end()offset 1h30m", "x[5m] @ end() offset 1h30m"),
        ("max_over_time(rate(x[1m])[5m:30s]@100)", "max_over_time(rate(x[1m])[5m:30s] @ 100.000)"),
        ("x[1h:]", "x[1h:]"),
        ("0x1F+.5+1e3+Inf-nan", "31 + 0.5 + 1000 + +Inf - NaN"),
        ("{__name__=~'a.+',b!='\\x41\"'}", '{__name__=~"a.+",b!="A\\""}'),
        ('{"a.b", "c.d"="e"}', '{__name__="a.b","c.d"="e"}'),
        ("a:b:c # a comment", "a:b:c"),
        ("quantile(0.5, sum)", "quantile(0.5, sum)"),
        ("by + offset", "by + offset"),
    ],
)
def test_an_expression_is_read_and_printed(text: str, expected: str) -> None:
    assert to_text(parse(text)) == expected


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("", "1:1", "no expression"),
        ("x{", "1:3", "end of input"),
        ("x +\n  foo(1)", "2:3", "unknown or unsupported function 'foo'"),
        ("rate(x)", "1:6", "expected type range vector"),
        ("abs(x[5m])", "1:5", "expected type instant vector"),
        ("sum(x) + holt_winters(x[5m], 0.1, 0.1)", "1:10", "holt_winters"),
        ('x{a=~"("}', "1:6", "regexp"),
        ("x{}[5m", "1:7", "end of input"),
        ("{}", "1:1", "non-empty matcher"),
        ('{a=~".*"}', "1:1", "non-empty matcher"),
        ("1 > 2", "1:3", "BOOL"),
        ("x + bool 1", "1:3", "bool modifier"),
        ("x and 1", "1:3", "set operator"),
        ("x and on(a) group_left(b) y", "1:3", "no grouping"),
        ("x * on(a) group_left(a) y", "1:3", "ON and GROUP"),
        ("1 + on(a) x", "1:3", "vector matching"),
        ("(x)[5m]", "1:4", "ranges only allowed"),
        ("x offset 5m offset 5m", "1:13", "multiple times"),
        ("sum(x) offset 5m", "1:8", "must be preceded"),
        ("x[0s]", "1:5", "greater than 0"),
        ("x[5m][5m:]", "1:6", "only allowed on instant vector"),
        ('"unclosed', "1:1", "unterminated"),
        ("x $ y", "1:3", "unexpected character"),
        ("topk(x)", "1:1", "wrong number of arguments"),
        ("round(x, 1, 2)", "1:1", "expected 1 to 2 argument"),
        ('x{__name__="y"}', "1:1", "set twice"),
        ("5mx", "1:1", "bad number"),
        ("x + 1e400", "1:5", "bad number"),
        ("sum(x,)", "1:7", "trailing commas"),
        ("(" * 150 + "x" + ")" * 150, "1:101", "nested"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place(text: str, place: str, reason: str) -> None:
    with pytest.raises(PromQLError) as caught:
        parse(text)
    assert str(caught.value).startswith(place)
    assert reason.lower() in str(caught.value).lower()


@pytest.mark.parametrize("text", ["x[300]", "5m", '{"a.b"}'])
def test_what_came_with_prometheus_3_is_refused_for_2(text: str) -> None:
    parse(text, compat=3)
    with pytest.raises(PromQLError):
        parse(text, compat=2)
