"""Facts about the filter language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.model.filter import FilterError, parse_filter
from tests.console.builders import alert

ALERT = alert("HighLatencyP95", severity="warning", acknowledged_by="ana", labels={"zone": "eu-1"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True),
        ("latency", True),
        ("latency api", True),
        ("latency redis", False),
        ("!redis", True),
        ("!latency", False),
        ("sev:>=warning", True),
        ("sev:>warning", False),
        ("sev:crit", False),
        ("sev:<=info", False),
        ("svc:api", True),
        ("svc:redis", False),
        ("is:acked", True),
        ("!is:acked", False),
        ("is:pending", False),
        ("/p9[0-9]/", True),
        ("!/p9[0-9] on the api/", False),
        ("zone:eu", True),
        ("zone:us", False),
        ("ana", True),
    ],
)
def test_a_filter_takes_or_leaves(text: str, expected: bool) -> None:
    assert parse_filter(text)(ALERT) is expected


@pytest.mark.parametrize(
    ("text", "why"), [("sev:>=bad", "sev:>=warning"), ("is:odd", "one of acked"), ("/(/", "no regular")]
)
def test_a_wrong_filter_says_what_would_be_right(text: str, why: str) -> None:
    with pytest.raises(FilterError, match=why):
        parse_filter(text)


@given(st.text(max_size=60))
def test_any_text_is_a_filter_or_is_refused(text: str) -> None:
    try:
        predicate = parse_filter(text)
    except FilterError:
        return
    assert predicate(ALERT) in (True, False)
