"""Scripted nights: what happens, and the pages that each person gets."""

from collections import deque
from typing import Any

from server.ops.paging import escalations
from server.ops.paging.escalations import page_what_is_due
from server.store.journal import JournalUnavailableError
from tests.server.ops.paging.conftest import Night


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
