"""Facts about drills: the outage is caused for real, and the runbook's own steps cure it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from server.stack.drill.report import report_markdown
from server.stack.drill.scenario import SCENARIOS, DrillResult


def _drill(name: str) -> dict[str, object]:
    run = subprocess.run(
        [sys.executable, "-m", "server.stack.drill", name, "--json"], capture_output=True, text=True, timeout=280, check=False
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
