"""Facts about the evaluator as a whole: from a scrape to an alert at the ops daemon, and over a restart."""

import json
from datetime import UTC, datetime
from pathlib import Path

from alerts.fingerprint import fingerprint
from server.ops.prometheus import PrometheusClient
from tests.server.evaluator.whole import START_MS, evaluator

_RULES = """
groups:
  - name: g
    rules:
      - {alert: Down, expr: 'max by (job) (up{job="api"}) == 0', for: 15s, labels: {severity: critical}}
      - {alert: Hot, expr: x > 5, annotations: {summary: 'it is {{ $value }}'}}
      - {alert: Often, expr: 'changes(x[2m]) > 3'}
      - {record: 'x:double', expr: 2 * x, labels: {by: rule}}
"""


async def test_an_outage_becomes_an_alert_and_its_end_is_told(tmp_path: Path) -> None:
    async with evaluator(tmp_path, _RULES) as world:
        await world.run(20)
        assert await world.alerts() == {}
        world.status = 500
        await world.run(10)
        assert await world.alerts() == {"Down": "pending"}
        assert world.received == []
        await world.run(15)
        assert await world.alerts() == {"Down": "firing"}
        world.status = 200
        await world.run(10)
        assert await world.alerts() == {}
        await world.told(2)
        first, last = world.received[0], world.received[-1]
        assert first["labels"]["alertname"] == "Down" and first["labels"]["severity"] == "critical"
        assert first["startsAt"] < first["endsAt"]
        assert last["startsAt"] == first["startsAt"] < last["endsAt"] < first["endsAt"]


async def test_firing_alerts_are_confirmed_at_every_evaluation(tmp_path: Path) -> None:
    async with evaluator(tmp_path, _RULES) as world:
        world.text = "x 9\n"
        await world.run(21)
        await world.told(3)
        assert {one["annotations"]["summary"] for one in world.received} == {"it is 9"}
        assert len({one["startsAt"] for one in world.received}) == 1


async def test_an_ops_daemon_that_is_away_changes_nothing(tmp_path: Path) -> None:
    async with evaluator(tmp_path, _RULES, env={"OPS_URL": "http://127.0.0.1:9"}) as world:
        world.text = "x 9\n"
        await world.run(20)
        assert await world.alerts() == {"Hot": "firing"}
        text = await (await world.session.get(world.url + "/metrics")).text()
        assert 'prometheus_notifications_dropped_total{alertmanager="http://127.0.0.1:9"} 0' not in text


async def test_a_receiver_that_is_away_holds_up_no_other(tmp_path: Path) -> None:
    async with evaluator(tmp_path, _RULES, env={"ALERTMANAGER_URLS": "http://127.0.0.1:9"}) as world:
        world.text = "x 9\n"
        await world.run(11)
        await world.told(2)
        found = (await world.get("/api/v1/alertmanagers"))["data"]["activeAlertmanagers"]
        assert [one["url"] for one in found][1:] == ["http://127.0.0.1:9/api/v2/alerts"]


async def test_rules_record_series_and_alerts_are_series_too(tmp_path: Path) -> None:
    async with evaluator(tmp_path, _RULES) as world:
        world.text = "x 9\n"
        await world.run(10)
        doubled = await world.get("/api/v1/query", query="x:double")
        assert doubled["data"]["result"][0]["value"][1] == "18"
        assert doubled["data"]["result"][0]["metric"]["by"] == "rule"
        found = await world.get("/api/v1/query", query='ALERTS{alertname="Hot",alertstate="firing"}')
        assert len(found["data"]["result"]) == 1
        world.text = "x 1\n"
        await world.run(20)
        gone = await world.get("/api/v1/query", query="ALERTS")
        assert gone["data"]["result"] == []


async def test_a_rule_that_fails_is_shown_and_the_others_go_on(tmp_path: Path) -> None:
    rules = _RULES + "      - {alert: Broken, expr: 'y * on () group_left () y'}\n"
    async with evaluator(tmp_path, rules) as world:
        world.text = 'x 9\ny{a="1"} 1\ny{a="2"} 1\n'
        await world.run(21)
        groups = (await world.get("/api/v1/rules"))["data"]["groups"]
        health = {rule["name"]: rule["health"] for rule in groups[0]["rules"]}
        assert health == {"Down": "ok", "Hot": "ok", "Often": "ok", "x:double": "ok", "Broken": "err"}
        assert "duplicate series" in groups[0]["rules"][-1]["lastError"]
        assert await world.alerts() == {"Hot": "firing"}
        failures = await world.get("/api/v1/query", query="prometheus_rule_evaluation_failures_total")
        assert int(failures["data"]["result"][0]["value"][1]) >= 1


async def test_a_pending_clock_goes_on_after_a_restart_without_the_time_between(tmp_path: Path) -> None:
    async with evaluator(tmp_path, _RULES) as world:
        world.status = 500
        await world.run(11)
        assert await world.alerts() == {"Down": "pending"}
    # Ten seconds of fifteen are done; the minute in which nobody looked does not count.
    async with evaluator(tmp_path, _RULES, now_ms=START_MS + 70_000) as world:
        world.status = 500
        await world.run(5)
        assert await world.alerts() == {"Down": "pending"}
        await world.run(10)
        assert await world.alerts() == {"Down": "firing"}


async def test_nothing_resolves_after_a_start_until_its_range_is_refilled(tmp_path: Path) -> None:
    async with evaluator(tmp_path, _RULES) as world:
        for value in range(12):
            world.text = f"x {value % 2}\n"
            await world.run(5)
        assert await world.alerts() == {"Often": "firing"}
    async with evaluator(tmp_path, _RULES, now_ms=START_MS + 65_000) as world:
        world.text = "x 1\n"
        await world.run(110)
        assert await world.alerts() == {"Often": "firing"}
        await world.run(20)
        assert await world.alerts() == {}


async def test_a_state_file_that_is_broken_or_too_old_is_left_aside(tmp_path: Path) -> None:
    async with evaluator(tmp_path, _RULES) as world:
        world.text = "x 9\n"
        await world.run(11)
    state = tmp_path / "state" / "state.json"
    assert [one["rule"] for one in json.loads(state.read_text())["alerts"]] == ["Hot"]
    async with evaluator(tmp_path, _RULES, now_ms=START_MS + 3_700_000) as world:
        assert await world.alerts() == {}
    state.write_text("{half")
    async with evaluator(tmp_path, _RULES, now_ms=START_MS + 20_000) as world:
        assert await world.alerts() == {}


async def test_old_samples_are_forgotten(tmp_path: Path) -> None:
    async with evaluator(tmp_path, _RULES, env={"RETENTION": "1m"}) as world:
        world.text = "brief 1\n"
        await world.run(6)
        world.text = "x 1\n"
        await world.run(180)
        names = (await world.get("/api/v1/label/__name__/values", start="0"))["data"]
        assert "x" in names and "brief" not in names


async def test_who_polls_it_gives_its_alerts_the_labels_that_it_sends(tmp_path: Path) -> None:
    """Otherwise every alert would be there twice, and the second would outlive the cure by minutes."""
    async with evaluator(tmp_path, _RULES, env={"EXTERNAL_LABELS": "region=north,replica=a"}) as world:
        world.text = "x 7\n"
        await world.run(20)
        await world.told(1)
        polled = await PrometheusClient(world.session, world.url).poll_alerts(datetime.now(UTC))
        assert polled is not None
        sent = {fingerprint(one["labels"]) for one in world.received}
        assert {fingerprint(alert.labels) for alert, *_ in polled.alerts} == sent
        assert all(alert.labels["region"] == "north" for alert, *_ in polled.alerts)


_OVER_TARGETS = """
groups:
  - name: g
    rules:
      - {record: 'job:x:avg', expr: 'avg by (job) (x)'}
      - {alert: Hot, expr: x > 5}
      - {alert: HotByRecording, expr: 'job:x:avg{job="api"} > 5'}
      - {alert: Down, expr: 'up{job="api"} == 0'}
      - {alert: OfAnother, expr: 'x{job="other"} > 5 or (vector(1) unless on () x)'}
"""


async def test_a_threshold_alert_whose_target_dies_is_neither_confirmed_nor_resolved(tmp_path: Path) -> None:
    async with evaluator(tmp_path, _OVER_TARGETS) as world:
        world.text = "x 9\n"
        await world.run(20)
        assert await world.alerts() == {"Hot": "firing", "HotByRecording": "firing"}
        world.status = 500
        await world.run(10)
        sent = len(world.received)
        await world.run(30)
        shown = (await world.get("/api/v1/alerts"))["data"]["alerts"]
        reasons = {one["labels"]["alertname"]: one.get("unconfirmed", "") for one in shown}
        assert {
            name
            for name, reason in reasons.items()
            if reason.startswith("api at ") and reason.endswith(" does not answer")
        } == {
            "Hot",
            "HotByRecording",
        }
        assert reasons["Down"] == ""
        assert {one["labels"]["alertname"] for one in world.received[sent:]} == {"Down", "OfAnother"}
        world.status, world.text = 200, "x 1\n"
        await world.run(6)
        assert (await world.alerts())["Hot"] == "firing"
        await world.run(15)
        assert await world.alerts() == {}
        await world.told(sent + 4)
        ends = {one["labels"]["alertname"]: one["endsAt"] for one in world.received}
        assert ends["Hot"] <= f"{datetime.fromtimestamp(world.clock.now_ms() / 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"


async def test_a_threshold_alert_that_still_holds_when_its_target_is_back_is_confirmed_again(
    tmp_path: Path,
) -> None:
    async with evaluator(tmp_path, _OVER_TARGETS) as world:
        world.text = "x 9\n"
        await world.run(20)
        (before,) = (
            a
            for a in (await world.get("/api/v1/alerts"))["data"]["alerts"]
            if a["labels"]["alertname"] == "Hot"
        )
        world.status = 500
        await world.run(30)
        world.status = 200
        await world.run(11)
        (after,) = (
            a
            for a in (await world.get("/api/v1/alerts"))["data"]["alerts"]
            if a["labels"]["alertname"] == "Hot"
        )
        assert after == before


async def test_an_absence_is_believed_of_an_alert_that_another_target_is_about(tmp_path: Path) -> None:
    async with evaluator(
        tmp_path, _OVER_TARGETS.replace("x > 5}", "prometheus_notifications_sent_total < 20}")
    ) as world:
        await world.run(20)
        assert "Hot" in await world.alerts()
        world.status = 500
        await world.run(60)
        assert "Hot" not in await world.alerts()


_IDLE = """
groups:
  - name: g
    rules:
      - alert: NoRecentRequests
        expr: >-
          sum by (job) (rate(x[15m])) == 0
          and sum by (job) (x offset 15m) > 0
      - {alert: Few, expr: 'sum by (job) (rate(x[15m])) < 0.5'}
"""


async def test_nothing_happens_is_disproven_by_the_first_request_after_a_restart(tmp_path: Path) -> None:
    async with evaluator(tmp_path, _IDLE) as world:
        world.text = "x 1\n"
        await world.run(20 * 60)
        assert await world.alerts() == {"NoRecentRequests": "firing", "Few": "firing"}
        now_ms = world.clock.now_ms()
    async with evaluator(tmp_path, _IDLE, now_ms=now_ms + 5_000) as world:
        world.text = "x 1\n"
        await world.run(30)
        assert (await world.alerts())["NoRecentRequests"] == "firing"
        for count in range(2, 20):
            world.text = f"x {count * 10}\n"
            await world.run(5)
        assert await world.alerts() == {"Few": "firing"}
