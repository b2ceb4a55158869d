"""Facts about Grafana's dashboards: they query only metrics that exist, and are where Grafana looks for them."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric

from alerts.promql.parser.parser import parse
from alerts.promql.parser.syntax import selectors
from server.api.telemetry.metrics import ApiMetrics
from server.evaluator import own_metrics, probe_node, probe_postgres, probe_redis
from tests.deploy.compose_file import COMPOSE, ROOT
from tests.stackwork import Stack

FOLDER = ROOT / "deploy" / "grafana"
BOARDS = {path.stem: json.loads(path.read_text()) for path in sorted((FOLDER / "dashboards").glob("*.json"))}
OF_PROMETHEUS = {"up", "ALERTS", "probe_success", "prometheus_rule_evaluation_failures_total"}
OF_ALERTMANAGER = {"alertmanager_notifications_total", "alertmanager_notifications_failed_total"}
"""Held against the real Alertmanager in test_topology.py, as everything of the exporters is."""


def expressions(board: dict[str, Any]) -> Iterator[str]:
    """Every query of a dashboard, with the interval that Grafana puts in."""
    for panel in board["panels"]:
        for target in panel["targets"]:
            yield target["expr"].replace("$__rate_interval", "1m")
    for annotation in board["annotations"]["list"]:
        yield annotation["expr"]


def names(expression: str) -> set[str]:
    """The metrics that an expression reads."""
    return {each.name for each in selectors(parse(expression)) if each.name}


def of_family(family: Metric) -> Iterator[str]:
    if family.type == "counter":
        yield f"{family.name}_total"
    elif family.type == "histogram":
        yield from (f"{family.name}_{suffix}" for suffix in ("bucket", "sum", "count"))
    else:
        yield family.name


def of_registry(registry: CollectorRegistry) -> set[str]:
    return {name for family in registry.collect() for name in of_family(family)}


def of_exposition(text: str) -> set[str]:
    """Names in Prometheus' text format, from its TYPE lines."""
    return {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}


def ops_metrics(stack: Stack) -> str:
    request = urllib.request.Request(
        f"{stack.url('ops')}/v1/metrics", headers={"Authorization": f"Bearer {stack.token('metrics')}"}
    )
    with urllib.request.urlopen(request, timeout=5) as answer:
        return str(answer.read().decode())


def recorded() -> set[str]:
    files = [yaml.safe_load(path.read_text()) for path in (ROOT / "alerts" / "rules").glob("*.yml")]
    return {
        rule["record"]
        for file in files
        for group in file["groups"]
        for rule in group["rules"]
        if "record" in rule
    }


def test_there_is_one_for_the_api_the_system_and_the_alerts() -> None:
    assert {stem: board["uid"] for stem, board in BOARDS.items()} == {
        "alerts": "sps-alerts",
        "api": "sps-api",
        "system": "sps-system",
    }


@pytest.mark.stack
@pytest.mark.parametrize("stem", BOARDS)
def test_it_queries_only_metrics_that_exist(local_stack: Stack, stem: str) -> None:
    there = of_registry(ApiMetrics(version="x", environment="x").registry)
    there |= of_exposition(ops_metrics(local_stack))
    there |= set(own_metrics.METRICS) | set(probe_node.METRICS) | probe_postgres.METRICS | probe_redis.METRICS
    there |= recorded() | OF_PROMETHEUS | OF_ALERTMANAGER
    asked = {name for expression in expressions(BOARDS[stem]) for name in names(expression)}
    assert asked - there == set()
    assert len(asked) > 10


@pytest.mark.parametrize("stem", BOARDS)
def test_its_panels_have_names_units_and_a_place_of_their_own(stem: str) -> None:
    panels = BOARDS[stem]["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert len({panel["title"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells


@pytest.mark.parametrize("stem", BOARDS)
def test_it_reads_from_the_source_that_is_provisioned(stem: str) -> None:
    sources = yaml.safe_load((FOLDER / "provisioning" / "datasources" / "prometheus.yml").read_text())
    urls = {source["uid"]: source["url"] for source in sources["datasources"]}
    assert urls == {"prometheus": "http://prometheus:9090", "alertmanager": "http://alertmanager:9093"}
    uids = {t["datasource"]["uid"] for panel in BOARDS[stem]["panels"] for t in panel["targets"]}
    assert uids == {"prometheus"}


def test_grafana_finds_them() -> None:
    provider = yaml.safe_load((FOLDER / "provisioning" / "dashboards" / "structured-prompt.yml").read_text())
    folder = provider["providers"][0]["options"]["path"]
    volumes = COMPOSE.services["grafana"]["volumes"]
    assert f"./deploy/grafana/dashboards:{folder}:ro" in volumes
    assert "./deploy/grafana/provisioning:/etc/grafana/provisioning:ro" in volumes
    home = Path(COMPOSE.environment("grafana")["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])
    assert (str(home.parent), home.stem) == (folder, "api")
    assert home.stem in BOARDS


def test_grafanas_first_password_is_the_seeds() -> None:
    """admin/admin is Grafana's own first password; nothing here sets another."""
    assert [name for name in COMPOSE.environment("grafana") if "PASSWORD" in name or "ADMIN" in name] == []
