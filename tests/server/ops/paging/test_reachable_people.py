"""Scripted nights by who can be reached: empty levels, channels that fail, contacts that change."""

from datetime import timedelta

from tests.server.ops.paging.conftest import CONTACTS, Night


async def test_an_empty_level_is_passed_over_and_said(night: Night) -> None:
    await night.contacts("people:\n  bo: {channels: ['file:bo.log']}\nlevels: {L2: bo}\n")
    await night.house.fire("APIDown")
    await night.turn()
    assert night.counted() == {"ana": 0, "bo": 1, "cy": 0}
    assert "nobody is at L1, so L2" in night.got("bo")[0]
    await night.contacts("people:\n  ana: {channels: ['file:ana.log']}\nlevels: {L1: ana}\n")
    ahead = (await night.house.get("/v1/incidents/1"))["next_page"]
    assert (ahead["level"], ahead["people"]) == ("L1", ["ana"]), "who is called, and not whom it was for"


async def test_when_nobody_of_a_level_can_be_reached_the_next_one_is_called(night: Night) -> None:
    await night.contacts(
        "people:\n  ana: {channels: [{command: ['false']}]}\n  bo: {channels: ['file:bo.log']}\nlevels: {L1: ana, L2: bo}\n"
    )
    await night.house.fire("APIDown")
    await night.turn()
    await night.house.built.outbox.look()
    await night.house.built.outbox.idle()
    assert "ana could not be reached" in night.got("bo")[0]
    timeline = (await night.house.get("/v1/incidents/1"))["timeline"]
    assert any("ana was not reached over command false" in entry["text"] for entry in timeline)


async def test_a_channel_that_fails_is_followed_by_the_next(night: Night) -> None:
    await night.contacts(
        "people:\n  ana: {channels: [{command: ['false']}, 'file:ana.log']}\nlevels: {L1: ana}\n"
    )
    await night.house.fire("APIDown")
    await night.turn()
    assert night.counted()["ana"] == 1


async def test_an_edit_changes_no_deadline_of_a_running_incident_but_who_is_called(night: Night) -> None:
    await night.house.fire("APIDown")
    await night.turn()
    before = (await night.house.get("/v1/incidents/1"))["next_page"]["at"]
    await night.contacts("people:\n  bo: {channels: ['file:bo.log']}\nlevels: {L1: bo}\n")
    after = (await night.house.get("/v1/incidents/1"))["next_page"]
    assert after == {"at": before, "level": "L1", "people": ["bo"]}


async def test_a_broken_edit_leaves_the_last_good_contacts_in_force(night: Night) -> None:
    await night.contacts("people: [")
    await night.house.fire("APIDown")
    await night.turn()
    assert night.counted()["ana"] == 1


async def test_whoever_takes_a_level_is_called_until_then(night: Night) -> None:
    until = (night.house.clock() + timedelta(hours=8)).isoformat()
    await night.house.post("/v1/oncall/L1", {"person": "cy", "until": until})
    await night.house.fire("APIDown")
    await night.turn()
    assert night.counted() == {"ana": 0, "bo": 0, "cy": 1}
    night.house.clock.forward(hours=9)
    levels = (await night.house.get("/v1/contacts"))["levels"]
    assert levels[0]["people"] == ["ana"]


async def test_a_policy_of_ones_own_holds_for_what_begins_after_it(night: Night) -> None:
    await night.house.fire("APIDown")
    await night.turn()
    await night.contacts(
        CONTACTS
        + "policies:\n  critical: {untaken: [0s L2, 1m L3], repeat: 5m}\n  warning: {untaken: [10% L1]}\n"
    )
    await night.house.fire("RedisDown", service="redis")
    await night.house.fire("Slow", severity="warning")
    await night.turn()
    assert night.counted() == {"ana": 1, "bo": 1, "cy": 0}
    await night.pass_by(minutes=1.5, keep_firing=("APIDown",))
    assert [line.split("  ")[2:5] for line in night.got("ana")] == [
        ["L1", "incident 1", "APIDown"],
        ["L1", "incident 3", "Slow"],
    ], "a tenth of five minutes"
    assert night.counted()["cy"] == 1
    assert (await night.house.get("/v1/incidents/1"))["next_page"]["level"] == "L1", "as it began"
    assert (await night.house.get("/v1/incidents/2"))["next_page"] == {
        "at": "2026-03-14T12:06:00Z",
        "level": "all",
        "people": ["ana", "bo", "cy"],
    }
    shown = (await night.house.get("/v1/contacts"))["policies"]
    assert shown["critical"] == ["while nobody has it: 0s L2, 60s L3", "then everybody every 5 min"]


async def test_a_recovery_for_somebody_who_left_the_contacts_is_let_go_at_once(night: Night) -> None:
    await night.house.fire("APIDown")
    await night.turn()
    await night.contacts(CONTACTS.replace("ana", "dan"))
    night.house.clock.forward(minutes=1)
    await night.house.resolve("APIDown")
    await night.turn()
    await night.pass_by(minutes=5)
    timeline = (await night.house.get("/v1/incidents/1"))["timeline"]
    assert sum("ana" in entry["text"] and "not reached" in entry["text"] for entry in timeline) <= 1
    (recovery,) = [
        page for page in (await night.house.get("/v1/pages"))["pages"] if page["kind"] == "recovery"
    ]
    assert [copy["state"] for copy in recovery["deliveries"]] == ["dropped"]
