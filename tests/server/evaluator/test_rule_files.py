"""Facts about the rules of the house: they can fire, they clear, and they name metrics that exist."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from alerts.duration import parse_duration_ms
from alerts.promql.parser.syntax import selectors
from alerts.rule import (
    AlertRule,
    RecordingRule,
    longest_range_ms,
    parse_rules,
    recordings,
    speed_up,
)
from conftest import Peer
from server.api.telemetry.metrics import ApiMetrics
from server.evaluator import own_metrics, probe_node, probe_postgres, probe_redis
from server.exposition import parse_exposition
from tests.paths import CHECKOUT
from tests.server.evaluator.unit_test_file import UnitTest, document_of, rule_groups, unit_tests

_ROOT = CHECKOUT
_RULE_FILES = sorted((_ROOT / "alerts" / "rules").glob("*.yml"))
_TEST_FILES = sorted((_ROOT / "tests" / "alerts" / "rules").glob("*.test.yml"))
_GROUPS = [group for path in _RULE_FILES for group in rule_groups(path)]
_RULES = [rule for group in _GROUPS for rule in group.rules]
_ALERTS = {rule.name: rule for rule in _RULES if isinstance(rule, AlertRule)}

_SEED = {
    "APIDown": ("critical", "APIDown", "5m"),
    "DatabaseDown": ("critical", "DatabaseDown", "5m"),
    "RedisDown": ("critical", "RedisDown", "10m"),
    "APIHighErrorRate": ("critical", "HighErrorRate", "10m"),
    "HighLatencyP95": ("critical", "HighLatency", "15m"),
    "HighAuthFailures": ("warning", "HighAuthFailures", "30m"),
    "LowCacheHitRate": ("warning", "LowCacheHitRate", "1h"),
    "HighRateLimitViolations": ("warning", "HighRateLimitViolations", "1h"),
    "LLMProviderSlowdown": ("info", "LLMProviderSlowdown", "2h"),
    "ProviderKeyRefused": ("warning", "ProviderKeyRefused", "30m"),
}


@pytest.mark.peer
def test_promtool_accepts_every_rule_file(peer: Peer) -> None:
    command = [peer.find("promtool"), "check", "rules", "--lint-fatal", *map(str, _RULE_FILES)]
    assert subprocess.run(command, capture_output=True, text=True).returncode == 0


@pytest.mark.peer
@pytest.mark.parametrize("file", _TEST_FILES, ids=lambda file: file.name)
def test_promtool_sees_every_alert_fire_and_clear(peer: Peer, file: Path) -> None:
    done = subprocess.run([peer.find("promtool"), "test", "rules", file], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "case", [case for file in _TEST_FILES for case in unit_tests(file)], ids=lambda case: case.name
)
def test_this_evaluator_sees_the_same(case: UnitTest) -> None:
    assert case.failures() == []


def _expectations() -> list[dict[str, Any]]:
    documents = [document_of(file) for file in _TEST_FILES]
    return [one for document in documents for test in document["tests"] for one in test["promql_expr_test"]]


def _concerns(expr: str, alert: str) -> bool:
    named = re.search(r'alertname(=~?)"([^"]+)"', expr)
    return named is not None and re.fullmatch(named.group(2), alert) is not None


@pytest.mark.parametrize("alert", sorted(_ALERTS.keys() - {"Watchdog"}))
def test_every_alert_has_a_case_in_which_it_fires_and_one_in_which_it_clears(alert: str) -> None:
    cases = [one for one in _expectations() if _concerns(one["expr"], alert)]
    assert any(one["exp_samples"] and '"firing"' in one["expr"] for one in cases)
    assert any(not one["exp_samples"] and "alertstate" not in one["expr"] for one in cases)


@pytest.mark.parametrize("alert", sorted(_SEED))
def test_the_seeds_alerts_have_its_severity_runbook_and_target(alert: str) -> None:
    rule = _ALERTS[alert]
    labels, annotations = rule.source["labels"], rule.source["annotations"]
    runbook = Path(annotations["runbook_url"]).stem
    assert (labels["severity"], runbook, annotations["mttr_target"]) == _SEED[alert]


@pytest.mark.parametrize("alert", sorted(_ALERTS))
def test_every_alert_says_what_a_person_needs(alert: str) -> None:
    labels, annotations = _ALERTS[alert].source["labels"], _ALERTS[alert].source["annotations"]
    assert {"severity", "service", "component"} <= labels.keys()
    assert {"summary", "description", "threshold"} <= annotations.keys()
    if labels["severity"] == "none":
        return
    assert labels["severity"] in ("critical", "warning", "info")
    assert annotations["runbook_url"].endswith(".md") and "/runbooks/" in annotations["runbook_url"]
    assert parse_duration_ms(annotations["mttr_target"]) > 0


def _exported() -> set[str]:
    """Every metric name that a part of the house exposes."""
    api = parse_exposition(ApiMetrics(version="0", environment="test").exposition().decode())
    names = {
        "up",
        "probe_success",
        *own_metrics.METRICS,
        *probe_node.METRICS,
        *probe_redis.METRICS,
        *probe_postgres.METRICS,
    }
    for name, metadata in api.metadata.items():
        suffixes = ("_bucket", "_count", "_sum") if metadata.type == "histogram" else ("",)
        names |= {name + suffix for suffix in suffixes}
    return names


def test_every_rule_names_only_metrics_that_something_exports() -> None:
    known = _exported() | {rule.name for rule in _RULES if isinstance(rule, RecordingRule)}
    named = {selector.name for rule in _RULES for selector in selectors(rule.expr)}
    assert named - known == set()
    assert "" not in named


def test_an_alert_over_recorded_series_looks_as_far_back_as_the_recording() -> None:
    recorded = recordings(_GROUPS)
    assert longest_range_ms(_ALERTS["HighLatencyP95"], recorded) == 300_000
    assert longest_range_ms(_ALERTS["APIDown"], recorded) == 0


def test_a_drill_shortens_windows_and_waits_and_leaves_thresholds_alone() -> None:
    text = """
groups:
  - name: g
    rules:
      - alert: A
        expr: rate(x[5m]) > 300 and max_over_time(y[1h:5m]) > 5 or z offset 5m > 1
        for: 10m
        keep_firing_for: 5m
"""
    group = speed_up(parse_rules(text, "f")[0], 20, 20_000)
    wanted = parse_rules(
        text.replace("[5m]", "[20s]")
        .replace("[1h:5m]", "[3m:15s]")
        .replace("for: 10m", "for: 30s")
        .replace("keep_firing_for: 5m", "keep_firing_for: 15s"),
        "f",
    )[0]
    assert group == wanted


def test_speeding_up_by_one_changes_nothing() -> None:
    assert [speed_up(group, 1, 20_000) for group in _GROUPS] == _GROUPS
