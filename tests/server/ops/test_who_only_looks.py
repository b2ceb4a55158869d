"""Who only looks writes nothing and takes nothing from anybody else."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from server.ops.state.state import KEPT_RECEIPTS, Receipt, State
from server.store.archive import Archive
from tests.server.ops.conftest import NOON, House

PLAN = {"execution_id": "run-00000001", "action": "greet"}


async def test_a_viewers_plans_with_new_keys_write_nothing(house: House) -> None:
    viewer = await house.user("vera", "viewer")
    before = house.built.ledger.head.seq
    for n in range(50):
        key = {"Idempotency-Key": f"key-{n}"}
        assert (await house.ask("POST", "/v1/executions/plan", PLAN, token=viewer, **key))[0] == 200
    assert house.built.ledger.head.seq == before
    assert len(house.built.ledger.state.receipts) == 0


async def test_what_changes_something_is_done_once_by_its_key(house: House) -> None:
    await house.fire()
    for _ in range(3):
        key = {"Idempotency-Key": "key"}
        await house.ask("POST", "/v1/incidents/1/note", {"text": "once"}, **key)
    timeline = (await house.get("/v1/incidents/1"))["timeline"]
    assert [line["text"] for line in timeline].count("once") == 1


def receipts(state: State, user: str, count: int) -> None:
    for n in range(count):
        state.receipts[f"{user} {n}"] = Receipt(request_sha256="", status=200, answer="", at=NOON)


def test_nobodys_receipts_push_out_anothers() -> None:
    state = State()
    receipts(state, "ana", 10)
    receipts(state, "bo", KEPT_RECEIPTS + 500)
    receipts(state, "cy", 20)
    state.prune(NOON)
    kept = [key.partition(" ")[0] for key in state.receipts]
    assert (len(kept), kept.count("ana"), kept.count("cy")) == (KEPT_RECEIPTS, 10, 20)
    assert f"bo {KEPT_RECEIPTS + 499}" in state.receipts


def test_of_two_who_have_as_many_both_let_the_oldest_go() -> None:
    state = State()
    receipts(state, "ana", KEPT_RECEIPTS)
    receipts(state, "bo", KEPT_RECEIPTS)
    state.prune(NOON)
    kept = [key.partition(" ")[0] for key in state.receipts]
    assert len(kept) == KEPT_RECEIPTS
    assert abs(kept.count("ana") - kept.count("bo")) <= 1


async def test_many_verifications_are_one_and_keep_no_step_from_its_start(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    real: Callable[[Archive], Any] = Archive.verify
    go, runs = threading.Event(), []

    def slow(archive: Archive) -> Any:
        runs.append(1)
        assert go.wait(60)
        return real(archive)

    monkeypatch.setattr(house.built.ledger._archive, "verify", lambda: slow(house.built.ledger._archive))
    asked = [asyncio.create_task(house.get("/v1/audit/verify")) for _ in range(24)]
    await house.post("/v1/executions", {**PLAN, "confirm": "greet"})
    assert (await house.settled("run-00000001"))["state"] == "succeeded"
    go.set()
    verdicts = await asyncio.gather(*asked)
    assert {verdict["ok"] for verdict in verdicts} == {True}
    assert len(runs) == 1
    assert (await house.get("/v1/audit/verify"))["ok"]
    assert len(runs) == 2


RESTORE = {"execution_id": "run-00000001", "action": "restore", "confirm": "appdb"}


async def approved(house: House) -> str:
    ana, bo = await house.user("ana", "approver"), await house.user("bo", "approver")
    asked = await house.post("/v1/approvals", {"action": "restore"}, token=ana)
    await house.post(f"/v1/approvals/{asked['id']}/approve", token=bo)
    return ana


async def test_an_approval_of_somebody_who_was_revoked_does_not_open(house: House) -> None:
    ana = await approved(house)
    await house.ask("DELETE", "/v1/users/bo")
    status, answer = await house.ask("POST", "/v1/executions", RESTORE, token=ana)
    assert (status, "takes 2 people" in answer["error"]["message"]) == (409, True)
    assert (await house.get("/v1/approvals"))["approvals"][0]["state"] == "asked"


@pytest.mark.parametrize("role", ["viewer", "responder", "approver"])
async def test_an_approval_of_somebody_with_another_role_by_now_does_not_open(
    house: House, role: str
) -> None:
    ana = await approved(house)
    await house.ask("DELETE", "/v1/users/bo")
    await house.user("bo", role)
    assert (await house.ask("POST", "/v1/executions", RESTORE, token=ana))[0] == 409


async def test_an_approval_is_as_good_after_its_givers_token_was_rotated(house: House) -> None:
    ana = await approved(house)
    await house.post("/v1/users/bo/rotate")
    assert (await house.ask("POST", "/v1/executions", RESTORE, token=ana))[0] == 202
    await house.settled("run-00000001")
