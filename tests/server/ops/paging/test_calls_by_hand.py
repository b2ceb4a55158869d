"""Scripted nights in which somebody asks for others: by hand, for an approval, with broken glass."""

from tests.server.ops.paging.conftest import Night


async def test_who_is_called_next_is_told_in_the_very_answer_that_opens_it_again(night: Night) -> None:
    await night.house.post("/v1/incidents", {"title": "all is slow", "service": "api"})
    await night.turn()
    assert "  incident 1  all is slow  " in night.got("ana")[0]
    await night.house.post("/v1/incidents/1/ack")
    let_go = await night.house.post("/v1/incidents/1/unack")
    assert (let_go["next_page"]["level"], let_go["paging_paused"]) == ("L1", "")
    version = let_go["version"]
    over = await night.house.post("/v1/incidents/1/transition", {"to": "resolved", "version": version})
    await night.turn()
    assert over["next_page"] is None
    again = await night.house.post("/v1/incidents/1/transition", {"to": "open", "version": over["version"]})
    assert (again["next_page"]["level"], again["paging_paused"]) == ("L1", "")
    assert again["next_page"]["people"] == ["ana"]
    before = night.counted()["ana"]
    await night.turn()
    assert night.counted()["ana"] == before + 1, "and so it is"


async def test_somebody_asks_for_the_next_level(night: Night) -> None:
    await night.house.fire("APIDown")
    await night.turn()
    await night.house.post("/v1/incidents/1/escalate", {"reason": "I cannot find it"})
    await night.turn()
    assert night.counted() == {"ana": 1, "bo": 1, "cy": 0}
    assert "admin asks for it: I cannot find it" in night.got("bo")[0]


async def test_a_declared_incident_calls_people(night: Night) -> None:
    await night.house.post("/v1/incidents", {"title": "checkout is slow", "service": "api"})
    await night.turn()
    assert night.counted() == {"ana": 1, "bo": 0, "cy": 0}


async def test_somebody_is_called_by_hand_and_by_way_of_a_test(night: Night) -> None:
    await night.house.post("/v1/pages", {"who": "L2", "text": "please look at the disk"})
    await night.house.post("/v1/contacts/cy/test")
    await night.turn()
    assert "please look at the disk" in night.got("bo")[0]
    assert "a test page" in night.got("cy")[0]
    status, answer = await night.house.ask("POST", "/v1/pages", {"who": "dora", "text": "x"})
    assert status == 404 and "ana, bo, cy" in answer["error"]["message"]


async def test_an_approval_that_is_wanted_is_told_to_whoever_may_give_it(night: Night) -> None:
    dora = await night.house.user("dora", "responder")
    await night.house.user("bo", "approver")
    await night.house.user("ana", "responder")
    status, asked = await night.house.ask("POST", "/v1/approvals", {"action": "restore"}, token=dora)
    assert status == 201, asked
    await night.turn()
    assert (
        "dora asks for approval of" in night.got("bo")[0]
        and f"ops approve {asked['id']}" in night.got("bo")[0]
    )
    assert night.got("ana") == []


async def test_broken_glass_is_told_to_l2(night: Night) -> None:
    dora = await night.house.user("dora", "approver")
    run = {"execution_id": "run-00000001", "action": "restore", "confirm": "appdb", "break_glass": "it burns"}
    status, answer = await night.house.ask("POST", "/v1/executions", run, token=dora)
    assert status == 202, answer
    await night.turn()
    assert "dora broke the glass for" in night.got("bo")[0] and "it burns" in night.got("bo")[0]
    await night.house.settled("run-00000001")
    await night.pass_by(minutes=30)
    assert night.counted() == {"ana": 0, "bo": 1, "cy": 0}, "once, and nobody else"
    shown = {
        alert["alertname"]: alert["incident_id"] for alert in (await night.house.get("/v1/alerts"))["alerts"]
    }
    assert shown == {"GlassBroken": None}
    assert (await night.house.get("/v1/incidents"))["incidents"] == []


async def test_broken_glass_is_told_to_the_next_level_where_nobody_of_l2_can_be_reached(night: Night) -> None:
    await night.contacts(
        "people:\n  bo: {channels: [{command: ['false']}]}\n  cy: {channels: ['file:cy.log']}\nlevels: {L2: bo, L3: cy}\n"
    )
    dora = await night.house.user("dora", "approver")
    run = {"execution_id": "run-00000001", "action": "restore", "confirm": "appdb", "break_glass": "it burns"}
    await night.house.post("/v1/executions", run, token=dora)
    await night.house.built.outbox.look()
    await night.house.built.outbox.idle()
    night.house.clock.forward(minutes=16)
    night.house.built.outbox._not_before.clear()
    await night.turn()
    await night.turn()
    assert "bo could not be reached" in night.got("cy")[0] and "it burns" in night.got("cy")[0]
    await night.house.settled("run-00000001")
