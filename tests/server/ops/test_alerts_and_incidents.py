"""Alerts in, incidents out: over HTTP, with the clock in the test's hand."""

from typing import Any

import pytest

from tests.server.ops.conftest import NOON, Clock, House, Metrics, Start
from tests.server.ops.conftest import alert as posted_alert


async def incident(house: House, incident_id: int = 1) -> Any:
    return await house.get(f"/v1/incidents/{incident_id}")


async def test_a_posted_alert_fires_and_opens_an_incident_with_target_and_runbook(house: House) -> None:
    await house.fire()
    (shown,) = (await house.get("/v1/alerts"))["alerts"]
    assert (shown["alertname"], shown["state"], shown["incident_id"], shown["runbook"]) == (
        "APIDown",
        "firing",
        1,
        "APIDown",
    )
    assert shown["mttr_deadline_at"] == "2026-03-14T12:05:00Z"
    assert (await incident(house))["state"] == "open"


async def test_all_alerts_of_one_name_and_service_are_one_incident(house: House) -> None:
    await house.fire(instance="a")
    await house.fire(instance="b")
    await house.fire("RedisDown")
    incidents = (await house.get("/v1/incidents"))["incidents"]
    assert [(i["id"], i["alertname"], len(i["fingerprints"])) for i in incidents] == [
        (2, "RedisDown", 1),
        (1, "APIDown", 2),
    ]


async def test_a_repeated_post_adds_nothing_to_the_journal(house: House) -> None:
    await house.fire()
    before = (await house.get("/v1/audit"))["head"]["seq"]
    await house.fire()
    assert (await house.get("/v1/audit"))["head"]["seq"] == before


async def test_a_bad_alert_is_quarantined_and_does_not_take_its_batch_with_it(house: House) -> None:
    good = {"labels": {"alertname": "APIDown", "service": "api"}}
    status, _ = await house.ask("POST", "/api/v2/alerts", [{"labels": {"x": "y"}}, {"labels": 7}, good])
    assert status == 200
    assert len((await house.get("/v1/alerts"))["alerts"]) == 1
    kinds = [entry["kind"] for entry in (await house.get("/v1/audit"))["entries"]]
    assert kinds.count("alert.quarantined") == 2


async def test_a_body_that_is_no_list_is_refused(house: House) -> None:
    assert (await house.ask("POST", "/api/v2/alerts", {"labels": {}}))[0] == 400


async def test_the_watchdog_is_no_incident_and_its_silence_is_one(house: House) -> None:
    await house.fire("Watchdog", severity="none")
    await house.tick(seconds=5)
    assert (await house.get("/v1/incidents"))["incidents"] == []
    await house.lapse(seconds=60)
    assert [i["alertname"] for i in (await house.get("/v1/incidents"))["incidents"]] == ["EvaluatorSilent"]
    await house.fire("Watchdog", severity="none")
    await house.tick(seconds=1)
    assert (await incident(house))["state"] == "monitoring"


async def test_the_evaluator_is_not_silent_because_the_daemon_itself_stood_still(house: House) -> None:
    await house.fire("Watchdog", severity="none")
    await house.tick(seconds=1)
    await house.tick(hours=1)
    assert (await house.get("/v1/incidents?all=1"))["incidents"] == []


async def test_a_restart_does_not_end_the_evaluators_silence(start: Start, clock: Clock) -> None:
    async with start() as house:
        await house.lapse(seconds=60)
    async with start() as house:
        await house.tick(seconds=1)
        await house.lapse(seconds=15)
        states = [a["state"] for a in (await house.get("/v1/alerts"))["alerts"]]
        assert states == ["firing"]
        await house.fire("Watchdog", severity="none")
        await house.tick(seconds=1)
        shown = (await house.get("/v1/alerts?all=1"))["alerts"]
        assert [a["state"] for a in shown if a["alertname"] == "EvaluatorSilent"] == ["resolved"]


async def test_a_watchdog_that_keeps_coming_is_never_silent(house: House) -> None:
    for _ in range(20):
        ends = {"labels": {"alertname": "Watchdog", "severity": "none"}, "endsAt": "2026-03-14T13:00:00Z"}
        await house.post("/api/v2/alerts", [{**ends, "endsAt": house.clock.forward(seconds=5).isoformat()}])
        await house.tick(seconds=5)
    assert (await house.get("/v1/incidents?all=1"))["incidents"] == []


async def test_a_resolved_alert_moves_its_incident_to_monitoring_and_then_resolved(house: House) -> None:
    await house.fire()
    house.clock.forward(minutes=3)
    await house.resolve()
    await house.tick(seconds=1)
    assert (await incident(house))["state"] == "monitoring"
    await house.tick(minutes=14)
    assert (await incident(house))["state"] == "monitoring"
    await house.tick(minutes=1)
    after = await incident(house)
    assert (after["state"], after["mitigated_at"]) == ("resolved", "2026-03-14T12:03:00Z")


async def test_a_drill_may_shorten_the_monitoring(start: Start) -> None:
    from datetime import timedelta

    async with start(monitor_period=timedelta(seconds=2)) as house:
        await house.fire()
        await house.resolve()
        await house.tick(seconds=1)
        await house.tick(seconds=2)
        assert (await incident(house))["state"] == "resolved"


async def test_an_alert_that_nobody_confirms_becomes_stale_and_its_incident_stays_open(house: House) -> None:
    await house.fire()
    await house.tick(minutes=5, seconds=1)
    (shown,) = [a for a in (await house.get("/v1/alerts"))["alerts"] if a["alertname"] == "APIDown"]
    assert (shown["state"], (await incident(house))["state"]) == ("stale", "open")


async def test_an_acknowledgement_shows_on_the_alert_and_survives_a_restart(start: Start) -> None:
    async with start() as house:
        await house.fire()
        await house.post("/v1/incidents/1/ack", {"for_s": 7200})
    async with start() as house:
        (shown,) = (await house.get("/v1/alerts"))["alerts"]
        assert shown["acknowledged_by"] == "admin"
        assert (await incident(house))["acknowledged_until"] == "2026-03-14T14:00:00Z"


async def test_a_note_is_in_the_timeline_at_the_time_it_tells_of(house: House) -> None:
    await house.fire()
    house.clock.forward(minutes=9)
    await house.post("/v1/incidents/1/note", {"text": "rolled back by hand", "at": "2026-03-14T12:04:00Z"})
    timeline = (await incident(house))["timeline"]
    assert (timeline[-1]["kind"], timeline[-1]["at"], timeline[-1]["text"]) == (
        "incident.noted",
        "2026-03-14T12:04:00Z",
        "rolled back by hand",
    )


async def test_a_secret_in_a_note_is_masked(house: House) -> None:
    await house.fire()
    token = house.built.tokens["admin"]
    await house.post("/v1/incidents/1/note", {"text": f"I used {token}"})
    assert (await incident(house))["timeline"][-1]["text"] == "I used [redacted]"


async def test_a_transition_with_a_stale_version_is_refused_with_where_it_is(house: House) -> None:
    await house.fire()
    await house.post("/v1/incidents/1/ack")
    body = {"to": "investigating", "version": 1, "reason": ""}
    status, answer = await house.ask("POST", "/v1/incidents/1/transition", body)
    assert (status, answer["error"]["details"]) == (409, {"id": 1, "state": "acknowledged", "version": 2})


async def test_a_transition_that_the_table_does_not_have_is_refused(house: House) -> None:
    await house.fire()
    status, answer = await house.ask("POST", "/v1/incidents/1/transition", {"to": "closed", "version": 1})
    assert (status, answer["error"]["type"]) == (409, "conflict")


async def test_a_refire_within_the_hour_reopens_the_same_incident(house: House) -> None:
    await house.fire()
    await house.resolve()
    await house.tick(seconds=1)
    await house.tick(minutes=16)
    assert (await incident(house))["state"] == "resolved"
    house.clock.forward(minutes=30)
    await house.fire()
    assert (await incident(house))["state"] == "open"


async def test_a_breach_is_recorded_when_it_happens(house: House) -> None:
    await house.fire()
    await house.tick(minutes=5, seconds=1)
    assert (await incident(house))["breached_at"] == "2026-03-14T12:05:01Z"


async def test_what_still_fires_is_resolved_with_a_reason_only_and_opens_again_when_it_goes_on(
    house: House,
) -> None:
    await house.fire()
    move = {"to": "resolved", "version": 1}
    status, answer = await house.ask("POST", "/v1/incidents/1/transition", move)
    assert (status, answer["error"]["type"]) == (409, "refused")
    await house.post("/v1/incidents/1/transition", {**move, "reason": "it is the probe"})
    assert (await incident(house))["state"] == "resolved"
    closing = {"to": "closed", "version": 2}
    assert (await house.ask("POST", "/v1/incidents/1/transition", closing))[0] == 409
    await house.tick(seconds=25)
    assert (await incident(house))["state"] == "resolved"
    await house.tick(seconds=10)
    again = await incident(house)
    assert (again["state"], again["timeline"][-1]["actor"]) == ("open", "daemon")


async def test_an_incident_is_not_merged_into_nothing(house: House) -> None:
    await house.fire()
    status, answer = await house.ask("POST", "/v1/incidents/1/transition", {"to": "merged", "version": 1})
    assert (status, "goes into" in answer["error"]["message"]) == (409, True)


async def test_a_webhook_is_decided_alert_by_alert(house: House) -> None:
    labels = {"alertname": "APIDown", "service": "api", "severity": "critical"}
    message = {
        "version": "4",
        "status": "firing",
        "somethingNew": 1,
        "alerts": [
            {"status": "firing", "labels": labels, "startsAt": "2026-03-14T11:59:00Z", "endsAt": "0001-01-01T00:00:00Z"},
            {"status": "resolved", "labels": {**labels, "alertname": "RedisDown"}, "startsAt": "2026-03-14T11:00:00Z", "endsAt": "2026-03-14T11:30:00Z"},
        ],
    }  # fmt: skip
    await house.post("/v1/internal/alerts/webhook", message)
    shown = {a["alertname"]: a["state"] for a in (await house.get("/v1/alerts?all=1"))["alerts"]}
    assert shown == {"APIDown": "firing", "RedisDown": "resolved"}
    assert [i["alertname"] for i in (await house.get("/v1/incidents?all=1"))["incidents"]] == ["APIDown"]


def polled(alertname: str, state: str) -> dict[str, Any]:
    labels = {"alertname": alertname, "service": "api", "severity": "critical"}
    return {"labels": labels, "annotations": {}, "state": state, "activeAt": NOON.isoformat()}


async def test_a_pending_alert_is_shown_opens_no_incident_and_vanishes(
    start: Start, metrics: tuple[Metrics, str], clock: Clock
) -> None:
    source, url = metrics
    source.alerts = [polled("APIDown", "pending")]
    async with start(prometheus_url=url) as house:
        await house.built.timers.poll()
        assert [a["state"] for a in (await house.get("/v1/alerts"))["alerts"]] == ["pending"]
        source.alerts = []
        await house.built.timers.poll()
        assert (await house.get("/v1/alerts?all=1"))["alerts"] == []
        assert (await house.get("/v1/incidents?all=1"))["incidents"] == []


async def test_absence_resolves_a_stale_alert_only_after_good_polls_of_a_settled_source(
    start: Start, metrics: tuple[Metrics, str], clock: Clock
) -> None:
    source, url = metrics
    async with start(prometheus_url=url) as house:
        source.alerts = [polled("APIDown", "firing")]
        await house.built.timers.poll()
        await house.fire()
        source.alerts = []
        await house.tick(minutes=5, seconds=-1)
        await house.built.timers.poll()
        await house.tick(seconds=2)
        states = []
        for ok in (False, True, True):
            source.ok = ok
            await house.built.timers.poll()
            states += [
                a["state"]
                for a in (await house.get("/v1/alerts?all=1"))["alerts"]
                if a["alertname"] == "APIDown"
            ]
        assert states == ["stale", "stale", "stale"]
        house.clock.forward(minutes=5)
        await house.built.timers.poll()
        shown = (await house.get("/v1/alerts?all=1"))["alerts"]
        assert [a["state"] for a in shown if a["alertname"] == "APIDown"] == ["resolved"]


async def test_absence_from_a_poll_says_nothing_of_what_another_sender_told_us(
    start: Start, metrics: tuple[Metrics, str], clock: Clock
) -> None:
    async with start(prometheus_url=metrics[1]) as house:
        message = {
            "version": "4",
            "alerts": [{**posted_alert("APIDown", "critical", {}), "status": "firing"}],
        }
        await house.post("/v1/internal/alerts/webhook", message)
        states = []
        for _ in range(4):
            await house.tick(minutes=60)
            await house.built.timers.poll()
            await house.built.timers.poll()
            states += [
                a["state"] for a in (await house.get("/v1/alerts"))["alerts"] if a["alertname"] == "APIDown"
            ]
        assert states == ["firing"] * 4
        await house.tick(minutes=11)
        await house.built.timers.poll()
        shown = (await house.get("/v1/alerts"))["alerts"]
        assert [a["state"] for a in shown if a["alertname"] == "APIDown"] == ["stale"]


@pytest.mark.parametrize("cut", ["²", None, "", "3", 2, [1], {"a": 1}, -1])
async def test_an_odd_member_of_a_webhook_loses_no_alert(house: House, cut: Any) -> None:
    message = {
        "version": 4,
        "alerts": [{**posted_alert("APIDown", "critical", {}), "status": "firing"}],
        "truncatedAlerts": cut,
        "x": [[]],
    }
    await house.post("/v1/internal/alerts/webhook", message)
    assert [a["alertname"] for a in (await house.get("/v1/alerts"))["alerts"]] == ["APIDown"]


@pytest.mark.parametrize("alerts", ["x", None, {}, 5])
async def test_a_webhook_without_a_list_is_refused_by_name(house: House, alerts: Any) -> None:
    status, answer = await house.ask("POST", "/v1/internal/alerts/webhook", {"alerts": alerts})
    assert (status, answer["error"]["field"]) == (400, "alerts")


@pytest.mark.parametrize("status", ["gone", 5, None, "RESOLVED"])
async def test_a_webhooks_alert_with_a_status_that_is_none_is_quarantined_alone(
    house: House, status: Any
) -> None:
    bad = {**posted_alert("RedisDown", "critical", {}), "status": status}
    await house.post(
        "/v1/internal/alerts/webhook",
        {"alerts": [bad, {**posted_alert("APIDown", "critical", {}), "status": "firing"}]},
    )
    assert [a["alertname"] for a in (await house.get("/v1/alerts"))["alerts"]] == ["APIDown"]
    assert [q["why"] for q in (await house.get("/v1/quarantine"))["quarantined"]] != []


async def test_a_poll_asked_before_a_resolution_does_not_fire_the_alert_again(
    start: Start, metrics: tuple[Metrics, str], clock: Clock
) -> None:
    source, url = metrics
    source.alerts = [polled("APIDown", "firing")]
    async with start(prometheus_url=url) as house:
        await house.fire()
        await house.resolve()
        await house.built.timers.poll()
        assert [a["state"] for a in (await house.get("/v1/alerts?all=1"))["alerts"]] == ["resolved"]


@pytest.mark.parametrize(
    "path", ["/v1/incidents/99", "/v1/incidents/x", "/v1/runbooks/Nope", "/v1/prometheus/admin"]
)
async def test_what_is_not_there_is_not_found(house: House, path: str) -> None:
    status, answer = await house.ask("GET", path)
    assert (status, answer["error"]["type"]) == (404, "not_found")


async def test_a_symptom_says_which_cause_inhibits_it(house: House) -> None:
    await house.fire("HighLatencyP95")
    await house.fire("APIDown")
    shown = {a["alertname"]: a["inhibited_by"] for a in (await house.get("/v1/alerts"))["alerts"]}
    assert shown == {"HighLatencyP95": ["APIDown"], "APIDown": []}


async def test_a_silence_made_through_alertmanagers_api_shows_on_the_alert_until_it_is_expired(
    house: House,
) -> None:
    await house.fire()
    silence = {
        "matchers": [{"name": "service", "value": "api", "isRegex": False, "isEqual": True}],
        "startsAt": "2026-03-14T12:00:00Z",
        "endsAt": "2026-03-14T13:00:00Z",
        "comment": "deploying",
    }
    silence_id = (await house.post("/api/v2/silences", silence))["silenceID"]
    assert (await house.get("/v1/alerts"))["alerts"][0]["silenced_by"] == [silence_id]
    assert (await house.get("/api/v2/alerts"))[0]["status"]["state"] == "suppressed"
    assert (await house.get("/api/v2/alerts?silenced=false")) == []
    assert (await house.ask("DELETE", f"/api/v2/silence/{silence_id}"))[0] == 200
    assert (await house.get("/v1/alerts"))["alerts"][0]["silenced_by"] == []
    assert (await house.get("/api/v2/silences"))[0]["status"]["state"] == "expired"


async def test_a_silence_of_everything_is_refused(house: House) -> None:
    silence = {
        "matchers": [{"name": "alertname", "value": ".*", "isRegex": True}],
        "startsAt": "2026-03-14T12:00:00Z",
        "endsAt": "2026-03-14T13:00:00Z",
    }
    assert (await house.ask("POST", "/api/v2/silences", silence))[0] == 400


async def test_alerts_can_be_filtered_as_amtool_does(house: House) -> None:
    await house.fire("APIDown")
    await house.fire("RedisDown")
    found = await house.get("/api/v2/alerts?filter=alertname%3D~%22API.*%22")
    assert [a["labels"]["alertname"] for a in found] == ["APIDown"]
    groups = await house.get("/api/v2/alerts/groups")
    assert len(groups) == 2


async def test_an_alert_is_shown_anew_when_its_silence_ends_by_the_clock(house: House) -> None:
    await house.fire()
    silence = {
        "matchers": [{"name": "service", "value": "api", "isRegex": False}],
        "startsAt": "2026-03-14T12:00:00Z",
        "endsAt": "2026-03-14T12:01:00Z",
    }
    await house.post("/api/v2/silences", silence)
    before = (await house.get("/v1/alerts"))["alerts"][0]
    await house.tick(seconds=61)
    after = (await house.get("/v1/alerts"))["alerts"][0]
    assert (len(before["silenced_by"]), after["silenced_by"]) == (1, [])
    assert after["version"] > before["version"]


@pytest.mark.parametrize("end", [{}, {"endsAt": "0001-01-01T00:00:00Z"}, {"endsAt": "2026-03-14T12:00:00Z"}])
async def test_a_webhooks_resolved_counts_whatever_its_end_says(house: House, end: dict[str, str]) -> None:
    await house.fire()
    labels = {"alertname": "APIDown", "service": "api", "severity": "critical"}
    message = {"alerts": [{"status": "resolved", "labels": labels, **end}]}
    await house.post("/v1/internal/alerts/webhook", message)
    assert [a["state"] for a in (await house.get("/v1/alerts?all=1"))["alerts"]] == ["resolved"]


async def test_a_secret_in_an_annotation_reaches_neither_screen_nor_disk(house: House) -> None:
    token = house.built.tokens["admin"]
    alert = {
        "labels": {"alertname": "APIDown"},
        "annotations": {"summary": f"\x1b[31mleaked {token}", "a": "fine"},
    }
    await house.post("/api/v2/alerts", [alert])
    (shown,) = (await house.get("/v1/alerts"))["alerts"]
    assert shown["annotations"] == {"summary": "leaked [redacted]", "a": "fine"}
    kept = b"".join(path.read_bytes() for path in (house.config.state / "ops").glob("journal*"))
    assert token.encode() not in kept


async def test_resolving_what_still_fires_is_written_into_the_timeline(house: House) -> None:
    await house.fire()
    await house.post("/v1/incidents/1/transition", {"to": "resolved", "version": 1, "reason": "enough"})
    last = (await incident(house))["timeline"][-1]
    assert last["text"] == "resolved: enough; resolved while 1 of its alerts still fire"


@pytest.mark.parametrize("ends_at", ["9999-12-31T23:59:59Z", "9999-12-30T23:59:59+23:59"])
async def test_a_silence_for_ever_stops_no_clock(house: House, ends_at: str) -> None:
    silence = {
        "matchers": [{"name": "alertname", "value": "APIDown", "isRegex": False}],
        "startsAt": "0001-01-02T00:00:00+23:59",
        "endsAt": ends_at,
        "createdBy": "x",
        "comment": "for ever",
    }
    await house.post("/api/v2/silences", silence)
    await house.fire()
    await house.tick(seconds=5)
    (shown,) = await house.get("/api/v2/alerts")
    assert shown["status"]["state"] == "suppressed"


@pytest.mark.parametrize(
    ("field", "value"), [("endsAt", "9999-12-31T23:59:59-23:59"), ("startsAt", "2026-03-14T12:00:00")]
)
async def test_a_time_that_is_none_in_utc_or_has_no_zone_is_refused(
    house: House, field: str, value: str
) -> None:
    silence: dict[str, Any] = {
        "matchers": [{"name": "alertname", "value": "APIDown", "isRegex": False}],
        "startsAt": "2026-03-14T12:00:00Z",
        "endsAt": "2036-03-14T12:00:00Z",
        "createdBy": "x",
        "comment": "x",
        field: value,
    }
    status, answer = await house.ask("POST", "/api/v2/silences", silence)
    assert status == 400
    assert answer["error"]["field"] == field


async def test_a_watchdog_that_holds_for_ever_is_missed_all_the_same(house: House) -> None:
    watchdog = posted_alert("Watchdog", "none", {}) | {"endsAt": "9999-12-31T23:59:59Z"}
    await house.post("/api/v2/alerts", [watchdog])
    await house.lapse(3_600)
    names = {shown["labels"]["alertname"] for shown in await house.get("/api/v2/alerts")}
    assert "EvaluatorSilent" in names
