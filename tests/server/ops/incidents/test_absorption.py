"""A cause takes the incidents of its symptoms under it: acknowledgements included, and it can be taken back."""

from datetime import timedelta
from typing import Any

from tests.server.ops.conftest import Start
from tests.server.ops.paging.conftest import CONTACTS, Night


async def _states(night: Night) -> dict[str, str]:
    found = (await night.house.get("/v1/incidents?all=1"))["incidents"]
    return {one["alertname"]: one["state"] for one in reversed(found)}


async def _incident(night: Night, number: int) -> Any:
    return await night.house.get(f"/v1/incidents/{number}")


async def _symptom_then_cause(night: Night, *, seconds: float = 60) -> None:
    await night.house.fire("HighLatencyP95")
    await night.turn()
    night.house.clock.forward(seconds=seconds)
    await night.house.fire("HighLatencyP95")
    await night.turn()
    await night.house.fire("DatabaseDown")
    await night.turn()


async def test_what_was_opened_for_a_symptom_goes_under_its_cause(night: Night) -> None:
    await _symptom_then_cause(night)
    assert await _states(night) == {"HighLatencyP95": "merged", "DatabaseDown": "open"}
    cause = await _incident(night, 2)
    assert cause["merged"] == [{"id": 1, "alertname": "HighLatencyP95", "service": "api"}]
    texts = [entry["text"] for entry in cause["timeline"]]
    assert "merged: a symptom of DatabaseDown, into incident 2" in texts
    shown = {
        a["alertname"]: (a["incident_id"], a["inhibited_by"])
        for a in (await night.house.get("/v1/alerts"))["alerts"]
    }
    assert shown == {"DatabaseDown": (2, []), "HighLatencyP95": (2, ["DatabaseDown"])}


async def test_the_acknowledgement_of_the_symptom_is_one_of_the_cause(night: Night) -> None:
    await night.house.fire("HighLatencyP95")
    await night.turn()
    await night.house.post("/v1/incidents/1/ack")
    night.house.clock.forward(seconds=60)
    await night.house.fire("DatabaseDown")
    await night.turn()
    cause = await _incident(night, 2)
    assert (cause["state"], cause["acknowledged_by"]) == ("acknowledged", "admin")
    assert night.counted() == {"ana": 0, "bo": 0, "cy": 0}, "whoever has it is not called for it again"


async def test_the_acknowledgement_of_something_less_severe_is_none(night: Night) -> None:
    await night.house.fire("LowCacheHitRate", severity="warning")
    await night.turn()
    await night.house.post("/v1/incidents/1/ack")
    await night.house.fire("RedisDown")
    await night.turn()
    assert await _states(night) == {"LowCacheHitRate": "merged", "RedisDown": "open"}
    assert night.counted()["ana"] == 1


async def test_what_is_older_than_five_minutes_stays_what_it_is(night: Night) -> None:
    await night.house.fire("HighLatencyP95")
    await night.pass_by(minutes=6, keep_firing=("HighLatencyP95",))
    await night.house.fire("DatabaseDown")
    await night.turn()
    assert await _states(night) == {"HighLatencyP95": "open", "DatabaseDown": "open"}


async def test_what_is_not_all_symptoms_stays_what_it_is(night: Night) -> None:
    await night.house.post("/v1/incidents", {"title": "all is slow", "service": "api"})
    await night.house.fire("Unrelated")
    await _symptom_then_cause(night)
    assert await _states(night) == {
        "Declared": "open", "Unrelated": "open", "HighLatencyP95": "merged", "DatabaseDown": "open",
    }  # fmt: skip


async def test_somebody_takes_it_out_and_it_is_left_there(night: Night) -> None:
    await _symptom_then_cause(night)
    version = (await _incident(night, 1))["version"]
    await night.house.post("/v1/incidents/1/unmerge", {"version": version})
    await night.pass_by(minutes=2, keep_firing=("HighLatencyP95", "DatabaseDown"))
    assert await _states(night) == {"HighLatencyP95": "open", "DatabaseDown": "open"}
    assert (await _incident(night, 2))["merged"] == []
    assert (await _incident(night, 1))["paging_paused"] == "muted: a symptom of DatabaseDown"


async def test_the_cure_ends_the_cause_at_once_and_calls_nobody_for_its_traces(night: Night) -> None:
    await _symptom_then_cause(night)
    paged = night.counted()["ana"]
    night.house.clock.forward(seconds=60)
    await night.house.fire("HighLatencyP95")
    await night.house.resolve("DatabaseDown")
    await night.turn()
    assert (await _incident(night, 2))["state"] == "monitoring"
    # The symptom comes and goes in the tail of its cause.
    night.house.clock.forward(seconds=60)
    await night.house.resolve("HighLatencyP95")
    await night.turn()
    night.house.clock.forward(seconds=60)
    await night.house.fire("HighLatencyP95")
    await night.turn()
    assert await _states(night) == {"HighLatencyP95": "merged", "DatabaseDown": "monitoring"}
    assert night.counted()["ana"] == paged


async def test_a_symptom_that_outlasts_the_traces_of_its_cause_is_trouble_of_its_own(night: Night) -> None:
    night.house.built.ledger.state.inhibition.windows = {"HighLatencyP95": timedelta(minutes=5)}
    await _symptom_then_cause(night)
    await night.house.resolve("DatabaseDown")
    await night.pass_by(minutes=6, keep_firing=("HighLatencyP95",))
    assert await _states(night) == {"HighLatencyP95": "open", "DatabaseDown": "monitoring"}
    assert (await _incident(night, 3))["alertname"] == "HighLatencyP95"
    assert "incident 3  HighLatencyP95" in night.got("ana")[-1]


async def test_whoever_was_called_about_the_symptom_hears_of_the_recovery(night: Night) -> None:
    await night.house.fire("HighLatencyP95")
    await night.pass_by(minutes=1, keep_firing=("HighLatencyP95",))
    assert night.counted()["ana"] == 1
    await night.contacts(CONTACTS.replace("L1: ana", "L1: bo"))
    await night.house.fire("DatabaseDown")
    await night.turn()
    await night.house.resolve("DatabaseDown")
    night.house.clock.forward(seconds=1)
    await night.turn()
    assert "recovery" in night.got("ana")[-1] and "incident 2" in night.got("ana")[-1]


async def test_it_is_the_same_after_a_restart(start: Start) -> None:
    async with start() as house:
        night = Night(house)
        await night.contacts(CONTACTS)
        await _symptom_then_cause(night)
        before = await _states(night)
    async with start() as house:
        night = Night(house)
        assert await _states(night) == before
        await night.turn()
        version = (await _incident(night, 1))["version"]
        await house.post("/v1/incidents/1/unmerge", {"version": version})
        await night.turn()
        assert await _states(night) == {"HighLatencyP95": "open", "DatabaseDown": "open"}


async def test_very_many_symptoms_go_under_their_cause_in_several_looks(night: Night) -> None:
    """Eight incidents of a hundred alerts each: a look takes a few of them, the next ones the others."""
    labels = {"alertname": "HighLatencyP95", "severity": "critical"}
    batch = [{"labels": {**labels, "service": f"s{n}", "n": str(m)}} for n in range(8) for m in range(100)]
    await night.house.post("/api/v2/alerts", batch)
    await night.turn()
    await night.house.fire("DatabaseDown")
    for _ in range(6):
        await night.turn()
        night.house.clock.forward(seconds=2)
    incidents = (await night.house.get("/v1/incidents?all=1"))["incidents"]
    assert {i["alertname"]: i["state"] for i in incidents} == {
        "HighLatencyP95": "merged",
        "DatabaseDown": "open",
    }
    assert len((await night.house.get("/v1/incidents/9"))["merged"]) == 8
    assert len([line for line in night.got("ana") if "HighLatencyP95" in line]) == 0
