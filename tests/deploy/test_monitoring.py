"""Facts about the configuration of Prometheus and Alertmanager: jobs, addresses, tokens and routes agree with the code."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from alerts.promql.parser.parser import parse
from alerts.promql.parser.syntax import selectors
from conftest import Peer
from tests.deploy.compose_file import COMPOSE, ROOT

PROMETHEUS = ROOT / "deploy" / "prometheus"
ON_HOST = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())
IN_CONTAINERS = yaml.safe_load((PROMETHEUS / "prometheus.compose.yml").read_text())
IN_CLUSTER = yaml.safe_load((ROOT / "deploy" / "kubernetes" / "scrape.yml").read_text())
ALERTMANAGER = yaml.safe_load((ROOT / "deploy" / "alertmanager" / "alertmanager.yml").read_text())
RULES = [
    rule
    for path in sorted((ROOT / "alerts" / "rules").glob("*.yml"))
    for group in yaml.safe_load(path.read_text())["groups"]
    for rule in group["rules"]
]


def jobs(config: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {job["job_name"]: job for job in config["scrape_configs"]}


def address(job: dict[str, Any]) -> str:
    return str(job["static_configs"][0]["targets"][0])


def test_the_jobs_are_those_that_the_rules_read() -> None:
    read = {
        matcher.value
        for rule in RULES
        for each in selectors(parse(rule["expr"]))
        for matcher in each.matchers
        if matcher.name == "job"
    }
    assert read == {"api", "postgres", "redis", "ops", "status"}
    for config in (ON_HOST, IN_CONTAINERS):
        assert read <= set(jobs(config))
    assert read - set(jobs(IN_CLUSTER)) == {"postgres", "redis"}


def test_containers_and_host_differ_in_addresses_alone() -> None:
    there = jobs(IN_CONTAINERS)
    del there["alertmanager"]
    assert set(there) == set(jobs(ON_HOST))
    for name, job in jobs(ON_HOST).items():
        for setting in ("metrics_path", "sample_limit", "label_limit"):
            assert there[name].get(setting) == job.get(setting), name
    assert IN_CONTAINERS["global"] == ON_HOST["global"]
    assert IN_CONTAINERS["rule_files"] == ON_HOST["rule_files"]


def test_each_job_asks_a_service_that_is_there_at_its_port_on_a_network_that_both_are_on() -> None:
    ports = {"api": 8000, "ops": 8001, "alertmanager": 9093}
    ports |= {
        "postgres-exporter": 9187,
        "redis-exporter": 9121,
        "node-exporter": 9100,
        "blackbox-exporter": 9115,
    }
    asked = {address(job) for name, job in jobs(IN_CONTAINERS).items() if name != "evaluator"}
    assert asked == {f"{service}:{port}" for service, port in ports.items()}
    for service in ports:
        assert COMPOSE.networks(service) & COMPOSE.networks("prometheus"), service
    assert COMPOSE.networks("blackbox-exporter") & COMPOSE.networks("status")


def test_the_status_page_is_probed_where_it_listens_by_a_module_that_is_there() -> None:
    job = jobs(IN_CONTAINERS)["status"]
    assert job["params"]["target"] == ["http://status:8080/healthz"]
    modules = yaml.safe_load((ROOT / "deploy" / "blackbox" / "blackbox.yml").read_text())["modules"]
    assert set(job["params"]["module"]) <= set(modules)


def test_tokens_are_ones_that_their_containers_have() -> None:
    for name, job in jobs(IN_CONTAINERS).items():
        path = job.get("authorization", {}).get("credentials_file")
        if path is not None:
            assert Path(path).name in COMPOSE.services["prometheus"]["secrets"], name
            assert Path(path).name == f"{name}_metrics_token"
    receiver = ALERTMANAGER["receivers"][0]["webhook_configs"][0]
    token = Path(receiver["http_config"]["authorization"]["credentials_file"]).name
    assert token in COMPOSE.services["alertmanager"]["secrets"]


def test_the_webhook_is_a_route_of_the_ops_daemon() -> None:
    url = ALERTMANAGER["receivers"][0]["webhook_configs"][0]["url"]
    assert url.startswith("http://ops:8001/")
    routes = (ROOT / "server" / "ops" / "routes" / "alertmanager.py").read_text()
    assert f'"{url.removeprefix("http://ops:8001")}"' in routes
    assert IN_CONTAINERS["alerting"]["alertmanagers"][0]["static_configs"] == [
        {"targets": ["alertmanager:9093"]}
    ]


def test_every_severity_has_a_route_and_what_is_urgent_goes_at_once() -> None:
    severities = {rule["labels"]["severity"] for rule in RULES if "alert" in rule} - {"none"}
    routes = {route["matchers"][0]: route for route in ALERTMANAGER["route"]["routes"]}
    assert {f"severity = {severity}" for severity in severities} <= set(routes)
    assert routes["severity = critical"]["group_wait"] == "0s"
    assert all(route["receiver"] in ("ops", "people") for route in routes.values())


def test_the_watchdog_comes_often_enough_for_the_daemon() -> None:
    routes = {route["matchers"][0]: route for route in ALERTMANAGER["route"]["routes"]}
    watchdog = routes["alertname = Watchdog"]
    assert watchdog["repeat_interval"] == "1m"
    assert watchdog["group_interval"] == "15s", "it is looked at that often, so it is late by that at most"
    assert COMPOSE.environment("ops")["WATCHDOG_TIMEOUT"] == "3m"


def test_somebody_else_is_told_when_the_daemon_itself_is_away() -> None:
    routes = {route["matchers"][0]: route for route in ALERTMANAGER["route"]["routes"]}
    away = routes["alertname = OpsDown"]
    assert away["receiver"] == "people"
    assert away["continue"] is True
    assert any(rule.get("alert") == "OpsDown" for rule in RULES)


@pytest.mark.peer
@pytest.mark.parametrize("name", ["prometheus.yml", "prometheus.compose.yml"])
def test_promtool_accepts_it(peer: Peer, name: str) -> None:
    done = accepted(peer.find("promtool"), "check", "config", "--syntax-only", str(PROMETHEUS / name))
    assert "SUCCESS" in done


@pytest.mark.peer
def test_promtool_accepts_the_clusters_jobs_but_for_what_debian_left_out(peer: Peer, tmp_path: Path) -> None:
    """Debian builds Prometheus without the discovery of Kubernetes: that part alone is not verified here."""
    config = yaml.safe_load(yaml.safe_dump(IN_CLUSTER))
    for job in config["scrape_configs"]:
        if job.pop("kubernetes_sd_configs", None) is not None:
            job["static_configs"] = [{"targets": ["pod:8000"]}]
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(config))
    path = str(tmp_path / "prometheus.yml")
    assert "SUCCESS" in accepted(peer.find("promtool"), "check", "config", "--syntax-only", path)


@pytest.mark.peer
def test_amtool_accepts_the_routes(peer: Peer) -> None:
    path = ROOT / "deploy" / "alertmanager" / "alertmanager.yml"
    assert "SUCCESS" in accepted(peer.find("amtool"), "check-config", str(path))


@pytest.mark.peer
@pytest.mark.parametrize(
    ("labels", "receivers"),
    [
        (("alertname=Watchdog", "severity=none"), "ops"),
        (("alertname=APIDown", "severity=critical"), "ops"),
        (("alertname=OpsDown", "severity=critical"), "people,ops"),
        (("alertname=HighAuthFailures", "severity=warning"), "ops"),
        (("alertname=Other", "severity=odd"), "ops"),
    ],
)
def test_an_alert_goes_where_it_should(peer: Peer, labels: tuple[str, ...], receivers: str) -> None:
    path = ROOT / "deploy" / "alertmanager" / "alertmanager.yml"
    said = accepted(peer.find("amtool"), "config", "routes", "test", f"--config.file={path}", *labels)
    assert said.splitlines()[0] == receivers


def accepted(*argv: str) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr
