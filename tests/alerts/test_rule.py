"""Facts about rule files: what is read, and what is refused with its place."""

import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from alerts.rule import AlertRule, RecordingRule, RuleFileError, parse_rules
from conftest import Peer

AS_WRITTEN: Mapping[str, str] = {
    "true": "true",
    "on": "on",
    "Yes": "Yes",
    "1.10": "1.10",
    "0123": "0123",
    "0x1F": "0x1F",
    "1e3": "1e3",
    "1_000": "1_000",
    ".inf": ".inf",
    "12:30": "12:30",
    "2001-01-01": "2001-01-01",
    "2001-99-99": "2001-99-99",
    "!!int 3": "3",
    "!!str true": "true",
    "!!binary aGk=": "hi",
    "!own b": "b",
    "'0123'": "0123",
    '"\\x41"': "A",
    "=": "=",
    "~": "",
    "null": "",
    "NULL": "",
    "''": "",
}
"""YAML scalars and the texts that a label gets from them."""

_HEAD = "groups:\n- name: g\n  rules:\n  - alert: A\n"
REFUSED_FILES = (
    "groups: []\ngroups: []\n",
    _HEAD + "    alert: B\n    expr: x\n",
    _HEAD + "    expr: x\n    labels: {a: b, a: c}\n",
    _HEAD + "    expr: x\n    labels: {a: [b]}\n",
    _HEAD + "    expr: x\n    labels: {a: {b: c}}\n",
    _HEAD + "    expr: x\n    labels: {1: b}\n",
    _HEAD + "    expr: x\n    annotations: {a-b: c}\n",
    _HEAD + "    expr: x\n    for: 5\n",
    _HEAD + "    expr: [x]\n",
    _HEAD + "    record: a\n    expr: x\n",
    _HEAD + "    expr: x\n\t\n",
    _HEAD + "    expr: x\n\t> 1\n",
    _HEAD + "    expr: 'a\0'\n",
    "groups: [{name: g, interval: 60}]",
    "groups: [{name: g, limit: many}]",
    "groups: [{name: ''}]",
    "- a\n",
    "a\n",
    "{",
    "\t",
    "a: 1\n---\ngroups: []\n",
)
TAKEN_FILES = (
    "",
    "---\ngroups: []\n...\n",
    "groups: []\n---\nx: 1\n",
    "%YAML 1.1\n---\ngroups: []\n",
    "\ufeffgroups: []\n",
    "groups: [{name: 12, rules: [{alert: true, expr: 1}]}]",
    "groups: [{name: g, limit: 0x10}, {name: h, limit: 1.5}, {name: i, limit: -1}]",
    "groups: [{name: g, rules: null}]",
    _HEAD + "    expr: yes\n    labels: null\n    for: 0\n",
    _HEAD + "    expr:\tx\t# a comment\n",
    _HEAD + "    expr: 'x'\t\n    for: 1m \t \n",
    _HEAD + "    expr: >-\t\n      x\n",
    _HEAD + "    expr: sum(x)\n      by (a)\n",
    _HEAD + "    expr: x\n    <<: {for: 1m}\n",
    _HEAD + "    expr: x\n    record: ''\n",
    "groups:\n- name: g\n  rules:\n  - {alert: A,\texpr: x}\n",
    "groups: [{name: g, rules: [&r {alert: A, expr: x}, *r]}]",
)

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


@pytest.mark.parametrize("text", AS_WRITTEN)
def test_a_label_is_taken_as_written(text: str) -> None:
    (group,) = parse_rules(_rule(f"alert: A, expr: x, labels: {{a: {text}}}"), "f.yml")
    (rule,) = group.rules
    assert isinstance(rule, AlertRule)
    assert rule.source["labels"] == {"a": AS_WRITTEN[text]}


@pytest.mark.peer
def test_promtool_takes_labels_as_written(peer: Peer, tmp_path: Path) -> None:
    labels = ", ".join(f"l{index}: {text}" for index, text in enumerate(AS_WRITTEN))
    # A label that is empty is no label.
    wanted = {f"l{index}": value for index, value in enumerate(AS_WRITTEN.values()) if value}
    (tmp_path / "f.yml").write_text(_rule(f"alert: A, expr: x, labels: {{{labels}}}"))
    test = {
        "interval": "1m",
        "input_series": [{"series": "x", "values": "1x3"}],
        "alert_rule_test": [
            {"eval_time": "1m", "alertname": "A", "exp_alerts": [{"exp_labels": wanted}]},
        ],
    }
    unit = {"rule_files": ["f.yml"], "evaluation_interval": "1m", "tests": [test]}
    (tmp_path / "test.yml").write_text(yaml.safe_dump(unit))
    command = [peer.find("promtool"), "test", "rules", "test.yml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("text", [*REFUSED_FILES, *TAKEN_FILES])
def test_a_file_is_taken_or_refused(text: str) -> None:
    if text in TAKEN_FILES:
        parse_rules(text, "f.yml")
        return
    with pytest.raises(RuleFileError, match=r"f\.yml"):
        parse_rules(text, "f.yml")


@pytest.mark.peer
@pytest.mark.parametrize("text", [*REFUSED_FILES, *TAKEN_FILES])
def test_promtool_takes_and_refuses_the_same_files(peer: Peer, tmp_path: Path, text: str) -> None:
    (tmp_path / "f.yml").write_text(text)
    command = [peer.find("promtool"), "check", "rules", str(tmp_path / "f.yml")]
    assert (subprocess.run(command, capture_output=True).returncode == 0) is (text in TAKEN_FILES)


@given(st.text(alphabet=st.sampled_from("abx:-[]{}&*!|>'\"#%@`?,<= \t\n0123~.éü\x00\x85"), max_size=60))
def test_any_text_is_a_rule_file_or_a_fault(text: str) -> None:
    with suppress(RuleFileError):
        parse_rules(text, "f.yml")


@pytest.mark.lengthy
def test_deeply_nested_text_is_a_fault() -> None:
    with pytest.raises(RuleFileError, match="nested too deep"):
        parse_rules("[" * 100_000, "f.yml")


def test_a_doubled_key_is_named_with_both_lines() -> None:
    with pytest.raises(RuleFileError, match=r"f\.yml: line 2: key 'groups' is there already, in line 1"):
        parse_rules("groups: []\ngroups: []\n", "f.yml")
