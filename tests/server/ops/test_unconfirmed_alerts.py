"""No data is no all clear: an alert whose target does not answer is stale with the reason; and flapping is counted."""

from typing import Any

from tests.server.ops.conftest import Clock, House, Metrics, Start

LABELS = {"alertname": "Hot", "job": "api", "instance": "a:1", "service": "api", "severity": "critical"}
DOWN = {"labels": {"job": "api", "instance": "a:1"}, "health": "down"}


def polled(state: str = "firing", **more: str) -> dict[str, Any]:
    return {"labels": LABELS, "annotations": {}, "state": state, "activeAt": "2026-03-14T11:59:00Z", **more}


async def hot(house: House) -> dict[str, Any]:
    shown = (await house.get("/v1/alerts?all=1"))["alerts"]
    return next((a for a in shown if a["alertname"] == "Hot"), {})


async def test_an_alert_that_its_source_cannot_confirm_is_stale_with_the_reason_until_it_is_confirmed(
    start: Start, metrics: tuple[Metrics, str]
) -> None:
    source, url = metrics
    async with start(prometheus_url=url) as house:
        source.alerts = [polled()]
        await house.built.timers.poll()
        source.alerts = [polled(unconfirmed="api at a:1 does not answer")]
        await house.built.timers.poll()
        await house.built.timers.poll()
        shown = await hot(house)
        assert (shown["state"], shown["stale_because"]) == ("stale", "api at a:1 does not answer")
        kinds = [e["kind"] for e in (await house.get("/v1/audit"))["entries"]]
        assert kinds.count("alert.stale") == 1
        assert (await house.get("/v1/incidents"))["incidents"][0]["state"] == "open"
        source.alerts = [polled()]
        await house.built.timers.poll()
        shown = await hot(house)
        assert (shown["state"], shown["stale_because"]) == ("firing", "")


async def test_an_alert_that_is_unconfirmed_when_we_first_hear_of_it_opens_an_incident_all_the_same(
    start: Start, metrics: tuple[Metrics, str]
) -> None:
    source, url = metrics
    async with start(prometheus_url=url) as house:
        source.alerts = [polled(unconfirmed="api at a:1 does not answer")]
        await house.built.timers.poll()
        assert (await hot(house))["state"] == "stale"
        assert [i["alertname"] for i in (await house.get("/v1/incidents"))["incidents"]] == ["Hot"]


async def test_absence_says_nothing_while_the_target_is_down_and_until_a_poll_after_its_return(
    start: Start, metrics: tuple[Metrics, str], clock: Clock
) -> None:
    source, url = metrics
    async with start(prometheus_url=url) as house:
        source.alerts = [polled()]
        await house.built.timers.poll()
        source.alerts, source.targets = [], [DOWN]
        await house.tick(minutes=6)
        states = []
        for _ in range(3):
            await house.built.timers.poll()
            shown = await hot(house)
            states.append((shown["state"], shown["stale_because"]))
        assert states == [("stale", "its target api a:1 does not answer")] * 3
        source.targets = [{**DOWN, "health": "up"}]
        await house.built.timers.poll()
        assert (await hot(house))["state"] == "stale"
        await house.built.timers.poll()
        assert (await hot(house))["state"] == "resolved"


async def test_another_target_that_is_down_holds_nothing_up(
    start: Start, metrics: tuple[Metrics, str]
) -> None:
    source, url = metrics
    async with start(prometheus_url=url) as house:
        source.alerts = [polled()]
        await house.built.timers.poll()
        source.alerts = []
        source.targets = [{"labels": {"job": "api", "instance": "b:1"}, "health": "down"}]
        await house.tick(minutes=6)
        for _ in range(2):
            await house.built.timers.poll()
        assert (await hot(house))["state"] == "resolved"


async def test_a_condition_that_comes_and_goes_before_its_for_is_seen_as_flapping_in_one_line(
    start: Start, metrics: tuple[Metrics, str]
) -> None:
    source, url = metrics
    async with start(prometheus_url=url) as house:
        counts = []
        for _ in range(3):
            source.alerts = [polled("pending")]
            await house.built.timers.poll()
            counts.append((await hot(house))["flapping"])
            source.alerts = []
            house.clock.forward(minutes=1)
            await house.built.timers.poll()
            assert await hot(house) == {}
        assert counts == [0, 3, 5]
        await house.tick(minutes=31)
        source.alerts = [polled("pending")]
        await house.built.timers.poll()
        assert (await hot(house))["flapping"] == 0


async def test_pending_counts_when_it_comes_to_firing(start: Start, metrics: tuple[Metrics, str]) -> None:
    source, url = metrics
    async with start(prometheus_url=url) as house:
        for state in ("pending", "", "pending", "firing"):
            source.alerts = [polled(state)] if state else []
            house.clock.forward(minutes=1)
            await house.built.timers.poll()
        assert (await hot(house))["flapping"] == 4


async def test_changes_outlive_that_a_resolved_alert_is_forgotten(house: House) -> None:
    for _ in range(2):
        await house.fire("Hot")
        await house.resolve("Hot")
        await house.tick(minutes=14)
    assert (await hot(house))["flapping"] == 4
    await house.tick(minutes=1, seconds=1)
    assert await hot(house) == {}


async def test_the_sources_reason_is_bounded_and_clean(start: Start, metrics: tuple[Metrics, str]) -> None:
    source, url = metrics
    nasty = "\x1b]52;c;ZXZpbA==\x07 \x9b31m " + "x" * 5_000
    async with start(prometheus_url=url) as house:
        source.alerts = [polled(unconfirmed=nasty)]
        await house.built.timers.poll()
        because = (await hot(house))["stale_because"]
    assert because.isprintable() and len(because) <= 300


async def test_symptoms_that_a_poll_lists_before_their_cause_open_no_incident(
    start: Start, metrics: tuple[Metrics, str]
) -> None:
    source, url = metrics
    names = ["HighLatencyP95", "APIHighErrorRate", "APIDown"]
    async with start(prometheus_url=url) as house:
        source.alerts = [{**polled(), "labels": {**LABELS, "alertname": name}} for name in names]
        await house.built.timers.poll()
        opened = [i["alertname"] for i in (await house.get("/v1/incidents"))["incidents"]]
    assert opened == ["APIDown"]


async def test_symptoms_of_a_large_batch_that_come_before_their_cause_open_no_incident(house: House) -> None:
    many = [
        {"labels": {"alertname": "HighLatencyP95", "service": "api", "severity": "warning", "n": str(n)}}
        for n in range(250)
    ]
    cause = {"labels": {"alertname": "APIDown", "service": "api", "severity": "critical"}}
    await house.post("/api/v2/alerts", [*many, {"labels": {"alertname": 7}}, cause])
    opened = [i["alertname"] for i in (await house.get("/v1/incidents"))["incidents"]]
    assert opened == ["APIDown"]
