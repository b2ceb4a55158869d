"""Scripted nights of incidents that grow, are merged or are judged anew, and what their audience hears."""

from datetime import timedelta
from typing import Any

from server.ops.paging import escalations
from tests.server.ops.paging.conftest import CONTACTS, Night


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


async def test_what_is_merged_raises_what_it_goes_into_and_is_no_recovery(night: Night) -> None:
    await night.house.fire("Slow", severity="warning")
    await night.house.fire("RedisDown", service="redis")
    await night.turn()
    assert night.counted()["ana"] == 1
    await night.house.post("/v1/incidents/2/merge", {"into": 1})
    await night.turn()
    assert (await night.house.get("/v1/incidents/1"))["severity"] == "critical"
    assert [line.split("  ")[2] for line in night.got("ana")] == ["L1", "L1"]


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
