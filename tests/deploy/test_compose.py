"""Facts about docker-compose.yml: every port, path, name, variable, volume and health check agrees with the code."""

import re
import subprocess
from pathlib import Path

import msgspec
import pytest
import yaml

from conftest import Peer
from runbooks.engine.action import load_actions
from server.api.config import ApiConfig
from server.http.host_guard import HostGuard, host_names
from server.ops.config import OpsConfig
from server.paths import RULES, RUNBOOKS
from server.secret_files import SECRETS
from server.stack.layout import DEFAULT_PORTS, Layout
from server.status.__main__ import StatusConfig
from tests.deploy.compose_file import COMPOSE, OWN, ROOT, ComposeFile

SEEDS_CONTAINERS = {"api": "api-server", "postgres": "postgres", "redis": "redis"}
SEEDS_PORTS = {
    "api": (8000, "127.0.0.1:8000"),
    "grafana": (3000, "127.0.0.1:3000"),
    "prometheus": (9090, "127.0.0.1:9090"),
    "alertmanager": (9093, "127.0.0.1:9093"),
}
EXPORTERS = {
    "postgres-exporter": 9187,
    "redis-exporter": 9121,
    "node-exporter": 9100,
    "blackbox-exporter": 9115,
}
APART = ComposeFile(ROOT / "docker-compose.ops.yml")


def test_it_has_the_services_of_the_project_under_the_seeds_names() -> None:
    assert set(COMPOSE.services) == {
        *OWN,
        *EXPORTERS,
        *SEEDS_PORTS,
        *SEEDS_CONTAINERS,
        "ops-on-host",
    }
    assert {name: COMPOSE.services[name]["container_name"] for name in SEEDS_CONTAINERS} == SEEDS_CONTAINERS


def test_each_is_published_where_the_seed_looks_for_it() -> None:
    assert {name: dict([port]) for name, port in SEEDS_PORTS.items()} == {
        name: COMPOSE.published(name) for name in SEEDS_PORTS
    }


def test_nothing_is_published_beyond_this_machine_unless_somebody_says_so() -> None:
    addresses = [address for name in COMPOSE.services for address in COMPOSE.published(name).values()]
    assert all(address.startswith("127.0.0.1:") for address in addresses)
    assert len(addresses) == 6


@pytest.mark.parametrize("service", OWN)
def test_our_own_processes_listen_where_they_are_published_and_probed(service: str) -> None:
    env = COMPOSE.environment(service)
    port = int(env[f"{service.upper()}_PORT"])
    assert port == DEFAULT_PORTS[service]
    assert list(COMPOSE.published(service)) == [port]
    assert env[f"{service.upper()}_BIND"] == "0.0.0.0"
    assert COMPOSE.services[service]["command"] == ["python", "-m", OWN[service]]


def test_our_own_settings_are_ones_that_the_processes_read(tmp_path: Path) -> None:
    """Every default there is the code's default, and every variable one that the code knows."""
    api = {name: value for name, value in COMPOSE.environment("api").items() if not name.endswith("_API_KEY")}
    known = {name.upper() for name in ApiConfig.__struct_fields__}
    assert {name.removesuffix("_FILE") for name in api} <= known
    plain = {name: value for name, value in api.items() if not name.endswith("_FILE")}
    read, default = ApiConfig.from_env(plain), ApiConfig()
    fixed = {"api_bind", "api_state", "redis_url", "allowed_hosts"}
    assert {f: getattr(read, f) for f in read.__struct_fields__ if f not in fixed} == {
        f: getattr(default, f) for f in default.__struct_fields__ if f not in fixed
    }


def test_the_ops_daemon_there_observes_and_is_patient_with_the_watchdog() -> None:
    env = {n: v for n, v in COMPOSE.environment("ops").items() if not n.endswith("_FILE")}
    config, default = OpsConfig.from_env(env), OpsConfig.from_env({"TARGET": "observe"})
    assert (config.target, config.target_label, config.bind) == ("observe", "compose", "0.0.0.0")
    assert config.watchdog_timeout is not None
    assert config.watchdog_timeout.total_seconds() > 2 * 75
    for name in ("monitor_period", "status_name", "status_public_url", "status_hold_down", "rehearsal_at"):
        assert getattr(config, name) == getattr(default, name)


def test_what_the_daemon_publishes_is_what_the_status_page_reads() -> None:
    folder = f"{COMPOSE.environment('ops')['OPS_STATE']}/public"
    config = StatusConfig.from_env(COMPOSE.environment("status"))
    assert str(config.public) == folder
    assert f"ops-public:{folder}" in COMPOSE.services["ops"]["volumes"]
    assert COMPOSE.services["status"]["volumes"] == [f"${{OPS_PUBLIC:-ops-public}}:{folder}:ro"]


@pytest.mark.parametrize("service", OWN)
def test_each_answers_to_the_name_by_which_the_others_call_it(service: str) -> None:
    guard = HostGuard("0.0.0.0", host_names(COMPOSE.environment(service)["ALLOWED_HOSTS"]))
    assert guard.is_ours(f"{service}:{DEFAULT_PORTS[service]}")
    assert guard.takes_any == (service != "ops")


def test_the_status_page_knows_nothing_else() -> None:
    status = COMPOSE.services["status"]
    assert "secrets" not in status
    assert set(COMPOSE.environment("status")) == {
        "STATUS_BIND",
        "STATUS_PORT",
        "STATUS_PUBLIC",
        "ALLOWED_HOSTS",
    }


def test_the_ops_api_is_on_a_network_of_its_own() -> None:
    on_it = {name for name in COMPOSE.services if "ops" in COMPOSE.networks(name)}
    assert on_it == {"ops", "ops-on-host", "prometheus", "alertmanager"}
    assert COMPOSE.networks("ops") == {"ops"}
    assert not COMPOSE.networks("api") & COMPOSE.networks("alertmanager")


def test_the_stores_are_on_a_network_that_leads_nowhere() -> None:
    assert COMPOSE.document["networks"]["store"] == {"internal": True}
    for name in ("postgres", "redis"):
        assert COMPOSE.networks(name) == {"store"}
        assert COMPOSE.published(name) == {}


def test_every_service_is_limited_restarted_probed_and_its_log_bounded() -> None:
    for name, service in COMPOSE.services.items():
        assert service["restart"] == "unless-stopped", name
        assert service["mem_limit"], name
        assert service["cpus"], name
        assert service["logging"]["options"] == {"max-size": "20m", "max-file": "5"}, name
        assert service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL"), name
        assert service["security_opt"] == ["no-new-privileges:true"], name


def test_health_checks_ask_the_services_own_ports() -> None:
    own = {"api": ":8000/v1/ready", "ops": ":8001/v1/live", "status": ":8080/healthz"}
    ports = {name: port for name, (port, _) in SEEDS_PORTS.items()} | EXPORTERS
    for name, service in COMPOSE.services.items():
        asked = service["healthcheck"]["test"][-1]
        if name in own:
            assert asked == f"http://127.0.0.1{own[name]}"
        elif name in ports:
            assert re.match(rf"http://127\.0\.0\.1:{ports[name]}/", asked), name


def test_our_own_containers_have_no_rights_to_lose() -> None:
    for name in OWN:
        service = COMPOSE.services[name]
        assert (service["read_only"], service["cap_drop"], service["init"]) == (True, ["ALL"], True)
        written = {
            volume.split(":")[1] for volume in service.get("volumes", []) if not volume.endswith(":ro")
        }
        named = {value for key, value in COMPOSE.environment(name).items() if key.endswith("_STATE")}
        assert named <= written | {"/tmp"}


def test_the_time_to_stop_is_longer_than_the_time_to_drain() -> None:
    assert int(COMPOSE.services["api"]["stop_grace_period"].removesuffix("s")) > ApiConfig().drain_timeout_s


def test_secrets_come_from_files_and_every_one_is_made_by_the_setup() -> None:
    declared = {name: source["file"] for name, source in COMPOSE.document["secrets"].items()}
    assert {Path(path).name for path in declared.values()} == set(declared)
    used = {secret for service in COMPOSE.services.values() for secret in service.get("secrets", [])}
    assert used == set(declared)
    for name in COMPOSE.services:
        for variable, value in COMPOSE.environment(name).items():
            if value.startswith("/run/secrets/"):
                assert value.removeprefix("/run/secrets/") in COMPOSE.services[name]["secrets"], variable
    setup = (ROOT / "scripts" / "compose_setup.sh").read_text()
    assert [name for name in declared if name not in setup] == []


def test_every_secret_of_our_own_is_one_that_may_lie_in_a_file() -> None:
    for name in OWN:
        for variable in COMPOSE.environment(name):
            if variable.endswith("_FILE"):
                secret = variable.removesuffix("_FILE")
                assert secret in SECRETS or secret.startswith("OPS_")


def test_mounted_files_are_there() -> None:
    for name, service in COMPOSE.services.items():
        for volume in service.get("volumes", []):
            if volume.startswith("./"):
                assert (ROOT / volume.split(":")[0]).exists(), f"{name}: {volume}"
    assert (
        f"./{RULES.relative_to(ROOT)}:/etc/prometheus/rules:ro" in COMPOSE.services["prometheus"]["volumes"]
    )


def test_named_volumes_are_declared_and_used() -> None:
    mounted = {
        re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", volume).split(":")[0]
        for service in COMPOSE.services.values()
        for volume in service.get("volumes", [])
        if not volume.startswith(("./", "/"))
    }
    assert mounted == set(COMPOSE.document["volumes"])


def test_images_are_pinned() -> None:
    for name, service in COMPOSE.services.items():
        if "build" not in service:
            assert re.search(r":v?\d+(\.\d+)*[\w.-]*$", service["image"]), f"{name}: {service['image']}"


def test_every_variable_it_takes_is_in_the_example() -> None:
    example = (ROOT / ".env.example").read_text()
    missing = [
        name for name in COMPOSE.variables if not re.search(rf"^(?:# )?{name}=", example, re.MULTILINE)
    ]
    assert missing == []


def test_roles_and_database_are_those_of_the_local_stack() -> None:
    from server.stack.local.wheels import REDIS_READER, ROLES

    script = (ROOT / "deploy" / "postgres" / "roles.sh").read_text()
    assert [role for role in ROLES if f"{role};" not in script] == []
    assert (
        REDIS_READER.format(password="nopass")
        in (ROOT / "deploy" / "redis" / "redis.conf").read_text().splitlines()
    )


def test_the_seeds_user_and_database_are_there() -> None:
    from server.stack.local.wheels import ROLES

    assert any(role.startswith("CREATE ROLE structured_prompt LOGIN") for role in ROLES)
    assert "CREATE DATABASE structured_prompt_db OWNER structured_prompt" in ROLES


def test_the_actions_of_a_compose_target_name_services_that_are_there() -> None:
    for action in load_actions((RUNBOOKS / "actions.yml").read_text()).values():
        for argv in (action.argv.get("compose", ()), action.precheck.get("compose", ())):
            if argv[:2] != ("docker", "compose"):
                continue
            named = [word for word in argv[3:] if word in COMPOSE.services]
            assert named, f"{action.name}: {argv}"
            wrong = {"evaluator", "api-server"} & set(argv)
            assert not wrong, f"{action.name}: {wrong}"


def test_scaling_reaches_the_master_in_its_container() -> None:
    """The state folder that the action names is the one in which the container's API has its socket."""
    argv = load_actions((RUNBOOKS / "actions.yml").read_text())["scale-api"].argv["compose"]
    state = Path(argv[argv.index("--state") + 1])
    assert str(Layout.at(state).api_state) == COMPOSE.environment("api")["API_STATE"]


def test_the_daemon_on_the_host_takes_the_place_of_the_one_in_a_container() -> None:
    profiles = {name: set(service.get("profiles", [])) for name, service in COMPOSE.services.items()}
    assert profiles["ops"] == {"ops"}
    assert profiles["ops-on-host"] == {"host-ops"}
    assert profiles["status"] == {"ops", "host-ops"}
    assert COMPOSE.services["ops-on-host"]["networks"] == {"ops": {"aliases": ["ops"]}}
    assert not any(
        wanted for name, wanted in profiles.items() if name not in ("ops", "ops-on-host", "status")
    )


def test_apart_the_two_are_the_same_and_outlive_the_service() -> None:
    assert set(APART.services) == {"ops", "status"}
    for name, service in APART.services.items():
        assert service["extends"] == {"file": "docker-compose.yml", "service": name}
        assert set(service["networks"]) == COMPOSE.networks(name)
    for kind in ("networks", "volumes"):
        for name, declared in APART.document[kind].items():
            assert declared == COMPOSE.document[kind][name]
    laid_over = yaml.safe_load((ROOT / "deploy" / "compose" / "apart.yml").read_text())
    assert laid_over == {
        "networks": {
            name: {**declared, "external": True} for name, declared in APART.document["networks"].items()
        }
    }


def test_what_can_be_extended_depends_on_nothing() -> None:
    """docker-compose 1.29 extends no service with depends_on, and apart there is nothing to depend on."""
    assert [name for name in APART.services if "depends_on" in COMPOSE.services[name]] == []


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what docker-compose reads, with its secrets made."""
    for name in ("docker-compose.yml", "docker-compose.ops.yml", ".env.example"):
        (tmp_path / name).write_text((ROOT / name).read_text())
    for folder in ("scripts", "deploy/compose"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "deploy/compose/apart.yml").write_text((ROOT / "deploy/compose/apart.yml").read_text())
    (tmp_path / "scripts/compose_setup.sh").write_text((ROOT / "scripts/compose_setup.sh").read_text())
    run("sh", "scripts/compose_setup.sh", cwd=tmp_path)
    return tmp_path


def run(*argv: str, cwd: Path, expect: int = 0) -> str:
    done = subprocess.run(argv, cwd=cwd, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == expect, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.peer
def test_docker_compose_accepts_it_alone_and_apart(peer: Peer, checkout: Path) -> None:
    program = peer.find("docker-compose")
    whole = yaml.safe_load(run(program, "config", cwd=checkout))
    assert set(whole["services"]) == set(COMPOSE.services)
    assert whole["services"]["api"]["environment"]["CACHE_DEFAULT_TTL"] == "3600"
    apart = yaml.safe_load(run(program, "-p", "x", "-f", "docker-compose.ops.yml", "config", cwd=checkout))
    assert set(apart["services"]) == {"ops", "status"}
    assert "apart" in apart["services"]["ops"]["profiles"]
    run("sh", "scripts/compose_setup.sh", "apart", cwd=checkout)
    over = yaml.safe_load(run(program, "config", cwd=checkout))
    assert over["networks"]["ops"] == {"external": True, "name": "structured-prompt-ops"}


@pytest.mark.peer
def test_the_seeds_setting_in_env_reaches_the_api(peer: Peer, checkout: Path) -> None:
    with (checkout / ".env").open("a") as env:
        env.write("CACHE_DEFAULT_TTL=7200  # 2 hours instead of 1\n")
    seen = yaml.safe_load(run(peer.find("docker-compose"), "config", cwd=checkout))
    config = ApiConfig.from_env(
        {"CACHE_DEFAULT_TTL": seen["services"]["api"]["environment"]["CACHE_DEFAULT_TTL"]}
    )
    assert config.cache_default_ttl == 7200


def test_the_setup_keeps_what_there_is_and_lets_nobody_else_in(checkout: Path) -> None:
    secrets = checkout / "deploy" / "secrets"
    before = {path.name: path.read_text() for path in secrets.iterdir()}
    assert set(before) == set(COMPOSE.document["secrets"])
    assert len(set(before.values())) == len(before)
    assert all(len(text.strip()) >= 64 for text in before.values())
    (checkout / ".env").write_text("CACHE_DEFAULT_TTL=7200\n")
    run("sh", "scripts/compose_setup.sh", "host-ops", cwd=checkout)
    assert {path.name: path.read_text() for path in secrets.iterdir()} == before
    assert (checkout / ".env").read_text().splitlines() == [
        "CACHE_DEFAULT_TTL=7200",
        "COMPOSE_PROFILES=host-ops",
        "COMPOSE_FILE=docker-compose.yml",
        "COMPOSE_PROJECT_NAME=structured-prompt",
    ]
    assert secrets.stat().st_mode & 0o777 == 0o700
    assert (checkout / ".env").stat().st_mode & 0o077 == 0
    assert {path.stat().st_mode & 0o777 for path in secrets.iterdir()} == {0o644}


def test_the_setup_refuses_a_profile_that_is_none(checkout: Path) -> None:
    assert "there are ops, host-ops and apart" in run(
        "sh", "scripts/compose_setup.sh", "all", cwd=checkout, expect=2
    )


def test_the_address_of_the_database_is_the_composes(checkout: Path) -> None:
    url = (checkout / "deploy" / "secrets" / "database_url").read_text().strip()
    password = (checkout / "deploy" / "secrets" / "postgres_password").read_text().strip()
    assert url == f"postgresql://structured_prompt:{password}@postgres:5432/structured_prompt_db"
    assert msgspec.structs.asdict(ApiConfig.from_env({"DATABASE_URL": url}))["database_url"] == url
