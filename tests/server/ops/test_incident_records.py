"""What people put down about an incident, over HTTP."""

from datetime import timedelta
from typing import Any

import pytest

from tests.server.ops.conftest import House


async def _incident(house: House, number: int = 1) -> Any:
    return await house.get(f"/v1/incidents/{number}")


async def test_what_is_put_down_is_there_and_on_the_timeline(house: House) -> None:
    await house.fire("APIDown")
    await house.post("/v1/incidents/1/root-cause", {"text": "the disk was full"})
    await house.post(
        "/v1/incidents/1/followups", {"text": "alert on disks", "owner": "ana", "due_on": "2026-04-01"}
    )
    await house.post("/v1/incidents/1/followups", {"text": "a larger disk"})
    await house.post("/v1/incidents/1/followups/1/done")
    await house.post("/v1/incidents/1/links", {"url": "https://chat.example.com/42"})
    await house.post("/v1/incidents/1/assign", {"person": "ana"})
    await house.post("/v1/incidents/1/reports", {"text": "I see a blank page"})
    await house.post("/v1/incidents/1/severity", {"severity": "warning", "reason": "one caller"})
    incident = await _incident(house)
    assert (incident["root_cause"], incident["assigned_to"], incident["reports"]) == (
        "the disk was full",
        "ana",
        1,
    )
    assert incident["links"] == ["https://chat.example.com/42"]
    assert incident["severity"] == "warning"
    first, second = incident["followups"]
    assert (first["owner"], first["due_on"], bool(first["done_at"])) == ("ana", "2026-04-01", True)
    assert second["done_at"] is None
    told = [entry["text"] for entry in incident["timeline"]]
    assert "root cause: the disk was full" in told
    assert "follow-up 1: alert on disks, by ana, due 2026-04-01" in told
    assert "its severity is warning: one caller" in told


async def test_bad_input_says_what_would_be_right_and_changes_nothing(house: House) -> None:
    await house.fire("APIDown")
    before = (await _incident(house))["version"]
    for path, body, says in [
        ("links", {"url": "javascript:alert(1)"}, "begins with http"),
        ("root-cause", {"text": "  "}, "1 to 10000"),
        ("followups", {"text": "x", "due_on": "soon"}, "due_on"),
        ("severity", {"severity": "loud"}, "severity"),
        ("merge", {"into": 1}, "another one"),
    ]:
        status, answer = await house.ask("POST", f"/v1/incidents/1/{path}", body)
        assert status in (400, 409) and says in str(answer["error"]), answer
    status, _ = await house.ask("POST", "/v1/incidents/1/followups/7/done", {})
    assert status == 404
    assert (await _incident(house))["version"] == before


async def test_what_changed_before_a_declared_incident_is_nobodys_note_and_stands_in_its_post_mortem(
    house: House,
) -> None:
    now = house.clock()
    silence = {
        "matchers": [{"name": "alertname", "value": "Other", "isRegex": False}],
        "startsAt": now.isoformat(), "endsAt": (now + timedelta(hours=1)).isoformat(),
        "createdBy": "ana", "comment": "known",
    }  # fmt: skip
    await house.post("/api/v2/silences", silence)
    await house.post("/v1/incidents", {"title": "checkout is slow", "service": "api"})
    incident = await _incident(house)
    [changed] = [entry for entry in incident["timeline"] if "changed in the last 24 h" in entry["text"]]
    assert changed["actor"] == "daemon"
    assert not {item["step"]: item["done"] for item in incident["checklist"]}["investigate"]
    told = (await house.get("/v1/incidents/1/postmortem"))["markdown"]
    changes = told.partition("## What changed before")[2].partition("##")[0]
    assert f"silence by admin since {now:%H:%M}" in changes


async def test_an_incident_is_declared_without_an_alert_and_lives_until_a_person_ends_it(
    house: House,
) -> None:
    declared = await house.post("/v1/incidents", {"title": "checkout is slow", "service": "api"})
    assert (declared["state"], declared["declared_by"]) == ("open", "admin")
    await house.lapse(3_600)
    incident = await _incident(house, declared["id"])
    assert incident["state"] == "open"
    version = incident["version"]
    await house.post(f"/v1/incidents/{declared['id']}/transition", {"to": "resolved", "version": version})
    assert (await _incident(house, declared["id"]))["state"] == "resolved"


async def test_a_merge_moves_alerts_and_timeline_and_can_be_taken_back(house: House) -> None:
    await house.fire("APIDown")
    await house.fire("RedisDown", service="redis")
    await house.post("/v1/incidents/2/note", {"text": "redis is out of memory"})
    merged = await house.post("/v1/incidents/2/merge", {"into": 1})
    assert (merged["state"], merged["merged_into"]) == ("merged", 1)
    target = await _incident(house, 1)
    assert len(target["fingerprints"]) == 2
    assert any(entry["text"] == "redis is out of memory" for entry in target["timeline"])
    alerts = {a["alertname"]: a["incident_id"] for a in (await house.get("/v1/alerts"))["alerts"]}
    assert alerts == {"APIDown": 1, "RedisDown": 1}
    # What fires again belongs to the incident that it went into.
    house.clock.forward(minutes=1)
    await house.resolve("RedisDown", service="redis")
    house.clock.forward(minutes=1)
    await house.fire("RedisDown", service="redis")
    assert len((await house.get("/v1/incidents"))["incidents"]) == 1
    back = await house.post("/v1/incidents/2/unmerge")
    assert (back["state"], back["merged_into"]) == ("open", None)
    alerts = {a["alertname"]: a["incident_id"] for a in (await house.get("/v1/alerts"))["alerts"]}
    assert alerts == {"APIDown": 1, "RedisDown": 2}


async def test_a_merge_and_its_way_back_heed_the_version_that_was_seen(house: House) -> None:
    await house.fire("APIDown")
    await house.fire("RedisDown", service="redis")
    seen = (await _incident(house, 2))["version"]
    await house.post("/v1/incidents/2/note", {"text": "somebody else writes"})
    status, answer = await house.ask("POST", "/v1/incidents/2/merge", {"into": 1, "version": seen})
    assert status == 409 and answer["error"]["type"] == "conflict", answer
    assert (await _incident(house, 2))["state"] == "open"
    version = (await _incident(house, 2))["version"]
    merged = await house.post("/v1/incidents/2/merge", {"into": 1, "version": version})
    status, _ = await house.ask("POST", "/v1/incidents/2/unmerge", {"version": version})
    assert status == 409
    await house.post("/v1/incidents/2/unmerge", {"version": merged["version"]})
    assert (await _incident(house, 2))["state"] == "open"


async def test_what_was_critical_is_closed_as_such_whatever_it_was_called_later(house: House) -> None:
    await house.fire("APIDown")
    await house.post("/v1/incidents/1/severity", {"severity": "info", "reason": "it is nothing"})
    await house.resolve("APIDown")
    await house.lapse(16 * 60)
    incident = await _incident(house)
    assert (incident["state"], incident["severity"], incident["worst_severity"]) == (
        "resolved",
        "info",
        "critical",
    )
    closing = {"to": "closed", "version": incident["version"]}
    status, answer = await house.ask("POST", "/v1/incidents/1/transition", closing)
    assert status == 409 and "was critical" in answer["error"]["message"]
    assert "due 2026-03-16" in (await house.get("/v1/incidents/1/postmortem"))["due"]


_NAMING = [
    ("assign", "person", {}),
    ("people", "person", {}),
    ("followups", "owner", {"text": "a larger disk"}),
]


@pytest.mark.parametrize(("path", "field", "more"), _NAMING)
async def test_a_name_that_nobody_has_is_refused_with_the_nearest_that_somebody_has(
    house: House, path: str, field: str, more: dict[str, Any]
) -> None:
    await house.user("ana", "responder")
    await house.user("benedict", "viewer")
    await house.fire("APIDown")
    before = (await _incident(house))["version"]
    for name, said in [
        ("anna", "did you mean ana?"), ("Benedikt", "did you mean benedict?"), ("zz", "there are admin, ana, benedict"),
    ]:  # fmt: skip
        status, answer = await house.ask("POST", f"/v1/incidents/1/{path}", {field: name, **more})
        assert (status, answer["error"]["field"]) == (400, field)
        assert answer["error"]["message"].startswith(f"nobody is called {name!r}; {said}")
    assert (await _incident(house))["version"] == before
    await house.post(f"/v1/incidents/1/{path}", {field: "ana", **more})
    await house.post(f"/v1/incidents/1/{path}", {field: "admin", **more})


@pytest.mark.parametrize(("path", "field", "more"), _NAMING)
async def test_the_people_of_the_contacts_file_are_known_by_their_id_and_their_user(
    house: House, path: str, field: str, more: dict[str, Any]
) -> None:
    people = 'people:\n  bo: {user: bob, channels: ["file:bo.log"]}\nlevels: {L1: bo}\n'
    (house.config.state / "contacts.yml").write_text(people)
    await house.built.configuration.look()
    await house.fire("APIDown")
    for name in ("bo", "bob"):
        await house.post(f"/v1/incidents/1/{path}", {field: name, **more})
    status, answer = await house.ask("POST", f"/v1/incidents/1/{path}", {field: "boo", **more})
    assert (status, "did you mean bo or bob?" in answer["error"]["message"]) == (400, True)


@pytest.mark.parametrize(("path", "field", "more"), _NAMING)
async def test_where_no_list_of_people_is_known_any_name_stays_allowed(
    house: House, path: str, field: str, more: dict[str, Any]
) -> None:
    await house.fire("APIDown")
    await house.post(f"/v1/incidents/1/{path}", {field: "dora of the network", **more})


async def test_whoever_is_on_an_incident_can_leave_it_although_their_name_is_nobodys_by_now(
    house: House,
) -> None:
    await house.fire("APIDown")
    await house.post("/v1/incidents/1/people", {"person": "dora of the network"})
    await house.user("ana", "responder")
    await house.post("/v1/incidents/1/people", {"person": "dora of the network", "on": False})
    assert (await _incident(house))["people"] == []
