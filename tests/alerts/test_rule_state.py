"""Facts about the life of an alert: pending, firing, resolved."""

from itertools import product

import pytest

from alerts.promql.labels import Labels
from alerts.rule import AlertRule, parse_rules
from alerts.rule_state import (
    TRANSITIONS,
    Alerts,
    AlertState,
    EvaluationSignal,
    RuleAlert,
    SameLabelsError,
    step,
)

_RULE = """
groups:
  - name: g
    rules:
      - alert: Down
        expr: up == 0
        for: 30s
        keep_firing_for: {keep}
        labels: {{severity: critical}}
        annotations: {{summary: "{{{{ $labels.job }}}}: {{{{ $value }}}}"}}
"""
_UP: list[tuple[Labels, float]] = [((("__name__", "up"), ("job", "api")), 0.0)]


def _rule(keep: str = "0s") -> AlertRule:
    rule = parse_rules(_RULE.format(keep=keep), "f.yml")[0].rules[0]
    assert isinstance(rule, AlertRule)
    return rule


def _after(presence: str, *, keep: str = "0s", may_resolve: bool = True) -> RuleAlert | None:
    """The alert after evaluations ten seconds apart, ``x`` where the expression holds."""
    alerts: Alerts = {}
    for index, mark in enumerate(presence):
        samples = _UP if mark == "x" else []
        alerts = step(_rule(keep), alerts, samples, index * 10_000, external={}, may_resolve=may_resolve)
    return next(iter(alerts.values()), None)


def _state(presence: str, *, keep: str = "0s", may_resolve: bool = True) -> str:
    alert = _after(presence, keep=keep, may_resolve=may_resolve)
    return alert.state.value if alert else "none"


@pytest.mark.parametrize(
    ("presence", "expected"),
    [
        ("x", "pending"),
        ("xxx", "pending"),
        ("xxxx", "firing"),
        ("x.", "none"),
        ("x.xxx", "pending"),
        ("xxxx.", "resolved"),
        ("xxxx.x", "pending"),
        ("xxxx.xxxx", "firing"),
        ("xxxx" + "." * 91, "resolved"),
        ("xxxx" + "." * 93, "none"),
    ],
)
def test_an_alert_fires_once_it_has_held_for_long_enough(presence: str, expected: str) -> None:
    assert _state(presence) == expected


@pytest.mark.parametrize(
    ("presence", "expected"),
    [("xxxx..", "firing"), ("xxxx...", "resolved"), ("xxxx.x.", "firing"), ("xx.", "none")],
)
def test_keep_firing_for_holds_a_firing_alert_over_a_gap(presence: str, expected: str) -> None:
    assert _state(presence, keep="20s") == expected


def test_nothing_resolves_while_windows_are_refilled() -> None:
    assert _state("xxxx....", may_resolve=False) == "firing"
    assert _state("xx....", may_resolve=False) == "pending"


def test_what_nobody_saw_while_windows_were_refilled_does_not_count_towards_for() -> None:
    assert _state("xx....x", may_resolve=False) == "pending"
    assert _state("xx....xx", may_resolve=False) == "firing"


def test_an_alert_knows_when_it_became_active_fired_and_ended() -> None:
    alert = _after("xxxx.")
    assert alert is not None
    assert (alert.active_ms, alert.fired_ms, alert.resolved_ms) == (0, 30_000, 40_000)


def test_a_new_episode_has_clocks_of_its_own() -> None:
    alert = _after("xxxx.xxxx")
    assert alert is not None
    assert (alert.active_ms, alert.fired_ms, alert.resolved_ms) == (50_000, 80_000, None)


def test_labels_and_annotations_are_made_from_the_sample() -> None:
    alert = _after("x")
    assert alert is not None
    assert dict(alert.labels) == {"alertname": "Down", "job": "api", "severity": "critical"}
    assert alert.annotations == {"summary": "api: 0"}


def test_two_samples_that_become_one_alert_are_refused() -> None:
    twins: list[tuple[Labels, float]] = [
        ((("__name__", name), ("job", "api")), 0.0) for name in ("up", "down")
    ]
    with pytest.raises(SameLabelsError):
        step(_rule(), {}, twins, 0, external={})


def test_every_state_has_an_answer_to_every_signal_that_can_reach_it() -> None:
    never = {
        (None, EvaluationSignal.KEPT),
        (None, EvaluationSignal.GONE),
        (None, EvaluationSignal.EXPIRED),
        (AlertState.PENDING, EvaluationSignal.EXPIRED),
        (AlertState.FIRING, EvaluationSignal.EXPIRED),
    }
    assert set(product([None, *AlertState], EvaluationSignal)) - never == set(TRANSITIONS)
