"""Facts about drills: the outage is caused for real, and the runbook's own steps cure it."""

import json
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from alerts.contacts import parse_contacts
from runbooks.engine.parser import parse_runbook
from runbooks.wire import ExecutionView
from server.stack.drill.drill_pages import DrillPages
from server.stack.drill.faults import FaultInjector
from server.stack.drill.report import report_lines, report_markdown, write_reports
from server.stack.drill.responder import DrillFailedError, Responder
from server.stack.drill.scenario import SCENARIOS, DrillResult, DrillStep, Scenario, StoppedService
from server.stack.drill.stages import DrillRun
from tests.paths import CHECKOUT
from tests.stackwork import until

_SHELF = CHECKOUT / "runbooks"


def _drill(name: str, *words: str, **env: str) -> dict[str, object]:
    run = subprocess.run(
        [sys.executable, "-m", "server.stack.drill", name, "--json", *words],
        env={**os.environ, **env}, capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    document: dict[str, object] = json.loads(run.stdout)
    assert (run.returncode == 0) is document["passed"], run.stderr
    return document


def _assert_cured_in_time(name: str, **env: str) -> None:
    result = _drill(name, **env)
    assert result["passed"], result["failure"]
    detected, acknowledged, resolved = (result[f"{t}_s"] for t in ("detected", "acknowledged", "resolved"))
    assert isinstance(detected, float)
    assert isinstance(acknowledged, float)
    assert isinstance(resolved, float)
    assert acknowledged <= resolved < float(str(result["mttr_target_s"]))
    _assert_every_expectation_was_judged(name, result["steps"])


def _assert_every_expectation_was_judged(name: str, steps: Any) -> None:
    runbook = parse_runbook((_SHELF / f"{SCENARIOS[name].runbook}.md").read_text(), name)
    judged = {step["step"] for step in steps if step["verdict"] is not None}
    expected = {s.name for s in runbook.steps if s.section == "Diagnosis" and (s.healthy or s.unhealthy)}
    assert expected <= judged


@pytest.mark.stack
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_drill_of_apidown_passes_and_leaves_nothing() -> None:
    # A short name: PostgreSQL's socket lies below it.
    with tempfile.TemporaryDirectory(prefix="sps-t-") as folder:
        Path(folder).chmod(0o711)
        _assert_cured_in_time("APIDown", TMPDIR=folder)
        until(lambda: not list(Path(folder).glob("sps-*")), timeout_s=60, what="the end of every folder")


@pytest.mark.stack
@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", [name for name in SCENARIOS if name != "APIDown"])
def test_every_other_drill_passes(name: str) -> None:
    _assert_cured_in_time(name)


@pytest.mark.stack
@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", SCENARIOS)
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


def _step(name: str, **fields: Any) -> DrillStep:
    return DrillStep(step=name, section="Diagnosis", state="succeeded", at_s=4.0, **fields)


def test_the_report_of_a_persons_drill_tells_their_steps_in_order_and_what_they_skipped() -> None:
    steps = (_step("check-process", verdict="unhealthy", points_to="start-api"), DrillStep(step="restart-redis", kind="change", state="failed", at_s=9.5))  # fmt: skip
    result = DrillResult(alert="APIDown", passed=True, human=True, steps=steps, skipped=("read-log",))
    lines = report_lines(result)
    assert lines[0] == "  APIDown (by hand): PASSED"
    assert lines[2:] == [
        "  1. +4 s check-process [read]: succeeded, unhealthy, points to start-api",
        "  2. +9.5 s restart-redis (past the runbook) [change]: failed",
        "  diagnosis steps skipped: read-log",
    ]
    assert "Diagnosis steps skipped: read-log." in report_markdown([result])


def test_a_step_that_was_asked_again_and_again_has_one_line_for_each_answer() -> None:
    unhealthy = DrillStep(
        step="rate-now", section="Resolution", state="succeeded", at_s=5, verdict="unhealthy"
    )
    asked = [msgspec.structs.replace(unhealthy, at_s=at_s) for at_s in (5, 6, 7.5)]
    healthy = msgspec.structs.replace(unhealthy, at_s=8, verdict="healthy")
    text = report_markdown([DrillResult(alert="APIDown", passed=True, steps=(*asked, healthy))])
    assert "1. +5 s rate-now [read]: succeeded, unhealthy; 3 times until +7.5 s\n" in text
    assert text.endswith("2. +8 s rate-now [read]: succeeded, healthy\n")


def test_a_report_is_written_as_markdown_and_as_json(tmp_path: Path) -> None:
    results = [DrillResult(alert="APIDown", passed=True, steps=(_step("look", verdict="healthy"),))]
    markdown, document = write_reports(tmp_path / "drills" / "today", results)
    assert markdown.read_text() == report_markdown(results)
    assert msgspec.json.decode(document.read_bytes(), type=list[DrillResult]) == results


def _judged(step: str, verdict: str, state: str = "succeeded") -> DrillRun:
    runbook = parse_runbook((_SHELF / "RedisDown.md").read_text(), "RedisDown")
    view = ExecutionView(
        execution_id="x", state=state, kind="read", title="", actor="", argv=(), digest="", requested_at=datetime.now(UTC), verdict=verdict  # type: ignore[arg-type]  # the words are the test's
    )  # fmt: skip
    run = DrillRun(
        SCENARIOS["RedisDown"], cast("Responder", None), cast("FaultInjector", None), lambda text: None
    )
    run.judge(next(s for s in runbook.steps if s.name == step), view)
    return run


def test_another_step_that_points_elsewhere_is_noted() -> None:
    assert _judged("ping", "unhealthy").notes == ["ping is unhealthy and also points to restart-redis"]
    assert _judged("ping", "healthy").notes == []


def test_a_step_with_an_expectation_has_to_run_to_its_end_and_the_one_meant_has_to_find_it() -> None:
    with pytest.raises(DrillFailedError, match="ping did not run to its end: timed_out"):
        _judged("ping", "unhealthy", "timed_out")
    with pytest.raises(DrillFailedError, match="check-process said healthy"):
        _judged("check-process", "healthy")


def test_a_report_says_how_long_somebody_took_from_the_call_to_the_answer() -> None:
    result = DrillResult(alert="APIDown", passed=True, human=True, paged_s=1.0, acknowledged_s=13.5)
    assert ", called 1 s, answered 12.5 s after the call, acknowledged 13.5 s, " in report_lines(result)[1]
    before = msgspec.structs.replace(result, acknowledged_s=0.5)
    assert ", called 1 s, acknowledged 0.5 s, " in report_lines(before)[1], "whoever was faster than the call"


def test_the_contacts_of_a_drill_are_files_and_sound(tmp_path: Path) -> None:
    pages = DrillPages(tmp_path)
    pages.write_contacts()
    contacts = parse_contacts(pages.contacts.read_text())
    channels = [channel.label for person in contacts.people.values() for channel in person.channels]
    assert channels == [f"file {tmp_path}/pages-{level}.log" for level in ("L1", "L2", "L3")]
    assert contacts.empty_levels == ()


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
