"""Facts about targets that are no local stack: their argv, and what is made of their programs' words.

No engine is here: a stand-in prints what compose's documentation says that it prints, and notes what it was asked.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from runbooks.engine.action import load_actions
from server.paths import RUNBOOKS
from server.stack.targets import Compose, Procfile, UnavailableError, elsewhere

_CONTAINERS = [
    {"Service": "api", "State": "running", "Health": "healthy", "Status": "Up 2 minutes (healthy)"},
    {"Service": "postgres", "State": "exited", "Health": "", "Status": "Exited (0) 3 seconds ago"},
    {"Service": "redis", "State": "restarting", "Health": "", "Status": "Restarting (1) 2 seconds ago"},
    {"Service": "prometheus", "State": "running", "Health": "starting", "Status": "Up 1 second"},
    {"Service": "status", "State": "running", "Health": "unhealthy", "Status": "Up 1 hour (unhealthy)"},
]
_LOG = '{"level": "ERROR", "error_type": "provider_error", "request_id": "abc-1"}\nplain words\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


def stand_in(folder: Path, name: str, prints: str, code: int = 0) -> Path:
    """A program that notes its arguments, prints, and ends."""
    (folder / f"{name}.says").write_text(prints)
    program = folder / name
    program.write_text(
        f'#!/bin/sh\necho "$@" > {folder}/{name}.asked\ncat {folder}/{name}.says\nexit {code}\n'
    )
    program.chmod(0o755)
    return program


def ops_program(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "server.stack", *words],
        env={**os.environ, "TARGET": "compose", **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("as_array", [True, False], ids=["one array", "one a line"])
def test_containers_are_services(folder: Path, as_array: bool) -> None:
    lines = "\n".join(json.dumps(each) for each in _CONTAINERS)
    stand_in(folder, "docker", json.dumps(_CONTAINERS) if as_array else lines)
    found = {view.name: view for view in Compose(terminal=False).services()}
    assert {name: view.state for name, view in found.items()} == {
        "api": "running",
        "postgres": "exited",
        "redis": "backoff",
        "evaluator": "starting",
        "status": "running",
        "ops": "stopped",
    }
    assert found["status"].detail == "health unhealthy"
    assert found["ops"].detail == "it has no container"
    assert (folder / "docker.asked").read_text().split() == [
        "compose",
        "ps",
        "--all",
        "--no-trunc",
        "--format",
        "json",
    ]


def test_the_program_lists_them_in_the_words_of_the_local_stack(folder: Path) -> None:
    stand_in(folder, "docker", "\n".join(json.dumps(each) for each in _CONTAINERS))
    run = ops_program("ps")
    assert run.returncode == 0, run.stderr
    assert "api        running" in run.stdout
    assert "postgres   exited" in run.stdout


def test_a_log_is_searched_and_counted_as_a_local_one(folder: Path) -> None:
    stand_in(folder, "docker", _LOG)
    assert ops_program("logs", "api", "--grep", "plain").stdout == "plain words\n"
    assert ops_program("logs", "api", "--count-by", "type").stdout.split() == ["1", "provider_error"]
    asked = (folder / "docker.asked").read_text().split()
    assert asked == ["compose", "logs", "--no-color", "--no-log-prefix", "--tail", "100000", "api"]


def test_psql_and_redis_cli_run_in_their_containers_as_users_that_can_only_read(folder: Path) -> None:
    stand_in(folder, "docker", "")
    assert ops_program("psql", "-c", "SELECT 1").returncode == 0
    assert (folder / "docker.asked").read_text().strip() == (
        "compose exec --no-TTY postgres psql --username structured_prompt_read --dbname structured_prompt_db -c SELECT 1"
    )
    assert ops_program("redis-cli", "PING").returncode == 0
    assert "--user ops_read" in (folder / "docker.asked").read_text()
    assert ops_program("redis-cli", "--write", "PING").returncode == 0
    assert (folder / "docker.asked").read_text().strip() == "compose exec --no-TTY redis redis-cli PING"


def test_an_engine_that_does_not_answer_is_said_in_its_own_words(folder: Path) -> None:
    program = stand_in(folder, "docker", "", code=1)
    program.write_text(
        program.read_text().replace("exit 1", "echo 'Cannot connect to the daemon' >&2\nexit 1")
    )
    run = ops_program("ps")
    assert run.returncode == 3
    assert run.stderr.strip().endswith("failed: Cannot connect to the daemon")
    assert "Traceback" not in run.stderr


def test_a_missing_engine_is_said(tmp_path: Path) -> None:
    run = ops_program("ps", PATH=str(tmp_path))
    assert run.returncode == 3
    assert "no program docker" in run.stderr


def test_words_that_are_no_list_are_said(folder: Path) -> None:
    stand_in(folder, "docker", "a table")
    with pytest.raises(UnavailableError, match="no list of containers"):
        Compose(terminal=False).services()


def test_what_a_procfile_program_prints_need_not_be_text(folder: Path) -> None:
    program = stand_in(folder, "manage", "")
    program.write_text("#!/bin/sh\nprintf 'api running 4711 \\377\\376\\n'\n")
    run = ops_program("logs", "api", TARGET="procfile", SERVICE_COMMAND=str(program))
    assert (run.returncode, run.stdout) == (0, "api running 4711 \ufffd\ufffd\n")
    run = ops_program("ps", TARGET="procfile", SERVICE_COMMAND=str(program))
    assert "Traceback" not in run.stdout + run.stderr


def test_a_procfile_program_lists_and_shows_logs(folder: Path) -> None:
    program = str(stand_in(folder, "manage", "api running 4711\nredis stopped\n"))
    run = ops_program("ps", "--json", TARGET="procfile", SERVICE_COMMAND=program)
    assert [(each["name"], each["state"], each["pid"]) for each in json.loads(run.stdout)] == [
        ("api", "running", 4711),
        ("redis", "stopped", None),
    ]
    stand_in(folder, "manage", "one\ntwo\n")
    assert (
        ops_program("logs", "api", "--tail", "1", TARGET="procfile", SERVICE_COMMAND=program).stdout
        == "two\n"
    )
    assert (folder / "manage.asked").read_text().split() == ["logs", "api", "1"]


def test_what_a_procfile_target_lacks_is_unavailable_here(folder: Path) -> None:
    for words, name in (
        ("ps", "SERVICE_COMMAND"),
        ("psql", "DATABASE_READ_URL"),
        ("redis-cli", "REDIS_READ_URL"),
    ):
        run = ops_program(
            words, TARGET="procfile", SERVICE_COMMAND="", DATABASE_READ_URL="", REDIS_READ_URL=""
        )
        assert run.returncode == 3
        assert "unavailable here" in run.stderr
        assert name in run.stderr
    stand_in(folder, "manage", "api maybe\n")
    run = ops_program("ps", TARGET="procfile", SERVICE_COMMAND="manage")
    assert "must print NAME STATE [PID]" in run.stderr


def test_passwords_are_not_in_an_argv() -> None:
    procfile = Procfile(
        {
            "DATABASE_READ_URL": "postgresql://look:hush@db:5433/prompts",
            "REDIS_READ_URL": "rediss://look:hush@r:7/2",
        }
    )
    psql, redis = procfile.psql(["-c", "x"], write=False), procfile.redis_cli(["PING"], write=False)
    assert psql.argv == ("psql", "-c", "x")
    assert psql.env == {
        "PGHOST": "db", "PGPORT": "5433", "PGUSER": "look", "PGPASSWORD": "hush", "PGDATABASE": "prompts"
    }  # fmt: skip
    assert redis.argv == ("redis-cli", "-h", "r", "-p", "7", "-n", "2", "--tls", "--user", "look", "PING")
    assert redis.env == {"REDISCLI_AUTH": "hush"}


def test_the_local_stack_is_no_place_elsewhere() -> None:
    assert elsewhere({}) is None
    assert elsewhere({"TARGET": "local"}) is None


class _Prometheus(BaseHTTPRequestHandler):
    """What Prometheus says of ``up``: the API answers, PostgreSQL does not."""

    def do_GET(self) -> None:
        samples = [
            {"metric": {"job": job}, "value": [0, value]} for job, value in (("api", "1"), ("postgres", "0"))
        ]
        body = json.dumps({"status": "success", "data": {"resultType": "vector", "result": samples}})
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Silence."""


@pytest.fixture
def prometheus() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Prometheus)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_target_that_is_only_observed_is_listed_as_prometheus_sees_it(prometheus: str) -> None:
    run = ops_program("ps", "--json", TARGET="observe", PROMETHEUS_URL=prometheus)
    states = {each["name"]: each["state"] for each in json.loads(run.stdout)}
    assert states == {
        "postgres": "stopped",
        "redis": "unknown",
        "api": "running",
        "evaluator": "unknown",
        "ops": "unknown",
        "status": "unknown",
    }


@pytest.mark.parametrize("words", [("logs", "api"), ("psql", "-c", "SELECT 1"), ("redis-cli", "PING")])
def test_what_is_only_observed_says_where_to_look_instead(words: tuple[str, ...]) -> None:
    run = ops_program(*words, TARGET="observe")
    assert run.returncode == 3
    assert run.stderr.startswith("ops: unavailable here: TARGET=observe has no")
    assert "docker" in run.stderr


def test_an_observed_target_without_prometheus_says_so() -> None:
    run = ops_program("ps", TARGET="observe", PROMETHEUS_URL="http://127.0.0.1:1")
    assert run.returncode == 3
    assert "Prometheus at http://127.0.0.1:1 does not say how the services are" in run.stderr


def test_in_containers_a_real_prometheus_stands_for_the_evaluator(folder: Path) -> None:
    stand_in(folder, "docker", _LOG)
    assert ops_program("logs", "evaluator").returncode == 0
    assert (folder / "docker.asked").read_text().split()[-1] == "prometheus"
    shelf = load_actions((RUNBOOKS / "actions.yml").read_text())
    for verb in ("start", "stop", "restart"):
        assert shelf[f"{verb}-evaluator"].argv["compose"][-1] == "prometheus"
