"""One outage, one incident: symptoms are muted while their cause fires and for as long as their rules look back."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from server.ops.alerting.rule_windows import windows_of
from tests.server.ops.conftest import House, Metrics, Start

RULES = [
    {
        "name": "quality",
        "interval": 5,
        "rules": [
            {"type": "recording", "name": "job:errors:rate5m", "query": "rate(http_requests_total[5m])"},
            {
                "type": "alerting",
                "name": "APIHighErrorRate",
                "query": "job:errors:rate5m > 0.05",
                "keepFiringFor": 0,
            },
            {"type": "alerting", "name": "HighLatencyP95", "query": "rate(x[1m]) > 5", "keepFiringFor": 60},
            {"type": "alerting", "name": "Newest", "query": "up == 0"},
            {"type": "alerting", "name": "Odd", "query": "what is this"},
        ],
    }
]


async def incidents(house: House) -> list[str]:
    return sorted(i["alertname"] for i in (await house.get("/v1/incidents?all=1"))["incidents"])


async def muted(house: House) -> dict[str, list[str]]:
    shown = (await house.get("/v1/alerts"))["alerts"]
    return {a["alertname"]: a["inhibited_by"] for a in shown if a["alertname"] != "Watchdog"}


async def keep(house: House, *names: str, seconds: float) -> None:
    """Lets time pass while the evaluator goes on confirming."""
    for _ in range(int(seconds // 5)):
        await house.fire("Watchdog", severity="none")
        for name in names:
            await house.fire(name)
        await house.tick(seconds=5)


def test_a_rules_window_is_its_longest_range_through_the_rules_that_it_reads() -> None:
    slack = timedelta(seconds=30)
    assert windows_of(RULES) == {
        "APIHighErrorRate": timedelta(minutes=5) + slack,
        "HighLatencyP95": timedelta(minutes=2) + slack,
        "Newest": slack,
    }


async def test_a_symptom_of_a_firing_cause_opens_no_incident(house: House) -> None:
    await house.fire("DatabaseDown")
    await house.fire("APIHighErrorRate")
    assert await incidents(house) == ["DatabaseDown"]
    assert await muted(house) == {"DatabaseDown": [], "APIHighErrorRate": ["DatabaseDown"]}


async def test_a_cause_that_comes_in_the_same_batch_behind_its_symptom_is_in_time(house: House) -> None:
    batch: list[Any] = [
        {"labels": {"alertname": name, "service": "api", "severity": "critical"}}
        for name in ("HighLatencyP95", "APIHighErrorRate", "APIDown")
    ]
    await house.post("/api/v2/alerts", batch)
    assert await incidents(house) == ["APIDown"]


async def test_a_symptom_stays_muted_after_the_cure_while_its_rule_still_sees_the_outage(
    house: House,
) -> None:
    house.built.ledger.state.inhibition.windows = {"APIHighErrorRate": timedelta(minutes=5)}
    await house.fire("DatabaseDown")
    await house.fire("APIHighErrorRate")
    await house.resolve("DatabaseDown")
    await keep(house, "APIHighErrorRate", seconds=295)
    assert await muted(house) == {"APIHighErrorRate": ["DatabaseDown"]}
    await house.resolve("APIHighErrorRate")
    await keep(house, seconds=60)
    assert await incidents(house) == ["DatabaseDown"]


async def test_a_symptom_that_begins_in_the_tail_is_muted_too(house: House) -> None:
    house.built.ledger.state.inhibition.windows = {"APIHighErrorRate": timedelta(minutes=5)}
    await house.fire("DatabaseDown")
    await house.resolve("DatabaseDown")
    await keep(house, seconds=60)
    await house.fire("APIHighErrorRate")
    assert await incidents(house) == ["DatabaseDown"]


async def test_a_symptom_that_outlasts_the_traces_of_its_cause_is_trouble_of_its_own(house: House) -> None:
    house.built.ledger.state.inhibition.windows = {"APIHighErrorRate": timedelta(minutes=5)}
    await house.fire("DatabaseDown")
    await house.fire("APIHighErrorRate")
    await house.resolve("DatabaseDown")
    await keep(house, "APIHighErrorRate", seconds=320)
    assert await muted(house) == {"APIHighErrorRate": []}
    assert await incidents(house) == ["APIHighErrorRate", "DatabaseDown"]


async def test_what_was_held_back_is_taken_up_after_a_restart(start: Start) -> None:
    async with start() as house:
        await house.fire("DatabaseDown")
        await house.fire("APIHighErrorRate")
        await house.resolve("DatabaseDown")
        assert await incidents(house) == ["DatabaseDown"]
        house.clock.forward(hours=2)
    async with start() as house:
        await house.fire("APIHighErrorRate")
        await house.tick(seconds=1)
        assert "APIHighErrorRate" in await incidents(house)


async def test_the_tail_holds_over_a_restart(start: Start) -> None:
    async with start() as house:
        await house.fire("DatabaseDown")
        await house.fire("APIHighErrorRate")
        await house.resolve("DatabaseDown")
    async with start() as house:
        await house.tick(seconds=60)
        assert await incidents(house) == ["DatabaseDown"]
        assert (await muted(house))["APIHighErrorRate"] == ["DatabaseDown"]


async def test_a_cause_that_nobody_confirms_any_more_mutes_no_longer_than_one_that_ended(
    house: House,
) -> None:
    house.built.ledger.state.inhibition.windows = {"APIHighErrorRate": timedelta(minutes=5)}
    await house.fire("DatabaseDown")
    await keep(house, "APIHighErrorRate", seconds=360)
    assert (await muted(house))["APIHighErrorRate"] == ["DatabaseDown"]
    await keep(house, "APIHighErrorRate", seconds=300)
    assert (await muted(house))["APIHighErrorRate"] == []
    assert "APIHighErrorRate" in await incidents(house)


async def test_the_stream_shows_a_symptom_anew_when_its_cause_comes_and_when_its_traces_are_gone(
    house: House,
) -> None:
    house.built.ledger.state.inhibition.windows = {"HighLatencyP95": timedelta(minutes=1)}
    await house.fire("HighLatencyP95")

    def version() -> int:
        (alert,) = (a for a in house.built.ledger.state.alerts.values() if a.alertname == "HighLatencyP95")
        return alert.revision

    first = version()
    await house.fire("APIDown")
    second = version()
    await house.resolve("APIDown")
    await house.tick(seconds=1)
    before = version()
    await house.tick(seconds=62)
    assert first < second <= before < version()


async def test_a_table_of_ones_own_goes_by_labels_and_by_what_both_sides_share(
    start: Start, tmp_path: Path
) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "inhibition.yml").write_text(
        'inhibition:\n  - cause: layer="host"\n    symptoms:\n      - layer="app"\n    equal: host\n'
    )
    async with start() as house:
        await house.fire("Kaputt", layer="host", host="a")
        await house.fire("SlowA", layer="app", host="a")
        await house.fire("SlowB", layer="app", host="b")
        assert await muted(house) == {"Kaputt": [], "SlowA": ["Kaputt"], "SlowB": []}
        assert await incidents(house) == ["Kaputt", "SlowB"]
        await house.fire("APIDown")
        await house.fire("HighLatencyP95")
        assert "HighLatencyP95" in await incidents(house)


async def test_a_cause_that_is_a_symptom_by_the_same_rule_mutes_no_other_of_its_kind(
    start: Start, tmp_path: Path
) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "inhibition.yml").write_text(
        'inhibition:\n  - cause: team="db"\n    symptoms: [team="db"]\n'
    )
    async with start() as house:
        await house.fire("One", team="db")
        await house.fire("Two", team="db")
        assert await muted(house) == {"One": [], "Two": []}


@pytest.mark.parametrize("ok", [True, False])
async def test_the_windows_come_from_the_source_and_stay_while_it_is_away(
    start: Start, metrics: tuple[Metrics, str], ok: bool
) -> None:
    source, url = metrics
    source.rules = RULES
    async with start(prometheus_url=url) as house:
        await house.built.windows.look()
        source.ok = ok
        await house.built.windows.look()
        assert house.built.ledger.state.inhibition.windows["HighLatencyP95"] == timedelta(seconds=150)
