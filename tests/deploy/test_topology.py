"""The topology of docker-compose.yml started by hand: the wheel's processes, and Debian's Prometheus, Alertmanager and
exporters, each with the environment, the command and the files of its container; only addresses and folders differ.

What is proved: a fault is seen by Prometheus, goes by way of Alertmanager to the ops daemon, shows on the public page,
and all of it ends with the cure. What is not: images, Docker's networks, its volumes and its health checks.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import unused_port

from conftest import Peer
from tests.deploy.compose_file import COMPOSE, OWN, ROOT
from tests.deploy.conftest import Installed
from tests.deploy.test_dashboards import BOARDS, OF_ALERTMANAGER, expressions, names, of_exposition
from tests.server.conftest import Postgres, Redis
from tests.stackwork import until

pytestmark = [
    pytest.mark.xdist_group("installed"),
    pytest.mark.slow,
    pytest.mark.peer,
    pytest.mark.stack,
    pytest.mark.timeout(900),
]
INSIDE = {
    "api": 8000, "ops": 8001, "status": 8080, "prometheus": 9090, "alertmanager": 9093, "postgres-exporter": 9187,
    "redis-exporter": 9121, "node-exporter": 9100, "blackbox-exporter": 9115,
}  # fmt: skip
PROGRAMS = {
    "prometheus": "prometheus",
    "alertmanager": "prometheus-alertmanager",
    "postgres-exporter": "prometheus-postgres-exporter",
    "redis-exporter": "prometheus-redis-exporter",
    "node-exporter": "prometheus-node-exporter",
    "blackbox-exporter": "prometheus-blackbox-exporter",
}


class Topology:
    """The containers of docker-compose.yml as processes of this machine."""

    def __init__(
        self, folder: Path, installed: Installed, peer: Peer, postgres: Postgres, redis: Redis
    ) -> None:
        self.folder, self._installed, self._peer = folder, installed, peer
        self._postgres, self._redis = postgres, redis
        self.ports = {name: unused_port() for name in INSIDE}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        (folder / "scripts").mkdir()
        for name in ("scripts/compose_setup.sh", ".env.example"):
            shutil.copy(ROOT / name, folder / name)
        subprocess.run(
            ["sh", "scripts/compose_setup.sh"], cwd=folder, check=True, capture_output=True, timeout=30
        )
        self.secrets = folder / "deploy" / "secrets"
        (self.secrets / "database_url").write_text(postgres.url())

    def url(self, service: str, path: str = "") -> str:
        """Where a service answers here."""
        return f"http://127.0.0.1:{self.ports[service]}{path}"

    def here(self, text: str) -> str:
        """Addresses and folders of the containers as they are on this machine."""
        for name, port in INSIDE.items():
            text = re.sub(rf"(?<![\w-]){name}:{port}\b", f"127.0.0.1:{self.ports[name]}", text)
        text = text.replace("127.0.0.1:9090", f"127.0.0.1:{self.ports['prometheus']}")
        text = text.replace("redis://redis:6379/0", self._redis.url).replace(
            "redis://redis:6379", self._redis.url
        )
        text = text.replace("/var/lib/structured-prompt", str(self.folder / "lib"))
        return text.replace("/run/secrets", str(self.secrets))

    def file(self, source: str, **more: str) -> Path:
        """A file that is mounted into a container, as it reads here."""
        text = self.here((ROOT / source).read_text())
        for old, new in more.items():
            text = text.replace(old, new)
        made = self.folder / Path(source).name
        made.write_text(text)
        return made

    def start_own(self, service: str) -> None:
        """One of our processes with its container's environment."""
        env = {name: self.here(value) for name, value in COMPOSE.environment(service).items() if value}
        env |= {f"{service.upper()}_PORT": str(self.ports[service]), f"{service.upper()}_BIND": "127.0.0.1"}
        for name, value in env.items():
            if name.endswith("_STATE"):
                Path(value).mkdir(parents=True, exist_ok=True)
        self._start(
            service, [str(self._installed.python), "-m", OWN[service]], {**self._installed.env, **env}
        )

    def start_theirs(self) -> None:
        """Prometheus, Alertmanager and the exporters, their commands as in their containers."""
        listen = {name: f"--web.listen-address=127.0.0.1:{self.ports[name]}" for name in PROGRAMS}
        config = self.file("deploy/prometheus/prometheus.compose.yml")
        config.write_text(config.read_text().replace("rules/*.yml", str(ROOT / "alerts" / "rules" / "*.yml")))
        given = {
            "prometheus": [
                f"--config.file={config}",
                f"--storage.tsdb.path={self.folder / 'tsdb'}",
                *self._options("prometheus", "--rules.alert"),
            ],
            "alertmanager": [
                f"--config.file={self.file('deploy/alertmanager/alertmanager.yml')}",
                f"--storage.path={self.folder / 'am'}",
                *self._options("alertmanager", "--cluster"),
            ],
            "node-exporter": [o.replace("$$", "$") for o in self._options("node-exporter", "--collector")],
            "blackbox-exporter": [f"--config.file={self.file('deploy/blackbox/blackbox.yml')}"],
        }
        env: dict[str, dict[str, str]] = {
            "postgres-exporter": {"DATA_SOURCE_NAME": self._postgres.url() + "&sslmode=disable"},
            "redis-exporter": {
                "REDIS_ADDR": self._redis.url,
                "REDIS_USER": "ops_read",
                "REDIS_PASSWORD": "any",
            },
        }
        for name, program in PROGRAMS.items():
            argv = [self._peer.find(program), *given.get(name, []), listen[name]]
            self._start(name, argv, {**os.environ, **env.get(name, {})})

    @staticmethod
    def _options(service: str, prefix: str) -> list[str]:
        return [option for option in COMPOSE.services[service]["command"] if option.startswith(prefix)]

    def _start(self, name: str, argv: list[str], env: Mapping[str, str]) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                argv, cwd=self.folder, env=dict(env), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def stop(self, name: str) -> None:
        """End one of them as its container would be ended."""
        process = self._running.pop(name)
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)

    def stop_all(self) -> None:
        """End whatever runs."""
        for name in list(self._running):
            self.stop(name)

    def get(self, service: str, path: str, token: str = "") -> Any:
        """A JSON answer, or None where there is none."""
        headers = {"Authorization": f"Bearer {(self.secrets / token).read_text().strip()}"} if token else {}
        try:
            request = urllib.request.Request(self.url(service, path), headers=headers)
            with urllib.request.urlopen(request, timeout=5) as answer:
                return json.loads(answer.read())
        except (OSError, ValueError):
            return None

    def query(self, expression: str) -> list[dict[str, Any]]:
        """What Prometheus answers to an instant query; it must accept it."""
        answer = self.get("prometheus", f"/api/v1/query?{urllib.parse.urlencode({'query': expression})}")
        assert answer is not None, expression
        assert answer["status"] == "success", expression
        return list(answer["data"]["result"]) if answer["data"]["resultType"] == "vector" else []

    def alerts(self) -> dict[str, dict[str, Any]]:
        """The ops daemon's alerts by name, the resolved too."""
        answer = self.get("ops", "/v1/alerts?all=1", "ops_admin_token") or {"alerts": []}
        return {alert["alertname"]: alert for alert in answer["alerts"]}

    def component(self) -> str:
        """What the public page says of the API."""
        answer = self.get("status", "/api/v2/components.json") or {"components": []}
        return next((c["status"] for c in answer["components"] if "API" in c["name"]), "unknown")


@pytest.fixture(scope="module")
def topology(installed: Installed) -> Iterator[Topology]:
    peer = Peer(required=os.environ.get("SPS_REQUIRE_PEERS") == "1")
    for program in PROGRAMS.values():
        peer.find(program)
    folder = Path(tempfile.mkdtemp(prefix="sps-topology-"))
    folder.chmod(0o755)
    stores = Path(tempfile.mkdtemp(prefix="sps-"))
    stores.chmod(0o755)
    postgres, redis = Postgres(stores), Redis(stores)
    running: Topology | None = None
    try:
        postgres.start()
        redis.start()
        redis.client().execute_command(*_reader())  # type: ignore[no-untyped-call]  # the library has no types here
        running = Topology(folder, installed, peer, postgres, redis)
        for service in OWN:
            running.start_own(service)
        running.start_theirs()
        until(lambda: not unanswered(running), timeout_s=90, what="every target's answer")
        yield running
    finally:
        if running is not None:
            running.stop_all()
        redis.stop()
        postgres.stop()
        for left in (folder, stores):
            shutil.rmtree(left, ignore_errors=True)


def _reader() -> list[str]:
    """The reading user of the containers' Redis, made in this one."""
    lines = (ROOT / "deploy" / "redis" / "redis.conf").read_text().splitlines()
    return ["ACL", "SETUSER", *next(line.split()[1:] for line in lines if line.startswith("user ops_read"))]


def unanswered(topology: Topology) -> set[str]:
    """The jobs whose target Prometheus has not reached."""
    answer = topology.get("prometheus", f"/api/v1/query?{urllib.parse.urlencode({'query': 'up == 1'})}")
    reached = (
        {sample["metric"]["job"] for sample in answer["data"]["result"]} if answer is not None else set()
    )
    return {"api", "ops", "postgres", "redis", "node", "status", "evaluator", "alertmanager"} - reached


def test_every_target_answers_prometheus(topology: Topology) -> None:
    assert unanswered(topology) == set()
    for metric in ("pg_up", "redis_up", 'probe_success{job="status"}'):
        until(partial(is_one, topology, metric), what=metric)


def is_one(topology: Topology, metric: str) -> bool:
    return [sample["value"][1] for sample in topology.query(metric)] == ["1"]


def test_the_watchdog_arrives_by_way_of_alertmanager(topology: Topology) -> None:
    until(
        lambda: topology.get("ops", "/v1/alerts", "ops_admin_token")["meta"]["evaluator"] == "ok",
        what="the Watchdog",
    )


def test_the_daemon_lists_the_services_as_prometheus_sees_them(topology: Topology) -> None:
    until(
        lambda: (
            {s["state"] for s in topology.get("ops", "/v1/services", "ops_admin_token")["services"]}
            == {"running"}
        ),
        what="services that all run",
    )


def test_actions_are_unavailable_there_and_say_so(topology: Topology) -> None:
    actions = topology.get("ops", "/v1/actions", "ops_admin_token")["actions"]
    assert {action["available"] for action in actions} == {False}
    assert actions[0]["unavailable"] == "unavailable here: the target observe has no command for it"


@pytest.mark.parametrize("stem", BOARDS)
def test_prometheus_accepts_every_query_of_the_dashboards(topology: Topology, stem: str) -> None:
    for expression in expressions(BOARDS[stem]):
        topology.query(expression)


def test_the_exporters_have_the_metrics_that_dashboards_and_rules_read(topology: Topology) -> None:
    asked = {
        name
        for board in BOARDS.values()
        for expression in expressions(board)
        for name in names(expression)
        if name.startswith(("pg_", "redis_", "node_", "probe_", "prometheus_"))
    }
    until(
        lambda: not asked - set(topology.get("prometheus", "/api/v1/label/__name__/values")["data"]),
        what=f"samples of each of {sorted(asked)}",
    )
    with urllib.request.urlopen(topology.url("alertmanager", "/metrics"), timeout=5) as answer:
        assert of_exposition(answer.read().decode()) >= OF_ALERTMANAGER


def test_a_fault_goes_all_the_way_and_ends_with_the_cure(topology: Topology) -> None:
    until(lambda: topology.component() == "operational", timeout_s=120, what="a page without trouble")
    topology.stop("api")
    until(
        lambda: topology.query('ALERTS{alertname="APIDown",alertstate="firing"}'),
        timeout_s=90,
        what="Prometheus",
    )
    told = topology.get("alertmanager", "/api/v2/alerts")
    assert "APIDown" in {alert["labels"]["alertname"] for alert in told}
    until(
        lambda: topology.alerts().get("APIDown", {}).get("state") == "firing", what="the ops daemon's alert"
    )
    alert = topology.alerts()["APIDown"]
    assert alert["incident_id"]
    delivered = 'sum(alertmanager_notifications_total{integration="webhook"})'
    until(lambda: float(topology.query(delivered)[0]["value"][1]) > 0, what="the webhook's count")
    assert topology.query('sum(alertmanager_notifications_failed_total{integration="webhook"}) > 0') == []
    until(lambda: topology.component() == "major_outage", timeout_s=180, what="the public page")
    topology.start_own("api")
    until(lambda: topology.alerts()["APIDown"]["state"] == "resolved", timeout_s=120, what="its resolution")
    until(lambda: topology.component() == "operational", timeout_s=420, what="a page without trouble again")


def test_the_health_check_agrees(topology: Topology) -> None:
    env = {
        "API_URL": topology.url("api"),
        "OPS_URL": topology.url("ops"),
        "STATUS_URL": topology.url("status"),
        "PROMETHEUS_URL": topology.url("prometheus"),
        "PATH": os.environ["PATH"],
    }
    done = subprocess.run(
        ["sh", str(ROOT / "scripts" / "health_check.sh")], env=env, capture_output=True, text=True, check=False, timeout=60
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
