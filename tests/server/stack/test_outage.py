"""The walk of one outage on a real stack: stop, alert, incident, runbook step, resolution, status page."""

import os
import signal
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime

import pytest

from tests.stackwork import Stack, until

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]


def _fires(stack: Stack, name: str) -> bool:
    return stack.alerts().get(name, {}).get("state") == "firing"


def _status_page(stack: Stack) -> str:
    with urllib.request.urlopen(stack.url("status") + "/status.txt", timeout=10) as answer:
        return str(answer.read().decode())


@pytest.fixture
def quiet_stack(local_stack: Stack) -> Stack:
    for service in ("postgres", "redis", "api"):
        local_stack.run("start", service, "--confirm", f"start-{service}")
    until(lambda: not {"APIDown", "DatabaseDown", "RedisDown"} & set(local_stack.alerts()), what="quiet")
    return local_stack


@pytest.mark.slow
def test_a_stopped_api_is_seen_and_cured_by_its_runbook(quiet_stack: Stack) -> None:
    stack = quiet_stack
    stop = stack.json("stop", "api", "--confirm", "stop-api")
    assert (stop["state"], stop["exit_code"]) == ("succeeded", 0)
    until(lambda: _fires(stack, "APIDown"), what="APIDown firing")
    alert = stack.alerts()["APIDown"]
    assert alert["runbook"] == "APIDown"
    assert alert["mttr_deadline_at"] is not None
    until(lambda: "Major" in _status_page(stack), what="the outage on the status page")

    taken = stack.json("ack", str(alert["incident_id"]))
    assert taken["acknowledged_by"] == "admin"
    assert stack.alerts()["APIDown"]["acknowledged_by"] == "admin"

    look = stack.json("run", "APIDown", "check-process")
    assert (look["state"], look["verdict"]) == ("succeeded", "unhealthy")
    assert "stopped" in look["stdout"]
    said = stack.ops("run", "APIDown", "check-process")
    assert "verdict unhealthy" in said
    assert "ops run APIDown start-api" in said

    assert stack.run("run", "APIDown", "start-api").returncode == 4
    number = str(alert["incident_id"])
    cure = stack.json("run", "APIDown", "start-api", "--confirm", "start-api", "--incident", number)
    assert cure["state"] == "succeeded"
    until(lambda: "APIDown" not in stack.alerts(), what="the resolution")
    until(lambda: "All Systems Operational" in _status_page(stack), what="the recovery on the status page")

    timeline = stack.json("incidents", number)["timeline"]
    assert any("acknowledged" in entry["text"] for entry in timeline)
    assert any(entry["execution_id"] == cure["execution_id"] for entry in timeline)


@pytest.mark.slow
def test_with_everything_else_stopped_the_operations_side_works(quiet_stack: Stack) -> None:
    stack = quiet_stack
    for service in ("api", "postgres", "redis"):
        stack.ops("stop", service, "--confirm", f"stop-{service}")
    until(
        lambda: all(_fires(stack, name) for name in ("APIDown", "DatabaseDown", "RedisDown")),
        what="three alerts",
    )
    assert "Major System Outage" in until(
        lambda: _status_page(stack) if "Major" in _status_page(stack) else "", what="the page"
    )
    for runbook, step in (
        ("DatabaseDown", "start-postgres"),
        ("RedisDown", "start-redis"),
        ("APIDown", "start-api"),
    ):
        assert stack.json("run", runbook, step, "--confirm", step)["state"] == "succeeded"
    until(
        lambda: not {"APIDown", "DatabaseDown", "RedisDown"} & set(stack.alerts()), what="three resolutions"
    )


def test_a_killed_daemon_loses_nothing_and_finds_its_step_again(quiet_stack: Stack) -> None:
    stack = quiet_stack
    stack.ops("stop", "redis", "--confirm", "stop-redis")
    until(lambda: _fires(stack, "RedisDown"), what="RedisDown firing")
    incident = stack.alerts()["RedisDown"]["incident_id"]
    stack.ops("ack", str(incident))
    runs = {run["execution_id"] for run in stack.json("executions")}
    os.kill(stack.pid("ops"), signal.SIGKILL)
    until(lambda: stack.run("alerts").returncode == 0, what="the daemon being back")
    alert = stack.alerts()["RedisDown"]
    assert (alert["incident_id"], alert["acknowledged_by"]) == (incident, "admin")
    assert runs <= {run["execution_id"] for run in stack.json("executions")}
    stack.ops("start", "redis", "--confirm", "start-redis")
    until(lambda: "RedisDown" not in stack.alerts(), what="the resolution")


def test_without_the_daemon_a_service_can_still_be_started_and_that_is_imported(quiet_stack: Stack) -> None:
    stack = quiet_stack
    begun_at = datetime.now(UTC).isoformat()
    program = [sys.executable, "-m", "server.stack", "--state", str(stack.state), "service"]
    subprocess.run([*program, "stop", "ops"], check=True, capture_output=True, timeout=60)
    stop = stack.run("stop", "redis", "--confirm", "stop-redis")
    assert stop.returncode == 0, stop.stderr
    assert "not journalled" in stop.stderr
    assert stack.run("start", "redis", "--confirm", "start-redis").returncode == 0
    stack.ops("start", "ops", "--confirm", "start-ops")
    until(lambda: stack.run("alerts").returncode == 0, what="the daemon being back")
    assert stack.json("ps")
    # However much else is journalled meanwhile: the latest fifty rows of a busy stack may not reach back so far.
    imported = ("audit", "--filter", "kind:fallback.run", "--since", begun_at)
    until(lambda: stack.run(*imported).stdout.count("fallback.run") == 3, what="the import")
