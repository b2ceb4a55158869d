"""The inhibition table: read from a file, with a line for each fault."""

import pytest

from alerts.checked_document import DocumentError
from alerts.inhibition import DEFAULT, parse_inhibition

TABLE = """
inhibition:
  - cause: [alertname="HostDown", severity="critical"]
    symptoms:
      - service=~"web|shop"
      - [alertname="DiskFull", team="db"]
    equal: [host]
    tail: 5m
"""


def test_the_table_that_we_come_with_names_the_causes_that_it_always_named() -> None:
    named = {rule.cause.alertname: {s.alertname for s in rule.symptoms} for rule in DEFAULT.rules}
    assert named == {
        "APIDown": {"APIHighErrorRate", "HighLatencyP95", "NoRecentRequests"},
        "DatabaseDown": {
            "APIHighErrorRate",
            "HighLatencyP95",
            "DatabasePoolExhausted",
            "RequestLogRowsDropped",
        },
        "RedisDown": {"LowCacheHitRate", "CacheEmpty", "HighLatencyP95"},
        "LLMProviderSlowdown": {"HighLatencyP95"},
    }


def test_a_rule_goes_by_any_labels() -> None:
    (rule,) = parse_inhibition(TABLE).rules
    assert rule.cause.fits({"alertname": "HostDown", "severity": "critical", "host": "a"})
    assert not rule.cause.fits({"alertname": "HostDown", "severity": "warning"})
    assert rule.makes_symptom({"alertname": "Slow", "service": "shop"})
    assert rule.makes_symptom({"alertname": "DiskFull", "team": "db"})
    assert not rule.makes_symptom({"alertname": "DiskFull", "team": "web"})
    assert rule.common({"host": "a"}) == ("a",)
    assert rule.tail_s == 300


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ('alertname="HostDown"', "HostDown", "line 3: cause: 'HostDown' is no matcher; write for instance"),
        ('service=~"web|shop"', 'service=~"("', "line 5: a symptom: service: '(' is no regular expression"),
        ('service=~"web|shop"', 'service=~".*"', "line 5: a symptom: these matchers would fit every alert"),
        ("tail: 5m", "tail: soon", "line 8: tail is a duration such as 5m"),
        (
            "equal: [host]",
            "equals: [host]",
            "line 7: an entry of inhibition knows no 'equals'; it has cause, symptoms",
        ),
        ("    symptoms:", "    symptom:", "line 4: an entry of inhibition knows no 'symptom'"),
        ("inhibition:", "inhibition: [", "line 3: "),
        ("    tail: 5m", "    tail: 5m\n    tail: 6m", "line 9: key 'tail' is there already, in line 8"),
        (
            "  - cause",
            "    cause",
            "line 3: inhibition is a list, one item behind each dash; it is a mapping",
        ),
    ],
)
def test_a_fault_is_named_with_its_line_and_what_would_be_right(before: str, after: str, fault: str) -> None:
    with pytest.raises(DocumentError) as raised:
        parse_inhibition(TABLE.replace(before, after))
    assert any(str(found).startswith(fault) for found in raised.value.faults), raised.value


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(DocumentError) as raised:
        parse_inhibition(TABLE.replace("5m", "soon").replace('team="db"', "team"))
    assert [fault.line for fault in raised.value.faults] == [6, 8]


@pytest.mark.parametrize(
    "text", ["", "7", "[]", "inhibition:", "inhibition: {}", "a: b: c", "\x00", "&a [*a]"]
)
def test_a_text_that_is_no_table_is_a_fault_and_no_crash(text: str) -> None:
    with pytest.raises(DocumentError):
        parse_inhibition(text)


def test_a_table_may_be_empty() -> None:
    assert parse_inhibition("inhibition: []").rules == ()
