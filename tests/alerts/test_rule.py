"""Facts about rule files: what is read, and what is refused with its place."""

import pytest

from alerts.rule import AlertRule, RecordingRule, RuleFileError, parse_rules

_GOOD = """
groups:
  - name: g
    interval: 30s
    limit: 5
    query_offset: 1m
    labels: {team: ops}
    rules:
      - record: 'a:b'
        expr: sum(x)
        labels: {k: v}
      - alert: A
        expr: 'x > 1'
        for: 1m30s
        keep_firing_for: 2m
        labels: {severity: critical, dyn: '{{ $labels.job }}'}
        annotations: {runbook_url: 'https://h/A.md', mttr_target: 5m}
"""


def test_a_rule_file_is_read() -> None:
    (group,) = parse_rules(_GOOD, "f.yml")
    record, alert = group.rules
    assert (group.name, group.file, group.interval_ms, group.limit, group.offset_ms) == (
        "g",
        "f.yml",
        30_000,
        5,
        60_000,
    )
    assert isinstance(record, RecordingRule)
    assert (record.name, record.labels) == ("a:b", {"team": "ops", "k": "v"})
    assert isinstance(alert, AlertRule)
    assert (alert.for_ms, alert.keep_firing_ms) == (90_000, 120_000)
    assert alert.source["labels"] == {"team": "ops", "severity": "critical", "dyn": "{{ $labels.job }}"}


def test_an_empty_file_has_no_rules() -> None:
    assert parse_rules("", "f.yml") == ()
    assert parse_rules("groups:\n", "f.yml") == ()


def _rule(text: str) -> str:
    return f"groups: [{{name: g, rules: [{{{text}}}]}}]"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("groups: [", "f.yml"),
        ("group: []", "'group' is not known"),
        ("groups: [{rules: []}]", "no name"),
        ("groups: [{name: g}, {name: g}]", "there twice"),
        ("groups: [{name: g, rule: []}]", "'rule' is not known"),
        ("groups: [{name: g, interval: often}]", "interval: 'often'"),
        (_rule("expr: x"), "one of 'record' and 'alert'"),
        (_rule("alert: A"), "'expr' must be set"),
        (_rule("alert: A, expr: 'x >'"), r"rule 1 \(A\): could not parse expression: 1:4"),
        (_rule("alert: A, expr: 'holt_winters(x[1m], 1, 1)'"), "holt_winters"),
        (_rule("alert: A, expr: x, fore: 1m"), "'fore' is not known"),
        (_rule("alert: A, expr: x, for: -1m"), "for: '-1m'"),
        (_rule("alert: A, expr: x, labels: {'a-b': c}"), "invalid label name 'a-b'"),
        (_rule("alert: A, expr: x, labels: {__name__: c}"), "invalid label name"),
        (_rule("alert: A, expr: x, annotations: {s: '{{ now }}'}"), "function 'now' not defined"),
        (_rule("record: 'a b', expr: x"), "invalid recording rule name"),
        (_rule("record: a, expr: x, for: 1m"), "'for' is not known"),
    ],
)
def test_a_file_that_prometheus_would_not_load_is_refused(text: str, reason: str) -> None:
    with pytest.raises(RuleFileError, match=reason):
        parse_rules(text, "f.yml")
