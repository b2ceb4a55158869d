"""How an incident is handled, as the evidence shows it: six steps, who is on it, a timeline that nobody has typed."""

from typing import Any

from tests.server.ops.conftest import House
from tests.server.ops.paging.conftest import Night


async def _incident(house: House, number: int = 1) -> Any:
    return await house.get(f"/v1/incidents/{number}")


async def _done(house: House) -> dict[str, bool]:
    return {item["step"]: item["done"] for item in (await _incident(house))["checklist"]}


async def _run(house: House, number: int, **what: Any) -> None:
    body = {"execution_id": f"run-0000000{number}", "incident_id": 1, **what}
    await house.post("/v1/executions", body)
    await house.settled(f"run-0000000{number}")


async def test_the_six_steps_are_ticked_by_evidence(house: House) -> None:
    await house.fire("APIDown")
    assert list((await _done(house)).items()) == [
        ("acknowledge", False),
        ("assess", False),
        ("investigate", False),
        ("resolve", False),
        ("document", False),
        ("post-mortem", False),
    ]
    await house.post("/v1/incidents/1/ack")
    assert (await _done(house))["acknowledge"]
    await house.post("/v1/incidents/1/severity", {"severity": "critical"})
    assert (await _done(house))["assess"]
    await _run(house, 1, runbook="APIDown", step="look")
    assert (await _done(house))["investigate"]
    await house.post("/v1/incidents/1/verifications", {"passed": True, "text": "verdict: ok"})
    assert not (await _done(house))["resolve"], "it burns still"
    await house.tick(seconds=30)
    await house.resolve("APIDown")
    await house.tick(seconds=1)
    assert (await _done(house))["resolve"]
    await house.post("/v1/incidents/1/root-cause", {"text": "a disk"})
    assert not (await _done(house))["document"], "follow-ups are missing"
    await house.post("/v1/incidents/1/followups", {"text": "a larger disk"})
    assert (await _done(house))["document"]
    await house.lapse(16 * 60)
    await house.post("/v1/incidents/1/postmortem/share")
    assert all((await _done(house)).values())
    shown = {item["step"]: (item["by"], item["what"]) for item in (await _incident(house))["checklist"]}
    assert shown["investigate"] == ("admin", "look (ops attach run-00000001)")
    assert shown["resolve"] == ("admin", "verdict: ok")


async def test_what_failed_says_that_somebody_looked_and_not_that_all_is_well(house: House) -> None:
    await house.fire("APIDown")
    await house.post("/v1/incidents/1/verifications", {"passed": False, "text": "verdict: failed"})
    await house.resolve("APIDown")
    await house.tick(seconds=1)
    done = await _done(house)
    assert (done["assess"], done["resolve"]) == (True, False)
    assert any(
        e["text"] == "verified: NOT well; verdict: failed" for e in (await _incident(house))["timeline"]
    )


async def test_the_runbooks_own_verification_is_an_assessment(house: House) -> None:
    await house.fire("APIDown")
    await _run(house, 1, runbook="APIDown", step="verify")
    done = await _done(house)
    assert (done["assess"], done["resolve"]) == (True, False)


async def test_a_person_ticks_a_step_and_takes_that_back(house: House) -> None:
    await house.fire("APIDown")
    await house.post("/v1/incidents/1/checklist/assess", {"reason": "one caller, by telephone"})
    item = (await _incident(house))["checklist"][1]
    assert (item["done"], item["by"], item["what"]) == (True, "admin", "one caller, by telephone")
    await house.post("/v1/incidents/1/checklist/assess", {"done": False})
    assert not (await _done(house))["assess"]
    status, answer = await house.ask("POST", "/v1/incidents/1/checklist/celebrate", {})
    assert status == 404 and "post-mortem" in answer["error"]["message"]


async def test_what_was_done_before_a_relapse_is_shown_as_done_then(house: House) -> None:
    await house.fire("APIDown")
    await house.post("/v1/incidents/1/note", {"text": "I look"})
    await house.tick(seconds=30)
    await house.resolve("APIDown")
    await house.lapse(16 * 60)
    await house.fire("APIDown")
    investigate = (await _incident(house))["checklist"][2]
    assert (investigate["done"], investigate["then"], investigate["what"]) == (False, True, "a note")
    house.clock.forward(seconds=5)
    await house.post("/v1/incidents/1/note", {"text": "I look again"})
    assert (await _done(house))["investigate"]


async def test_whoever_does_something_is_on_it_until_they_leave(house: House) -> None:
    ana = await house.user("ana", "responder")
    await house.fire("APIDown")
    assert (await _incident(house))["people"] == []
    await house.post("/v1/incidents/1/ack", token=ana)
    await house.post("/v1/incidents/1/note", {"text": "I look too"})
    assert (await _incident(house))["people"] == ["ana", "admin"]
    await house.post("/v1/incidents/1/people", {"on": False}, token=ana)
    await house.user("dora", "viewer")
    await house.post("/v1/incidents/1/people", {"person": "dora"}, token=ana)
    assert (await _incident(house))["people"] == ["admin", "dora"]
    assert any(e["text"] == "ana is not on it any more" for e in (await _incident(house))["timeline"])


async def test_whoever_is_at_work_keeps_their_acknowledgement(night: Night) -> None:
    """Steps, notes, verifications and what is put down are activity; a glance is none."""
    house = night.house
    await house.fire("APIDown")
    await house.post("/v1/incidents/1/ack")
    acts: list[tuple[str, Any]] = [
        ("/v1/incidents/1/severity", {"severity": "critical"}),
        ("/v1/incidents/1/verifications", {"passed": False, "text": "verdict: failed"}),
        ("/v1/incidents/1/assign", {"person": "ana"}),
        ("/v1/executions", {"execution_id": "run-00000001", "incident_id": 1, "runbook": "APIDown", "step": "look"}),
        ("/v1/incidents/1/transition", None),
    ]  # fmt: skip
    for path, body in acts:
        await night.pass_by(minutes=25, keep_firing=("APIDown",))
        version = (await _incident(house))["version"]
        await house.post(path, body or {"to": "investigating", "version": version})
    await house.settled("run-00000001")
    assert (await _incident(house))["state"] == "investigating"
    await night.pass_by(minutes=31, keep_firing=("APIDown",))
    assert (await _incident(house))["state"] == "open"


async def test_a_short_hold_stays_short(house: House) -> None:
    await house.fire("APIDown")
    await house.post("/v1/incidents/1/ack", {"for_s": 300})
    await house.post("/v1/incidents/1/ack", {"for_s": 60})
    until = (await _incident(house))["acknowledged_until"]
    assert until == "2026-03-14T12:05:00Z"


async def test_the_timeline_tells_ends_of_alerts_steps_pages_and_answers(night: Night) -> None:
    house = night.house
    await house.fire("APIDown", instance="a:1")
    await night.turn()
    house.clock.forward(seconds=10)
    await house.fire("APIDown", instance="b:1")
    await house.post("/v1/incidents/1/ack")
    await _run(house, 1, runbook="APIDown", step="look")
    house.clock.forward(seconds=10)
    await house.resolve("APIDown", instance="a:1")
    await house.resolve("APIDown", instance="b:1")
    await night.turn()
    entries = (await _incident(house))["timeline"]
    texts = [entry["text"] for entry in entries]
    assert texts[0] == "APIDown fires: APIDown it is"
    for expected in (
        "APIDown of b:1 fires",
        "L1 is called (ana)",
        "acknowledged",
        "succeeded, exit code 0",
        "its condition is gone; being watched",
        "ana is told that nobody is called for it any more",
    ):
        assert expected in texts, texts
    assert any(text.startswith("runs look on ") for text in texts)
    assert texts.count("the alert has ended") == 2
    assert any(text.startswith("ana was reached over file ") for text in texts)
    [ended] = [entry for entry in entries if entry["kind"] == "execution.finished"]
    assert ended["execution_id"] == "run-00000001"


async def test_what_an_alert_does_after_it_is_over_is_not_told(house: House) -> None:
    await house.fire("APIDown")
    await house.tick(seconds=30)
    await house.resolve("APIDown")
    await house.lapse(16 * 60)
    await house.lapse(70 * 60)
    await house.fire("APIDown")
    await house.tick(seconds=30)
    await house.resolve("APIDown")
    texts = [entry["text"] for entry in (await _incident(house, 1))["timeline"]]
    assert texts.count("the alert has ended") == 1
