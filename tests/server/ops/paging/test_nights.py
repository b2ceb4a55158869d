"""Scripted nights: what happens, and the pages that each person gets."""

from collections import deque
from datetime import timedelta
from typing import Any

from server.ops.paging import escalations
from server.ops.paging.escalations import page_what_is_due
from server.store.journal import JournalUnavailableError
from tests.server.ops.paging.conftest import CONTACTS, Night


async def test_an_outage_pages_l1_once_and_an_acknowledgement_stops_it(night: Night) -> None:
    await night.house.fire("APIDown")
    await night.turn()
    assert night.counted() == {"ana": 1, "bo": 0, "cy": 0}
    [line] = night.got("ana")
    assert "  ana  L1  incident 1  APIDown" in line
    assert "  ops open 1  [" in line, "and the head of the journal"
    await night.house.post("/v1/incidents/1/ack")
    await night.pass_by(minutes=25, keep_firing=("APIDown",))
    assert night.counted() == {"ana": 1, "bo": 0, "cy": 0}


async def test_l1_sleeps_and_l2_is_called(night: Night) -> None:
    await night.house.fire("APIDown")
    await night.turn()
    await night.pass_by(minutes=10, keep_firing=("APIDown",))
    assert night.counted() == {"ana": 3, "bo": 1, "cy": 0}
    assert "nobody has acknowledged for 10 min" in night.got("bo")[0]
    await night.pass_by(minutes=26, keep_firing=("APIDown",))
    assert night.counted() == {"ana": 4, "bo": 2, "cy": 2}
    incident = await night.house.get("/v1/incidents/1")
    assert incident["next_page"]["level"] == "all"
    assert incident["paged"] == ["ana", "bo", "cy"]


async def test_whoever_was_paged_hears_that_it_is_over(night: Night) -> None:
    await night.house.fire("APIDown")
    await night.turn()
    night.house.clock.forward(minutes=1)
    await night.house.resolve("APIDown")
    await night.turn()
    await night.pass_by(minutes=20)
    assert [line.split("  ")[2] for line in night.got("ana")] == ["L1", "recovery"]
    assert night.got("bo") == []


async def test_one_outage_is_one_page(night: Night) -> None:
    """PostgreSQL stops and its symptoms follow, the first of them before it."""
    await night.house.fire("HighLatencyP95")
    await night.turn()
    night.house.clock.forward(seconds=10)
    await night.house.fire("DatabaseDown")
    for symptom in ("APIHighErrorRate", "DatabasePoolExhausted", "RequestLogRowsDropped"):
        await night.house.fire(symptom)
    await night.turn()
    await night.pass_by(
        minutes=1.5,
        keep_firing=("DatabaseDown", "HighLatencyP95", "APIHighErrorRate", "DatabasePoolExhausted"),
    )
    assert night.counted() == {"ana": 1, "bo": 0, "cy": 0}
    assert "DatabaseDown" in night.got("ana")[0]


async def test_a_silenced_incident_pages_nobody_until_the_silence_ends(night: Night) -> None:
    now = night.house.clock()
    silence = {
        "matchers": [{"name": "alertname", "value": "APIDown", "isRegex": False}],
        "startsAt": now.isoformat(), "endsAt": (now + timedelta(minutes=20)).isoformat(),
        "createdBy": "ana", "comment": "known",
    }  # fmt: skip
    await night.house.post("/api/v2/silences", silence)
    await night.house.fire("APIDown")
    await night.pass_by(minutes=19, keep_firing=("APIDown",))
    assert night.counted() == {"ana": 0, "bo": 0, "cy": 0}
    assert (await night.house.get("/v1/incidents/1"))["paging_paused"].startswith("muted: silenced by")
    await night.pass_by(minutes=2, keep_firing=("APIDown",))
    assert night.counted() == {"ana": 1, "bo": 0, "cy": 0}


async def test_what_is_shown_of_the_next_call_heeds_a_silence_at_once_and_one_that_ends_before_it_not(
    night: Night,
) -> None:
    await night.house.fire("APIDown")
    await night.turn()
    assert (await night.house.get("/v1/incidents/1"))["next_page"]["level"] == "L1"
    for minutes, muted in ((1, False), (20, True)):
        now = night.house.clock()
        silence = {
            "matchers": [{"name": "alertname", "value": "APIDown", "isRegex": False}],
            "startsAt": now.isoformat(), "endsAt": (now + timedelta(minutes=minutes)).isoformat(),
            "createdBy": "ana", "comment": "known",
        }  # fmt: skip
        await night.house.post("/api/v2/silences", silence)
        shown = await night.house.get("/v1/incidents/1")
        assert (shown["next_page"] is None) is muted
        assert shown["paging_paused"].startswith("muted: silenced by") is muted


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


async def test_an_acknowledgement_that_lapses_pages_the_same_level_again(night: Night) -> None:
    await night.house.fire("APIDown")
    await night.turn()
    await night.house.post("/v1/incidents/1/ack", {"for_s": 300})
    await night.pass_by(minutes=5.5, keep_firing=("APIDown",))
    assert night.counted() == {"ana": 2, "bo": 0, "cy": 0}


async def test_after_two_hours_without_the_daemon_there_is_one_page_that_says_how_late(night: Night) -> None:
    await night.house.fire("APIDown")
    await night.turn()
    night.house.clock.forward(minutes=9)
    await night.house.fire("APIDown")
    night.house.clock.forward(hours=2)
    await night.house.fire("APIDown")
    await night.turn()
    assert night.counted() == {"ana": 2, "bo": 1, "cy": 1}
    assert "late" in night.got("cy")[0]
    await night.turn()
    assert night.counted() == {"ana": 2, "bo": 1, "cy": 1}


async def test_a_clock_that_goes_back_pages_nobody_again(night: Night) -> None:
    await night.house.fire("APIDown")
    await night.turn()
    night.house.clock.forward(minutes=-30)
    await night.pass_by(minutes=25)
    assert night.counted()["ana"] == 1


async def test_the_audience_hears_of_each_change_of_state_once(night: Night) -> None:
    await night.contacts(CONTACTS + 'audiences: {incidents: ["file:incidents.log"]}\n')
    await night.house.fire("APIDown")
    await night.turn()
    await night.house.post("/v1/incidents/1/ack")
    await night.turn()
    await night.turn()
    night.house.clock.forward(minutes=1)
    await night.house.resolve("APIDown")
    await night.turn()
    await night.pass_by(minutes=16)
    told = [line.split("  ")[1] for line in night.got("incidents")]
    assert told == [
        "incident 1 CRIT APIDown api: open",
        "incident 1 CRIT APIDown api: acknowledged by admin",
        "incident 1 CRIT APIDown api: monitoring",
        "incident 1 CRIT APIDown api: resolved",
    ]


async def test_the_audience_hears_that_it_was_escalated_and_that_it_is_major(night: Night) -> None:
    await night.contacts(CONTACTS + 'audiences: {incidents: ["file:incidents.log"]}\n')
    await night.house.fire("APIDown")
    await night.turn()
    await night.pass_by(minutes=21, keep_firing=("APIDown",))
    await night.house.post("/v1/incidents/1/major", {"reason": "every caller"})
    await night.turn()
    await night.turn()
    told = [line.split("  ")[1] for line in night.got("incidents")]
    assert told == [
        "incident 1 CRIT APIDown api: open",
        "incident 1 CRIT APIDown api: escalated to L2 (bo)",
        "incident 1 CRIT APIDown api: escalated to L3 (cy)",
        "incident 1 CRIT APIDown api: a major incident, L3 (cy) is called",
    ]


async def test_a_major_incident_calls_the_last_level_at_once(night: Night) -> None:
    await night.house.fire("APIDown")
    await night.turn()
    await night.house.post("/v1/incidents/1/major", {"reason": "every caller"})
    await night.turn()
    assert night.counted() == {"ana": 1, "bo": 0, "cy": 1}
    assert "declared a major incident" in night.got("cy")[0]
    # The levels below are called when their time comes, as without it.
    await night.pass_by(minutes=12, keep_firing=("APIDown",))
    assert night.counted() == {"ana": 3, "bo": 1, "cy": 1}


async def test_a_major_incident_without_a_last_level_calls_whoever_is_there(night: Night) -> None:
    await night.contacts("people:\n  ana: {channels: ['file:ana.log']}\nlevels: {L1: ana}\n")
    await night.house.fire("APIDown")
    await night.turn()
    await night.house.post("/v1/incidents/1/major")
    await night.turn()
    assert night.counted()["ana"] == 2
    assert "nobody is at L3, so L1" in night.got("ana")[1]


async def test_a_claim_that_is_not_true_is_open_again_within_a_minute(night: Night) -> None:
    await night.house.fire("APIDown")
    await night.turn()
    version = (await night.house.get("/v1/incidents/1"))["version"]
    claim = {"to": "resolved", "version": version, "reason": "I mended it"}
    await night.house.post("/v1/incidents/1/transition", claim)
    await night.pass_by(minutes=1, every_s=5, keep_firing=("APIDown",))
    assert (await night.house.get("/v1/incidents/1"))["state"] == "open"
    told = [line.split("  ")[2] for line in night.got("ana") if "APIDown" in line]
    assert told == ["L1", "L1"], "and no recovery"


async def test_an_incident_that_was_let_go_while_it_was_silenced_does_not_fall_asleep(night: Night) -> None:
    await night.house.fire("APIDown")
    await night.turn()
    await night.house.post("/v1/incidents/1/ack")
    now = night.house.clock()
    silence = {
        "matchers": [{"name": "alertname", "value": "APIDown", "isRegex": False}],
        "startsAt": now.isoformat(), "endsAt": (now + timedelta(minutes=10)).isoformat(),
        "createdBy": "ana", "comment": "known",
    }  # fmt: skip
    await night.house.post("/api/v2/silences", silence)
    night.house.clock.forward(minutes=1)
    await night.house.post("/v1/incidents/1/unack")
    await night.turn()
    assert night.counted()["ana"] == 1
    await night.pass_by(minutes=10, keep_firing=("APIDown",))
    assert night.counted()["ana"] == 2


async def test_a_silenced_incident_that_ends_calls_nobody(night: Night) -> None:
    """Between the end of its alerts and the clock's word about it nothing of it is silenced any more."""
    now = night.house.clock()
    silence = {
        "matchers": [{"name": "alertname", "value": "APIDown", "isRegex": False}],
        "startsAt": now.isoformat(), "endsAt": (now + timedelta(hours=1)).isoformat(),
        "createdBy": "ana", "comment": "known",
    }  # fmt: skip
    await night.house.post("/api/v2/silences", silence)
    await night.house.fire("APIDown")
    await night.turn()
    night.house.clock.forward(minutes=5)
    await night.house.resolve("APIDown")
    await night.house.built.paging.turn()
    await night.turn()
    assert night.counted() == {"ana": 0, "bo": 0, "cy": 0}


async def test_a_declared_incident_goes_on_when_its_holder_falls_asleep(night: Night) -> None:
    await night.house.post("/v1/incidents", {"title": "checkout is slow", "service": "api"})
    await night.turn()
    await night.house.post("/v1/incidents/1/ack")
    await night.pass_by(minutes=32)
    incident = await night.house.get("/v1/incidents/1")
    assert incident["state"] == "open" and incident["breached_at"] is not None
    assert night.counted()["ana"] == 2 or night.counted()["bo"] >= 1


async def test_a_warning_whose_acknowledgement_lapses_is_paged_again(night: Night) -> None:
    await night.house.post("/v1/incidents", {"title": "slow", "service": "api", "severity": "warning"})
    await night.pass_by(minutes=31)
    assert night.counted() == {"ana": 1, "bo": 0, "cy": 0}
    await night.house.post("/v1/incidents/1/ack", {"for_s": 1_900})
    await night.pass_by(minutes=30)
    assert night.counted() == {"ana": 1, "bo": 1, "cy": 0}, "the breach"
    await night.pass_by(minutes=35)
    assert night.counted()["bo"] == 2, "the level that was reached, once nobody holds it"


async def test_an_info_incident_calls_nobody_whatever_it_was(night: Night) -> None:
    await night.house.fire("APIDown")
    await night.turn()
    await night.house.post("/v1/incidents/1/severity", {"severity": "info"})
    await night.pass_by(minutes=40, keep_firing=("APIDown",))
    assert night.counted() == {"ana": 1, "bo": 0, "cy": 0}


async def test_what_is_merged_raises_what_it_goes_into_and_is_no_recovery(night: Night) -> None:
    await night.house.fire("Slow", severity="warning")
    await night.house.fire("RedisDown", service="redis")
    await night.turn()
    assert night.counted()["ana"] == 1
    await night.house.post("/v1/incidents/2/merge", {"into": 1})
    await night.turn()
    assert (await night.house.get("/v1/incidents/1"))["severity"] == "critical"
    assert [line.split("  ")[2] for line in night.got("ana")] == ["L1", "L1"]


async def test_a_page_that_waits_is_not_sent_once_somebody_has_it(night: Night) -> None:
    await night.house.fire("APIDown")
    await night.house.built.timers.tick()
    await night.house.built.ledger.decide(page_what_is_due)
    await night.house.post("/v1/incidents/1/ack")
    await night.turn()
    assert night.got("ana") == []
    [page] = (await night.house.get("/v1/pages"))["pages"]
    assert page["deliveries"][0]["state"] == "dropped"


async def test_nothing_is_sent_twice_because_the_journal_was_away(night: Night, monkeypatch: Any) -> None:
    await night.house.fire("APIDown")
    await night.house.built.timers.tick()
    await night.house.built.ledger.decide(page_what_is_due)
    ledger = night.house.built.ledger
    decide = ledger.decide

    async def refuse(*given: Any, **named: Any) -> Any:
        raise JournalUnavailableError("the disk is full")

    monkeypatch.setattr(ledger, "decide", refuse)
    for _ in range(4):
        await night.house.built.outbox.look()
        await night.house.built.outbox.idle()
    assert night.counted()["ana"] == 1
    monkeypatch.setattr(ledger, "decide", decide)
    await night.turn()
    assert night.counted()["ana"] == 1
    [page] = (await night.house.get("/v1/pages"))["pages"]
    assert page["deliveries"][0]["state"] == "sent"


async def test_an_incident_that_cannot_be_looked_at_keeps_nobody_from_being_called(
    night: Night, monkeypatch: Any
) -> None:
    """It fails after it has recorded something, so that taking it back gives it its place again."""
    page = escalations._page

    def odd(tx: Any, incident: Any, due: Any) -> None:
        if incident.alertname == "Odd":
            raise RuntimeError("odd")
        page(tx, incident, due)

    monkeypatch.setattr(escalations, "_page", odd)
    await night.house.fire("Odd")
    await night.house.fire("APIDown")
    await night.turn()
    assert night.counted()["ana"] == 1
    assert "odd" in (await night.house.get("/v1/health"))["parts"]["paging"]
    night.house.clock.forward(minutes=2)
    await night.house.built.paging.audit()
    assert night.house.built.paging.overdue == (1,)
    # It is trouble of its own, of which somebody is told at once although the other cannot be looked at.
    await night.house.built.outbox.idle()
    assert any("  PagesOverdue  " in line for line in night.got("ana"))
    monkeypatch.setattr(escalations, "_page", page)
    night.house.clock.forward(seconds=10)
    await night.turn()
    await night.house.built.paging.audit()
    shown = (await night.house.get("/v1/alerts"))["alerts"]
    assert "PagesOverdue" not in [alert["alertname"] for alert in shown]


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


async def test_a_provider_that_flaps_for_an_hour_calls_somebody_twice(night: Night) -> None:
    """A minute up, a minute down: when it begins, and when it comes back; then not within the hour."""
    for minute in range(58):
        if minute % 2:
            await night.house.resolve("ProviderDown")
        else:
            await night.house.fire("ProviderDown")
        await night.turn()
        night.house.clock.forward(minutes=1)
    assert night.counted() == {"ana": 2, "bo": 0, "cy": 0}
    assert (await night.house.get("/v1/incidents/1"))["paging_paused"] == "watched"


async def test_what_came_and_went_and_then_stays_goes_up_the_ladder_until_somebody_has_it(
    night: Night,
) -> None:
    """What follows a call is held back only as long as it comes and goes: nobody may have heard the one page."""
    await night.house.fire("APIDown")
    await night.turn()
    night.house.clock.forward(minutes=1)
    await night.house.resolve("APIDown")
    await night.turn()
    night.house.clock.forward(minutes=1)
    for _ in range(16):
        await night.house.fire("APIDown")
        await night.turn()
        night.house.clock.forward(minutes=1)
    counted = night.counted()
    assert counted["ana"] >= 2
    assert counted["bo"] == 1, "L2 at its time"


async def test_a_storm_is_one_message(night: Night) -> None:
    for n in range(12):
        await night.house.fire(f"Trouble{n}")
    await night.turn()
    lines = night.got("ana")
    assert len(lines) == 12
    pages = (await night.house.get("/v1/pages"))["pages"]
    assert len(pages) == 12
    assert len({page["deliveries"][0]["tried_at"] for page in pages}) == 1


async def test_an_empty_level_is_passed_over_and_said(night: Night) -> None:
    await night.contacts("people:\n  bo: {channels: ['file:bo.log']}\nlevels: {L2: bo}\n")
    await night.house.fire("APIDown")
    await night.turn()
    assert night.counted() == {"ana": 0, "bo": 1, "cy": 0}
    assert "nobody is at L1, so L2" in night.got("bo")[0]
    await night.contacts("people:\n  ana: {channels: ['file:ana.log']}\nlevels: {L1: ana}\n")
    ahead = (await night.house.get("/v1/incidents/1"))["next_page"]
    assert (ahead["level"], ahead["people"]) == ("L1", ["ana"]), "who is called, and not whom it was for"


async def test_when_nobody_of_a_level_can_be_reached_the_next_one_is_called(night: Night) -> None:
    await night.contacts(
        "people:\n  ana: {channels: [{command: ['false']}]}\n  bo: {channels: ['file:bo.log']}\nlevels: {L1: ana, L2: bo}\n"
    )
    await night.house.fire("APIDown")
    await night.turn()
    await night.house.built.outbox.look()
    await night.house.built.outbox.idle()
    assert "ana could not be reached" in night.got("bo")[0]
    timeline = (await night.house.get("/v1/incidents/1"))["timeline"]
    assert any("ana was not reached over command false" in entry["text"] for entry in timeline)


async def test_a_channel_that_fails_is_followed_by_the_next(night: Night) -> None:
    await night.contacts(
        "people:\n  ana: {channels: [{command: ['false']}, 'file:ana.log']}\nlevels: {L1: ana}\n"
    )
    await night.house.fire("APIDown")
    await night.turn()
    assert night.counted()["ana"] == 1


async def test_an_edit_changes_no_deadline_of_a_running_incident_but_who_is_called(night: Night) -> None:
    await night.house.fire("APIDown")
    await night.turn()
    before = (await night.house.get("/v1/incidents/1"))["next_page"]["at"]
    await night.contacts("people:\n  bo: {channels: ['file:bo.log']}\nlevels: {L1: bo}\n")
    after = (await night.house.get("/v1/incidents/1"))["next_page"]
    assert after == {"at": before, "level": "L1", "people": ["bo"]}


async def test_a_broken_edit_leaves_the_last_good_contacts_in_force(night: Night) -> None:
    await night.contacts("people: [")
    await night.house.fire("APIDown")
    await night.turn()
    assert night.counted()["ana"] == 1


async def test_whoever_takes_a_level_is_called_until_then(night: Night) -> None:
    until = (night.house.clock() + timedelta(hours=8)).isoformat()
    await night.house.post("/v1/oncall/L1", {"person": "cy", "until": until})
    await night.house.fire("APIDown")
    await night.turn()
    assert night.counted() == {"ana": 0, "bo": 0, "cy": 1}
    night.house.clock.forward(hours=9)
    levels = (await night.house.get("/v1/contacts"))["levels"]
    assert levels[0]["people"] == ["ana"]


async def test_the_audit_says_what_is_late_and_is_quiet_else(night: Night) -> None:
    await night.house.fire("APIDown")
    await night.turn()
    await night.house.built.paging.audit()
    assert night.house.built.paging.fault == ""
    night.house.clock.forward(minutes=3, seconds=1)
    await night.house.fire("APIDown")
    await night.house.built.paging.audit()
    assert "overdue for incidents 1" in night.house.built.paging.fault
    assert (await night.house.get("/v1/health"))["parts"]["paging"] != "ok"
    await night.turn()
    await night.house.built.paging.audit()
    assert (await night.house.get("/v1/health"))["parts"]["paging"] == "ok"


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


async def test_a_silenced_incident_of_very_many_alerts_calls_nobody_and_one_that_joins_is_heard(
    night: Night,
) -> None:
    now = night.house.clock()
    silence = {
        "matchers": [{"name": "quiet", "value": "yes", "isRegex": False}],
        "startsAt": now.isoformat(), "endsAt": (now + timedelta(hours=1)).isoformat(),
        "createdBy": "ana", "comment": "known",
    }  # fmt: skip
    await night.house.post("/api/v2/silences", silence)
    labels = {"alertname": "Many", "service": "api", "severity": "critical"}
    many = [{"labels": {**labels, "n": str(n), "quiet": "yes"}} for n in range(1_500)]
    await night.house.post("/api/v2/alerts", many)
    await night.turn()
    assert night.counted()["ana"] == 0
    await night.house.post("/api/v2/alerts", [{"labels": {**labels, "n": "loud"}}])
    night.house.clock.forward(seconds=40)
    await night.turn()
    assert night.counted()["ana"] == 1


async def test_who_had_enough_for_an_hour_gets_one_message_a_minute(night: Night) -> None:
    await night.contacts(
        "people:\n  ana: {channels: ['file:ana.log'], cap: 2}\n  bo: {channels: ['file:bo.log']}\nlevels: {L1: [ana, bo]}\n"
    )
    for n in range(5):
        await night.house.fire(f"Trouble{n}")
        await night.turn()
    assert night.counted() == {"ana": 2, "bo": 5, "cy": 0}, "nobody else is kept waiting"
    outbox = night.house.built.outbox
    outbox._sent["ana"] = deque(at - 61 for at in outbox._sent["ana"])
    await night.turn()
    assert len(night.got("ana")) == 5
    pages = (await night.house.get("/v1/pages"))["pages"]
    tried = {copy["tried_at"] for page in pages[:3] for copy in page["deliveries"] if copy["person"] == "ana"}
    assert len(tried) == 1, "in one message"
    outbox._sent["ana"] = deque(at - 3_600 for at in outbox._sent["ana"])
    await night.house.fire("Trouble9")
    await night.turn()
    assert len(night.got("ana")) == 6, "an hour later it is as before"


async def test_a_policy_of_ones_own_holds_for_what_begins_after_it(night: Night) -> None:
    await night.house.fire("APIDown")
    await night.turn()
    await night.contacts(
        CONTACTS
        + "policies:\n  critical: {untaken: [0s L2, 1m L3], repeat: 5m}\n  warning: {untaken: [10% L1]}\n"
    )
    await night.house.fire("RedisDown", service="redis")
    await night.house.fire("Slow", severity="warning")
    await night.turn()
    assert night.counted() == {"ana": 1, "bo": 1, "cy": 0}
    await night.pass_by(minutes=1.5, keep_firing=("APIDown",))
    assert [line.split("  ")[2:5] for line in night.got("ana")] == [
        ["L1", "incident 1", "APIDown"],
        ["L1", "incident 3", "Slow"],
    ], "a tenth of five minutes"
    assert night.counted()["cy"] == 1
    assert (await night.house.get("/v1/incidents/1"))["next_page"]["level"] == "L1", "as it began"
    assert (await night.house.get("/v1/incidents/2"))["next_page"] == {
        "at": "2026-03-14T12:06:00Z",
        "level": "all",
        "people": ["ana", "bo", "cy"],
    }
    shown = (await night.house.get("/v1/contacts"))["policies"]
    assert shown["critical"] == ["while nobody has it: 0s L2, 60s L3", "then everybody every 5 min"]


async def test_what_names_no_target_has_one_by_its_severity(night: Night) -> None:
    bare = {"alertname": "Bare", "service": "api", "severity": "critical"}
    await night.house.post(
        "/api/v2/alerts", [{"labels": bare}, {"labels": {**bare, "alertname": "B", "severity": "warning"}}]
    )
    targets = {
        i["alertname"]: i["mttr_target_s"] for i in (await night.house.get("/v1/incidents"))["incidents"]
    }
    assert targets == {"Bare": 900, "B": 3_600}


async def test_what_went_into_an_incident_holds_its_resolution_back(night: Night) -> None:
    await night.house.fire("APIDown")
    await night.house.fire("RedisDown", service="redis")
    run = {"execution_id": "run-00000001", "action": "hold-api", "confirm": "hold-api", "incident_id": 2}
    await night.house.post("/v1/executions", run)
    await night.house.post("/v1/incidents/2/merge", {"into": 1})
    await night.house.resolve("APIDown")
    await night.house.resolve("RedisDown", service="redis")
    await night.pass_by(minutes=17)
    assert (await night.house.get("/v1/incidents/1"))["state"] == "monitoring"
    await night.house.post("/v1/executions/run-00000001/cancel")
    await night.house.settled("run-00000001")
    await night.turn()
    night.house.clock.forward(seconds=5)
    await night.turn()
    assert (await night.house.get("/v1/incidents/1"))["state"] == "resolved"


async def test_a_list_of_incidents_looks_at_a_few_alerts_of_each_and_one_incident_at_all(
    night: Night, monkeypatch: Any
) -> None:
    now = night.house.clock()
    silence = {
        "matchers": [{"name": "service", "value": "api", "isRegex": False}],
        "startsAt": now.isoformat(), "endsAt": (now + timedelta(hours=1)).isoformat(),
        "createdBy": "ana", "comment": "known",
    }  # fmt: skip
    await night.house.post("/api/v2/silences", silence)
    labels = {"service": "api", "severity": "warning"}
    batch = [
        {"labels": {**labels, "alertname": f"Many{n}", "n": str(m)}} for n in range(5) for m in range(100)
    ]
    await night.house.post("/api/v2/alerts", batch)
    await night.turn()
    looked: list[str] = []
    why_not_heard = escalations._why_not_heard

    def counted(state: Any, alert: Any, *given: Any, **named: Any) -> str:
        looked.append(alert.fingerprint)
        return why_not_heard(state, alert, *given, **named)

    monkeypatch.setattr(escalations, "_why_not_heard", counted)
    shown = (await night.house.get("/v1/incidents"))["incidents"]
    assert len(shown) == 5 and all(one["next_page"] is None for one in shown)
    assert 0 < len(looked) <= 5 * 20
    looked.clear()
    assert (await night.house.get("/v1/incidents/1"))["paging_paused"].startswith("muted: silenced")
    assert len(looked) == 100


async def test_what_was_judged_less_grave_calls_as_that_from_then_on(night: Night) -> None:
    await night.house.fire("APIDown")
    await night.turn()
    assert night.counted() == {"ana": 1, "bo": 0, "cy": 0}
    await night.house.post("/v1/incidents/1/severity", {"severity": "warning", "reason": "one region"})
    await night.turn()
    # Critical's ladder would call L1 twice and L2 within ten minutes; a warning's first call is at half of its target.
    await night.pass_by(minutes=1, keep_firing=("APIDown",))
    assert night.counted() == {"ana": 1, "bo": 0, "cy": 0}
    shown = await night.house.get("/v1/incidents/1")
    assert (shown["severity"], shown["next_page"]["level"]) == ("warning", "L1")
    await night.house.post("/v1/incidents/1/severity", {"severity": "info"})
    await night.pass_by(minutes=60, keep_firing=("APIDown",))
    assert night.counted()["cy"] == 0
    assert night.counted()["ana"] == 1
    shown = await night.house.get("/v1/incidents/1")
    assert shown.get("next_page") is None
    assert "nobody is called for what is info" in shown["paging_paused"]
    await night.house.post("/v1/incidents/1/severity", {"severity": "critical"})
    await night.turn()
    assert night.counted()["ana"] == 2


async def test_a_recovery_for_somebody_who_left_the_contacts_is_let_go_at_once(night: Night) -> None:
    await night.house.fire("APIDown")
    await night.turn()
    await night.contacts(CONTACTS.replace("ana", "dan"))
    night.house.clock.forward(minutes=1)
    await night.house.resolve("APIDown")
    await night.turn()
    await night.pass_by(minutes=5)
    timeline = (await night.house.get("/v1/incidents/1"))["timeline"]
    assert sum("ana" in entry["text"] and "not reached" in entry["text"] for entry in timeline) <= 1
    (recovery,) = [
        page for page in (await night.house.get("/v1/pages"))["pages"] if page["kind"] == "recovery"
    ]
    assert [copy["state"] for copy in recovery["deliveries"]] == ["dropped"]
