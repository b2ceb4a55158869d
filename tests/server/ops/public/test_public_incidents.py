"""Facts about public incidents: what the page says by itself, what people say, and that both are true."""

from datetime import timedelta
from typing import Any

import pytest

from server.store.journal import JournalUnavailableError
from tests.server.ops.conftest import House, Start
from tests.server.ops.public.conftest import PublicSite

TITLE = "We are looking into a problem with Analyze API, API keys and Response cache"


async def test_no_list_of_incidents_is_empty_while_a_component_is_down(
    house: House, site: PublicSite
) -> None:
    await house.fire()
    await site.look()
    (incident,) = site.unresolved
    assert (incident["name"], incident["status"], incident["impact"]) == (TITLE, "investigating", "critical")
    assert [u["body"] for u in incident["incident_updates"]] == [f"{TITLE}."]
    assert len(incident["components"]) == 3
    assert site.api("summary")["incidents"] == [incident]
    assert TITLE in site.html()


async def test_an_outage_of_several_components_is_one_entry_however_they_come(
    house: House, site: PublicSite
) -> None:
    await house.fire("RedisDown")
    await site.look()
    await house.fire("APIDown")
    await site.look(seconds=5)
    (incident,) = site.unresolved
    assert incident["name"].count("API keys") == 1
    assert incident["impact"] == "critical"


async def test_it_begins_when_the_trouble_began_and_not_when_it_was_noticed(
    start: Start,
) -> None:
    async with start(status_hold_down=timedelta(minutes=2)) as house:
        site = PublicSite(house)
        await house.fire()
        began = house.clock()
        await site.look(seconds=60)
        assert site.unresolved == []
        await site.look(seconds=61)
        (incident,) = site.unresolved
        assert incident["started_at"] == began.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        (first, *_) = house.built.ledger.state.components.values()
        assert first.spans[0].started_at == began


async def test_an_entry_in_which_nobody_wrote_ends_with_the_trouble(house: House, site: PublicSite) -> None:
    await house.fire()
    await site.look()
    await house.resolve()
    await site.look(seconds=1)
    await site.look(seconds=20)
    assert site.unresolved == []
    (incident,) = site.api("incidents")["incidents"]
    update = incident["incident_updates"][0]
    assert (update["status"], update["body"]) == ("resolved", "")
    assert {c["new_status"] for c in update["affected_components"]} == {"operational"}


async def test_trouble_that_is_back_within_a_minute_is_the_same_entry(house: House, site: PublicSite) -> None:
    await house.fire()
    await site.look()
    await house.resolve()
    await site.look(seconds=1)
    await site.look(seconds=20)
    await house.fire()
    await site.look(seconds=30)
    assert len(site.api("incidents")["incidents"]) == 1
    assert len(site.unresolved) == 1


async def test_a_persons_words_go_into_the_entry_that_stands_there(house: House, site: PublicSite) -> None:
    await house.fire()
    await site.look()
    (automatic,) = site.unresolved
    done = await house.post("/v1/public", {"title": "No answers", "text": "We restart the *API*."})
    await site.look()
    (incident,) = site.unresolved
    assert (incident["id"], incident["name"]) == (automatic["id"], "No answers")
    assert done["automatic"] is False
    assert "<em>API</em>" in site.html(f"/incidents/{incident['id']}")


async def test_an_impact_is_how_bad_it_came_and_not_how_it_stands_when_somebody_writes(
    house: House, site: PublicSite
) -> None:
    await house.fire()
    incident_id = (await house.get("/v1/incidents"))["incidents"][0]["id"]
    await site.look()
    await _window(house, minutes=10)
    await site.look(seconds=5)
    written = {"title": "It answers again", "text": "We watch it.", "status": "monitoring"}
    over = await house.post("/v1/public", {**written, "components": ["Analyze API"]})
    assert (over["automatic"], over["impact"]) == (False, "critical"), "it is under maintenance by now"
    await house.resolve()
    await house.post(f"/v1/public/{over['id']}/resolve", {"text": "It is over.", "reason": "a test"})
    await site.look(seconds=60)
    late = await house.post(
        "/v1/public", {**written, "components": ["Analyze API"], "incident_id": incident_id}
    )
    assert late["impact"] == "critical", "what is published about an incident after it has its impact"
    mild = await house.post("/v1/public", {**written, "components": ["Analyze API"], "impact": "minor"})
    assert mild["impact"] == "minor", "a person's own word counts"
    calm = await house.post("/v1/public", {**written, "components": ["Analyze API"]})
    assert calm["impact"] == "none"


async def test_what_a_person_has_written_in_only_a_person_ends(house: House, site: PublicSite) -> None:
    await house.fire()
    await site.look()
    await house.post("/v1/public", {"title": "No answers", "text": "We are on it."})
    await house.resolve()
    await site.look(seconds=1)
    await site.look(seconds=20)
    assert {c["status"] for c in site.api("components")["components"]} == {"operational"}
    assert len(site.unresolved) == 1
    await house.post("/v1/public/1/resolve", {"text": "All is well."})
    await site.look()
    assert site.unresolved == []


async def test_nobody_says_that_it_is_over_while_it_fires_without_a_reason(
    house: House, site: PublicSite
) -> None:
    await house.fire()
    await site.look()
    status, answer = await house.ask("POST", "/v1/public/1/resolve", {"text": "All is well."})
    assert (status, "still are in trouble" in answer["error"]["message"]) == (409, True)
    await house.post("/v1/public/1/resolve", {"text": "All is well.", "reason": "the probe is wrong"})
    await site.look()
    # The components are as they are: there is an entry again, and it says only that.
    (incident,) = site.unresolved
    assert (incident["name"], incident["incident_updates"][0]["status"]) == (TITLE, "investigating")


async def test_the_automatic_entry_can_be_switched_off(start: Start) -> None:
    async with start(public_auto=False) as house:
        site = PublicSite(house)
        await house.fire()
        await site.look()
        assert site.unresolved == []
        assert site.api("status")["status"]["indicator"] == "critical"


async def test_a_draft_is_made_by_a_rule_and_published_by_nobody(house: House, site: PublicSite) -> None:
    await house.fire("RedisDown")
    draft = await house.get("/v1/public/draft?incident=1")
    assert draft["components"] == ["Analyze API", "Response cache"]
    assert "Analyze API and Response cache" in draft["title"]
    assert (await house.get("/v1/public"))["public"] == []


async def test_a_preview_is_what_is_published_to_the_byte(house: House, site: PublicSite) -> None:
    words = {"title": "Slow answers", "text": "It is the **database**.\n\n- really", "tell": ["customers"]}
    shown = await house.post("/v1/public", {**words, "preview": True})
    assert (await house.get("/v1/public"))["public"] == []
    done = await house.post("/v1/public", {**words, "components": ["Analyze API"]})
    await site.look()
    assert done["updates"][-1]["body"] == shown["body"]
    assert shown["html"] in site.html(f"/incidents/{done['public_id']}")
    assert (await site.sent("customers"))[22:] == f"{shown['subject']}\n{shown['body']}\n"


async def test_an_announcement_is_one_act_for_page_feed_chat_and_customers(
    house: House, site: PublicSite
) -> None:
    words = {"title": "New limits from April", "text": "Every key gets **twice** as much.", "for_s": 3600}
    await house.post("/v1/announcements", words)
    await site.look()
    assert "New limits from April" in site.html()
    assert b"New limits from April" in site.body("/history.atom")
    assert site.unresolved == []
    sent = {(await site.sent(name))[22:] for name in ("announcements", "customers")}
    assert sent == {"New limits from April\nEvery key gets **twice** as much.\n"}
    await site.look(minutes=61)
    page = site.html()
    assert page.count("New limits from April") == 1, "it is in the history, and stands on the page no more"


async def test_a_correction_is_visible(house: House, site: PublicSite) -> None:
    done = await house.post("/v1/announcements", {"title": "Limits", "text": "From Mai on."})
    words = {"text": "From May on.", "tell": ["customers"]}
    shown = await house.post(f"/v1/public/{done['id']}/correct", {**words, "preview": True})
    await house.post(f"/v1/public/{done['id']}/correct", words)
    await site.look()
    assert (await site.sent("customers")).endswith(f"{shown['subject']}\n{shown['body']}\n")
    assert b"Corrected" in site.body("/history.atom")
    page = site.html(f"/incidents/{done['public_id']}")
    assert "From May on." in page
    assert "From Mai on." in page
    assert "Corrected" in page


async def test_a_post_mortem_is_linked_once_it_is_over(house: House, site: PublicSite) -> None:
    done = await house.post("/v1/public", {"title": "Slow", "text": "…", "components": ["Analyze API"]})
    path = f"/v1/public/{done['id']}"
    more = {"text": "What happened.", "url": "https://example.org/what"}
    assert (await house.ask("POST", f"{path}/postmortem", more))[0] == 409
    await house.post(f"{path}/resolve", {"text": "Well again."})
    bad = {**more, "url": "javascript:alert(1)"}
    assert (await house.ask("POST", f"{path}/postmortem", bad))[0] == 400
    await house.post(f"{path}/postmortem", more)
    await site.look()
    assert 'href="https://example.org/what"' in site.html(f"/incidents/{done['public_id']}")
    assert site.api("incidents")["incidents"][0]["status"] == "postmortem"


@pytest.mark.parametrize(
    ("path", "given", "status"),
    [
        ("/v1/public", {"title": "", "text": "x"}, 400),
        ("/v1/public", {"title": "x", "text": " "}, 400),
        ("/v1/public", {"title": "x", "text": "y" * 5_001}, 400),
        ("/v1/public", {"title": "x", "text": "y", "components": ["Moon"]}, 400),
        ("/v1/public", {"title": "x", "text": "y", "status": "resolved"}, 400),
        ("/v1/public", {"title": "x", "text": "y", "incident_id": 99}, 400),
        ("/v1/public", {"title": "x", "text": "y", "tell": ["nobody"]}, 400),
        ("/v1/public/9/update", {"text": "y"}, 404),
        ("/v1/announcements", {"title": "x", "text": "y", "for_s": 0}, 400),
    ],
)
async def test_what_makes_no_sense_is_refused_and_changes_nothing(
    house: House, site: PublicSite, path: str, given: dict[str, Any], status: int
) -> None:
    assert (await house.ask("POST", path, given))[0] == status
    assert (await house.get("/v1/public?all=1"))["public"] == []


@pytest.mark.parametrize(("role", "status"), [("responder", 403), ("approver", 201)])
async def test_publishing_takes_an_approver(house: House, site: PublicSite, role: str, status: int) -> None:
    token = await house.user("cy", role)
    words = {"title": "x", "text": "y"}
    assert (await house.ask("POST", "/v1/announcements", words, token=token))[0] == status


async def test_a_secret_in_words_is_neither_published_nor_sent(start: Start) -> None:
    async with start(secrets=("s3cr3t-word-1234",)) as house:
        site = PublicSite(house)
        await site.contacts()
        await house.post("/v1/announcements", {"title": "x", "text": "The password is s3cr3t-word-1234."})
        await site.look()
        assert "s3cr3t-word-1234" not in site.html() + await site.sent("customers")


async def test_in_a_window_its_components_are_under_maintenance_whatever_fires(
    house: House, site: PublicSite
) -> None:
    await _window(house, minutes=10)
    await house.fire()
    await site.look()
    states = {c["name"]: c["status"] for c in site.api("components")["components"]}
    assert states == {
        "Analyze API": "under_maintenance",
        "API keys": "major_outage",
        "Response cache": "major_outage",
    }
    (active,) = site.api("scheduled-maintenances/active")["scheduled_maintenances"]
    assert (active["status"], active["impact"]) == ("in_progress", "maintenance")


async def test_past_the_planned_end_the_facts_count_again(house: House, site: PublicSite) -> None:
    await _window(house, minutes=10)
    await house.fire()
    await site.look()
    await site.look(minutes=11)
    states = {c["name"]: c["status"] for c in site.api("components")["components"]}
    assert states["Analyze API"] == "major_outage"
    assert "takes longer than planned" in site.html()


async def test_an_overdue_update_is_said_honestly(house: House, site: PublicSite) -> None:
    await _window(house, minutes=60)
    await site.look()
    assert "Next update by" in site.html()
    assert "overdue" not in site.html()
    await site.look(minutes=15)
    assert "The update that was promised is overdue." in site.html()
    await house.post("/v1/maintenance/1/no-change")
    await site.look()
    assert "overdue" not in site.html()


async def test_a_window_that_is_not_announced_is_nobodys_business(house: House, site: PublicSite) -> None:
    await _window(house, minutes=60, begin=False)
    await site.look()
    assert "Migration" not in site.html()
    assert site.api("scheduled-maintenances")["scheduled_maintenances"] == []


async def test_the_preview_of_a_windows_page_is_the_page(house: House, site: PublicSite) -> None:
    await _window(house, minutes=60, begin=False)
    preview = await house.get("/v1/public/preview/1")
    assert "This is a preview" in preview
    window = await house.post("/v1/maintenance/1/announce")
    await site.look()
    page = site.html(f"/maintenance/{window['public_id']}")
    assert window["updates"][0]["body"].split("\n")[0] in page
    before, after = (
        text.partition('<h1 class="title')[2].partition("<footer")[0] for text in (preview, page)
    )
    assert before == after


async def test_the_page_is_true_although_the_journal_cannot_be_written(
    house: House, site: PublicSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(entries: object) -> None:
        raise JournalUnavailableError("the disk is gone")

    await site.look()
    await house.fire()
    monkeypatch.setattr(house.built.ledger._archive, "append", away)
    await site.look(seconds=5)
    assert site.api("status")["status"]["indicator"] == "critical"
    assert len(site.unresolved) == 1
    monkeypatch.undo()
    await site.look(seconds=5)
    assert len(site.unresolved) == 1
    assert {r.status for r in house.built.ledger.state.components.values()} == {"major_outage"}


async def test_what_the_public_saw_outlives_a_restart(start: Start) -> None:
    async with start() as house:
        site = PublicSite(house)
        await house.fire()
        await site.look()
        before = site.html("/history")
    async with start() as house:
        site = PublicSite(house)
        await site.look(seconds=30)
        assert site.html("/history").partition("<footer")[0] == before.partition("<footer")[0]
        assert len(site.unresolved) == 1


async def test_what_an_earlier_version_knew_is_taken_over_once(start: Start, tmp_path: Any) -> None:
    memory = tmp_path / "var" / "ops" / "status.json"
    memory.parent.mkdir(parents=True)
    memory.write_text(
        '{"states":{"analyzeapi01":{"component_id":"analyzeapi01","status":"operational",'
        '"since":"2026-03-13T08:04:00Z"}},"outages":[{"component_id":"analyzeapi01",'
        '"status":"major_outage","started_at":"2026-03-13T08:00:00Z","ended_at":"2026-03-13T08:04:00Z"}],'
        '"better_since":{}}'
    )
    async with start() as house:
        site = PublicSite(house)
        await site.look()
        assert "Analyze API: major outage" in site.html()
    async with start() as house:
        site = PublicSite(house)
        await site.look()
        assert site.html("/history").count("Analyze API: major outage") == 1


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"states":{"a":{"component_id":"a","status":"operational","since":"2026-03-01T02:14:00"}}}'],
)
async def test_a_damaged_memory_of_before_is_as_good_as_none(start: Start, tmp_path: Any, text: str) -> None:
    memory = tmp_path / "var" / "ops" / "status.json"
    memory.parent.mkdir(parents=True)
    memory.write_text(text)
    async with start() as house:
        await PublicSite(house).look()
        assert len(house.built.ledger.state.components) == 3


async def _window(house: House, *, minutes: int, begin: bool = True) -> None:
    starts_at = house.clock() + timedelta(minutes=0 if begin else 60)
    wanted = {
        "title": "Migration",
        "starts_at": starts_at.isoformat(),
        "ends_at": (starts_at + timedelta(minutes=minutes)).isoformat(),
        "matchers": ['alertname="APIDown"'],
        "components": ["Analyze API"],
        "reason": "schema 7",
        "body": "We migrate the database.",
    }
    await house.post("/v1/maintenance", wanted)
    if begin:
        await house.post("/v1/maintenance/1/check-in", {"reason": "a test"})


async def test_while_nobody_evaluates_the_page_says_until_when_it_was_true(
    house: House, site: PublicSite
) -> None:
    await house.fire("Watchdog", severity="none")
    heard_at = house.clock()
    await site.look()
    assert "live updates interrupted" not in site.html()
    await house.lapse(120)
    await site.look()
    words = f"as of {heard_at:%Y-%m-%d %H:%M} UTC; live updates interrupted"
    assert words in site.api("status")["status"]["description"]
    assert f"as of {heard_at:%-d %B %Y}, {heard_at:%H:%M} UTC" in site.body("/status.txt").decode()
    assert "interrupted" in site.html()
    await house.fire("Watchdog", severity="none")
    await house.tick(seconds=1)
    await site.look()
    assert "interrupted" not in site.html()
