"""Batches of alerts: large ones, known ones, odd ones, and what becomes of what is remembered."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from alerts.fingerprint import fingerprint
from server.ops.http import LARGEST_BODY
from tests.server.ops.conftest import House, alert

MIB = 1024 * 1024


def numbered(count: int, **more: str) -> list[dict[str, Any]]:
    return [alert(f"Host{n % 7}", "warning", {"instance": f"host-{n}", **more}) for n in range(count)]


async def test_a_batch_of_sixteen_mib_is_taken_whole(house: House) -> None:
    batch = numbered(400)
    for item in batch:
        item["annotations"]["description"] = "x" * 42_000
    body = json.dumps(batch).encode()
    assert len(body) > 16 * MIB
    headers = {"Authorization": f"Bearer {house.built.tokens['ingest']}"}
    async with house.session.post(house.url + "/api/v2/alerts", data=body, headers=headers) as response:
        assert response.status == 200, await response.text()
    assert len(await house.get("/api/v2/alerts")) == 400


async def test_other_bodies_have_the_limit_they_had(house: House) -> None:
    body = b'{"text": "' + b"x" * LARGEST_BODY + b'"}'
    headers = {"Authorization": f"Bearer {house.built.tokens['admin']}"}
    await house.fire()
    async with house.session.post(house.url + "/v1/incidents/1/note", data=body, headers=headers) as response:
        assert response.status == 413
        assert (await response.json())["error"]["type"] == "invalid"


async def test_a_bad_alert_of_a_large_batch_takes_no_other_with_it(house: House) -> None:
    batch: list[Any] = numbered(250)
    batch[120] = {"labels": {"no": "name"}}
    batch[249] = {"labels": 7}
    await house.post("/api/v2/alerts", batch)
    assert len(await house.get("/api/v2/alerts")) == 248
    assert len(house.built.ledger.state.quarantine) == 2


async def test_the_newest_annotations_win_however_often_the_labels_are_the_same(house: House) -> None:
    first, second = alert("APIDown", "critical", {}), alert("APIDown", "critical", {})
    second["annotations"] = {"summary": "another word"}
    for said in (first, second, first, second):
        await house.post("/api/v2/alerts", [said])
        (shown,) = await house.get("/api/v2/alerts")
        assert shown["annotations"] == said["annotations"]


async def test_two_words_about_one_alert_in_a_batch_are_both_heard_and_the_last_stays(house: House) -> None:
    first, second = alert("APIDown", "critical", {}), alert("APIDown", "critical", {})
    second["annotations"] = {"summary": "another word"}
    await house.post("/api/v2/alerts", [first, second])
    (shown,) = await house.get("/api/v2/alerts")
    assert shown["annotations"] == {"summary": "another word"}
    assert len(house.built.ledger.state.quarantine) == 0
    await house.post("/api/v2/alerts", [second, first])
    (shown,) = await house.get("/api/v2/alerts")
    assert shown["annotations"] == first["annotations"]


async def test_small_posts_that_come_together_share_decisions_and_each_stands_by_itself(house: House) -> None:
    """A bad one is quarantined alone, one that is no list is refused alone, and all others are taken."""
    posts: list[Any] = [[item] for item in numbered(150)]
    posts[70] = [{"labels": {"no": "name"}}]
    posts[71] = {"labels": {}}
    headers = {"Authorization": f"Bearer {house.built.tokens['ingest']}"}
    decided = 0
    decide = house.built.ledger.decide

    async def counted(*given: Any, **more: Any) -> Any:
        nonlocal decided
        decided += 1
        return await decide(*given, **more)

    house.built.ledger.decide = counted  # type: ignore[method-assign]

    async def post(said: object) -> int:
        async with house.session.post(house.url + "/api/v2/alerts", json=said, headers=headers) as response:
            return response.status

    statuses = await asyncio.gather(*map(post, posts))
    assert statuses == [200] * 71 + [400] + [200] * 78
    assert len(await house.get("/api/v2/alerts")) == 148
    assert len(house.built.ledger.state.quarantine) == 1
    assert decided < 100


@pytest.fixture
def recorded(house: House) -> list[int]:
    """How many events each decision has recorded, of those that recorded any."""
    counts: list[int] = []
    decide = house.built.ledger.decide

    async def counted(decision: Any, **more: Any) -> Any:
        def counting(tx: Any) -> Any:
            answer = decision(tx)
            if tx.recorded:
                counts.append(len(tx.recorded))
            return answer

        return await decide(counting, **more)

    house.built.ledger.decide = counted  # type: ignore[assignment, method-assign]
    return counts


def troubles(count: int) -> list[dict[str, Any]]:
    return [alert(f"Trouble{n}", "warning", {}) for n in range(count)]


async def test_a_storm_of_new_incidents_holds_the_loop_for_no_decision_of_all_of_them(
    house: House, recorded: list[int]
) -> None:
    await house.post("/api/v2/alerts", [*troubles(100), {"labels": {"no": "name"}}])
    assert len(house.built.ledger.state.incidents) == 100
    assert len(house.built.ledger.state.quarantine) == 1
    assert len(recorded) > 1
    assert max(recorded) <= 125


async def test_what_has_a_key_is_journalled_together_with_it_however_much_it_is(
    house: House, recorded: list[int]
) -> None:
    headers = {
        "Authorization": f"Bearer {house.built.tokens['admin']}",
        "Idempotency-Key": "3f0cbd55-7a86-4f0e-9d8a-3f2f34d0a001",
    }
    async with house.session.post(
        house.url + "/api/v2/alerts", json=troubles(90), headers=headers
    ) as response:
        assert response.status == 200, await response.text()
    assert len(house.built.ledger.state.incidents) == 90
    assert max(recorded) >= 180


async def test_labels_in_another_order_are_the_same_alert(house: House) -> None:
    labels = {"alertname": "APIDown", "service": "api", "zone": ""}
    for items in (labels.items(), reversed(labels.items())):
        await house.post("/api/v2/alerts", [{"labels": dict(items)}])
    (shown,) = await house.get("/api/v2/alerts")
    assert (shown["fingerprint"], shown["labels"]) == (
        fingerprint(labels),
        {"alertname": "APIDown", "service": "api"},
    )


async def test_a_secret_in_annotations_that_are_known_is_hidden_once_it_is_known_as_one(house: House) -> None:
    said = alert("APIDown", "critical", {})
    said["annotations"] = {"summary": "it is xyzzy-plugh-1234"}
    await house.post("/api/v2/alerts", [said])
    (house.config.state / "tokens" / "another").write_text("xyzzy-plugh-1234\n")
    await house.user("ana", "viewer")
    await house.post("/api/v2/alerts", [said])
    (shown,) = await house.get("/api/v2/alerts")
    assert "xyzzy" not in shown["annotations"]["summary"]


async def test_alerts_of_one_batch_join_their_incident_in_one_event(house: House) -> None:
    batch = [alert("APIDown", "warning", {"instance": f"host-{n}"}) for n in range(40)]
    await house.post("/api/v2/alerts", batch)
    (incident,) = (await house.get("/v1/incidents"))["incidents"]
    assert (len(incident["fingerprints"]), incident["version"]) == (40, 2)
    kinds = [line["kind"] for line in (await house.get("/v1/incidents/1"))["timeline"]]
    assert kinds == ["incident.opened", "incident.joined"]


async def test_an_incident_names_a_hundred_of_its_alerts_and_has_them_all(house: House) -> None:
    batch = [alert("APIDown", "warning", {"instance": f"host-{n}"}) for n in range(150)]
    await house.post("/api/v2/alerts", batch)
    (listed,) = (await house.get("/v1/incidents"))["incidents"]
    assert len(listed["fingerprints"]) == 100
    assert len((await house.get("/v1/incidents/1"))["fingerprints"]) == 150


async def test_what_is_remembered_of_an_alert_goes_when_it_goes(house: House) -> None:
    await house.post("/api/v2/alerts", numbered(30))
    ended = house.clock() - timedelta(seconds=1)
    await house.post("/api/v2/alerts", [{**a, "endsAt": ended.isoformat()} for a in numbered(30)])
    assert len(house.built.ledger.state.incident_by_alert) == 30
    await house.tick(minutes=16)
    state = house.built.ledger.state
    assert list(state.alerts.values()) == []
    assert (len(state.incident_by_alert), len(state.index.expiry)) == (0, 0)


@pytest.mark.parametrize("path", ["/api/v2/alerts?filter=no%20matcher", "/api/v2/alerts?filter=a%3D~%22(%22"])
async def test_a_list_that_cannot_be_made_has_its_own_status(house: House, path: str) -> None:
    await house.fire()
    status, answer = await house.ask("GET", path)
    assert (status, answer["error"]["type"]) == (400, "invalid")


async def test_an_empty_board_is_an_empty_list(house: House) -> None:
    assert await house.get("/api/v2/alerts") == []
    assert (await house.get("/v1/alerts"))["alerts"] == []


async def test_a_body_that_is_no_list_is_said_to_be_none(house: House) -> None:
    headers = {"Authorization": f"Bearer {house.built.tokens['ingest']}"}
    async with aiohttp.ClientSession() as session:
        for body in (b"{", b'{"alerts": []}', b"7"):
            async with session.post(house.url + "/api/v2/alerts", data=body, headers=headers) as response:
                assert (response.status, (await response.json())["error"]["type"]) == (400, "invalid")


DEEP = b"[" * 100_000 + b"]" * 100_000


@pytest.mark.parametrize("item", [DEEP, b'{"labels":{"alertname":"Deep"},"annotations":' + DEEP + b"}"])
async def test_an_alert_that_is_nested_too_deeply_takes_no_other_with_it(house: House, item: bytes) -> None:
    tricky = alert("Tricky", "warning", {"text": 'a "]}, [{\\ of its own', "word": "Ä"})
    body = (
        b" ["
        + b" ,\n".join((json.dumps(tricky).encode(), item, json.dumps(alert("Last", "warning", {})).encode()))
        + b"]\n"
    )
    assert await _post_raw(house, body) == 200
    assert {shown["labels"]["alertname"] for shown in await house.get("/api/v2/alerts")} == {"Tricky", "Last"}
    (quarantined,) = house.built.ledger.state.quarantine
    assert quarantined.why
    assert quarantined.raw.startswith(item[:30].decode())


@pytest.mark.parametrize(
    "body", [DEEP[:100_000], DEEP[:-1], DEEP + b"]", b'{"a":' + DEEP + b"}", b"[" + DEEP + b", {]"]
)
async def test_what_is_nested_too_deeply_and_no_list_is_refused(house: House, body: bytes) -> None:
    assert await _post_raw(house, body) == 400


async def test_any_other_body_that_is_nested_too_deeply_is_refused(house: House) -> None:
    assert await _post_raw(house, b'{"alerts":' + DEEP + b"}", "/v1/internal/alerts/webhook") == 400


@pytest.mark.parametrize("target", ["100000y", "9" * 5_000 + "s", "1y" * 2_000, "293y", "0", "²m"])
async def test_a_target_that_is_no_time_stops_neither_views_nor_the_clock(house: House, target: str) -> None:
    wanted = alert("APIDown", "critical", {})
    wanted["annotations"]["mttr_target"] = target
    await house.post("/api/v2/alerts", [wanted, alert("Other", "critical", {})])
    await house.tick(seconds=5)
    assert len((await house.get("/v1/incidents"))["incidents"]) == 2


@pytest.mark.parametrize("number", ["²", "٣", "--1", "9" * 5_000, "-1", "1e3"])
async def test_a_number_that_is_none_is_the_clients_mistake(house: House, number: str) -> None:
    headers = {"Authorization": f"Bearer {house.built.tokens['admin']}"}
    for path, status in ((f"/v1/incidents/{number}", 404), (f"/v1/audit?limit={number}", 400)):
        async with house.session.get(house.url + path, headers=headers) as response:
            assert response.status == status, await response.text()
            assert len(await response.read()) < 1_000


async def _post_raw(house: House, body: bytes, path: str = "/api/v2/alerts") -> int:
    headers = {"Authorization": f"Bearer {house.built.tokens['ingest']}"}
    async with house.session.post(house.url + path, data=body, headers=headers) as response:
        return response.status
