"""Who may do what, and what two people are needed for."""

import base64
from typing import Any

import msgspec
import pytest

from tests.server.ops.conftest import House, Start

RESTORE = {"execution_id": "run-00000001", "action": "restore", "confirm": "appdb"}


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer nobodys", "Basic YTpi"])
async def test_everything_but_live_needs_a_token(house: House, header: str) -> None:
    for path in ("/v1/alerts", "/v1/health", "/v1/metrics", "/api/v2/alerts", "/v1/stream"):
        async with house.session.get(house.url + path, headers={"Authorization": header}) as response:
            assert response.status == 401
            assert (await response.json())["error"]["type"] == "unauthenticated"
    async with house.session.get(house.url + "/v1/live") as response:
        assert response.status == 200


@pytest.mark.parametrize(
    ("role", "method", "path", "body", "allowed"),
    [
        ("viewer", "GET", "/v1/alerts", None, True),
        ("viewer", "POST", "/v1/incidents/1/ack", {}, False),
        ("viewer", "POST", "/api/v2/alerts", [], False),
        ("responder", "POST", "/v1/incidents/1/ack", {}, True),
        ("responder", "POST", "/v1/users", {"name": "x", "role": "admin"}, False),
        ("responder", "POST", "/v1/read-only", {"reason": "x"}, False),
        ("approver", "POST", "/v1/read-only", {"reason": None}, True),
        ("approver", "GET", "/v1/users", None, False),
        ("admin", "GET", "/v1/users", None, True),
        ("admin", "POST", "/api/v2/alerts", [], True),
        ("ingest", "POST", "/api/v2/alerts", [], True),
        ("ingest", "GET", "/v1/alerts", None, False),
        ("ingest", "POST", "/v1/incidents/1/ack", {}, False),
    ],
)
async def test_a_role_reaches_as_far_as_it_should(
    house: House, role: str, method: str, path: str, body: Any, allowed: bool
) -> None:
    await house.fire()
    token = await house.user("ana", role)
    status, answer = await house.ask(method, path, body, token=token)
    assert (status != 403) is allowed, answer


async def test_a_user_is_rotated_and_revoked_at_once(house: House) -> None:
    first = await house.user("ana", "viewer")
    second = (await house.post("/v1/users/ana/rotate"))["token"]
    assert (await house.ask("GET", "/v1/me", token=first))[0] == 401
    assert (await house.get("/v1/me", token=second)) == {"name": "ana", "role": "viewer"}
    assert (await house.ask("DELETE", "/v1/users/ana"))[0] == 200
    assert (await house.ask("GET", "/v1/me", token=second))[0] == 401


async def test_tokens_are_kept_as_hashes_only(house: House) -> None:
    token = await house.user("ana", "viewer")
    kept = b"".join(path.read_bytes() for path in (house.config.state / "ops").glob("journal*"))
    assert token.encode() not in kept


@pytest.mark.parametrize("name", ["admin", "daemon", "Ana", "", "a b", "x" * 40])
async def test_a_name_that_cannot_be_is_refused(house: House, name: str) -> None:
    assert (await house.ask("POST", "/v1/users", {"name": name, "role": "viewer"}))[0] == (
        409 if name in ("admin", "daemon") else 400
    )


async def test_token_files_are_private_and_stay_the_same_over_a_restart(start: Start) -> None:
    async with start() as house:
        before = dict(house.built.tokens)
        paths = [house.config.state / "tokens" / name for name in before]
        assert all(path.stat().st_mode & 0o777 == 0o600 for path in paths)
    async with start() as house:
        assert dict(house.built.tokens) == before


async def test_a_token_file_that_was_replaced_is_the_truth(start: Start) -> None:
    async with start() as house:
        old = house.built.tokens["admin"]
        (house.config.state / "tokens" / "admin").write_text("ops_" + "n" * 43 + "\n")
    async with start() as house:
        assert (await house.ask("GET", "/v1/me", token=old))[0] == 401
        assert (await house.get("/v1/me"))["name"] == "admin"


async def test_two_people_restore_and_the_approval_is_good_for_one_run(house: House) -> None:
    ana, bo = await house.user("ana", "approver"), await house.user("bo", "approver")
    status, answer = await house.ask("POST", "/v1/executions", RESTORE, token=ana)
    assert (status, answer["error"]["details"]["people"]) == (409, 2)
    asked = await house.post("/v1/approvals", {"action": "restore"}, token=ana)
    assert (asked["state"], asked["argv"], asked["asked_by"]) == ("asked", ["echo", "restored"], "ana")
    assert (await house.ask("POST", "/v1/executions", RESTORE, token=ana))[0] == 409
    approved = await house.post(f"/v1/approvals/{asked['id']}/approve", token=bo)
    assert (approved["state"], approved["approved_by"]) == ("approved", "bo")
    assert (await house.ask("POST", "/v1/executions", RESTORE, token=ana))[0] == 202
    await house.settled("run-00000001")
    again = {**RESTORE, "execution_id": "run-00000002"}
    assert (await house.ask("POST", "/v1/executions", again, token=ana))[0] == 409
    assert (await house.get("/v1/approvals?all=1"))["approvals"][0]["used_by"] == "run-00000001"


async def test_nobody_approves_what_they_asked_for_or_run(house: House) -> None:
    ana, bo = await house.user("ana", "approver"), await house.user("bo", "approver")
    asked = await house.post("/v1/approvals", {"action": "restore"}, token=ana)
    path = f"/v1/approvals/{asked['id']}/approve"
    assert (await house.ask("POST", path, {}, token=ana))[0] == 409
    await house.post(path, token=bo)
    assert (await house.ask("POST", "/v1/executions", RESTORE, token=bo))[0] == 409


async def test_a_token_in_a_file_neither_asks_nor_approves_nor_runs_with_two(house: House) -> None:
    ana = await house.user("ana", "approver")
    asked = await house.post("/v1/approvals", {"action": "restore"}, token=ana)
    assert (await house.ask("POST", f"/v1/approvals/{asked['id']}/approve", {}))[0] == 409
    assert (await house.ask("POST", "/v1/approvals", {"action": "restore"}))[0] == 409
    status, answer = await house.ask("POST", "/v1/executions", RESTORE)
    assert (status, "named user" in answer["error"]["message"]) == (409, True)


async def test_an_approval_given_ahead_waits_for_its_window(house: House) -> None:
    ana, bo = await house.user("ana", "approver"), await house.user("bo", "approver")
    window = {"window_from": "2026-03-14T14:00:00Z", "window_until": "2026-03-14T15:00:00Z"}
    asked = await house.post("/v1/approvals", {"action": "restore", **window}, token=ana)
    await house.post(f"/v1/approvals/{asked['id']}/approve", token=bo)
    assert (await house.ask("POST", "/v1/executions", RESTORE, token=ana))[0] == 409
    house.clock.forward(hours=2, minutes=30)
    assert (await house.ask("POST", "/v1/executions", RESTORE, token=ana))[0] == 202
    await house.settled("run-00000001")


async def test_an_approval_that_has_expired_is_good_for_nothing(house: House) -> None:
    ana, bo = await house.user("ana", "approver"), await house.user("bo", "approver")
    asked = await house.post("/v1/approvals", {"action": "restore", "expires_s": 60}, token=ana)
    await house.post(f"/v1/approvals/{asked['id']}/approve", token=bo)
    house.clock.forward(seconds=60)
    assert (await house.ask("POST", "/v1/executions", RESTORE, token=ana))[0] == 409
    assert (await house.get("/v1/approvals?all=1"))["approvals"][0]["state"] == "expired"


async def test_an_approval_is_of_one_exact_plan(house: House) -> None:
    ana, bo = await house.user("ana", "approver"), await house.user("bo", "approver")
    asked = await house.post("/v1/approvals", {"action": "restore"}, token=ana)
    await house.post(f"/v1/approvals/{asked['id']}/approve", token=bo)
    path = house.config.runbooks / "actions.yml"
    path.write_text(path.read_text().replace("echo, restored", "echo, something else"))
    assert (await house.ask("POST", "/v1/executions", RESTORE, token=ana))[0] == 409


async def test_breaking_the_glass_needs_a_reason_and_an_approver_and_fires(house: House) -> None:
    ana, bo = await house.user("ana", "approver"), await house.user("bo", "responder")
    assert (await house.ask("POST", "/v1/executions", {**RESTORE, "break_glass": " "}, token=ana))[0] == 400
    assert (await house.ask("POST", "/v1/executions", {**RESTORE, "break_glass": "alone"}, token=bo))[
        0
    ] == 409
    assert (await house.ask("POST", "/v1/executions", {**RESTORE, "break_glass": "alone"}, token=ana))[
        0
    ] == 202
    await house.settled("run-00000001")
    await house.tick(seconds=1)
    assert "GlassBroken" in [a["alertname"] for a in (await house.get("/v1/alerts"))["alerts"]]
    assert "execution.break_glass" in [e["kind"] for e in (await house.get("/v1/audit"))["entries"]]


async def test_read_only_mode_refuses_changes_with_its_reason_and_lets_read_steps_run(house: House) -> None:
    await house.post("/v1/read-only", {"reason": "the auditors are here"})
    change = {"execution_id": "run-00000001", "action": "greet", "confirm": "greet"}
    status, answer = await house.ask("POST", "/v1/executions", change)
    assert (status, answer["error"]["message"]) == (409, "read-only mode: the auditors are here")
    assert (await house.get("/v1/alerts"))["meta"]["read_only"] == "the auditors are here"
    read = {"execution_id": "run-00000002", "runbook": "APIDown", "step": "look"}
    await house.post("/v1/executions", read)
    assert (await house.settled("run-00000002"))["state"] == "succeeded"
    await house.post("/v1/read-only", {"reason": None})
    await house.post("/v1/executions", change)
    await house.settled("run-00000001")


async def test_an_idempotency_key_gives_the_stored_answer_even_after_a_restart(start: Start) -> None:
    async with start() as house:
        await house.fire()
        first = await house.ask("POST", "/v1/incidents/1/note", {"text": "once"}, **{"Idempotency-Key": "k1"})
    async with start() as house:
        again = await house.ask("POST", "/v1/incidents/1/note", {"text": "once"}, **{"Idempotency-Key": "k1"})
        assert again == first
        timeline = (await house.get("/v1/incidents/1"))["timeline"]
        assert [line["text"] for line in timeline].count("once") == 1
        other = await house.ask(
            "POST", "/v1/incidents/1/note", {"text": "twice"}, **{"Idempotency-Key": "k1"}
        )
        assert other[0] == 409


async def test_a_refusal_is_an_answer_too_and_a_secret_answer_is_not_kept(house: House) -> None:
    key = {"Idempotency-Key": "k2"}
    refused = await house.ask("POST", "/v1/incidents/9/ack", {}, **key)
    assert refused == await house.ask("POST", "/v1/incidents/9/ack", {}, **key)
    key = {"Idempotency-Key": "k3"}
    _, made = await house.ask("POST", "/v1/users", {"name": "ana", "role": "viewer"}, **key)
    _, again = await house.ask("POST", "/v1/users", {"name": "ana", "role": "viewer"}, **key)
    assert made["token"]
    assert "token" not in again


async def test_the_fallback_programs_log_is_imported_once(start: Start) -> None:
    line = (
        '{"at": "2026-03-14T11:00:00+00:00", "actor": "ana", "argv": ["stack", "restart"], '
        '"action": "restart-api", "object": "api", "exit_code": 0}\n'
    )
    async with start() as house:
        log = house.config.state / "unjournalled.jsonl"
        log.write_text(line + "not json\n")
        await house.tick(seconds=1)
        assert not log.exists()
        log.write_text(line)
        await house.tick(seconds=1)
        entries = [e for e in (await house.get("/v1/audit"))["entries"] if e["kind"] == "fallback.run"]
        assert [(e["actor"], e["auth"], e["body"]["action"]) for e in entries] == [
            ("ana", "file", "restart-api"),
            ("unknown", "file", "unreadable"),
        ]


async def test_a_later_run_of_the_same_action_supersedes_a_temporary_change(house: House) -> None:
    for n, for_s in ((1, 3600), (2, 7200)):
        body = {"execution_id": f"run-0000000{n}", "action": "tune", "confirm": "tune", "for_s": for_s}
        await house.post("/v1/executions", body)
        await house.settled(f"run-0000000{n}")
    changes = (await house.get("/v1/changes"))["changes"]
    assert [(c["execution_id"], c["state"], c["way_back"]) for c in changes] == [
        ("run-00000002", "in_force", "ops act tune --param value=1")
    ]
    await house.post("/v1/changes/run-00000002/end")
    assert (await house.get("/v1/changes"))["changes"] == []


async def test_a_second_temporary_value_leaves_the_first_in_force_until_one_that_stays_comes(
    house: House,
) -> None:
    async def tune(n: int, value: str, for_s: int | None) -> list[str]:
        body = {"execution_id": f"run-0000000{n}", "action": "turn", "confirm": "turn", "for_s": for_s}
        await house.post("/v1/executions", {**body, "params": {"value": value}})
        await house.settled(f"run-0000000{n}")
        return [change["params"]["value"] for change in (await house.get("/v1/changes"))["changes"]]

    await tune(1, "a", 3600)
    assert await tune(2, "b", 60) == ["a", "b"]
    assert await tune(3, "c", None) == []


async def test_temporary_changes_of_two_things_stand_each_by_itself_until_each_is_taken_back(
    house: House,
) -> None:
    async def act(n: int, action: str, client: str, for_s: int | None = None) -> list[str]:
        body = {"execution_id": f"run-0000000{n}", "action": action, "confirm": action, "for_s": for_s}
        await house.post("/v1/executions", {**body, "params": {"client": client}})
        await house.settled(f"run-0000000{n}")
        return [change["object"] for change in (await house.get("/v1/changes"))["changes"]]

    await act(1, "bar", "ana's app", 3600)
    assert sorted(await act(2, "bar", "bo", 60)) == ["ana's app", "bo"]
    assert await act(3, "unbar", "bo") == ["ana's app"]
    assert sorted(await act(4, "bar", "cy", 60)) == ["ana's app", "cy"]
    assert await act(5, "unbar", "ana's app") == ["cy"]


async def test_a_request_for_approval_is_an_alert_until_somebody_agrees(house: House) -> None:
    ana, bo = await house.user("ana", "approver"), await house.user("bo", "approver")
    asked = await house.post("/v1/approvals", {"action": "restore"}, token=ana)
    await house.tick(seconds=1)
    (shown,) = [a for a in (await house.get("/v1/alerts"))["alerts"] if a["alertname"] == "ApprovalWanted"]
    assert f"ops approve {asked['id']}" in shown["annotations"]["summary"]
    await house.post(f"/v1/approvals/{asked['id']}/approve", token=bo)
    await house.tick(seconds=1)
    assert "ApprovalWanted" not in [a["alertname"] for a in (await house.get("/v1/alerts"))["alerts"]]


async def test_a_token_made_just_now_is_masked_in_every_form(house: House) -> None:
    token = await house.user("ana", "viewer")
    await house.fire()
    encoded = base64.b64encode(token.encode()).decode()
    await house.post("/v1/incidents/1/note", {"text": f"it is {encoded}"})
    assert (await house.get("/v1/incidents/1"))["timeline"][-1]["text"] == "it is [redacted]"


async def test_a_request_whose_answer_was_lost_with_a_crash_is_not_repeated(house: House) -> None:
    await house.fire()
    key = {"Idempotency-Key": "k9"}
    path, body = "/v1/incidents/1/note", {"text": "once"}
    receipts = house.built.ledger.state.receipts
    assert (await house.ask("POST", path, body, **key))[0] == 200
    kinds = [e["kind"] for e in (await house.get("/v1/audit"))["entries"]]
    assert kinds[-3:] == ["incident.noted", "request.taken", "request.answered"]
    receipts["admin k9"] = msgspec.structs.replace(receipts["admin k9"], status=0)
    status, answer = await house.ask("POST", path, body, **key)
    assert (status, "carried out once" in answer["error"]["message"]) == (409, True)


async def test_what_a_step_does_later_is_no_part_of_the_request_that_started_it(house: House) -> None:
    body = {"execution_id": "run-00000001", "action": "greet", "confirm": "greet"}
    await house.ask("POST", "/v1/executions", body, **{"Idempotency-Key": "k10"})
    await house.settled("run-00000001")
    kinds = [e["kind"] for e in (await house.get("/v1/audit"))["entries"]]
    assert kinds.count("request.taken") == 1


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("PUT", "/v1/alerts", 405), ("GET", "/v1/audit?after=1" + "0" * 40, 400)],
)
async def test_what_no_handler_answers_has_the_envelope_too(
    house: House, method: str, path: str, status: int
) -> None:
    answered, answer = await house.ask(method, path)
    assert answered == status
    assert status == 200 or answer["error"]["message"]
