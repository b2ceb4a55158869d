"""Facts about drills: the outage is caused for real, and the runbook's own steps cure it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from runbooks.engine.parse import parse_runbook
from server.stack.drill.report import report_lines, report_markdown
from server.stack.drill.scenario import SCENARIOS, DrillResult, Scenario, StoppedService

_SHELF = Path(__file__).resolve().parents[3] / "runbooks"


def _drill(name: str, *words: str) -> dict[str, object]:
    run = subprocess.run(
        [sys.executable, "-m", "server.stack.drill", name, "--json", *words], capture_output=True, text=True, timeout=280, check=False
    )  # fmt: skip
    document: dict[str, object] = json.loads(run.stdout)
    assert (run.returncode == 0) is document["passed"], run.stderr
    return document


def _assert_cured_in_time(name: str) -> None:
    result = _drill(name)
    assert result["passed"], result["failure"]
    detected, acknowledged, resolved = (result[f"{t}_s"] for t in ("detected", "acknowledged", "resolved"))
    assert isinstance(detected, float)
    assert isinstance(acknowledged, float)
    assert isinstance(resolved, float)
    assert acknowledged <= resolved < float(str(result["mttr_target_s"]))


@pytest.mark.stack
@pytest.mark.timeout(300)
def test_the_drill_of_apidown_passes_and_leaves_nothing() -> None:
    before = set(Path("/tmp").glob("sps-drill-*"))
    _assert_cured_in_time("APIDown")
    assert set(Path("/tmp").glob("sps-drill-*")) <= before


@pytest.mark.stack
@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", [name for name in SCENARIOS if name != "APIDown"])
def test_every_other_drill_passes(name: str) -> None:
    _assert_cured_in_time(name)


@pytest.mark.stack
@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ["APIDown", "APIHighErrorRate", "LowCacheHitRate"])
def test_without_the_cure_the_alert_keeps_firing(name: str) -> None:
    result = _drill(name, "--control")
    assert result["passed"], result["failure"]
    assert result["control"]
    assert result["resolved_s"] is None


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=list(SCENARIOS))
def test_a_scenario_names_steps_of_its_runbook_and_every_value_that_the_cure_asks_for(
    scenario: Scenario,
) -> None:
    runbook = parse_runbook((_SHELF / f"{scenario.runbook}.md").read_text(), scenario.runbook)
    steps = {step.name: step for step in runbook.steps}
    assert runbook.alert == scenario.alert
    assert steps[scenario.diagnosis].section == "Diagnosis"
    assert steps[scenario.diagnosis].then == scenario.cure
    assert {scenario.diagnosis, scenario.cure, scenario.proof} <= steps.keys()
    assert {param.name for param in steps[scenario.cure].inputs if param.required} == set(
        scenario.cure_params
    )


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=list(SCENARIOS))
def test_whoever_is_told_is_a_client_that_the_fault_brought(scenario: Scenario) -> None:
    assert scenario.told in ("", getattr(scenario.fault, "client", None))
    assert isinstance(scenario.fault, StoppedService) is (scenario.load is None)


def test_a_report_says_what_the_drill_did_that_no_step_did() -> None:
    result = DrillResult(alert="HighAuthFailures", passed=True, notes=("the drill played a client",))
    assert "  note: the drill played a client" in report_lines(result)
    assert "the drill played a client" in report_markdown([result])


def test_a_control_run_is_called_one() -> None:
    result = DrillResult(alert="APIDown", passed=True, control=True)
    assert report_lines(result)[0] == "  APIDown (control run): PASSED"


def test_an_unknown_drill_names_those_there_are() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "server.stack.drill", "Nothing"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 2
    assert "APIDown" in run.stderr


def test_a_report_says_what_failed() -> None:
    text = report_markdown([DrillResult(alert="APIDown", passed=False, failure="APIDown did not fire")])
    assert "| APIDown | FAILED |" in text
    assert "did not fire" in text
