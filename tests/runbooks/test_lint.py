"""Facts about the lint: each kind of damage is named, and the shelf as it stands is sound."""

import msgspec
import pytest

from runbooks.engine.catalogue import build_catalogue
from runbooks.engine.lint import SECTIONS, RuleFacts, lint

ACTIONS = "restart-api: {title: Restart, kind: change, object: api, targets: {local: [x]}}"
RULE = RuleFacts(
    alert="APIDown", severity="critical", mttr_target_s=300, runbook_url="https://x/runbooks/APIDown.md"
)
STEP = '```bash {"name":"cure","kind":"change","timeout":"5s"}\nops act restart-api\n```'
GOOD = (
    "---\nalert: APIDown\nseverity: critical\nmttr_target: 5m\nowner: platform\n---\n# API down\n\n"
    + "\n\n".join(f"## {title}\n\n{STEP if title == 'Resolution' else 'Words.'}" for title in SECTIONS)
)


def _faults(runbook: str, rule: RuleFacts = RULE, actions: str = ACTIONS) -> list[str]:
    files = {"APIDown.md": runbook, "actions.yml": actions}
    return [
        str(fault)
        for fault in lint(files, build_catalogue(files), [rule], exists=lambda path: path == "there.md")
    ]


def test_a_sound_shelf_has_no_faults() -> None:
    assert _faults(GOOD) == []


@pytest.mark.parametrize(
    ("good", "bad", "fault"),
    [
        ("## Prevention", "## Prevent", "they must be Overview, Impact"),
        ("severity: critical", "severity: warning", "the rule says critical"),
        ("mttr_target: 5m", "mttr_target: 6m", "the rule says 300 s"),
        ("owner: platform\n", "", "no owner"),
        ("alert: APIDown\n", "", "front matter has no alert"),
        ("alert: APIDown", "alert: APISlow", "no rule is named APISlow"),
        ("act restart-api", "act restart-moon", "no action restart-moon"),
        ('"kind":"change"', '"kind":"destructive"', "the action restart-api is change"),
        ('"timeout":"5s"', '"timeout":"soon"', "timeout is 'soon'"),
        ("Words.", "TODO write this", "unfinished"),
        ("Words.", "[gone](gone.md)", "link gone.md leads nowhere"),
        (STEP, "Words.", "section Resolution has no step"),
        ('"name":"cure"', '"name":"cure","then":"nowhere"', "points to nowhere"),
    ],
)
def test_each_kind_of_damage_is_named(good: str, bad: str, fault: str) -> None:
    assert good in GOOD
    assert any(fault in text for text in _faults(GOOD.replace(good, bad)))


def test_a_link_that_leads_somewhere_is_no_fault() -> None:
    assert _faults(GOOD.replace("Words.", "[there](there.md#part)")) == []


def test_a_rule_without_a_runbook_is_a_fault() -> None:
    rule = RuleFacts(alert="Other", severity="warning", mttr_target_s=60, runbook_url="https://x/Other.md")
    assert any("is no runbook here" in text for text in _faults(GOOD, rule))


def test_a_rule_that_points_at_another_alerts_runbook_is_a_fault() -> None:
    rule = msgspec.structs.replace(RULE, alert="HostCPUHigh")
    fault = "README.md: alert HostCPUHigh: its runbook_url points at APIDown, which is about APIDown"
    assert fault in _faults(GOOD, rule)


def test_a_runbook_of_the_daemons_own_alert_must_agree_with_the_daemon() -> None:
    own = msgspec.structs.replace(RULE, said_by="the ops daemon")
    assert _faults(GOOD, own) == []
    assert _faults(GOOD.replace("5m", "6m"), own) == [
        "APIDown.md: mttr_target 360 s; the ops daemon says 300 s"
    ]


def test_a_damaged_action_file_is_a_fault() -> None:
    assert any(text.startswith("actions.yml: ") for text in _faults(GOOD, actions="a: 1"))
