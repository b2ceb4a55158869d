"""Facts about the units: they start our processes, let a step outlive the daemon, and can be operated as a target."""

import configparser
import re
import subprocess
from pathlib import Path

import pytest

from alerts.wire import SERVICES
from conftest import Peer
from server.api.config import ApiConfig
from server.ops.config import OpsConfig
from server.stack.layout import OPERABLE
from server.stack.targets import Procfile, UnavailableError
from tests.deploy.compose_file import COMPOSE, ROOT

FOLDER = ROOT / "deploy" / "systemd"
COMMAND = FOLDER / "service_command.sh"
MODULES = {"api": "server", "evaluator": "server.evaluator", "ops": "server.ops", "status": "server.status"}


def unit(name: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names of settings have capitals
    parser.read_string((FOLDER / name).read_text())
    return parser


def environment(name: str) -> dict[str, str]:
    lines = re.findall(r"^Environment=(\w+)=(.*)$", (FOLDER / name).read_text(), re.MULTILINE)
    return dict(lines)


@pytest.mark.parametrize(("name", "module"), MODULES.items())
def test_each_process_has_a_unit(name: str, module: str) -> None:
    service = unit(f"{name}.service")["Service"]
    assert service["ExecStart"].endswith(f"python -m {module}")
    assert service["Restart"] == "always"
    assert service["User"] == "structured-prompt"
    assert service["NoNewPrivileges"] == "yes"
    assert f"{name}.service" in unit("structured-prompt.target")["Unit"]["Wants"].split()


def test_a_step_outlives_the_daemon_that_is_restarted() -> None:
    assert unit("ops.service")["Service"]["KillMode"] == "process"


def test_the_api_drains_before_systemd_loses_patience_and_is_reloaded_by_hup() -> None:
    service = unit("api.service")["Service"]
    assert int(service["TimeoutStopSec"]) > ApiConfig().drain_timeout_s
    assert service["ExecReload"] == "/bin/kill -HUP $MAINPID"


def test_they_share_one_state_folder_as_the_processes_lay_it_out() -> None:
    state = Path(environment("ops.service")["OPS_STATE"])
    assert environment("status.service")["STATUS_PUBLIC"] == str(state / "public")
    assert environment("evaluator.service")["OPS_INGEST_TOKEN_FILE"] == str(state / "tokens" / "ingest")
    assert environment("evaluator.service")["OPS_METRICS_TOKEN_FILE"] == str(state / "tokens" / "metrics")
    assert unit("ops.service")["Service"]["StateDirectory"].split()[0] == state.name


def test_the_status_page_has_no_settings_and_no_token() -> None:
    service = unit("status.service")["Service"]
    assert "EnvironmentFile" not in service
    assert "tokens" in service["InaccessiblePaths"]


def test_beside_compose_the_daemon_can_act_and_has_the_tokens_of_the_containers() -> None:
    env = environment("ops-beside-compose.conf")
    files = {name: value for name, value in env.items() if name.endswith("_TOKEN_FILE")}
    assert set(files) == {
        f"{who}_TOKEN_FILE" for who in ("API_ADMIN", "OPS_ADMIN", "OPS_INGEST", "OPS_METRICS")
    }
    assert {Path(path).name for path in files.values()} <= set(COMPOSE.document["secrets"])
    config = OpsConfig.from_env({name: value for name, value in env.items() if name not in files})
    assert (config.target, config.bind) == ("compose", "172.17.0.1")
    assert env["COMPOSE_PROFILES"] == "host-ops"


def test_the_example_is_one_that_the_daemon_takes() -> None:
    lines = [line for line in (FOLDER / "environment.example").read_text().splitlines() if "=" in line]
    env = dict(line.split("=", 1) for line in lines if not line.startswith("#"))
    plain = {name: value for name, value in env.items() if not name.endswith("_FILE")}
    assert OpsConfig.from_env(plain).target == "procfile"
    assert ApiConfig.from_env(plain).redis_url == "redis://127.0.0.1:6379/0"


@pytest.mark.peer
def test_systemd_accepts_them(peer: Peer, tmp_path: Path) -> None:
    """With another program in place of ours, which is not installed where they say."""
    for path in (*FOLDER.glob("*.service"), *FOLDER.glob("*.target")):
        text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", path.read_text(), flags=re.MULTILINE)
        (tmp_path / path.name).write_text(text)
    done = subprocess.run(
        [peer.find("systemd-analyze"), "verify", *sorted(tmp_path.iterdir())],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    about_ours = [line for line in done.stderr.splitlines() if str(tmp_path) in line]
    assert about_ours == []


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Procfile:
    """The target that service_command.sh makes of systemd, with a stand-in that notes what systemctl is asked."""
    (tmp_path / "systemctl").write_text(
        f"""#!/bin/sh
echo "$@" >> {tmp_path}/asked
case "$*" in
  *ActiveState*api.service) echo active ;;
  *MainPID*api.service) echo 4711 ;;
  *ActiveState*evaluator.service) echo failed ;;
  *ActiveState*postgresql.service) echo activating ;;
  *ActiveState*) echo inactive ;;
  *MainPID*) echo 0 ;;
esac
"""
    )
    (tmp_path / "journalctl").write_text('#!/bin/sh\necho "$@"\n')
    for name in ("systemctl", "journalctl"):
        (tmp_path / name).chmod(0o755)
        monkeypatch.setenv(name.upper(), str(tmp_path / name))
    return Procfile({"SERVICE_COMMAND": str(COMMAND)})


def test_it_lists_the_services_in_our_words(target: Procfile) -> None:
    views = {view.name: (view.state, view.pid) for view in target.services()}
    assert set(views) == set(SERVICES)
    assert views["api"] == ("running", 4711)
    assert views["evaluator"] == ("fatal", None)
    assert views["postgres"] == ("starting", None)
    assert views["redis"] == ("stopped", None)


def commanded(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(COMMAND), *words], capture_output=True, text=True, check=False, timeout=30)


@pytest.mark.parametrize("verb", ["start", "stop", "restart"])
@pytest.mark.parametrize("service", OPERABLE)
def test_it_operates_each_service(target: Procfile, tmp_path: Path, verb: str, service: str) -> None:
    assert commanded(verb, service).returncode == 0
    units = {"postgres": "postgresql", "redis": "redis-server"}
    assert (tmp_path / "asked").read_text() == f"{verb} {units.get(service, service)}.service\n"


def test_the_policy_lets_the_daemon_operate_exactly_what_the_program_does(
    target: Procfile, tmp_path: Path
) -> None:
    commanded("restart", "all")
    operated = set((tmp_path / "asked").read_text().split()[1:])
    policy = (FOLDER / "50-structured-prompt.rules").read_text()
    assert set(re.findall(r'"([a-z-]+\.service)"', policy)) == operated
    assert "ops.service" not in operated


def test_it_rolls_the_api_and_refuses_what_it_cannot_do(target: Procfile, tmp_path: Path) -> None:
    assert commanded("roll", "api").returncode == 0
    assert (tmp_path / "asked").read_text() == "reload api.service\n"
    for words in (("scale", "api", "3"), ("rollback", "api"), ("restart", "ops"), ("restart", "nginx"), ()):
        done = commanded(*words)
        assert done.returncode == 64, words
        assert done.stderr.startswith("service_command: ")


def test_it_shows_a_log(target: Procfile) -> None:
    assert commanded("logs", "api", "7").stdout == "--unit api.service --lines 7 --no-pager --output cat\n"
    with pytest.raises(UnavailableError):
        target.log("api", tail=1, follow=True)
