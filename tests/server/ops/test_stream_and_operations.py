"""Snapshot, stream, health, metrics, services and what is passed on to Prometheus."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from server.ops.config import OpsConfig, OpsConfigError
from server.ops.state.single_instance import AnotherDaemonError
from server.ops.stream.ring import Ring, Subject
from tests.paths import CHECKOUT
from tests.server.ops.conftest import House, Metrics, Start


async def events(response: aiohttp.ClientResponse) -> AsyncIterator[tuple[str, str, Any]]:
    """(id, event, data) of each server-sent event but the heartbeats."""
    event_id = name = ""
    async for raw in response.content:
        field, _, value = raw.decode().rstrip("\n").partition(": ")
        if field == "id":
            event_id = value
        elif field == "event":
            name = value
        elif field == "data" and name != "heartbeat":
            yield event_id, name, json.loads(value)


async def followed(house: House, count: int, last_id: str = "") -> list[tuple[str, str, Any]]:
    headers = {"Authorization": f"Bearer {house.built.tokens['admin']}"}
    if last_id:
        headers["Last-Event-ID"] = last_id
    found = []
    async with asyncio.timeout(10), house.session.get(house.url + "/v1/stream", headers=headers) as response:
        async for event in events(response):
            found.append(event)
            if len(found) == count:
                break
    return found


async def snapshot(house: House) -> list[Any]:
    return [json.loads(line) for line in (await house.get("/v1/snapshot")).splitlines()]


async def test_a_snapshot_begins_with_where_the_stream_stands_and_ends_with_end(house: House) -> None:
    await house.fire("LowCacheHitRate", severity="warning")
    await house.fire("APIDown")
    lines = await snapshot(house)
    assert [line["kind"] for line in lines] == ["meta", "alert", "alert", "incident", "incident", "end"]
    assert [line["alert"]["severity"] for line in lines[1:3]] == ["critical", "warning"]
    assert (lines[0]["user"], lines[0]["role"], lines[0]["target"]) == ("admin", "admin", "local")


async def test_the_stream_goes_on_from_the_snapshot_without_a_gap(house: House) -> None:
    await house.fire()
    meta = (await snapshot(house))[0]
    await house.fire("RedisDown")
    await house.post("/v1/incidents/1/ack")
    found = await followed(house, 4, f"{meta['boot']}-{meta['seq']}")
    about = {(name, data.get("alertname"), data.get("acknowledged_by")) for _, name, data in found}
    assert about == {
        ("incident", "RedisDown", None),
        ("alert", "RedisDown", None),
        ("incident", "APIDown", "admin"),
        ("alert", "APIDown", "admin"),
    }


async def test_a_silence_shows_on_the_alert_and_on_its_incident(house: House) -> None:
    await house.fire()
    meta = (await snapshot(house))[0]
    now = house.clock()
    silence = {
        "matchers": [{"name": "alertname", "value": "APIDown", "isRegex": False}],
        "startsAt": now.isoformat(), "endsAt": (now + timedelta(minutes=5)).isoformat(),
        "createdBy": "ana", "comment": "known",
    }  # fmt: skip
    await house.post("/api/v2/silences", silence)
    found = await followed(house, 2, f"{meta['boot']}-{meta['seq']}")
    assert {(name, data["alertname"]) for _, name, data in found} == {
        ("alert", "APIDown"),
        ("incident", "APIDown"),
    }


async def test_of_several_changes_of_one_thing_only_the_latest_is_sent(house: House) -> None:
    meta = (await snapshot(house))[0]
    await house.fire()
    for n in range(5):
        await house.post("/v1/incidents/1/note", {"text": str(n)})
    found = await followed(house, 2, f"{meta['boot']}-{meta['seq']}")
    assert sorted(name for _, name, _ in found) == ["alert", "incident"]
    assert next(data["version"] for _, name, data in found if name == "incident") == 6


async def test_a_client_of_another_boot_is_told_to_begin_anew(house: House) -> None:
    ((event_id, name, data),) = await followed(house, 1, "another-7")
    assert (name, data, event_id.split("-")[0]) == ("reset", {}, (await snapshot(house))[0]["boot"])


async def test_an_alert_that_is_forgotten_is_said_to_be_gone(house: House) -> None:
    await house.fire()
    await house.resolve()
    await house.tick(seconds=1)
    meta = (await snapshot(house))[0]
    await house.tick(minutes=15, seconds=1)
    names = [name for _, name, _ in await followed(house, 2, f"{meta['boot']}-{meta['seq']}")]
    assert "alert_gone" in names


async def test_an_execution_is_followed_on_the_stream(house: House) -> None:
    meta = (await snapshot(house))[0]
    await house.post(
        "/v1/executions", {"execution_id": "run-00000001", "action": "greet", "confirm": "greet"}
    )
    await house.settled("run-00000001")
    shown: Any = {"state": "running"}
    seq = meta["seq"]
    while shown["state"] == "running":
        ((event_id, name, shown),) = await followed(house, 1, f"{meta['boot']}-{seq}")
        seq = event_id.rpartition("-")[2]
        assert name == "execution"
    assert (shown["state"], shown["exit_code"]) == ("succeeded", 0)


async def test_a_revoked_user_loses_the_stream_at_the_next_heartbeat(house: House) -> None:
    token = await house.user("ana", "viewer")
    headers = {"Authorization": f"Bearer {token}"}
    async with asyncio.timeout(10), house.session.get(house.url + "/v1/stream", headers=headers) as response:
        assert (await response.content.readline()) == b"event: heartbeat\n"
        await house.ask("DELETE", "/v1/users/ana")
        assert (await response.content.read()).count(b"event: heartbeat") == 0


def test_a_ring_that_no_longer_reaches_back_says_so() -> None:
    ring = Ring("boot", size=3)
    for n in range(5):
        ring.publish(Subject("alert", str(n)))
    assert ring.since(1) is None
    assert [change.number for change in ring.since(2) or []] == [3, 4, 5]
    assert ring.since(5) == []
    assert ring.since(6) is None


@pytest.mark.parametrize(
    ("last_id", "number"), [("boot-4", 4), ("other-4", None), ("boot-x", None), ("", None), ("4", None)]
)
def test_a_last_event_id_counts_for_its_own_boot_only(last_id: str, number: int | None) -> None:
    assert Ring("boot").resume_from(last_id) == number


async def test_metrics_are_an_exposition_for_the_metrics_user(house: House) -> None:
    await house.fire()
    text = await house.get("/v1/metrics", token=house.built.tokens["metrics"])
    samples = {
        (s.name, s.labels.get("state")): s.value
        for f in text_string_to_metric_families(text)
        for s in f.samples
    }
    assert samples[("ops_alerts", "firing")] == 1.0
    assert samples[("ops_journal_writable", None)] == 1.0
    assert samples[("ops_journal_events_total", None)] > 5


async def test_queries_are_passed_on_to_prometheus(start: Start, metrics: tuple[Metrics, str]) -> None:
    source, url = metrics
    source.value = 0.5
    async with start(prometheus_url=url) as house:
        answer = await house.get("/v1/prometheus/query?query=up")
        assert answer["data"]["result"][0]["value"] == [0, "0.5"]
        assert (await house.ask("GET", "/v1/prometheus/query"))[0] == 400


async def test_a_prometheus_that_is_down_is_unavailable_and_all_else_goes_on(start: Start) -> None:
    async with start(prometheus_url="http://127.0.0.1:9") as house:
        status, answer = await house.ask("GET", "/v1/prometheus/query?query=up")
        assert (status, answer["error"]["type"]) == (503, "unavailable")
        await house.fire()
        await house.built.timers.poll()
        assert "does not answer" in (await house.get("/v1/health"))["parts"]["evaluator"]


async def test_the_status_page_is_published_from_the_alerts(house: House) -> None:
    await house.fire()
    await house.built.public_refresh.publish()
    summary = (house.config.state / "public" / "current").resolve()
    assert summary.is_dir()


def published(house: House) -> dict[str, str]:
    """The components' states on the public page."""
    folder = (house.config.state / "public" / "current").resolve()
    manifest = json.loads((folder / "manifest.json").read_text())
    file = manifest["live"]["/api/v2/components.json"]["variants"]["identity"]["file"]
    return {c["name"]: c["status"] for c in json.loads((folder / file).read_text())["components"]}


async def test_a_silence_mutes_people_and_not_the_public_page(house: House) -> None:
    silence = {
        "matchers": [{"name": "alertname", "value": "APIDown", "isRegex": False}],
        "startsAt": "2026-03-14T12:00:00Z",
        "endsAt": "2026-03-14T13:00:00Z",
        "comment": "we know",
    }
    await house.post("/api/v2/silences", silence)
    await house.fire()
    await house.built.public_refresh.publish()
    assert set(published(house).values()) == {"major_outage"}


async def test_an_inhibited_critical_shows_on_the_public_page(house: House) -> None:
    await house.fire("DatabaseDown")
    await house.fire("APIHighErrorRate")
    shown = {a["alertname"]: a["inhibited_by"] for a in (await house.get("/v1/alerts"))["alerts"]}
    assert shown["APIHighErrorRate"] == ["DatabaseDown"]
    await house.built.public_refresh.publish()
    assert published(house)["Analyze API"] == "partial_outage"


async def test_the_page_says_what_callers_feel_and_never_looks_worse_after_the_cure(
    start: Start, metrics: tuple[Metrics, str]
) -> None:
    source, url = metrics
    async with start(prometheus_url=url) as house:
        await house.fire("APIHighErrorRate")
        seen = []
        for share in (0.95, 0.0):
            source.value = share
            await house.built.public_refresh.publish()
            house.clock.forward(seconds=16)
            await house.built.public_refresh.publish()
            seen.append(published(house)["Analyze API"])
        assert seen == ["major_outage", "degraded_performance"]


async def test_what_gets_better_shows_only_when_it_lasts(house: House) -> None:
    await house.fire()
    await house.built.public_refresh.publish()
    seen = []
    for step in ("resolve", "wait 10", "fire", "wait 1", "resolve", "wait 10", "wait 6"):
        if step.startswith("wait"):
            house.clock.forward(seconds=int(step.split()[1]))
        else:
            await (house.fire() if step == "fire" else house.resolve())
        await house.built.public_refresh.publish()
        seen.append(published(house)["Analyze API"])
    assert seen == ["major_outage"] * 6 + ["operational"]


async def test_a_runbook_that_changes_on_disk_is_read_again(house: House) -> None:
    before = (await house.get("/v1/runbooks/APIDown"))["digest"]
    path = house.config.runbooks / "APIDown.md"
    path.write_text(path.read_text() + "\nmore\n")
    assert (await house.get("/v1/runbooks/APIDown"))["digest"] != before
    (house.config.runbooks / "RedisDown.md").write_text(path.read_text().replace("APIDown", "RedisDown"))
    assert {r["id"] for r in (await house.get("/v1/runbooks"))["runbooks"]} == {"APIDown", "RedisDown"}


async def test_the_audit_log_can_be_exported_and_ends_with_its_head(house: House) -> None:
    await house.fire()
    lines = [json.loads(line) for line in (await house.get("/v1/audit/export")).splitlines()]
    assert [line["seq"] for line in lines[:-1]] == list(range(1, len(lines)))
    assert lines[-1]["head"] == {"seq": lines[-2]["seq"], "hash": lines[-2]["hash"]}


async def test_every_route_is_described_in_the_api_document(house: House) -> None:
    text = (CHECKOUT / "API.md").read_text()
    section = text.partition("## Ops API")[2]
    for resource in house.built.app.router.resources():
        path = resource.canonical
        stem = (
            path.rpartition("/")[2]
            if path.count("{") and not path.endswith("}")
            else path.split("{")[0].rstrip("/")
        )
        assert stem in section, f"{path} is not in API.md"


async def test_a_second_daemon_on_the_same_folder_is_refused(start: Start) -> None:
    async with start():
        with pytest.raises(AnotherDaemonError, match="another ops daemon"):
            async with start():
                pass
    async with start() as house:
        assert (await house.get("/v1/health"))["boot"]


async def test_a_daemon_that_ends_lets_its_followers_go_at_once(start: Start) -> None:
    async with start() as house:
        headers = {"Authorization": f"Bearer {house.built.tokens['admin']}"}
        async with (
            asyncio.timeout(1.5),
            house.session.get(house.url + "/v1/stream", headers=headers) as response,
        ):
            await response.content.readline()
            await house.built.app.shutdown()
            assert await response.content.read() != b""


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"OPS_PORT": "x"}, "OPS_PORT='x': is no port"),
        ({"TARGET": "moon"}, "TARGET='moon': must be one of"),
        ({"MONITOR_PERIOD": "soon"}, "MONITOR_PERIOD='soon': 'soon' is not a duration"),
        ({"PROMETHEUS_URL": "prom:9090"}, "PROMETHEUS_URL='prom:9090': must begin with"),
        ({"TARGET": "procfile"}, "SERVICE_COMMAND is missing"),
    ],
)
def test_every_fault_of_the_environment_is_named(env: dict[str, str], said: str) -> None:
    with pytest.raises(OpsConfigError, match=re.escape(said)):
        OpsConfig.from_env({"BALLAST_MB": "much", **env})
    with pytest.raises(OpsConfigError, match="BALLAST_MB='much'"):
        OpsConfig.from_env({"BALLAST_MB": "much", **env})


def test_passwords_in_urls_and_variables_that_say_so_are_secret() -> None:
    env = {
        "DATABASE_URL": "postgresql://app:s3cr3tword@db/x",
        "SOME_API_KEY": "key-0123456789",
        "TOKEN_FILE": "/a/path",
        "PATH": "/bin",
    }
    assert set(OpsConfig.from_env(env).secrets) == {"s3cr3tword", "key-0123456789"}
