"""The seed's list of commands, each with where it was proved: run here on the local stack, word for word but for where
it stands (a container's log is the service's log, a port the stack's port), or held against docker-compose.yml.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from conftest import Peer
from server.api.telemetry.log import Log, LogLine
from server.stack.layout import Layout
from server.stack.local.wheels import postgres_program, redis_program
from server.stack.targets import postgres_environment
from tests.deploy.compose_file import COMPOSE, ROOT
from tests.stackwork import Stack, until

EMPTY: Mapping[str, str] = {}
INDEX = (ROOT / "runbooks" / "README.md").read_text()


class Seed(NamedTuple):
    """One command of the seed."""

    command: str
    prints: str = ""
    """What its output matches when it is run on the local stack."""


ENGINE = (
    "docker-compose ps",
    "docker-compose restart api",
    "docker-compose restart postgres",
    "docker-compose down",
    "docker-compose up -d",
)
"""What only an engine can do; proved as far as to its door."""
CONTAINERS = (
    "docker logs api-server --tail 100 --follow",
    "docker logs postgres --tail 100",
    "docker logs redis --tail 100",
    "docker exec -it postgres psql -U structured_prompt -d structured_prompt_db",
    "docker exec -it redis redis-cli",
)
"""What names a container; the programs in it are run below."""
SQL = (
    Seed("SELECT count(*) FROM pg_stat_activity;", r"\d+"),
    Seed(
        "SELECT pid, now() - query_start AS duration, query FROM pg_stat_activity WHERE state = 'active'"
        " ORDER BY duration DESC;",
        r"duration",
    ),
    Seed("UPDATE api_keys SET rate_limit_per_hour = 10000 WHERE name = 'vip-customer';", r"UPDATE 1"),
    Seed("CREATE INDEX CONCURRENTLY idx_requests_api_key ON request_logs(api_key_id);", r"CREATE INDEX"),
)
REDIS = (
    Seed("INFO memory", r"used_memory:\d+"),
    Seed("DBSIZE", r"\d+"),
    Seed("KEYS cache:*", r""),
    Seed("KEYS rate_limit:*", r""),
    Seed("FLUSHDB", r"OK"),
)
LOGS = (
    Seed("docker logs api-server 2>&1 | grep ERROR", r"POST /v1/analyze/ 502"),
    Seed('docker logs api-server 2>&1 | grep "request_id: abc-123"', r"abc-123"),
    Seed(
        "docker logs api-server 2>&1 | grep ERROR | cut -d' ' -f5 | sort | uniq -c | sort -nr",
        r"^ *2 provider_error\n *1 internal_error$",
    ),
)
_QUERY = "curl -sG http://localhost:9090/api/v1/query --data-urlencode 'query="
METRICS = (
    Seed(_QUERY + "sum(rate(http_requests_total[5m]))' | jq '.data.result'", r'"value"'),
    Seed(_QUERY + "sum(rate(http_requests_total{status=~\"5..\"}[5m]))' | jq '.data.result'", r"^\["),
    Seed(
        _QUERY
        + "histogram_quantile(0.95, sum(rate(http_request_duration_seconds_bucket[5m])) by (le))' | jq '.data.result'",
        r'"value"',
    ),
)
CURL = (
    Seed("curl http://localhost:8000/v1/health", r'"status": ?"healthy"'),
    Seed(
        "curl -X POST http://localhost:8000/v1/analyze/ \\\n  -H 'Content-Type: application/json' \\\n"
        "  -H 'X-API-Key: YOUR_API_KEY' \\\n  -d '{\"prompt\": \"Test after incident\"}'",
        r'"validated": ?true',
    ),
)
PAGES = {
    "http://localhost:3000": "grafana",
    "http://localhost:9090": "prometheus",
    "http://localhost:9093": "alertmanager",
}
HEALTH = "./scripts/health_check.sh"
LOCUST = (
    "locust -f load_tests/baseline_test.py \\\n  --host http://localhost:8000 \\\n  --headless \\\n"
    "  --users 5 \\\n  --spawn-rate 1 \\\n  --run-time 60s"
)


@pytest.mark.parametrize(
    "command",
    [
        *ENGINE,
        *CONTAINERS,
        *(s.command for s in (*SQL, *REDIS, *LOGS, *METRICS, *CURL)),
        *PAGES,
        HEALTH,
        LOCUST,
    ],
)
def test_the_index_of_the_runbooks_has_it(command: str) -> None:
    assert command in INDEX


@pytest.mark.parametrize("command", CONTAINERS)
def test_the_containers_are_there(command: str) -> None:
    named = {service["container_name"]: service for service in COMPOSE.services.values()}
    words = [word for word in command.split()[2:] if not word.startswith("-")]
    assert words[0] in named
    assert "json-file" in str(named[words[0]]["logging"]), "docker logs reads this driver's files"


@pytest.mark.peer
@pytest.mark.parametrize("command", ENGINE)
def test_docker_compose_understands_it_and_asks_for_its_engine(
    peer: Peer, tmp_path: Path, command: str
) -> None:
    program = peer.find("docker-compose")
    for name in ("docker-compose.yml", ".env.example"):
        (tmp_path / name).write_text((ROOT / name).read_text())
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts/compose_setup.sh").write_text((ROOT / "scripts/compose_setup.sh").read_text())
    (tmp_path / "deploy").mkdir()
    subprocess.run(
        ["sh", "scripts/compose_setup.sh"], cwd=tmp_path, check=True, capture_output=True, timeout=30
    )
    done = subprocess.run(
        [program, *command.split()[1:]],
        cwd=tmp_path,
        env={**os.environ, "DOCKER_HOST": f"unix://{tmp_path}/nobody.sock"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert "connect" in done.stderr.lower(), done.stderr


@pytest.mark.parametrize(("page", "service"), PAGES.items())
def test_the_pages_are_where_the_seed_says(page: str, service: str) -> None:
    assert page.removeprefix("http://localhost:") in {
        address.rpartition(":")[2] for address in COMPOSE.published(service).values()
    }


def shell(command: str, env: Mapping[str, str] = EMPTY, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [shutil.which("bash") or "bash", "-c", command],
        cwd=cwd,
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def lines_of_a_log(path: Path) -> None:
    """What the API writes when calls fail, by its own writer."""
    with path.open("wb") as file:
        log = Log(descriptor=file.fileno())
        for status, kind, request_id in (
            (502, "provider_error", "abc-123"),
            (502, "provider_error", "b"),
            (500, "internal_error", "c"),
        ):
            message = f"ERROR POST /v1/analyze/ {status} {kind} request_id: {request_id} 12.0ms"
            log.write(
                LogLine(
                    level="ERROR", message=message, timestamp="2026-03-14T12:00:00Z", request_id=request_id
                )
            )
        log.close()


@pytest.mark.parametrize("seed", LOGS, ids=lambda seed: seed.command[-30:])
def test_the_log_is_searched_and_counted(seed: Seed, tmp_path: Path) -> None:
    lines_of_a_log(tmp_path / "api.log")
    done = shell(seed.command.replace("docker logs api-server 2>&1", f"cat {tmp_path}/api.log"))
    assert re.search(seed.prints, done.stdout.rstrip("\n")), done.stdout + done.stderr


@pytest.fixture
def key(local_stack: Stack) -> str:
    return str(local_stack.json("keys", "create", "vip-customer")["key"])


@pytest.fixture
def here(local_stack: Stack, key: str) -> Callable[[str], str]:
    """The command as it reads on the local stack."""

    def translated(command: str) -> str:
        for port, service in ((8000, "api"), (9090, "evaluator")):
            command = command.replace(f"http://localhost:{port}", local_stack.url(service))
        return command.replace("YOUR_API_KEY", key)

    return translated


@pytest.mark.stack
def test_psql_and_its_statements_run_as_the_seeds_user(local_stack: Stack, key: str) -> None:
    layout = Layout.of_running(local_stack.state)
    assert layout is not None
    psql = f"{postgres_program('psql')} -U structured_prompt -d structured_prompt_db"
    env = {**os.environ, **postgres_environment(layout.database_url)}
    try:
        for seed in SQL:
            done = subprocess.run(
                psql.split(),
                input=seed.command,
                env=env,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert re.search(seed.prints, done.stdout), done.stdout + done.stderr
    finally:
        subprocess.run(
            psql.split(), input="DROP INDEX IF EXISTS idx_requests_api_key;", env=env, capture_output=True, text=True, timeout=60, check=False
        )  # fmt: skip


@pytest.mark.stack
@pytest.mark.parametrize("seed", REDIS, ids=lambda seed: seed.command)
def test_redis_cli_and_its_commands_run(local_stack: Stack, seed: Seed) -> None:
    layout = Layout.of_running(local_stack.state)
    assert layout is not None
    words = f"{redis_program('redis-cli')} -s {layout.redis_socket} --user structured_prompt"
    done = shell(
        f"{words} {seed.command.replace('*', chr(92) + '*')}",
        {"REDISCLI_AUTH": (layout.tokens / "redis-write").read_text().strip()},
    )
    assert done.returncode == 0
    assert re.search(seed.prints, done.stdout), done.stdout + done.stderr


@pytest.mark.stack
@pytest.mark.parametrize("seed", CURL, ids=["health", "analyze"])
def test_curl_gets_its_answer(here: Callable[[str], str], seed: Seed) -> None:
    done = shell(here(seed.command))
    assert re.search(seed.prints, done.stdout), done.stdout + done.stderr


@pytest.mark.stack
@pytest.mark.peer
@pytest.mark.parametrize("seed", METRICS, ids=["rate", "errors", "P95"])
def test_the_metrics_are_answered(peer: Peer, here: Callable[[str], str], seed: Seed) -> None:
    peer.find("jq")
    shell(here(CURL[1].command))
    until(
        lambda: re.search(seed.prints, shell(here(seed.command)).stdout, re.MULTILINE),
        what="an answer of the metric",
    )


@pytest.mark.stack
def test_the_health_check_says_that_all_is_well(local_stack: Stack, key: str) -> None:
    done = shell(HEALTH, {"API_KEY": key, **_addresses(local_stack)})
    assert done.returncode == 0, done.stdout
    assert [line.split()[:2] for line in done.stdout.splitlines()] == [
        ["ok", "api"],
        ["ok", "ready"],
        ["ok", "analyze"],
        ["ok", "ops"],
        ["ok", "status"],
        ["ok", "prometheus"],
        ["ok", "scrapes"],
        ["verdict:", "well"],
    ]


@pytest.mark.stack
def test_the_health_check_needs_curl_and_sh_alone(local_stack: Stack, tmp_path: Path) -> None:
    """Nothing else on the PATH but what every sh has beside it."""
    for name in ("curl", "sh", "sed", "tail", "head", "tr", "dirname"):
        (tmp_path / name).symlink_to(shell(f"command -v {name}").stdout.strip())
    done = shell(HEALTH, {**_addresses(local_stack), "PATH": str(tmp_path)})
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_health_check_names_what_is_away(tmp_path: Path) -> None:
    nobody = "http://127.0.0.1:1"
    done = shell(HEALTH, {"API_URL": nobody, "OPS_URL": "", "STATUS_URL": nobody, "PROMETHEUS_URL": ""})
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        f"!! api         {nobody}/v1/health does not answer within 5 s",
        f"!! ready       {nobody}/v1/ready does not answer within 5 s",
        f"!! status      {nobody}/healthz does not answer within 5 s",
        "verdict: not well",
    ]


@pytest.mark.stack
def test_the_health_check_names_a_key_that_is_refused(local_stack: Stack) -> None:
    done = shell(HEALTH, {"API_KEY": "sp_wrong", **_addresses(local_stack)})
    assert done.returncode == 1
    assert "!! analyze     the key in API_KEY is refused" in done.stdout


def test_the_health_check_says_how_it_is_used() -> None:
    done = shell(f"{HEALTH} --verbose")
    assert done.returncode == 2
    assert "exit code 0 well, 1 not well, 2 wrong usage" in done.stderr


def _need_locust() -> None:
    """Looked for and not imported: it patches the running process."""
    if importlib.util.find_spec("locust") is None:
        pytest.skip("locust is in the extra bench")


def _addresses(stack: Stack) -> dict[str, str]:
    return {
        "API_URL": stack.url("api"),
        "OPS_URL": stack.url("ops"),
        "STATUS_URL": stack.url("status"),
        "PROMETHEUS_URL": stack.url("evaluator"),
    }


@pytest.mark.stack
@pytest.mark.slow
def test_the_load_test_makes_a_key_for_itself_and_leaves_none(
    local_stack: Stack, here: Callable[[str], str]
) -> None:
    _need_locust()
    command = here(LOCUST).replace("locust ", f"{sys.executable} -m locust ", 1).replace("60s", "3s")
    done = shell(command, {"OPS_STATE": str(local_stack.state)})
    assert done.returncode == 0, done.stderr
    assert "analyze, repeated" in done.stderr + done.stdout
    assert "baseline-test" not in local_stack.ops("keys", "list")


@pytest.mark.slow
def test_the_load_test_says_what_to_set_where_it_can_make_no_key(tmp_path: Path) -> None:
    _need_locust()
    (tmp_path / "load_tests").mkdir()
    (tmp_path / "load_tests/baseline_test.py").write_text((ROOT / "load_tests/baseline_test.py").read_text())
    command = LOCUST.replace("locust ", f"{sys.executable} -m locust ", 1).replace(
        "localhost:8000", "127.0.0.1:1"
    )
    done = shell(command, {"OPS_STATE": str(tmp_path)}, tmp_path)
    assert done.returncode == 2
    assert "baseline_test: set API_KEY to a key of http://127.0.0.1:1 (ops keys create NAME)" in done.stderr
