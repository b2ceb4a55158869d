"""Facts about a group of rules: a fault of one rule is that rule's alone, and is shown."""

from alerts.promql import SampleStore
from alerts.rule import parse_rules
from server.evaluator.rule_runner import GroupRunner
from tests.server.evaluator.fake_clock import FakeClock

_RULES = """
groups:
  - name: g
    rules:
      - alert: Broken
        expr: x > 0
        labels: {severity: '{{ if gt $value 5 }}critical{{ end }}'}
        annotations: {summary: 'x is {{ $value }}', more: '{{ query "sum(" }}'}
      - alert: Whole
        expr: x > 0
        annotations:
          summary: '{{ range query "y" }}{{ .Labels.a }}={{ .Value }}{{ end }} of {{ $externalLabels.c }} at {{ $externalURL }}'
      - record: x:sum
        expr: sum(x)
"""


def _runner(store: SampleStore) -> GroupRunner:
    (group,) = parse_rules(_RULES, "f.yml")
    return GroupRunner(
        group,
        store,
        FakeClock(0),
        interval_ms=1_000,
        scrape_interval_ms=1_000,
        compat=3,
        external={"c": "here"},
        external_url="http://e:9090",
        recorded={},
    )


def _evaluated() -> GroupRunner:
    store = SampleStore()
    store.append({"__name__": "x"}, 1_000, 7.0)
    store.append({"__name__": "y", "a": "b"}, 1_000, 2.0)
    runner = _runner(store)
    runner.evaluate(2_000)
    return runner


def test_an_alert_whose_text_cannot_be_rendered_fires_all_the_same() -> None:
    (alert,) = _evaluated().rules[0].alerts.values()
    assert alert.annotations["summary"] == "x is 7"
    assert alert.annotations["more"].startswith("<error expanding template: at <query")
    assert dict(alert.labels)["severity"].startswith("<error expanding template: at <gt $value 5>")


def test_the_rule_says_what_cannot_be_rendered_and_the_others_are_well() -> None:
    broken, whole, recorded = _evaluated().rules
    assert broken.health == "err"
    assert "label 'severity': error expanding template" in broken.last_error
    assert "annotation 'more': error expanding template" in broken.last_error
    assert [(one.health, one.last_error) for one in (whole, recorded)] == [("ok", ""), ("ok", "")]


def test_a_template_may_query_and_name_its_surroundings() -> None:
    (alert,) = _evaluated().rules[1].alerts.values()
    assert alert.annotations["summary"] == "b=2 of here at http://e:9090"
