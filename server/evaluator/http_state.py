"""The part of Prometheus' HTTP API about the evaluator itself: rules, alerts, targets, status."""

from collections.abc import Mapping
from typing import Any

import msgspec
import yaml
from aiohttp import web

from alerts.duration import format_duration
from alerts.promql.number import format_scientific
from alerts.promql.parser.printer import to_text
from alerts.rule import AlertRule
from alerts.rule_state import AlertState, RuleAlert
from server.evaluator.clock import Clock
from server.evaluator.config import EvaluatorConfig
from server.evaluator.http import EvaluatorRoute, get
from server.evaluator.http_form import Form, QueryParameterError, success
from server.evaluator.notifier import rfc3339
from server.evaluator.own_metrics import exposition
from server.evaluator.pool import ScrapePool, ScrapeState
from server.evaluator.rule_groups import RuleGroups
from server.evaluator.rule_runner import GroupRunner, RuleStatus
from server.http.call import Call
from server.periodic import Loops

_NEVER = "0001-01-01T00:00:00Z"
VERSION = "3.0.0"
"""The Prometheus version whose API and semantics these are; Grafana asks for it."""


class StateRoutes:
    """Handlers over the scrapes and the rules."""

    def __init__(
        self, pool: ScrapePool, alerting: RuleGroups, loops: Loops, clock: Clock, config: EvaluatorConfig
    ) -> None:
        self._pool = pool
        self._loops = loops
        self._alerting = alerting
        self._clock = clock
        self._config = config
        self._version = VERSION if config.compat >= 3 else "2.42.0"
        self._started_ms = clock.now_ms()

    def routes(self) -> list[EvaluatorRoute]:
        """Everything about the evaluator itself."""
        return [
            get("/api/v1/rules", self.rules),
            get("/api/v1/alerts", self.alerts),
            get("/api/v1/targets", self.targets),
            get("/api/v1/alertmanagers", self.alertmanagers),
            get("/api/v1/status/buildinfo", self.buildinfo),
            get("/api/v1/status/runtimeinfo", self.runtimeinfo),
            get("/api/v1/status/config", self.config),
            get("/-/healthy", self.healthy),
            get("/v1/health", self.health),
            get("/-/ready", self.ready),
            get("/metrics", self.metrics),
        ]

    async def rules(self, call: Call) -> web.Response:
        """``/api/v1/rules``; ``type``, ``rule_name[]``, ``rule_group[]`` and ``file[]`` narrow it."""
        form = await Form.of(call.request)
        kind = form.text("type", "")
        if kind not in ("", "alert", "record"):
            raise QueryParameterError(f'invalid parameter "type": not supported value "{kind}"')
        names, groups, files = form.all("rule_name[]"), form.all("rule_group[]"), form.all("file[]")
        shown = []
        for runner in self._alerting.runners:
            if (groups and runner.group.name not in groups) or (files and runner.group.file not in files):
                continue
            rules = [s for s in runner.rules if _wanted(s, kind, names)]
            if rules or not (names or kind):
                shown.append(_group(runner, rules))
        faults = self._alerting.file_faults
        left_out = [{"file": name, "error": faults[name]} for name in faults if not files or name in files]
        return success({"groups": shown, **({"fileErrors": left_out} if left_out else {})})

    async def alerts(self, _: Call) -> web.Response:
        """``/api/v1/alerts``: what is pending or firing."""
        found = [
            shown
            for runner in self._alerting.runners
            for status in runner.rules
            for shown in map(_alert, _active(status))
        ]
        return success({"alerts": found})

    async def targets(self, call: Call) -> web.Response:
        """``/api/v1/targets``."""
        form = await Form.of(call.request)
        dropped = form.text("state", "any") == "dropped"
        active = [] if dropped else [_target(state) for state in self._pool.states]
        return success({"activeTargets": active, "droppedTargets": [], "droppedTargetCounts": {}})

    async def alertmanagers(self, _: Call) -> web.Response:
        """``/api/v1/alertmanagers``: whom alerts are sent to."""
        urls = [{"url": f"{box.receiver.url}/api/v2/alerts"} for box in self._alerting.outboxes]
        return success({"activeAlertmanagers": urls, "droppedAlertmanagers": []})

    async def buildinfo(self, _: Call) -> web.Response:
        """``/api/v1/status/buildinfo``."""
        words = ("revision", "branch", "buildUser", "buildDate", "goVersion")
        return success({"version": self._version, **dict.fromkeys(words, "")})

    async def runtimeinfo(self, _: Call) -> web.Response:
        """``/api/v1/status/runtimeinfo``."""
        return success(
            {
                "startTime": rfc3339(self._started_ms),
                "CWD": "",
                "reloadConfigSuccess": self._alerting.is_configured_well,
            }
        )

    async def config(self, _: Call) -> web.Response:
        """``/api/v1/status/config``: what a Prometheus would have in its ``global`` section, as YAML.

        Whoever polls our alerts needs the external labels: they are on what we send and not on what we list.
        """
        settings = {
            "global": {
                "scrape_interval": format_duration(self._config.scrape_interval_ms / 1000),
                "scrape_timeout": format_duration(self._config.scrape_timeout_ms / 1000),
                "evaluation_interval": format_duration(self._config.evaluation_interval_ms / 1000),
                "external_labels": dict(self._config.external_labels),
            }
        }
        return success({"yaml": yaml.safe_dump(settings, sort_keys=False, allow_unicode=True)})

    async def healthy(self, _: Call) -> web.Response:
        """``/-/healthy``: the loop turns."""
        return web.Response(text="Prometheus Server is Healthy.\n")

    async def health(self, _: Call) -> web.Response:
        """``/v1/health``: the background loops, each with its last success and what is wrong with it; and what of the rule files and the scrape file is left out."""
        well = not self._loops.faults and self._alerting.is_configured_well
        answer = {
            "status": "ok" if well else "degraded",
            "loops": self._loops.health,
            "rule_files": self._alerting.file_faults,
            "scrape_file": self._alerting.scrape_faults,
        }
        return web.Response(body=msgspec.json.encode(answer), content_type="application/json")

    async def ready(self, _: Call) -> web.Response:
        """``/-/ready``: every group has been evaluated once."""
        if all(runner.last_ms for runner in self._alerting.runners):
            return web.Response(text="Prometheus Server is Ready.\n")
        return web.Response(text="Service Unavailable", status=503)

    async def metrics(self, _: Call) -> web.Response:
        """``/metrics``: the evaluator's own, under Prometheus' names."""
        text = exposition(self._pool, self._alerting, self._loops)
        return web.Response(text=text, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})


def _wanted(status: RuleStatus, kind: str, names: list[str]) -> bool:
    is_alert = isinstance(status.rule, AlertRule)
    return (not kind or is_alert is (kind == "alert")) and (not names or status.rule.name in names)


def _group(runner: GroupRunner, rules: list[RuleStatus]) -> Mapping[str, Any]:
    return {
        "name": runner.group.name,
        "file": runner.group.file,
        "rules": [_rule(status) for status in rules],
        "interval": runner.interval_ms / 1000,
        "limit": runner.group.limit,
        "evaluationTime": runner.duration_s,
        "lastEvaluation": rfc3339(runner.last_ms) if runner.last_ms else _NEVER,
    }


def _rule(status: RuleStatus) -> Mapping[str, Any]:
    rule = status.rule
    common: dict[str, Any] = {
        "name": rule.name,
        "query": to_text(rule.expr),
        "health": status.health,
        "evaluationTime": status.duration_s,
        "lastEvaluation": rfc3339(status.last_ms) if status.last_ms else _NEVER,
    }
    if status.last_error:
        common["lastError"] = status.last_error
    if not isinstance(rule, AlertRule):
        return {**common, "labels": dict(rule.labels), "type": "recording"}
    alerts = _active(status)
    states = {alert.state for alert in alerts}
    worst = next((s.value for s in (AlertState.FIRING, AlertState.PENDING) if s in states), "inactive")
    return {
        "state": worst,
        **common,
        "duration": rule.for_ms / 1000,
        "keepFiringFor": rule.keep_firing_ms / 1000,
        "labels": dict(rule.source["labels"]),
        "annotations": dict(rule.source["annotations"]),
        "alerts": [_alert(alert) for alert in alerts],
        "type": "alerting",
    }


def _active(status: RuleStatus) -> list[RuleAlert]:
    return [alert for alert in status.alerts.values() if alert.state is not AlertState.RESOLVED]


def _alert(alert: RuleAlert) -> Mapping[str, Any]:
    shown = {
        "labels": dict(alert.labels),
        "annotations": dict(alert.annotations),
        "state": alert.state.value,
        "activeAt": rfc3339(alert.active_ms),
        "value": format_scientific(alert.value),
    }
    if alert.unconfirmed:
        shown["unconfirmed"] = alert.unconfirmed
    if alert.absent_ms is not None and alert.state is AlertState.FIRING:
        shown["keepFiringSince"] = rfc3339(alert.absent_ms)
    return shown


def _target(state: ScrapeState) -> Mapping[str, Any]:
    target = state.target
    return {
        "discoveredLabels": {"__address__": target.instance, "job": target.job},
        "labels": target.all_labels,
        "scrapePool": target.job,
        "scrapeUrl": target.url,
        "globalUrl": target.url,
        "lastError": state.last_error,
        "lastScrape": rfc3339(state.last_scrape_ms) if state.last_scrape_ms else _NEVER,
        "lastScrapeDuration": state.last_duration_s,
        "health": state.health,
        "scrapeInterval": format_duration(target.interval_ms / 1000),
        "scrapeTimeout": format_duration(target.timeout_ms / 1000),
    }
