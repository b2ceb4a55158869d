"""Post-mortems, frozen metrics and reports, from an outage to its closed incident."""

import hashlib
import json
import re
import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime, timedelta
from typing import Any

from markdown_it import MarkdownIt

from server.ops.incidents.frozen_metrics import FrozenFigure
from server.ops.incidents.picture import picture_of
from tests.server.ops.conftest import House, Start
from tests.server.ops.paging.conftest import CONTACTS, Night


async def _resolved(house: House, summary: str = "") -> Any:
    """An outage of two minutes that was acknowledged, looked at and cured."""
    await house.fire("APIDown", **({"note": summary} if summary else {}))
    await house.built.timers.tick()
    house.clock.forward(seconds=30)
    await house.post("/v1/incidents/1/ack")
    run = {"execution_id": "execution-1", "runbook": "APIDown", "step": "look", "incident_id": 1}
    await house.post("/v1/executions", run)
    await house.settled("execution-1")
    house.clock.forward(seconds=90)
    await house.resolve("APIDown", **({"note": summary} if summary else {}))
    await house.tick(seconds=1)
    await house.lapse(15 * 60 + 10)
    incident = await house.get("/v1/incidents/1")
    assert incident["state"] == "resolved"
    return incident


async def test_a_draft_has_the_facts_the_timeline_and_what_was_run(house: House) -> None:
    await _resolved(house)
    found = await house.get("/v1/incidents/1/postmortem")
    text = found["markdown"]
    assert "**DRAFT** (resolved); due 2026-03-16" in text
    assert "TTA 30 s" in text and "TTR 2 min" in text
    assert "looking" in text, "what the step printed"
    assert "_To be written by a person: why did it happen?_" in text
    assert "Written from the journal at " in text
    assert found["due"].startswith("due 2026-03-16 12:")


async def test_texts_of_people_are_no_markup(house: House) -> None:
    await _resolved(house)
    nasty = "<script>alert(1)</script> | **bold** `x` [a](javascript:b)\n# heading"
    await house.post("/v1/incidents/1/root-cause", {"text": nasty})
    await house.post("/v1/incidents/1/note", {"text": nasty})
    text = (await house.get("/v1/incidents/1/postmortem"))["markdown"]
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    assert "<script" not in html and "<a " not in html and "<strong>bold" not in html
    assert "<h1>heading" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


async def test_a_critical_incident_is_closed_with_cause_follow_up_and_shared_post_mortem(
    night: Night,
) -> None:
    house = night.house
    await night.contacts(CONTACTS + 'audiences: {incidents: ["file:incidents.log"]}\n')
    await _resolved(house)

    async def close() -> tuple[int, Any]:
        version = (await house.get("/v1/incidents/1"))["version"]
        return await house.ask(
            "POST", "/v1/incidents/1/transition", {"to": "closed", "version": version, "reason": ""}
        )

    status, answer = await close()
    assert status == 409
    for command in ("root-cause", "followup", "ops postmortem 1 --share"):
        assert command in answer["error"]["message"]
    status, answer = await house.ask("POST", "/v1/incidents/1/postmortem/share")
    assert status == 409 and "root cause" in answer["error"]["message"]
    await house.post("/v1/incidents/1/root-cause", {"text": "the disk was full"})
    await house.post("/v1/incidents/1/followups", {"text": "alert on disks", "owner": "ana"})
    await house.post("/v1/incidents/1/postmortem/share")
    await night.turn()
    assert any("post-mortem of incident 1" in line for line in night.got("incidents"))
    status, _ = await close()
    assert status == 200
    assert "Shared 2026-03-14" in (await house.get("/v1/incidents/1/postmortem"))["markdown"]
    version = (await house.get("/v1/incidents/1"))["version"]
    await house.post("/v1/incidents/1/transition", {"to": "open", "version": version})
    text = (await house.get("/v1/incidents/1/postmortem"))["markdown"]
    assert "**DRAFT** (open); an earlier one was shared 2026-03-14" in text, "it is not over any more"
    house.clock.forward(minutes=5)
    version = (await house.get("/v1/incidents/1"))["version"]
    await house.post("/v1/incidents/1/transition", {"to": "resolved", "version": version, "reason": "again"})
    status, answer = await close()
    assert (status, "ops postmortem 1 --share" in answer["error"]["message"]) == (409, True)
    assert "root-cause" not in answer["error"]["message"]
    assert (await house.get("/v1/incidents/1"))["postmortem_due_at"] is not None
    house.clock.forward(minutes=1)
    await house.post("/v1/incidents/1/postmortem/share")
    status, _ = await close()
    assert status == 200


async def test_the_clock_of_48_hours_warns_at_24_and_is_overdue_after(house: House) -> None:
    await _resolved(house)
    house.clock.forward(hours=24)
    assert (await house.get("/v1/incidents/1/postmortem"))["due"].startswith("soon: due")
    house.clock.forward(hours=24)
    assert (await house.get("/v1/incidents/1/postmortem"))["due"].startswith("OVERDUE by")


async def test_metrics_are_frozen_once_and_their_digest_is_journalled(house: House, monkeypatch: Any) -> None:
    asked: list[dict[str, str]] = []

    async def data(path: str, params: dict[str, str]) -> Any:
        asked.append(params)
        begin = float(params["start"])
        return {"result": [{"values": [[begin, "1"], [begin + 1_900, "NaN"], [begin + 1_950, "3"]]}]}

    await _resolved(house)
    freezer = house.built.freezer
    monkeypatch.setattr(freezer._source, "data", data)
    await freezer.look()
    incident = await house.get("/v1/incidents/1")
    kept = freezer.path_of(1).read_bytes()
    assert incident["metrics_sha256"] == hashlib.sha256(kept).hexdigest()
    assert len(asked) == 4
    detected = datetime.fromisoformat(incident["detected_at"])
    mitigated = datetime.fromisoformat(incident["mitigated_at"])
    assert float(asked[0]["start"]) == (detected - timedelta(minutes=30)).timestamp()
    assert float(asked[0]["end"]) == (mitigated + timedelta(minutes=15)).timestamp()
    assert all(len(figure["points"]) == 2 for figure in json.loads(kept)["figures"])
    await freezer.look()
    assert len(asked) == 4
    found = await house.get("/v1/incidents/1/postmortem")
    assert "| errors, % | 1 | " in found["markdown"]
    for svg in found["pictures"].values():
        ElementTree.fromstring(svg)


async def test_metrics_that_cannot_be_had_are_said_and_not_asked_for_ever(start: Start) -> None:
    async with start(prometheus_url="http://127.0.0.1:9") as house:
        await _resolved(house)
        await house.built.freezer.look()
        assert (await house.get("/v1/incidents/1"))["metrics_sha256"] is None
        house.clock.forward(minutes=61)
        await house.built.freezer.look()
        incident = await house.get("/v1/incidents/1")
    assert incident["metrics_sha256"] == ""
    assert any("could not be kept" in entry["text"] for entry in incident["timeline"])


def test_a_picture_of_nothing_is_a_picture() -> None:
    begin = datetime(2026, 3, 14, 12, tzinfo=UTC)
    svg = picture_of(FrozenFigure("a < b & c", "up", ()), begin, begin + timedelta(hours=1), [(begin, "<x>")])
    ElementTree.fromstring(svg)


async def test_the_report_counts_times_breaches_and_pages(night: Night) -> None:
    await _resolved(night.house)
    await night.house.fire("RedisDown", service="redis")
    await night.turn()
    report = await night.house.get("/v1/report?since_s=86400")
    by_alert = {line["name"]: line for line in report["by_alert"]}
    assert by_alert["APIDown"]["tta"] == {"count": 1, "median_s": 30.0, "p90_s": 30.0}
    assert by_alert["APIDown"]["ttr"]["median_s"] == 120.0
    assert by_alert["RedisDown"]["incidents"] == by_alert["APIDown"]["incidents"] == 1
    assert report["incidents"] == sum(line["incidents"] for line in report["by_severity"])
    assert "RedisDown" in report["unattended"] and "APIDown" not in report["unattended"]
    one, _ = [
        await night.house.post("/v1/incidents", {"title": title, "service": "api"}) for title in ("a", "b")
    ]
    again = (await night.house.get("/v1/report?since_s=86400"))["unattended"]
    assert "Declared" in again
    await night.house.post(f"/v1/incidents/{one['id']}/ack")
    again = (await night.house.get("/v1/report?since_s=86400"))["unattended"]
    assert "Declared" not in again, "somebody acted on one of them"
    assert sum(person["pages"] for person in report["people"]) >= 1
    before = await night.house.get("/v1/report?since_s=86400&until_s=43200")
    assert (before["incidents"], before["people"]) == (0, [])
    assert before["until"] < report["until"]
    status, answer = await night.house.ask("GET", "/v1/report?since_s=60&until_s=60")
    assert (status, answer["error"]["field"]) == (400, "until_s")
    status, answer = await night.house.ask("GET", "/v1/report?since_s=0")
    assert status == 400 and "366 days" in answer["error"]["message"]


async def test_people_are_told_that_a_post_mortem_is_due_and_that_it_is_overdue_each_once(
    night: Night,
) -> None:
    house = night.house
    await night.contacts(CONTACTS + 'audiences: {incidents: ["file:incidents.log"]}\n')
    await house.fire("APIDown")
    await night.turn()
    await house.post("/v1/incidents/1/assign", {"person": "cy"})
    await house.resolve("APIDown")
    await night.pass_by(minutes=16)
    before = night.counted()
    house.clock.forward(hours=23)
    await night.turn()
    assert night.counted() == before
    house.clock.forward(hours=1)
    for _ in range(3):
        await night.turn()
        house.clock.forward(minutes=5)
    assert night.counted() == {**before, "cy": before["cy"] + 1}, "whoever was to work on it"
    assert "post-mortem of incident 1, APIDown it is: due 2026-03-16" in night.got("cy")[-1]
    assert "due 2026-03-16" in night.got("incidents")[-1]
    assert (await house.get("/v1/alerts"))["meta"]["postmortems_overdue"] == 0
    house.clock.forward(hours=24)
    for _ in range(3):
        await night.turn()
        house.clock.forward(minutes=5)
    assert night.counted() == {**before, "cy": before["cy"] + 2, "bo": before["bo"] + 1}, "and L2"
    assert "OVERDUE since 2026-03-16" in night.got("bo")[-1]
    assert (await house.get("/v1/alerts"))["meta"]["postmortems_overdue"] == 1
    incident = await house.get("/v1/incidents/1")
    assert incident["postmortem_reminded"] == "overdue"
    texts = [entry["text"] for entry in incident["timeline"]]
    assert "its post-mortem is due within a day" in texts and "its post-mortem is overdue" in texts
    await house.post("/v1/incidents/1/root-cause", {"text": "a disk"})
    await house.post("/v1/incidents/1/postmortem/share")
    assert (await house.get("/v1/incidents/1"))["postmortem_due_at"] is None
    assert (await house.get("/v1/alerts"))["meta"]["postmortems_overdue"] == 0


async def test_after_three_days_without_the_daemon_a_post_mortem_is_only_overdue(night: Night) -> None:
    await _resolved(night.house)
    night.house.clock.forward(hours=72)
    await night.turn()
    await night.turn()
    told = [line for line in night.got("ana") if "post-mortem" in line]
    assert len(told) == 1 and "OVERDUE" in told[0]


async def test_a_warning_needs_no_post_mortem(night: Night) -> None:
    await night.house.fire("Slow", severity="warning")
    await night.turn()
    await night.house.resolve("Slow", severity="warning")
    await night.pass_by(minutes=16)
    night.house.clock.forward(hours=72)
    await night.turn()
    assert not any("post-mortem" in line for person in ("ana", "bo", "cy") for line in night.got(person))


async def test_it_is_night_where_somebody_lives(night: Night) -> None:
    """Noon in UTC is 22:00 in Brisbane, which keeps no summer time, and 12:00 of whoever has no zone."""
    await night.contacts(
        'people:\n  ana: {channels: ["file:ana.log"], time_zone: Australia/Brisbane}\n'
        '  bo: {channels: ["file:bo.log"]}\nlevels: {L1: [ana, bo]}\n'
    )
    await night.house.fire("APIDown")
    await night.turn()
    people = {p["person"]: p for p in (await night.house.get("/v1/report?since_s=86400"))["people"]}
    assert (people["ana"]["at_night"], people["ana"]["by_hour"][22], people["ana"]["time_zone"]) == (
        1,
        1,
        "Australia/Brisbane",
    )
    assert (people["bo"]["at_night"], people["bo"]["by_hour"][12], people["bo"]["time_zone"]) == (0, 1, "UTC")


async def test_the_console_is_told_the_hotline(night: Night) -> None:
    assert (await night.house.get("/v1/alerts"))["meta"]["hotline"] == "555 0199"


async def test_what_is_shared_is_sent_whole_and_kept_as_it_was(night: Night) -> None:
    house, folder = night.house, night.state
    audience = f'audiences: {{incidents: [{{command: [sh, -c, "cat >> {folder}/sent.json"]}}]}}\n'
    await night.contacts(CONTACTS + audience)
    await house.post(
        "/v1/executions", {"execution_id": "run-00000009", "action": "greet", "confirm": "greet"}
    )
    await house.settled("run-00000009")
    await _resolved(house)
    await house.post("/v1/incidents/1/root-cause", {"text": "the disk was full"})
    await house.post("/v1/incidents/1/postmortem/share")
    await night.turn()
    sent = [json.loads(part + "}") for part in (folder / "sent.json").read_text().split("}") if part]
    body = sent[-1]["body"]
    assert "# Post-mortem of incident 1: APIDown it is" in body
    assert "Shared 2026-03-14" in body and "the disk was full" in body and "looking" in body
    assert re.search(r"## What changed before\n- greet on api by admin at \d\d:\d\d \(succeeded\)\n", body)
    kept = (folder / "ops" / "incidents" / "1" / "postmortem.md").read_bytes()
    assert kept.decode().strip() in body
    entries = (await house.get("/v1/audit?limit=500"))["entries"]
    [shared] = [entry for entry in entries if entry["kind"] == "incident.postmortem_shared"]
    assert shared["digest"] == shared["body"]["sha256"] == hashlib.sha256(kept).hexdigest()


async def test_what_cannot_be_shared_leaves_nothing_behind(house: House) -> None:
    await house.fire("APIDown")
    status, answer = await house.ask("POST", "/v1/incidents/1/postmortem/share")
    assert status == 409 and "not over yet" in answer["error"]["message"]
    assert not (house.config.state / "ops" / "incidents" / "1" / "postmortem.md").exists()
