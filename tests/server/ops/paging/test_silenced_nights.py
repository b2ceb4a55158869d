"""Scripted nights with silences: who is not called, and who is once they end."""

from datetime import timedelta

from tests.server.ops.paging.conftest import Night


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
