"""Messages that are right but for one member: the alert is taken or shown among the quarantined, and takes nobody with it."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.server.ops.conftest import House

ODD: tuple[Any, ...] = (
    None, 0, -1, 1.5, 1e308, True, "", "\u0000", "²", "x" * 10_000, [], [1], {}, {"a": None}, {"a": {"b": []}},
    "2026-03-14T11:00:00", "2026-03-14 11:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59", "soon", "firing",
)  # fmt: skip
ALERT = {
    "status": "firing",
    "labels": {"alertname": "Odd", "service": "api", "severity": "critical"},
    "annotations": {"summary": "odd", "mttr_target": "5m", "runbook_url": "https://x/y.md"},
    "startsAt": "2026-03-14T11:59:00Z",
    "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": "http://x/graph",
    "fingerprint": "abc",
}
MESSAGE = {
    "version": "4",
    "groupKey": "{}:{}",
    "truncatedAlerts": 0,
    "status": "firing",
    "receiver": "ops",
    "groupLabels": {"alertname": "Odd"},
    "commonLabels": {},
    "commonAnnotations": {},
    "externalURL": "http://am",
    "alerts": [],
}
GOOD = {**ALERT, "labels": {"alertname": "Good", "service": "api", "severity": "critical"}}


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every member, at any depth."""
    for name in value if isinstance(value, dict) else ():
        yield (*path, name)
        yield from places(value[name], (*path, name))


def with_odd(value: Any, path: tuple[Any, ...], odd: Any) -> Any:
    changed = copy.deepcopy(value)
    inner = changed
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = odd
    return changed


async def seen(house: House) -> tuple[set[str], int]:
    alerts = {a["labels"].get("alertname", "") for a in (await house.get("/v1/alerts?all=1"))["alerts"]}
    return alerts, len(house.built.ledger.state.quarantine)


@pytest.mark.parametrize("path", list(places(ALERT)), ids=".".join)
@pytest.mark.parametrize("webhook", [True, False], ids=["webhook", "api"])
async def test_an_alert_with_an_odd_member_is_taken_or_shown_and_takes_no_other_with_it(
    house: House, path: tuple[Any, ...], webhook: bool
) -> None:
    for number, odd in enumerate(ODD):
        name = f"Odd{number}"
        mutated = with_odd({**ALERT, "labels": {**ALERT["labels"], "alertname": name}}, path, odd)  # type: ignore[dict-item]
        good = {**GOOD, "labels": {**GOOD["labels"], "alertname": f"Good{number}"}}  # type: ignore[dict-item]
        before = await seen(house)
        body: Any = {**MESSAGE, "alerts": [mutated, good]} if webhook else [mutated, good]
        status, answer = await house.ask(
            "POST", "/v1/internal/alerts/webhook" if webhook else "/api/v2/alerts", body
        )
        assert status == 200, (json.dumps(mutated)[:300], answer)
        after = await seen(house)
        assert f"Good{number}" in after[0]
        new = after[0] - before[0] - {f"Good{number}"}
        is_quarantined = after[1] > before[1] or after[1] == 100
        assert new or is_quarantined, json.dumps(mutated)[:400]
        await house.ask("GET", "/v1/incidents?all=1")
        await house.tick(seconds=1)
    assert all(loop["fault"] is None for loop in (await house.get("/v1/health"))["loops"].values())


@pytest.mark.parametrize(
    "path", list(places({k: v for k, v in MESSAGE.items() if k != "alerts"})), ids=".".join
)
async def test_a_message_with_an_odd_member_that_we_do_not_need_brings_its_alerts(
    house: House, path: tuple[Any, ...]
) -> None:
    for number, odd in enumerate(ODD):
        good = {**GOOD, "labels": {**GOOD["labels"], "alertname": f"Good{number}"}}  # type: ignore[dict-item]
        body = with_odd({**MESSAGE, "alerts": [good]}, path, odd)
        status, answer = await house.ask("POST", "/v1/internal/alerts/webhook", body)
        assert status == 200, (path, odd, answer)
        assert f"Good{number}" in (await seen(house))[0]


DRILL = {
    "alert": "APIDown",
    "runbook": "APIDown",
    "digest": "0" * 64,
    "passed": True,
    "human": False,
    "detected_s": 1.5,
    "acknowledged_s": 2.0,
    "resolved_s": 3.0,
    "mttr_target_s": 300,
    "failure": "",
}
BODIES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("POST", "/api/v2/silences", {
        "matchers": [{"name": "a", "value": "b", "isRegex": False, "isEqual": True}], "comment": "x", "createdBy": "y",
        "startsAt": "2026-03-14T12:00:00Z", "endsAt": "2026-03-14T13:00:00Z", "id": "",
    }),
    ("POST", "/v1/incidents/1/ack", {"for_s": 60}),
    ("POST", "/v1/users", {"name": "bo", "role": "viewer"}),
    ("POST", "/v1/read-only", {"reason": "x"}),
    ("POST", "/v1/journal/notes", {"text": "x"}),
    ("POST", "/v1/rehearsals", {"runbook": "Nowhere"}),
    ("POST", "/v1/approvals", {
        "action": "restore", "params": {}, "for_s": None, "expires_s": 600, "runbook": None, "step": None,
        "window_from": "2026-03-14T12:00:00Z", "window_until": "2026-03-14T13:00:00Z",
    }),
    ("POST", "/v1/executions", {
        "execution_id": "20260314-120000-00000000", "runbook": "APIDown", "step": "look", "action": "greet",
        "params": {"word": "hi"}, "for_s": 60, "digest": "0" * 64, "incident_id": 1, "dry_run": True, "reason": "x",
        "confirm": "api", "break_glass": None,
    }),
    ("POST", "/v1/executions/plan", {"runbook": "APIDown", "step": "look", "params": {"word": "hi"}, "action": "greet"}),
    ("POST", "/v1/incidents/1/note", {"text": "x", "at": "2026-03-14T11:00:00Z"}),
    ("POST", "/v1/incidents/1/transition", {"to": "investigating", "version": 1, "reason": "x"}),
    ("POST", "/v1/drills", DRILL),
)  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body"), BODIES, ids=[path for _, path, _ in BODIES])
async def test_a_body_with_one_odd_member_is_at_most_the_clients_mistake(
    house: House, method: str, path: str, body: dict[str, Any]
) -> None:
    await house.fire()
    for place in (*places(body), ("unheard-of",)):
        for odd in ODD:
            status, answer = await house.ask(method, path, with_odd(body, place, odd))
            assert status < 500, (place, odd, answer)


async def _post(house: House, path: str, body: str) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {house.built.tokens['admin']}"}
    async with house.session.post(house.url + path, data=body, headers=headers) as response:
        return response.status, await response.json()


@pytest.mark.parametrize("half", [r"\ud800", r"\udfff", r"\ud800\ud800", r"\\\ud83d", r"\uDABCx"])
@pytest.mark.parametrize("webhook", [True, False], ids=["webhook", "api"])
async def test_half_of_a_surrogate_pair_is_read_as_alertmanager_reads_it(
    house: House, half: str, webhook: bool
) -> None:
    odd = json.dumps({**ALERT, "annotations": {"summary": "HALF", "other": r"\ud800 \ud83d\ude00"}})
    listed = f"[{odd}, {json.dumps(GOOD)}]".replace("HALF", half)
    message = json.dumps(MESSAGE).replace("[]", listed)
    path = "/v1/internal/alerts/webhook" if webhook else "/api/v2/alerts"
    assert await _post(house, path, message if webhook else listed) == (200, {})
    alerts = {alert["alertname"]: alert for alert in (await house.get("/v1/alerts"))["alerts"]}
    assert {"Odd", "Good"} <= alerts.keys()
    assert "\ufffd" in alerts["Odd"]["annotations"]["summary"]
    assert alerts["Odd"]["annotations"]["other"] == r"\ud800 \ud83d\ude00"


async def test_what_is_wrong_with_a_body_as_a_whole_names_no_member(house: House) -> None:
    status, answer = await _post(house, "/v1/internal/alerts/webhook", "[]")
    assert (status, answer["error"]["field"]) == (400, None)
