"""Facts about `ops doctor` on a stack that is well, that is not, and that is not there."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from alerts.wire import ServiceView
from console.cli.checks import doctor as command
from console.model.deployment import JOBS
from console.ops_api.prometheus_answer import QueryResult
from tests.stackwork import Stack, until


class _Measuring:
    """A daemon whose targets are measured once more at each look; the jobs in ``late`` answer at the third."""

    def __init__(self, late: str, age_s: float) -> None:
        self.late, self.age_s, self.looks = late, age_s, 0

    def prometheus(self, _path: str, _params: object) -> QueryResult:
        self.looks += 1
        values = {job: "0" if job == self.late and self.looks < 3 else "1" for job in JOBS}
        series = [{"metric": {"job": job}, "value": [0, value]} for job, value in values.items()]
        return QueryResult(result=msgspec.Raw(msgspec.json.encode(series)))

    def services(self) -> tuple[ServiceView, ...]:
        return tuple(ServiceView(name=name, state="running", uptime_s=self.age_s) for name in JOBS)


@pytest.mark.parametrize(("age_s", "looks", "is_well"), [(0.0, 3, True), (29.0, 3, True), (31.0, 1, False)])
def test_what_has_just_started_is_waited_for_and_nothing_else(monkeypatch: pytest.MonkeyPatch, age_s: float, looks: int, is_well: bool) -> None:  # fmt: skip
    monkeypatch.setattr(command, "time", SimpleNamespace(monotonic=lambda: 0.0, sleep=lambda _: None))
    daemon: Any = _Measuring("ops", age_s)
    findings = command._of_targets(daemon)
    assert (daemon.looks, all(finding.ok for finding in findings)) == (looks, is_well)


def test_the_wait_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter(range(100))
    monkeypatch.setattr(
        command, "time", SimpleNamespace(monotonic=lambda: 7.0 * next(times), sleep=lambda _: None)
    )
    daemon: Any = _Measuring("ops", 0.0)
    daemon.prometheus = lambda *_: QueryResult()
    assert not any(finding.ok for finding in command._of_targets(daemon))


@pytest.mark.stack
def test_a_stack_that_is_well_has_no_finding(local_stack: Stack) -> None:
    def well() -> bool:
        return all(finding["ok"] for finding in local_stack.json("doctor", expect=None))

    until(well, what="a doctor who is content")
    checks = [finding["check"] for finding in local_stack.json("doctor")]
    assert checks[:11] == [
        "server",
        "token",
        "clock",
        "evaluator",
        "daemon",
        "hosts",
        "steps",
        "targets",
        "rules",
        "services",
        "actions",
    ]
    assert "people" in checks


@pytest.mark.stack
def test_a_stopped_service_is_named_with_its_cure(local_stack: Stack) -> None:
    local_stack.ops("stop", "redis", "--confirm", "stop-redis")
    try:
        until(
            lambda: (
                {("targets", "redis does not answer"), ("services", "redis is stopped")}
                <= {
                    (finding["check"], finding["text"].partition(":")[0])
                    for finding in local_stack.json("doctor", expect=1)
                    if not finding["ok"]
                }
            ),
            what="both findings",
        )
        assert "fix: ops logs redis, then ops start redis" in local_stack.ops("doctor", expect=1)
    finally:
        local_stack.ops("start", "redis", "--confirm", "start-redis")


@pytest.mark.stack
def test_a_wrong_token_and_a_wrong_address_say_what_to_set(local_stack: Stack) -> None:
    wrong = local_stack.run("--url", local_stack.url("ops"), "--token", "nobodys", "doctor")
    assert wrong.returncode == 1
    assert "!!  token" in wrong.stdout
    assert "set OPS_TOKEN" in wrong.stdout
    away = local_stack.run("--url", "http://127.0.0.1:1", "--token", "x", "doctor")
    assert away.returncode == 1
    assert "!!  server" in away.stdout
    assert "set OPS_URL" in away.stdout


@pytest.mark.stack
def test_the_state_is_backed_up_and_the_archive_is_named(local_stack: Stack) -> None:
    said = local_stack.ops("backup-state", "--prune")
    path = said.partition(":")[0]
    assert path.startswith(str(local_stack.state / "backups" / "ops-state-"))
    assert "nothing is old enough to be removed" in said
    refused = local_stack.run("restore-state", path)
    assert refused.returncode == 1
    assert "--replace moves what is there aside" in refused.stderr
    refused = local_stack.run("restore-state", "--replace", path)
    assert refused.returncode == 1
    assert "another ops daemon" in refused.stderr


@pytest.mark.stack
def test_a_script_has_the_archive_and_what_it_restores_as_documents(
    local_stack: Stack, tmp_path: Path
) -> None:
    made = json.loads(local_stack.ops("backup-state", "--to", str(tmp_path / "to"), "--prune", "--json"))
    assert (Path(made["archive"]).stat().st_size, made["removed"]) == (made["bytes"], [])
    there = local_stack.run("restore-state", made["archive"], "--json", "--state", str(tmp_path / "state"))
    assert (there.returncode, json.loads(there.stdout)["seq"]) == (0, made["seq"])
    assert local_stack.ops("backup-state", "--to", str(tmp_path / "quiet"), "--quiet") == ""
    missing = local_stack.run("restore-state", str(tmp_path / "odd"), "--json")
    assert (missing.returncode, json.loads(missing.stdout)["error"]["type"]) == (2, "invalid")


@pytest.mark.stack
def test_the_state_of_a_daemon_elsewhere_is_backed_up_there(local_stack: Stack) -> None:
    elsewhere = Stack(local_stack.state, local_stack.port_base)
    elsewhere.env = {name: value for name, value in elsewhere.env.items() if name != "OPS_STATE"}
    run = elsewhere.run("--url", local_stack.url("ops"), "--token", "x", "backup-state")
    assert run.returncode == 1
    assert "run this there, without --url" in run.stderr
