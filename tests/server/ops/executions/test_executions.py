"""Executions through the API, with real shims and real processes."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from server.ops.state.backup import back_up
from server.ops.state.ledger import DAEMON
from server.runner.control_group import abilities_here
from server.runner.execution import ExecutionIntended
from server.runner.launcher import read_status
from server.runner.leftovers import end_leftovers
from server.runner.process import ProcessId, is_running, stat_of
from tests.server.api.conftest import until
from tests.server.ops.conftest import House, Metrics, Start


def act(action: str, execution_id: str = "run-00000001", **fields: Any) -> dict[str, Any]:
    return {"execution_id": execution_id, "action": action, "confirm": action, **fields}


async def output(house: House, execution_id: str = "run-00000001") -> str:
    return str((await house.get(f"/v1/executions/{execution_id}/output"))["stdout"]["data"])


async def test_a_change_runs_once_and_its_output_is_there(house: House) -> None:
    status, answer = await house.ask("POST", "/v1/executions", act("greet", params={"word": "hi"}))
    assert (status, answer["state"], answer["argv"]) == (202, "running", ["echo", "hi"])
    ended = await house.settled("run-00000001")
    assert (ended["state"], ended["exit_code"], ended["actor"]) == ("succeeded", 0, "admin")
    assert await output(house) == "hi\n"


async def test_the_same_request_again_is_the_first_run(house: House) -> None:
    await house.post("/v1/executions", act("greet"))
    await house.settled("run-00000001")
    status, answer = await house.ask("POST", "/v1/executions", act("greet"))
    assert (status, answer["state"]) == (200, "succeeded")
    assert [e["kind"] for e in (await house.get("/v1/audit"))["entries"]].count("execution.intended") == 1


async def test_the_same_id_for_something_else_is_a_conflict(house: House) -> None:
    await house.post("/v1/executions", act("greet"))
    status, _ = await house.ask("POST", "/v1/executions", act("greet", params={"word": "other"}))
    assert status == 409


async def test_two_clients_that_post_the_same_id_at_once_get_one_run(house: House) -> None:
    answers = await asyncio.gather(*(house.ask("POST", "/v1/executions", act("greet")) for _ in range(8)))
    assert sorted(status for status, _ in answers) == [200] * 7 + [202]
    await house.settled("run-00000001")
    assert [e["kind"] for e in (await house.get("/v1/audit"))["entries"]].count("execution.intended") == 1


async def test_of_two_people_who_race_for_one_lock_one_wins_and_the_other_learns_who(house: House) -> None:
    ana = await house.user("ana", "responder")
    bo = await house.user("bo", "responder")
    answers = await asyncio.gather(
        house.ask("POST", "/v1/executions", act("hold-api", "run-of-ana"), token=ana),
        house.ask("POST", "/v1/executions", act("hold-api", "run-of-bo-1"), token=bo),
    )
    assert sorted(status for status, _ in answers) == [202, 423]
    winner = next(answer for status, answer in answers if status == 202)
    refused = next(answer["error"] for status, answer in answers if status == 423)
    assert (refused["type"], refused["details"]["execution_id"]) == ("locked", winner["execution_id"])
    assert f"service:api is held by {winner['actor']}" in refused["message"]
    await house.post(f"/v1/executions/{winner['execution_id']}/cancel")
    ended = await house.settled(winner["execution_id"])
    assert (ended["state"], ended["reason"]) == ("cancelled", "cancelled by admin")
    assert (await house.get("/v1/locks"))["locks"] == []


async def test_a_change_without_confirmation_is_refused_and_the_refusal_is_journalled(house: House) -> None:
    status, answer = await house.ask("POST", "/v1/executions", act("greet", confirm=None))
    assert (status, answer["error"]["type"]) == (409, "refused")
    assert "--confirm greet" in answer["error"]["message"]
    assert (await house.get("/v1/audit"))["entries"][-1]["kind"] == "execution.refused"
    assert (await house.ask("GET", "/v1/executions/run-00000001"))[0] == 404


async def test_a_destructive_action_is_confirmed_with_its_objects_name_by_an_approver(house: House) -> None:
    responder = await house.user("ana", "responder")
    assert (await house.ask("POST", "/v1/executions", act("wipe")))[0] == 409
    assert (await house.ask("POST", "/v1/executions", act("wipe", confirm="all"), token=responder))[0] == 409
    assert (await house.ask("POST", "/v1/executions", act("wipe", confirm="all")))[0] == 202
    await house.settled("run-00000001")


async def test_a_plan_shows_what_would_run_and_its_digest_is_the_one_that_runs(house: House) -> None:
    plan = await house.post("/v1/executions/plan", act("greet"))
    assert (plan["dry_run"], plan["argv"], plan["locks"]) == (True, ["echo", "hello"], ["service:api"])
    assert (await house.ask("GET", "/v1/executions/run-00000001"))[0] == 404
    assert (await house.post("/v1/executions", act("greet", digest=plan["digest"])))["digest"] == plan[
        "digest"
    ]
    await house.settled("run-00000001")


async def test_a_plan_says_what_a_dry_run_would_lock_and_whether_its_command_is_proven(house: House) -> None:
    dry = await house.post("/v1/executions/plan", act("greet", dry_run=True))
    assert (dry["locks"], dry.get("unverified", False)) == (["service:api"], False)
    assert (await house.post("/v1/executions/plan", act("unproven")))["unverified"]
    assert (await house.post("/v1/executions/plan", act("guarded")))["precheck"][0] == "bash"


async def test_a_digest_of_something_else_is_refused(house: House) -> None:
    status, answer = await house.ask("POST", "/v1/executions", act("greet", digest="0" * 64))
    assert (status, "has changed since" in answer["error"]["message"]) == (409, True)


async def test_a_runbook_that_changed_between_confirm_and_run_is_refused(house: House) -> None:
    step = {"execution_id": "run-00000001", "runbook": "APIDown", "step": "look"}
    digest = (await house.post("/v1/executions/plan", step))["digest"]
    path = house.config.runbooks / "APIDown.md"
    path.write_text(path.read_text().replace("echo looking", "echo something else"))
    assert (await house.ask("POST", "/v1/executions", {**step, "digest": digest}))[0] == 409


async def test_a_dry_run_changes_nothing_and_takes_no_lock(house: House) -> None:
    await house.post("/v1/executions", act("hold-api", "run-holding"))
    await house.post("/v1/executions", act("greet", dry_run=True, confirm=None))
    ended = await house.settled("run-00000001")
    assert (ended["state"], ended["dry_run"], await output(house)) == ("succeeded", True, "")
    await house.post("/v1/executions/run-holding/cancel")
    await house.settled("run-holding")


async def test_a_failed_pre_check_keeps_the_action_from_running(house: House) -> None:
    await house.post("/v1/executions", act("guarded"))
    ended = await house.settled("run-00000001")
    assert (ended["state"], ended["exit_code"]) == ("failed", 3)
    assert "pre-check failed" in ended["reason"]
    assert await output(house) == "not now\n"
    assert not (house.config.state / "guarded-ran").exists()


async def test_a_dry_run_runs_the_pre_check(house: House) -> None:
    await house.post("/v1/executions", act("guarded", dry_run=True))
    assert (await house.settled("run-00000001"))["state"] == "failed"


async def test_what_the_target_cannot_do_is_said_plainly(house: House) -> None:
    status, answer = await house.ask("POST", "/v1/executions", act("elsewhere"))
    assert (status, answer["error"]["type"]) == (409, "refused")
    assert "unavailable here" in answer["error"]["message"]
    shown = {a["name"]: a["available"] for a in (await house.get("/v1/actions"))["actions"]}
    assert (shown["elsewhere"], shown["greet"]) == (False, True)


async def test_a_list_of_actions_looks_at_the_folder_once_and_not_once_for_each(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []

    def counted(path: Any) -> Any:
        looked.append(str(path))
        return scandir(path)

    scandir = os.scandir
    monkeypatch.setattr("server.ops.executions.runbook_folder.os.scandir", counted)
    actions = (await house.get("/v1/actions"))["actions"]
    assert len(actions) > 3
    assert sorted(looked) == sorted(set(looked))


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"execution_id": "short"}, 400),
        ({"execution_id": "../../etc/passwd"}, 400),
        ({"params": {"word": "-rf"}}, 400),
        ({"params": {"nope": "x"}}, 400),
        ({"action": "unheard-of"}, 404),
        ({"action": None}, 400),
        ({"for_s": 60}, 400),
        ({"for_s": 10**18}, 400),
        ({"incident_id": 77}, 400),
    ],
)
async def test_a_request_that_is_not_right_says_so(house: House, fields: dict[str, Any], status: int) -> None:
    answer = await house.ask("POST", "/v1/executions", {**act("greet"), **fields})
    assert answer[0] == status, answer


async def test_a_read_step_has_a_viewer_token_that_ends_with_it_and_never_shows(house: House) -> None:
    step = {"execution_id": "run-00000001", "runbook": "APIDown", "step": "who-am-i"}
    await house.post("/v1/executions", step)
    ended = await house.settled("run-00000001")
    assert (ended["state"], await output(house)) == ("succeeded", "token [redacted]\n")
    lent = (house.config.state / "lent").read_text()
    assert len(lent) > 40
    assert (await house.ask("GET", "/v1/me", token=lent))[0] == 401


async def test_an_action_is_verified_against_the_live_metric(
    start: Start, metrics: tuple[Metrics, str]
) -> None:
    source, url = metrics
    source.value = 1.0
    async with start(prometheus_url=url) as house:
        await house.post("/v1/executions", act("measured"))
        verified = (await house.settled("run-00000001"))["verification"]
        assert (verified["passed"], verified["after"], verified["rollback"]) == (True, "1", None)
        assert verified["text"].startswith("api up 1 in")


@pytest.mark.stack
async def test_an_action_that_did_not_help_offers_the_way_back(
    start: Start, metrics: tuple[Metrics, str]
) -> None:
    source, url = metrics
    source.value = 0.0
    async with start(prometheus_url=url) as house:
        await house.post("/v1/executions", act("measured"))
        verified = (await house.settled("run-00000001"))["verification"]
        assert (verified["passed"], verified["before"], verified["rollback"]) == (False, "0", "ops act greet")


@pytest.mark.stack
async def test_a_metric_that_nobody_can_measure_is_neither_passed_nor_failed(start: Start) -> None:
    async with start(prometheus_url="http://127.0.0.1:9") as house:
        await house.post("/v1/executions", act("measured"))
        ended = await house.settled("run-00000001")
        assert (ended["state"], ended["verification"]["passed"]) == ("succeeded", None)


async def test_a_temporary_change_counts_until_its_end_and_offers_the_way_back(house: House) -> None:
    await house.post("/v1/executions", act("tune", for_s=3600))
    assert (await house.settled("run-00000001"))["until_at"] == "2026-03-14T13:00:00Z"
    assert (await house.get("/v1/alerts"))["meta"]["temporary_changes"] == 1
    await house.tick(hours=1, seconds=1)
    assert (await house.get("/v1/alerts"))["meta"]["temporary_changes"] == 0
    assert "change.ended" in [e["kind"] for e in (await house.get("/v1/audit"))["entries"]]


async def test_an_incident_with_a_running_change_is_not_resolved_by_hand(house: House) -> None:
    await house.fire()
    await house.post("/v1/executions", act("hold-api", incident_id=1))
    status, answer = await house.ask("POST", "/v1/incidents/1/transition", {"to": "resolved", "version": 1})
    assert (status, answer["error"]["type"]) == (409, "refused")
    await house.post("/v1/executions/run-00000001/cancel")
    await house.settled("run-00000001")
    lines = (await house.get("/v1/incidents/1"))["timeline"]
    assert [line["kind"] for line in lines][1:] == [
        "execution.intended",
        "execution.cancel_asked",
        "execution.finished",
    ]


async def test_only_an_unknown_execution_is_cleared(house: House) -> None:
    await house.post("/v1/executions", act("greet"))
    await house.settled("run-00000001")
    status, _ = await house.ask("POST", "/v1/executions/run-00000001/clear", {"reason": "looked"})
    assert status == 409


async def test_an_incident_opens_with_what_changed_before_it(house: House) -> None:
    await house.post("/v1/executions", act("greet"))
    await house.settled("run-00000001")
    await house.fire()
    note = (await house.get("/v1/incidents/1"))["timeline"][1]
    assert (note["actor"], note["text"].split(" at ")[0]) == (
        "daemon",
        "changed in the last 24 h: greet on api by admin",
    )


async def test_a_step_outlives_the_daemon_and_is_found_again(start: Start) -> None:
    async with start() as house:
        await house.post("/v1/executions", act("hold-api"))
        await started(house)
    async with start() as house:
        assert (await house.get("/v1/executions/run-00000001"))["state"] == "running"
        assert (await house.get("/v1/locks"))["locks"][0]["key"] == "service:api"
        await house.post("/v1/executions/run-00000001/cancel")
        assert (await house.settled("run-00000001"))["state"] == "cancelled"


async def started(house: House) -> Any:
    async with asyncio.timeout(20):
        while (shown := await house.get("/v1/executions/run-00000001"))["pid"] is None:
            await asyncio.sleep(0.02)
    return shown


async def test_a_shim_that_is_killed_leaves_unknown_and_its_lock_until_a_person_clears_it(
    house: House,
) -> None:
    await house.post("/v1/executions", act("hold-api"))
    shown = await started(house)
    shim = house.built.ledger.state.executions["run-00000001"].shim
    assert shim is not None
    os.kill(shim.pid, signal.SIGKILL)
    lost = await house.settled("run-00000001")
    assert (lost["state"], "may have run" in lost["reason"]) == ("unknown", True)
    assert f"{shown['pid']} (sleep)" in lost["reason"]
    status, answer = await house.ask("POST", "/v1/executions/run-00000001/clear", {"reason": "looked"})
    message = answer["error"]["message"]
    assert status == 409 and "still runs: " in message and f"{shown['pid']} (sleep)" in message, message
    os.kill(shown["pid"], signal.SIGKILL)
    await until(lambda: (stat := stat_of(shown["pid"])) is None or stat.state == "Z")
    status, answer = await house.ask("POST", "/v1/executions", act("greet", "run-00000002"))
    assert (status, "unknown and has to be cleared" in answer["error"]["message"]) == (423, True)
    assert (await house.ask("POST", "/v1/executions/run-00000001/clear", {"reason": " "}))[0] == 409
    answers: list[Any] = []

    async def is_cleared() -> bool:
        # What was killed may be seen for a moment more: the person asks again.
        status, answer = await house.ask(
            "POST", "/v1/executions/run-00000001/clear", {"reason": "the api answers"}
        )
        answers.append(answer)
        return status < 300

    await until(is_cleared)
    cleared = answers[-1]
    assert (cleared["state"], cleared["reason"]) == ("failed", "unknown; cleared by admin: the api answers")
    await house.post("/v1/executions", act("greet", "run-00000002"))
    await house.settled("run-00000002")


async def stopped(house: House) -> tuple[Any, ProcessId]:
    """A running step whose shim has been stopped by somebody."""
    shown = await started(house)
    shim = house.built.ledger.state.executions["run-00000001"].shim
    assert shim is not None
    os.kill(shim.pid, signal.SIGSTOP)
    return shown, shim


@pytest.mark.stack
async def test_a_stopped_shim_is_woken_when_the_time_of_its_step_is_up(house: House) -> None:
    await house.post("/v1/executions", act("linger"))
    shown, _ = await stopped(house)
    ended = await house.settled("run-00000001")
    assert (ended["state"], ended["reason"]) == ("timed_out", "its time was up"), ended
    assert stat_of(shown["pid"]) is None


async def test_a_stopped_shim_keeps_nobody_from_cancelling(house: House) -> None:
    await house.post("/v1/executions", act("hold-api"))
    await stopped(house)
    await house.post("/v1/executions/run-00000001/cancel")
    assert (await house.settled("run-00000001"))["state"] == "cancelled"


@pytest.mark.stack
async def test_a_shim_that_does_not_wake_is_ended_with_its_step(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.ops.executions.watcher._ENDING_S", 0.2)
    monkeypatch.setattr("server.runner.launcher.Shim.wake", lambda shim: None)
    await house.post("/v1/executions", act("linger"))
    shown, shim = await stopped(house)
    ended = await house.settled("run-00000001")
    assert "its shim did not answer when its time was up" in ended["reason"]
    grouped = bool(abilities_here())
    assert ended["state"] == ("timed_out" if grouped else "unknown")
    assert ("is not confirmed" in ended["reason"]) is not grouped
    assert not is_running(shim)
    assert (stat := stat_of(shown["pid"])) is None or stat.state == "Z"


async def test_a_daemon_ends_nothing_of_another_ones_execution_of_the_same_id(
    house: House, start: Start, tmp_path: Path
) -> None:
    await house.post("/v1/executions", act("hold-api"))
    running = await started(house)
    async with start(state=tmp_path / "another") as other:
        await other.post("/v1/executions", act("hold-api"))
        _, shim = await stopped(other)
        os.kill(shim.pid, signal.SIGKILL)
        assert (await other.settled("run-00000001"))["state"] == "unknown"
        status, refused = await other.ask("POST", "/v1/executions/run-00000001/clear", {"reason": "looked"})
        assert status == 409
        assert f"{running['pid']} (" not in refused["error"]["message"]
        folder = other.built.watcher.folder_of("run-00000001")
        assert end_leftovers(folder, read_status(folder)) == []
    assert (stat := stat_of(running["pid"])) is not None and stat.state != "Z"
    assert (await house.get("/v1/executions/run-00000001"))["state"] == "running"


@pytest.mark.parametrize(
    ("same_boot", "state", "said"), [(True, "failed", "nothing has run"), (False, "unknown", "may have run")]
)
async def test_an_intent_without_a_trace_never_ran_unless_the_machine_was_restarted(
    start: Start, same_boot: bool, state: str, said: str
) -> None:
    async with start() as house:
        await house.post("/v1/executions", act("greet"))
        await house.settled("run-00000001")
        known = house.built.ledger.state.executions["run-00000001"]
        intended = msgspec.structs.replace(
            known, execution_id="run-00000002", state="running", shim=None, pid=None, verification=None,
            boot_id=known.boot_id if same_boot else "another boot",
        )  # fmt: skip
        event = ExecutionIntended(execution=intended)
        await house.built.ledger.decide(lambda tx: tx.record(event, DAEMON, "run-00000002"))
    async with start() as house:
        ended = await house.settled("run-00000002")
        assert (ended["state"], said in ended["reason"]) == (state, True)


async def test_old_output_that_only_the_journal_remembers_is_dropped_and_its_id_never_runs_again(
    house: House,
) -> None:
    folder = house.config.state / "ops" / "executions" / "run-00000001"
    folder.mkdir(parents=True)
    (folder / "stdout.0").write_text("old")
    (folder / "claim").touch()
    house.built.watcher.tidy()
    assert (folder / "stdout.0").exists()
    os.utime(folder, (0, 0))
    house.built.watcher.tidy()
    assert (folder / "stdout.0").exists(), "no archive holds it"
    back_up(house.config.state, house.config.state / "backups", house.clock(), "1")
    os.utime(folder, (0, 0))
    house.built.watcher.tidy()
    assert [path.name for path in folder.iterdir()] == ["claim"]
    assert (await house.ask("POST", "/v1/executions", act("greet")))[0] == 409


async def test_an_action_that_was_never_run_on_this_target_says_so(house: House) -> None:
    shown = {a["name"]: a["unverified"] for a in (await house.get("/v1/actions"))["actions"]}
    assert (shown["unproven"], shown["greet"]) == (True, False)


async def test_a_step_whose_processes_leave_their_group_says_so(house: House) -> None:
    path = house.config.runbooks / "APIDown.md"
    path.write_text(path.read_text().replace("echo looking", "setsid sleep 300 & sleep 0.3; echo looked"))
    await house.post("/v1/executions", {"execution_id": "run-00000001", "runbook": "APIDown", "step": "look"})
    ended = await house.settled("run-00000001")
    assert (ended["state"], ended["reason"], ended["survivors"]) == (
        "succeeded",
        "some of its processes had left its process group",
        [],
    )
