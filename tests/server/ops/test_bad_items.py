"""One bad item stops no loop: it is gone past, named, and everything else has its turn."""

import asyncio
import random
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.alert import receive
from alerts.incident import due
from server.ops.state.ledger import Ledger
from server.ops.state.state import STATE_FORMAT
from server.ops.views import alert_view
from server.store.archive import Archive
from server.store.chain import Head
from server.store.snapshot_file import save_snapshot
from tests.server.ops.conftest import NOON, Clock, House, Metrics, Start


def bad_for(real: Any, is_bad: Any) -> Any:
    """The function, raising where its first argument that fits is the bad one."""

    def called(*given: Any, **named: Any) -> Any:
        if any(is_bad(one) for one in given):
            raise OverflowError("date value out of range")
        return real(*given, **named)

    return called


def is_bad_alert(value: object) -> bool:
    return getattr(value, "labels", {}).get("instance") == "bad"


async def parts(house: House) -> Any:
    return (await house.get("/v1/health"))["parts"]


async def test_an_alert_that_cannot_be_taken_is_quarantined_and_its_batch_is_taken(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.ops.alerting.intake.receive", bad_for(receive, is_bad_alert))
    batch = [{"labels": {"alertname": "APIDown", "instance": name}} for name in ("a", "bad", "b")]
    assert (await house.ask("POST", "/api/v2/alerts", batch))[0] == 200
    taken = [alert["labels"]["instance"] for alert in (await house.get("/v1/alerts"))["alerts"]]
    assert sorted(taken) == ["a", "b"]
    (kept,) = (await house.get("/v1/quarantine"))["quarantined"]
    assert "date value out of range" in kept["why"]
    assert '"bad"' in kept["raw"]


async def test_an_alert_that_cannot_be_shown_is_named_and_the_others_are_shown(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.fire(instance="bad")
    await house.fire(instance="good")
    monkeypatch.setattr("server.ops.views.alert_view", bad_for(alert_view, is_bad_alert))
    shown = [alert["labels"]["instance"] for alert in (await house.get("/v1/alerts"))["alerts"]]
    assert shown == ["good"]
    text = (await house.ask("GET", "/v1/snapshot"))[1]
    assert (text.count('"kind":"alert"'), text.count('"kind":"end"')) == (1, 1)
    assert "left out: alert" in (await parts(house))["views"]


async def test_an_incident_for_which_time_cannot_pass_stops_no_other(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.fire()
    await house.fire("RedisDown")
    broken = bad_for(due, lambda one: getattr(one, "id", None) == 1)
    monkeypatch.setattr("server.ops.alerting.intake.due", broken)
    await house.resolve()
    await house.resolve("RedisDown")
    await house.lapse(60)
    states = {i["id"]: i["state"] for i in (await house.get("/v1/incidents?all=1"))["incidents"]}
    assert (states[1], states[2]) == ("open", "monitoring")
    assert "incident 1 (OverflowError" in (await parts(house))["turns"]
    monkeypatch.setattr("server.ops.alerting.intake.due", due)
    await house.lapse(120)
    assert (await house.get("/v1/incidents/1"))["state"] == "monitoring"
    assert (await parts(house))["turns"] == "ok"


async def test_a_part_of_a_turn_that_fails_stops_no_other_part(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(_: object) -> None:
        raise PermissionError("unjournalled.jsonl")

    monkeypatch.setattr("server.ops.executions.unjournalled.UnjournalledLog.import_new", fails)
    await house.fire()
    await house.resolve()
    for _ in range(20):
        house.clock.forward(seconds=5)
        loop = next(loop for loop in house.built.loops.loops if loop.name == "tick")
        await loop.turn()
    assert (await house.get("/v1/incidents/1"))["state"] == "monitoring"
    assert "PermissionError: unjournalled.jsonl (last went well: " in (await parts(house))["turns"]


async def test_health_says_when_each_part_last_did_well(house: House) -> None:
    for name in ("tick", "publish", "stream", "rehearsal"):
        await next(loop for loop in house.built.loops.loops if loop.name == name).turn()
    health = await house.get("/v1/health")
    assert all(at is not None for at in health["last_success"].values())
    assert set(health["last_success"]) == {"turns", "publishing", "stream", "rehearsals"}
    assert {health["parts"][part] for part in health["last_success"]} == {"ok"}


async def test_a_polled_alert_that_cannot_be_read_takes_no_other_with_it(
    start: Start, metrics: tuple[Metrics, str]
) -> None:
    source, url = metrics
    good = {"labels": {"alertname": "APIDown"}, "activeAt": "2026-03-14T11:00:00Z", "state": "firing"}
    source.alerts = [
        {"labels": {"alertname": 7}, "state": "firing"},
        "nothing",  # type: ignore[list-item]  # what a source must not send
        {**good, "activeAt": "2026-03-14T11:00:00"},
        good,
    ]
    async with start(prometheus_url=url) as house:
        await house.built.timers.poll()
        (alert,) = (await house.get("/v1/alerts"))["alerts"]
        assert alert["labels"]["alertname"] == "APIDown"
        assert "alert 0 of the source" in (await parts(house))["poll"]


async def test_a_silence_that_cannot_be_looked_at_stops_no_stream(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.fire()
    broken = bad_for(None, lambda one: True)
    monkeypatch.setattr("server.ops.stream.broadcast.required_label", broken)
    times = {"startsAt": NOON.isoformat(), "endsAt": (NOON + timedelta(hours=1)).isoformat()}
    matchers = [{"name": "alertname", "value": "APIDown", "isRegex": False}]
    silence = {"matchers": matchers, "createdBy": "x", "comment": "x", **times}
    await house.post("/api/v2/silences", silence)
    await house.fire("RedisDown")
    assert "alerts that look different now" in (await parts(house))["stream"]
    lines = (await house.ask("GET", "/v1/snapshot"))[1]
    assert "RedisDown" in lines


@pytest.fixture
async def kept(start: Start, tmp_path: Path) -> Path:
    """A state folder with two snapshots and events after the first of them."""
    for n in range(2):
        async with start() as house:
            await house.fire(f"Alert{n}")
            await house.user(f"user{n}", "viewer")
    return tmp_path / "var" / "ops"


async def opened(folder: Path, clock: Clock) -> Ledger:
    async with Ledger(Archive(folder, STATE_FORMAT), clock).running() as ledger:
        assert ledger.set_aside is None
    return ledger


async def test_one_flipped_bit_in_a_snapshot_changes_nothing_of_the_state(
    kept: Path, tmp_path: Path, clock: Clock
) -> None:
    expected = (await opened(shutil.copytree(kept, tmp_path / "whole"), clock)).state
    name = max(path.name for path in kept.glob("snapshot-*"))
    chance = random.Random(13)
    for n in range(40):
        folder = shutil.copytree(kept, tmp_path / f"copy{n}")
        data = bytearray((folder / name).read_bytes())
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        (folder / name).write_bytes(data)
        assert (await opened(folder, clock)).state == expected


async def test_a_snapshot_that_is_sealed_and_no_state_falls_back_to_what_is_before_it(
    kept: Path, clock: Clock
) -> None:
    before = await opened(kept, clock)
    for path in kept.glob("snapshot-*"):
        path.unlink()
    head = Head(seq=before.head.seq, at=before.head.at, hash=before.head.hash)
    save_snapshot(kept, STATE_FORMAT, head, [b'{"alerts": {"x": {"labels": 7}}}'])
    after = await opened(kept, clock)
    assert after.state == before.state
    assert after.head.seq == before.head.seq


async def test_a_step_that_never_ends_is_a_fault_of_its_loop(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.periodic._LONGEST_STEP_S", 0.0)
    monkeypatch.setattr("server.periodic._LONGEST_STEP", 0)
    stuck, begun = asyncio.Event(), asyncio.Event()

    async def step() -> None:
        begun.set()
        await stuck.wait()

    loop = next(loop for loop in house.built.loops.loops if loop.name == "publish")
    monkeypatch.setattr(loop, "_step", step)
    turn = asyncio.create_task(loop.turn())
    await begun.wait()
    assert "its step has not ended" in (await parts(house))["publishing"]
    stuck.set()
    assert await turn
