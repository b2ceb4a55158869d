"""While the journal cannot be written reading goes on, marked as such, and is journalled afterwards."""

import asyncio
from typing import Any

from tests.server.ops.conftest import House, Start

LOOK = {"execution_id": "run-00000001", "runbook": "APIDown", "step": "look"}


async def journalled(house: House, execution_id: str) -> list[str]:
    entries = (await house.get("/v1/audit?limit=1000"))["entries"]
    return [entry["kind"] for entry in entries if entry["object"] == execution_id]


async def caught_up(house: House) -> None:
    async with asyncio.timeout(20):
        while house.built.ledger.state.beside:
            await asyncio.sleep(0.02)


async def test_a_read_step_runs_while_the_journal_cannot_be_written_and_is_journalled_later(
    house: House,
) -> None:
    house.built.ledger._archive.close()
    status, begun = await house.ask("POST", "/v1/executions", LOOK)
    assert (status, begun["unjournalled"], begun["state"]) == (202, True, "running")
    ended = await house.settled("run-00000001")
    assert (ended["state"], ended["unjournalled"]) == ("succeeded", True)
    output = await house.get("/v1/executions/run-00000001/output")
    assert output["stdout"]["data"] == "looking\n"
    assert [e["execution_id"] for e in (await house.get("/v1/executions"))["executions"]] == ["run-00000001"]
    assert await house.ask("POST", "/v1/executions", LOOK) == (200, ended)
    house.built.ledger._archive.open(house.clock())
    await caught_up(house)
    assert await journalled(house, "run-00000001") == [
        "execution.intended",
        "execution.started",
        "execution.finished",
    ]
    shown = await house.get("/v1/executions/run-00000001")
    assert (shown["state"], shown["unjournalled"], shown["actor"]) == ("succeeded", True, "admin")


async def test_its_token_is_good_for_as_long_as_it_runs(house: House) -> None:
    house.built.ledger._archive.close()
    who = {**LOOK, "step": "who-am-i"}
    assert (await house.ask("POST", "/v1/executions", who))[0] == 202
    await house.settled("run-00000001")
    lent = (house.config.state / "lent").read_text()
    assert (await house.ask("GET", "/v1/me", token=lent))[0] == 401


async def test_a_dry_run_only_reads_and_a_change_is_refused(house: House) -> None:
    house.built.ledger._archive.close()
    body: dict[str, Any] = {"execution_id": "run-00000002", "action": "guarded", "confirm": "guarded"}
    assert (await house.ask("POST", "/v1/executions", {**body, "dry_run": True}))[0] == 202
    assert (await house.settled("run-00000002"))["exit_code"] == 3
    status, answer = await house.ask("POST", "/v1/executions", {**body, "execution_id": "run-00000003"})
    assert status in (409, 503)
    assert "journal" in answer["error"]["message"]


async def test_what_began_without_a_journal_can_be_cancelled(house: House) -> None:
    path = house.config.runbooks / "APIDown.md"
    path.write_text(path.read_text().replace("echo looking", "sleep 60"))
    house.built.ledger._archive.close()
    await house.post("/v1/executions", LOOK)
    async with asyncio.timeout(20):
        while (await house.get("/v1/executions/run-00000001"))["pid"] is None:
            await asyncio.sleep(0.02)
    await house.post("/v1/executions/run-00000001/cancel")
    assert (await house.settled("run-00000001"))["state"] == "cancelled"
    house.built.ledger._archive.open(house.clock())
    await caught_up(house)
    assert "execution.cancel_asked" in await journalled(house, "run-00000001")


async def test_the_daemons_own_pause_is_no_silence_of_the_evaluators(start: Start) -> None:
    async with start() as house:
        await house.fire("Watchdog", severity="none")
        for jump in (300, 3_600, -7_200, 86_400):
            await house.tick(seconds=jump)
            await house.tick(seconds=1)
            assert (await house.get("/v1/health"))["parts"]["evaluator"].startswith("no Watchdog") is False
            names = [alert["alertname"] for alert in (await house.get("/v1/alerts"))["alerts"]]
            assert "EvaluatorSilent" not in names, jump
