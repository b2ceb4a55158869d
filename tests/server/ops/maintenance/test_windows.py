"""Facts about maintenance windows: who is called, who is muted, what is told, what is refused."""

import pytest
import yaml

from tests.paths import CHECKOUT
from tests.server.ops.conftest import House
from tests.server.ops.maintenance.conftest import Upkeep


async def test_a_window_begins_when_somebody_checks_in_and_not_by_the_clock(upkeep: Upkeep) -> None:
    await upkeep.schedule(begins_in=30)
    await upkeep.pass_by(31)
    window = await upkeep.show()
    assert (window["state"], window["delayed"], window["muting"]) == ("scheduled", True, False)
    assert [line.split("  ")[2] for line in upkeep.got("ana")] == ["notice", "notice"]
    assert "begins at" in upkeep.got("ana")[0]
    assert "nobody has checked in" in upkeep.got("ana")[1]


async def test_before_check_in_an_outage_calls_people_although_the_planned_start_has_passed(
    upkeep: Upkeep,
) -> None:
    await upkeep.schedule(begins_in=5)
    await upkeep.pass_by(6)
    await upkeep.house.fire()
    await upkeep.turn()
    assert len(upkeep.got("bo")) == 1


async def test_in_a_window_nobody_is_called_and_everything_is_recorded(upkeep: Upkeep) -> None:
    await upkeep.begun()
    await upkeep.house.fire()
    await upkeep.pass_by(9, keep_firing=("APIDown",))
    assert upkeep.got("bo") == []
    (alert,) = [a for a in (await upkeep.house.get("/v1/alerts"))["alerts"] if a["alertname"] == "APIDown"]
    assert (alert["state"], alert["maintenance"]) == ("firing", ["1"])
    assert (await upkeep.house.get(f"/v1/incidents/{alert['incident_id']}"))["state"] == "open"


async def test_what_still_fires_at_the_planned_end_pages_once(upkeep: Upkeep) -> None:
    await upkeep.begun(lasts=20)
    await upkeep.house.fire()
    await upkeep.pass_by(29, keep_firing=("APIDown",))
    assert upkeep.got("bo") == []
    await upkeep.pass_by(2, keep_firing=("APIDown",))
    assert len(upkeep.got("bo")) == 1
    (alert,) = (await upkeep.house.get("/v1/alerts"))["alerts"]
    assert alert["maintenance"] == []


async def test_what_ended_before_the_window_does_calls_nobody(upkeep: Upkeep) -> None:
    await upkeep.begun(lasts=20)
    await upkeep.house.fire()
    await upkeep.pass_by(5)
    await upkeep.house.resolve()
    await upkeep.pass_by(30)
    assert upkeep.got("bo") == []


async def test_the_time_in_a_window_shifts_the_deadline_and_breaches_nothing(upkeep: Upkeep) -> None:
    await upkeep.begun(lasts=20)
    await upkeep.house.fire()
    await upkeep.pass_by(29, keep_firing=("APIDown",))
    (incident,) = (await upkeep.house.get("/v1/incidents"))["incidents"]
    assert incident["breached_at"] is None
    await upkeep.pass_by(2, keep_firing=("APIDown",))
    (incident,) = (await upkeep.house.get("/v1/incidents"))["incidents"]
    assert 29 * 60 <= incident["maintenance_s"] <= 31 * 60
    assert incident["breached_at"] is None
    await upkeep.pass_by(6, keep_firing=("APIDown",))
    (incident,) = (await upkeep.house.get("/v1/incidents"))["incidents"]
    assert incident["breached_at"] is not None


async def test_a_short_window_is_told_in_seconds(upkeep: Upkeep) -> None:
    await upkeep.schedule(begins_in=5, lasts=60)
    await upkeep.house.fire()
    await upkeep.turn()
    await upkeep.step("check-in", reason="a test")
    await upkeep.turn()
    upkeep.house.clock.forward(seconds=25)
    await upkeep.step("verify")
    await upkeep.step("complete", reason="a test")
    await upkeep.turn()
    incident = await upkeep.house.get("/v1/incidents/1")
    told = [entry["text"] for entry in incident["timeline"]]
    assert f"the maintenance is over; its deadlines are {incident['maintenance_s']} s later" in told
    assert 20 <= incident["maintenance_s"] <= 30


async def test_an_incident_of_before_stands_still_from_the_check_in_on(upkeep: Upkeep) -> None:
    await upkeep.schedule(begins_in=10, lasts=60)
    await upkeep.house.fire()
    await upkeep.turn()
    await upkeep.house.post("/v1/incidents/1/ack", {"for_s": 7200})
    await upkeep.pass_by(4, keep_firing=("APIDown",))
    await upkeep.step("check-in", reason="a test")
    await upkeep.pass_by(20, keep_firing=("APIDown",))
    assert (await upkeep.house.get("/v1/incidents/1"))["breached_at"] is None, "its target was 5 minutes"
    await upkeep.step("verify")
    await upkeep.step("complete", reason="a test")
    await upkeep.pass_by(0.5, keep_firing=("APIDown",))
    incident = await upkeep.house.get("/v1/incidents/1")
    assert 19 * 60 <= incident["maintenance_s"] <= 21 * 60
    assert incident["breached_at"] is None
    await upkeep.pass_by(2, keep_firing=("APIDown",))
    assert (await upkeep.house.get("/v1/incidents/1"))["breached_at"] is not None


async def test_an_extension_mutes_until_the_new_end(upkeep: Upkeep) -> None:
    await upkeep.begun(lasts=20)
    await upkeep.step("extend", for_s=1800)
    await upkeep.house.fire()
    await upkeep.pass_by(55, keep_firing=("APIDown",))
    assert upkeep.got("bo") == []
    await upkeep.pass_by(6, keep_firing=("APIDown",))
    assert len(upkeep.got("bo")) == 1


async def test_past_its_end_it_goes_on_says_so_and_calls_the_owner_every_quarter(upkeep: Upkeep) -> None:
    await upkeep.begun(lasts=10)
    for _ in range(4):
        await upkeep.pass_by(10)
        await upkeep.step("no-change")
    await upkeep.pass_by(1)
    window = await upkeep.show()
    assert (window["state"], window["overruns"], window["muting"]) == ("in_progress", True, False)
    past = [line for line in upkeep.got("ana") if "past its planned end" in line]
    assert len(past) == 2


async def test_the_owner_is_warned_at_twelve_minutes_and_overdue_at_fifteen(upkeep: Upkeep) -> None:
    await upkeep.begun()
    await upkeep.pass_by(11.5)
    assert upkeep.got("ana") == []
    await upkeep.pass_by(1)
    assert ["was promised an update" in line for line in upkeep.got("ana")] == [True]
    assert not (await upkeep.show())["update_overdue"]
    await upkeep.pass_by(3)
    assert ["is overdue" in line for line in upkeep.got("ana")] == [False, True]
    assert (await upkeep.show())["update_overdue"]
    await upkeep.step("no-change")
    assert not (await upkeep.show())["update_overdue"]
    await upkeep.pass_by(11)
    assert len(upkeep.got("ana")) == 2


async def test_after_a_downtime_the_owner_hears_only_of_the_gravest(upkeep: Upkeep) -> None:
    await upkeep.begun(lasts=200)
    upkeep.house.clock.forward(minutes=40)
    await upkeep.turn()
    assert ["is overdue" in line for line in upkeep.got("ana")] == [True]
    await upkeep.pass_by(2)
    assert len(upkeep.got("ana")) == 1


async def test_a_clock_that_is_set_back_calls_nobody_twice(upkeep: Upkeep) -> None:
    await upkeep.schedule(begins_in=14)
    await upkeep.turn()
    upkeep.house.clock.forward(minutes=-10)
    await upkeep.turn()
    await upkeep.pass_by(11)
    assert len(upkeep.got("ana")) == 1


async def test_an_announcement_is_published_as_it_was_shown_to_the_byte(upkeep: Upkeep) -> None:
    await upkeep.schedule(body="We move to **schema 7**.\n\n- no request is lost")
    shown = await upkeep.house.get("/v1/maintenance/1/preview")
    window = await upkeep.step("announce", digest=shown["digest"])
    assert window["updates"][0]["body"] == shown["body"]
    await upkeep.turn()
    for audience in ("announcements", "customers"):
        text = (upkeep.house.config.state / f"{audience}.log").read_text()
        assert text[22:] == f"{shown['subject']}\n{shown['body']}\n"


async def test_what_changed_since_it_was_shown_is_not_published(upkeep: Upkeep) -> None:
    await upkeep.schedule(begins_in=24 * 60 + 1)
    shown = await upkeep.house.get("/v1/maintenance/1/preview")
    upkeep.house.clock.forward(minutes=2)
    status, message = await upkeep.refused("announce", digest=shown["digest"])
    assert (status, "has changed since it was shown" in message) == (409, True)
    window = await upkeep.step("announce")
    assert window["short_notice"]
    assert "less than 24 hours ahead" in window["updates"][0]["body"]


@pytest.mark.parametrize("minutes", [24 * 60, 25 * 60])
async def test_a_day_ahead_is_no_short_notice(upkeep: Upkeep, minutes: int) -> None:
    await upkeep.schedule(begins_in=minutes)
    window = await upkeep.step("announce")
    assert not window["short_notice"]
    assert "24 hours" not in window["updates"][0]["body"]


async def test_each_audience_hears_what_concerns_it_and_nothing_twice(upkeep: Upkeep) -> None:
    """A migration from its announcement to its completion: every notice that anybody got."""
    house = upkeep.house
    await upkeep.schedule()
    await upkeep.step("announce")
    await upkeep.pass_by(25 * 60 - 20, every_s=600)
    await upkeep.pass_by(10)
    for name in ("backup", "rollback", "monitoring"):
        await upkeep.step("check", check=name, text="seen")
    await upkeep.step("check-in")
    for minutes in (10, 14, 14):
        await upkeep.pass_by(minutes)
        await upkeep.step("update", text=f"after {minutes} more minutes")
    await upkeep.step("verify")
    await upkeep.step("complete", reason="seen by hand")
    await upkeep.pass_by(5)
    assert upkeep.heard("customers") == [
        "Maintenance announced: Database migration",
        "Maintenance completed: Database migration",
    ]
    assert upkeep.heard("announcements") == [
        "Maintenance announced: Database migration",
        "Maintenance has begun: Database migration",
        "Maintenance completed: Database migration",
    ]
    called = [line.split("  ")[3][:60] for line in upkeep.got("ana")]
    assert [text.split(") ")[1][:9] for text in called if ") " in text] == ["begins at"]
    assert len([line for line in upkeep.got("ana") if "was promised" in line]) == 2
    assert len(called) == 3
    assert upkeep.got("bo") == []
    statuses = [update["status"] for update in (await house.get("/v1/maintenance/1"))["updates"]]
    assert statuses == ["scheduled", *["in_progress"] * 4, "verifying", "completed"]


async def test_check_in_needs_the_pre_checks_or_a_reason(upkeep: Upkeep) -> None:
    await upkeep.schedule(begins_in=10)
    status, message = await upkeep.refused("check-in")
    assert (status, "backup, rollback, monitoring" in message) == (409, True)
    window = await upkeep.step("check-in", reason="the disk is on fire")
    assert window["state"] == "in_progress"


async def test_a_run_that_failed_or_is_something_else_is_no_evidence(house: House, upkeep: Upkeep) -> None:
    await upkeep.schedule(begins_in=10)
    wanted = {"execution_id": "evidence-1", "runbook": "APIDown", "step": "look"}
    await house.post("/v1/executions", wanted)
    await house.settled("evidence-1")
    status, message = await upkeep.refused("check", check="backup", run="evidence-1")
    assert (status, "is no backup" in message) == (409, True)
    assert (await upkeep.refused("check", check="rollback", run="nothing-there"))[0] == 400
    assert (await upkeep.refused("check", check="rollback"))[0] == 400
    window = await upkeep.step("check", check="rollback", run="evidence-1")
    assert [check["execution_id"] for check in window["checks"]] == ["evidence-1"]


async def test_steps_run_for_a_window_are_put_down_on_it(house: House, upkeep: Upkeep) -> None:
    await upkeep.begun()
    await house.post(
        "/v1/executions",
        {"execution_id": "for-the-window", "runbook": "APIDown", "step": "look", "maintenance_id": 1},
    )
    await house.settled("for-the-window")
    (step,) = (await upkeep.show())["steps"]
    assert (step["execution_id"], step["state"]) == ("for-the-window", "succeeded")
    status, answer = await house.ask(
        "POST",
        "/v1/executions",
        {"execution_id": "for-no-window", "runbook": "APIDown", "step": "look", "maintenance_id": 7},
    )
    assert (status, answer["error"]["field"]) == (400, "maintenance_id")


async def test_why_it_begins_without_its_pre_checks_stays_on_it(upkeep: Upkeep) -> None:
    window = await upkeep.begun()
    assert window["without_checks"] == "a test"


async def test_a_check_in_that_announces_is_short_notice_where_it_is(upkeep: Upkeep) -> None:
    window = await upkeep.begun()
    assert (window["announced_at"] is not None, window["short_notice"]) == (True, True)
    assert "less than 24 hours ahead" in window["updates"][0]["body"]


async def test_what_cannot_be_announced_has_no_preview(upkeep: Upkeep) -> None:
    await upkeep.schedule(begins_in=1)
    await upkeep.pass_by(2)
    asked = await upkeep.refused("announce")
    status, shown = await upkeep.house.ask("GET", "/v1/maintenance/1/preview")
    assert (status, shown["error"]["message"]) == asked
    assert "its check-in announces it" in asked[1]


async def test_it_is_not_completed_while_people_would_be_called_for_what_it_mutes(upkeep: Upkeep) -> None:
    await upkeep.begun()
    await upkeep.house.fire()
    await upkeep.house.fire("RedisDown")
    await upkeep.turn()
    await upkeep.step("verify")
    status, message = await upkeep.refused("complete")
    assert (status, "no smoke test" in message, "APIDown still fires" in message) == (409, True, True)
    await upkeep.house.resolve()
    assert "fires" not in (await upkeep.refused("complete"))[1], "RedisDown is none of its business"
    await upkeep.house.fire()
    window = await upkeep.step("complete", reason="looked at by hand")
    assert window["state"] == "completed"


async def test_it_is_completed_after_a_smoke_test_that_went_well_or_with_a_reason(upkeep: Upkeep) -> None:
    await upkeep.begun()
    assert (await upkeep.refused("complete"))[0] == 409
    await upkeep.step("verify")
    status, message = await upkeep.refused("complete")
    assert (status, "no smoke test" in message) == (409, True)
    window = await upkeep.step("complete", reason="looked at by hand")
    assert (window["state"], window["muting"]) == ("completed", False)


@pytest.mark.parametrize(
    ("word", "code", "verified"), [("ok", 0, True), ("degraded", 0, False), ("failed", 1, False)]
)
async def test_a_service_that_is_degraded_does_not_verify_a_window(
    upkeep: Upkeep, word: str, code: int, verified: bool
) -> None:
    shelf = upkeep.house.config.runbooks
    declared = yaml.safe_load((CHECKOUT / "runbooks" / "actions.yml").read_text())["smoke-test"]
    declared["targets"] = {"local": ["bash", "-c", f"echo 'verdict: {word}'; exit {code}"]}
    actions = (shelf / "actions.yml").read_text() + yaml.safe_dump({"smoke-test": declared})
    (shelf / "actions.yml").write_text(actions)
    await upkeep.begun()
    await upkeep.step("verify")
    run = {"execution_id": "run-00000001", "action": "smoke-test", "maintenance_id": 1}
    await upkeep.house.post("/v1/executions", run)
    ended = await upkeep.house.settled("run-00000001")
    assert ended["verdict"] == ("healthy" if verified else "unhealthy")
    assert (await upkeep.show())["verified"] is verified
    assert (await upkeep.house.ask("POST", "/v1/maintenance/1/complete", {}))[0] == (200 if verified else 409)


async def test_completion_ends_the_muting_at_once(upkeep: Upkeep) -> None:
    await upkeep.begun()
    await upkeep.house.fire()
    await upkeep.pass_by(2, keep_firing=("APIDown",))
    await upkeep.step("verify")
    await upkeep.step("complete", reason="by hand")
    await upkeep.pass_by(1)
    assert len(upkeep.got("bo")) == 1


@pytest.mark.parametrize(
    ("matchers", "said"),
    [
        ([], "at least one"),
        (['alertname=~".*"'], "every alert"),
        (['alertname=~".+"'], "whatever fires"),
        (['service!="nobody"'], "whatever fires"),
        (['alertname=~".+"', 'service=~".*"'], "whatever fires"),
        (['alertname=~"("'], "no regular expression"),
        (["nonsense"], "is no matcher"),
    ],
)
async def test_a_window_that_would_mute_everything_is_refused(
    upkeep: Upkeep, matchers: list[str], said: str
) -> None:
    with pytest.raises(AssertionError, match=said):
        await upkeep.schedule(matchers=matchers)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"lasts": -5}, "ends_at"),
        ({"lasts": 8 * 24 * 60}, "ends_at"),
        ({"begins_in": -5}, "starts_at"),
        ({"starts_at": "2026-03-15T12:00:00"}, "starts_at"),
        ({"owner": "nobody"}, "owner"),
        ({"components": ["Nothing"]}, "components"),
        ({"runbooks": ["Nothing"]}, "runbooks"),
        ({"title": " "}, "title"),
        ({"reason": ""}, "reason"),
    ],
)
async def test_what_makes_no_sense_is_refused_with_its_field(
    upkeep: Upkeep, given: dict[str, object], field: str
) -> None:
    with pytest.raises(AssertionError, match=f"'field': '{field}'"):
        await upkeep.schedule(**given)  # type: ignore[arg-type]  # any of them


@pytest.mark.parametrize(
    "at", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"]
)
async def test_times_at_the_ends_of_the_calendar_are_refused(upkeep: Upkeep, at: str) -> None:
    await upkeep.schedule()
    assert (await upkeep.refused("reschedule", starts_at=at))[0] == 400
    with pytest.raises(AssertionError, match="'field': 'starts_at'"):
        await upkeep.schedule(starts_at=at)
    await upkeep.step("reschedule", starts_at=upkeep.at(10).isoformat())
    await upkeep.step("check-in", reason="a test")
    assert (await upkeep.refused("extend", ends_at=at))[0] == 400


async def test_a_stale_version_is_a_conflict_that_says_where_it_stands(upkeep: Upkeep) -> None:
    window = await upkeep.schedule()
    await upkeep.step("announce", version=window["version"])
    status, answer = await upkeep.house.ask(
        "POST", "/v1/maintenance/1/cancel", {"reason": "late", "version": window["version"]}
    )
    assert (status, answer["error"]["details"]["state"]) == (409, "scheduled")


async def test_a_cancelled_window_mutes_nobody_and_whoever_was_told_hears_it(upkeep: Upkeep) -> None:
    await upkeep.schedule()
    await upkeep.step("announce")
    await upkeep.step("cancel", reason="not needed")
    await upkeep.turn()
    assert upkeep.heard("customers")[-1] == "Maintenance cancelled: Database migration"
    assert (await upkeep.refused("check-in"))[0] == 409
    assert (await upkeep.show())["updates"][-1]["status"] == "completed"


async def test_a_window_that_was_never_announced_is_cancelled_in_silence(upkeep: Upkeep) -> None:
    await upkeep.schedule()
    await upkeep.step("cancel", reason="not needed")
    await upkeep.turn()
    assert (upkeep.heard("customers"), (await upkeep.show())["updates"]) == ([], [])


async def test_a_correction_keeps_what_was_said_before(upkeep: Upkeep) -> None:
    await upkeep.schedule()
    first = (await upkeep.step("announce"))["updates"][0]["body"]
    window = await upkeep.step("correct", text="It is **schema 8**.")
    assert window["updates"][0]["body"] == "It is **schema 8**."
    assert [c["before"] for c in window["updates"][0]["corrections"]] == [first]


async def test_an_approval_given_ahead_is_good_in_its_window_and_nowhere_else(
    house: House, upkeep: Upkeep
) -> None:
    ana, bo = await house.user("ana", "approver"), await house.user("bo", "approver")
    await upkeep.schedule(begins_in=60)
    asked = await house.post("/v1/approvals", {"action": "restore", "maintenance_id": 1}, token=ana)
    assert asked["maintenance_id"] == 1
    await house.post(f"/v1/approvals/{asked['id']}/approve", token=bo)
    run = {"execution_id": "restore-1", "action": "restore", "confirm": "appdb"}
    assert (await house.ask("POST", "/v1/executions", run, token=ana))[0] == 409
    await upkeep.pass_by(61)
    assert (await house.ask("POST", "/v1/executions", run, token=ana))[0] == 409
    await upkeep.step("check-in", reason="a test")
    status, answer = await house.ask("POST", "/v1/executions", run, token=ana)
    assert status == 202, answer
    await house.settled("restore-1")


async def test_another_time_makes_its_approvals_void(house: House, upkeep: Upkeep) -> None:
    ana, bo = await house.user("ana", "approver"), await house.user("bo", "approver")
    await upkeep.schedule(begins_in=60)
    asked = await house.post("/v1/approvals", {"action": "restore", "maintenance_id": 1}, token=ana)
    await house.post(f"/v1/approvals/{asked['id']}/approve", token=bo)
    await upkeep.step("reschedule", starts_at=upkeep.at(5).isoformat())
    await upkeep.step("check-in", reason="a test")
    run = {"execution_id": "restore-1", "action": "restore", "confirm": "appdb"}
    assert (await house.ask("POST", "/v1/executions", run, token=ana))[0] == 409


async def test_rehearsals_wait_for_a_window(house: House, upkeep: Upkeep) -> None:
    await upkeep.begun()
    postponed = (await house.get("/v1/rehearsals"))["postponed"]
    assert postponed == "maintenance 1 (Database migration) is on"


async def test_an_owner_who_is_among_the_contacts_no_more_is_not_forgotten(upkeep: Upkeep) -> None:
    await upkeep.schedule(begins_in=14)
    await upkeep.contacts(CONTACTS_WITHOUT_ANA)
    await upkeep.turn()
    assert "its owner ana is not among the contacts" in upkeep.got("bo")[0]


CONTACTS_WITHOUT_ANA = """
people:
  bo: {channels: ["file:bo.log"]}
levels: {L1: bo}
"""


async def test_where_the_owner_cannot_be_reached_the_first_level_is_told(upkeep: Upkeep) -> None:
    await upkeep.contacts(
        "people:\n  ana: {channels: [{command: [/nowhere/at-all]}]}\n  bo: {channels: ['file:bo.log']}\nlevels: {L1: bo}\n"
    )
    await upkeep.schedule(begins_in=14)
    await upkeep.turn()
    await upkeep.turn()
    (line,) = upkeep.got("bo")
    assert "ana could not be reached" in line
    assert "ops maintenance check-in 1" in line


async def test_windows_outlive_a_restart(start: object, upkeep: Upkeep) -> None:
    await upkeep.begun()
    before = upkeep.house.built.ledger.state.maintenances
    from server.ops.state.snapshot import pieces, restored
    from tests.server.ops.state.captures import captured

    ledger = upkeep.house.built.ledger
    again = restored(pieces(captured(ledger.state, ledger.head)))
    labels = {"alertname": "APIDown"}
    assert dict(again.maintenances) == dict(before)
    assert again.windows_on(labels, upkeep.house.clock()) == (1,)


@pytest.mark.parametrize(
    ("role", "status"), [("viewer", 403), ("responder", 403), ("approver", 200), ("admin", 200)]
)
async def test_announcing_takes_an_approver(house: House, upkeep: Upkeep, role: str, status: int) -> None:
    token = await house.user("cy", role)
    await upkeep.schedule()
    assert (await house.ask("POST", "/v1/maintenance/1/announce", {}, token=token))[0] == status


async def test_a_check_in_that_would_publish_takes_who_may_publish(upkeep: Upkeep) -> None:
    house = upkeep.house
    await upkeep.schedule(begins_in=5)
    token = await house.user("rita", "responder")
    status, answer = await house.ask("POST", "/v1/maintenance/1/check-in", {"reason": "a test"}, token=token)
    assert (status, "that needs the role approver" in answer["error"]["message"]) == (403, True)
    assert (await upkeep.show())["state"] == "scheduled"
    preview = await house.get("/v1/maintenance/1/preview")
    await upkeep.step("announce", digest=preview["digest"])
    status, _ = await house.ask("POST", "/v1/maintenance/1/check-in", {"reason": "a test"}, token=token)
    assert status == 200
