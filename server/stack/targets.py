"""A target that is no local stack: the same words through docker compose, through kubectl, through a program that the
operator names, or only to look at through Prometheus.

The argv of compose are by its documentation and were run against no engine here, those of kubectl against no cluster.
"""

import os
import shutil
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn, Protocol

import msgspec

from alerts.wire import SERVICES, ServiceView

_TIMEOUT_S = 15.0
_CONTAINERS: Mapping[str, str] = {"evaluator": "prometheus"}
"""What compose calls a service where that is not our word: a real Prometheus evaluates there."""
_STATES: Mapping[str, Any] = {
    "running": "running",
    "restarting": "backoff",
    "created": "stopped",
    "paused": "stopped",
    "exited": "exited",
    "removing": "stopping",
    "dead": "fatal",
}
"""What compose calls a container's state, in our words."""


class UnavailableError(Exception):
    """This target cannot do that here; the message says why, and what to do."""


class TargetProgram(msgspec.Struct, frozen=True):
    """A program to run in our place, with what it needs beside our environment; secrets are never in ``argv``."""

    argv: tuple[str, ...]
    env: Mapping[str, str] = {}


class RemoteTarget(Protocol):
    """One kind of target."""

    def services(self) -> list[ServiceView]:
        """Every service with its state. Raises ``UnavailableError``."""
        ...

    def log(self, service: str, *, tail: int, follow: bool) -> TargetProgram:
        """What prints the log of a service. Raises ``UnavailableError``."""
        ...

    def psql(self, args: Sequence[str], *, write: bool) -> TargetProgram:
        """psql on the database, as a role that can only read unless ``write``. Raises ``UnavailableError``."""
        ...

    def redis_cli(self, args: Sequence[str], *, write: bool) -> TargetProgram:
        """redis-cli, as a user that can only read unless ``write``. Raises ``UnavailableError``."""
        ...


def postgres_environment(dsn: str) -> dict[str, str]:
    """What PostgreSQL's programs need to reach an address, as variables: in argv a password is everybody's to read."""
    url = urllib.parse.urlsplit(dsn)
    query = dict(urllib.parse.parse_qsl(url.query))
    words = {
        "PGHOST": query.get("host") or url.hostname or "",
        "PGPORT": query.get("port") or str(url.port or ""),
        "PGUSER": urllib.parse.unquote(url.username or ""),
        "PGPASSWORD": urllib.parse.unquote(url.password or ""),
        "PGDATABASE": url.path.lstrip("/"),
        "PGSSLMODE": query.get("sslmode", ""),
    }
    return {name: value for name, value in words.items() if value}


def elsewhere(env: Mapping[str, str]) -> RemoteTarget | None:
    """The target that ``TARGET`` names; None for the local stack."""
    match env.get("TARGET", "local"):
        case "compose":
            return Compose(terminal=sys.stdin.isatty())
        case "procfile":
            return Procfile(env)
        case "kubernetes":
            return Kubernetes(env)
        case "observe":
            return Observed(env.get("PROMETHEUS_URL") or "http://127.0.0.1:9090")
        case _:
            return None


class Compose:
    """The services of a compose project, from the host."""

    def __init__(self, *, terminal: bool) -> None:
        self._tty = () if terminal else ("--no-TTY",)

    def services(self) -> list[ServiceView]:
        listed = _printed(("docker", "compose", "ps", "--all", "--no-trunc", "--format", "json"))
        try:
            containers = {str(each["Service"]): each for each in _objects(listed)}
            return [_container(name, containers.get(_CONTAINERS.get(name, name))) for name in SERVICES]
        except (msgspec.DecodeError, KeyError, TypeError) as error:
            raise UnavailableError(
                f"docker compose ps printed what is no list of containers: {error}"
            ) from error

    def log(self, service: str, *, tail: int, follow: bool) -> TargetProgram:
        options = ("--no-color", "--no-log-prefix", "--tail", str(tail), *(("--follow",) if follow else ()))
        return TargetProgram(("docker", "compose", "logs", *options, _CONTAINERS.get(service, service)))

    def psql(self, args: Sequence[str], *, write: bool) -> TargetProgram:
        user = "structured_prompt" if write else "structured_prompt_read"
        words = ("psql", "--username", user, "--dbname", "structured_prompt_db", *args)
        return TargetProgram(("docker", "compose", "exec", *self._tty, "postgres", *words))

    def redis_cli(self, args: Sequence[str], *, write: bool) -> TargetProgram:
        who = () if write else ("--user", "ops_read", "--pass", "any", "--no-auth-warning")
        return TargetProgram(("docker", "compose", "exec", *self._tty, "redis", "redis-cli", *who, *args))


def _objects(listed: str) -> list[dict[str, Any]]:
    """Containers as JSON: one a line, or, before compose 2.21, all in one array."""
    if listed.lstrip().startswith("["):
        return msgspec.json.decode(listed, type=list[dict[str, Any]])
    return [msgspec.json.decode(line, type=dict[str, Any]) for line in listed.splitlines() if line.strip()]


def _container(name: str, found: dict[str, Any] | None) -> ServiceView:
    if found is None:
        return ServiceView(name=name, state="stopped", detail="it has no container")
    state = _STATES.get(str(found.get("State", "")).lower(), "unknown")
    health = str(found.get("Health") or "")
    detail = f"health {health}" if health not in ("", "healthy") else ""
    return ServiceView(
        name=name,
        state="starting" if state == "running" and health == "starting" else state,
        detail=detail or ("" if state == "running" else str(found.get("Status", ""))),
    )


class _ByAddress:
    """Stores that are reached at an address: their programs run here, as the users of two variables."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env

    def psql(self, args: Sequence[str], *, write: bool) -> TargetProgram:
        return TargetProgram(("psql", *args), postgres_environment(self._address("DATABASE", write=write)))

    def redis_cli(self, args: Sequence[str], *, write: bool) -> TargetProgram:
        url = urllib.parse.urlsplit(self._address("REDIS", write=write))
        where = (
            ("-s", url.path)
            if url.scheme == "unix"
            else (
                "-h",
                url.hostname or "localhost",
                "-p",
                str(url.port or 6379),
                "-n",
                url.path.strip("/") or "0",
            )
        )
        who = ("--user", urllib.parse.unquote(url.username)) if url.username else ()
        tls = ("--tls",) if url.scheme == "rediss" else ()
        password = {"REDISCLI_AUTH": urllib.parse.unquote(url.password)} if url.password else {}
        return TargetProgram(("redis-cli", *where, *tls, *who, *args), password)

    def _address(self, store: str, *, write: bool) -> str:
        name = f"{store}_URL" if write else f"{store}_READ_URL"
        if not self._env.get(name):
            raise UnavailableError(
                f"unavailable here: set {name} to the address of a user that {'may write' if write else 'can only read'}"
            )
        return self._env[name]


class Procfile(_ByAddress):
    """Services under a process manager, through one program: ``PROGRAM list|logs|start|stop|restart …``."""

    def __init__(self, env: Mapping[str, str]) -> None:
        super().__init__(env)
        self._program = env.get("SERVICE_COMMAND", "")

    def services(self) -> list[ServiceView]:
        lines = [line.split() for line in _printed((self._named(), "list")).splitlines() if line.strip()]
        try:
            return [
                msgspec.convert(
                    {"name": name, "state": state, "pid": int(more[0]) if more else None}, ServiceView
                )
                for name, state, *more in lines
            ]
        except (ValueError, msgspec.ValidationError) as error:
            raise UnavailableError(
                f"{self._program} list must print NAME STATE [PID], a service a line: {error}"
            ) from error

    def log(self, service: str, *, tail: int, follow: bool) -> TargetProgram:
        if follow:
            raise UnavailableError("--follow is unavailable here: TARGET=procfile reads what is there")
        return TargetProgram((self._named(), "logs", service, str(tail)))

    def _named(self) -> str:
        if not self._program:
            raise UnavailableError(
                "unavailable here: TARGET=procfile needs SERVICE_COMMAND, the program that lists and starts services"
            )
        return self._program


class Kubernetes(_ByAddress):
    """What runs in the namespace of kubectl's context; the stores and Prometheus are elsewhere."""

    _CONTAINERS: Mapping[str, tuple[str, str]] = {
        "api": ("api", "api"),
        "ops": ("ops", "ops"),
        "status": ("ops", "status"),
    }
    """Of each service the workload that runs it, and its container there (deploy/kubernetes)."""

    def services(self) -> list[ServiceView]:
        listed = _printed(("kubectl", "get", "deployments,statefulsets", "--output", "json"))
        try:
            items = msgspec.json.decode(listed)["items"]
            workloads = {str(each["metadata"]["name"]): each for each in items}
            return [self._service(name, workloads) for name in SERVICES]
        except (msgspec.DecodeError, LookupError, TypeError) as error:
            raise UnavailableError(f"kubectl get printed what is no list of workloads: {error}") from error

    def log(self, service: str, *, tail: int, follow: bool) -> TargetProgram:
        if service not in self._CONTAINERS:
            raise UnavailableError(f"unavailable here: {service} does not run in this namespace")
        workload, container = self._CONTAINERS[service]
        # By the label of its pods: of a deployment's name kubectl shows one pod only.
        which = ("--selector", f"app={workload}", "--container", container, "--max-log-requests", "32")
        return TargetProgram(
            ("kubectl", "logs", *which, "--tail", str(tail), *(("--follow",) if follow else ()))
        )

    def _service(self, name: str, workloads: Mapping[str, Any]) -> ServiceView:
        if name not in self._CONTAINERS:
            return ServiceView(name=name, state="unknown", detail="it does not run in this namespace")
        found = workloads.get(self._CONTAINERS[name][0])
        if found is None:
            return ServiceView(name=name, state="stopped", detail="it has no workload")
        wanted = int(found["spec"].get("replicas", 1))
        ready = int(found.get("status", {}).get("readyReplicas", 0))
        if wanted == 0:
            return ServiceView(name=name, state="stopped", detail="scaled to nothing")
        detail = "" if ready == wanted else f"{ready} of {wanted} pods ready"
        return ServiceView(name=name, state="running" if ready else "starting", detail=detail)


class Observed:
    """Services that we can only look at, through Prometheus: a daemon in a container has no hold on the others."""

    _QUERY = 'min by (job) ({__name__=~"up|pg_up|redis_up|probe_success"})'

    def __init__(self, prometheus_url: str) -> None:
        self._url = prometheus_url

    def services(self) -> list[ServiceView]:
        query = urllib.parse.urlencode({"query": self._QUERY})
        try:
            with urllib.request.urlopen(f"{self._url}/api/v1/query?{query}", timeout=_TIMEOUT_S) as answer:  # noqa: S310
                result = msgspec.json.decode(answer.read())["data"]["result"]
            up = {str(sample["metric"].get("job", "")): sample["value"][1] == "1" for sample in result}
        except (OSError, msgspec.DecodeError, LookupError, TypeError) as error:
            raise UnavailableError(
                f"Prometheus at {self._url} does not say how the services are: {error}"
            ) from error
        return [_observed(name, up.get(name)) for name in SERVICES]

    def log(self, service: str, *, tail: int, follow: bool) -> TargetProgram:
        raise UnavailableError(
            f"unavailable here: TARGET=observe has no hold on the services; read it on their host: docker-compose logs --tail {tail} {service}"
        )

    def psql(self, args: Sequence[str], *, write: bool) -> TargetProgram:
        raise UnavailableError(
            "unavailable here: TARGET=observe has no way to PostgreSQL; on its host: docker exec -it postgres psql"
        )

    def redis_cli(self, args: Sequence[str], *, write: bool) -> TargetProgram:
        raise UnavailableError(
            "unavailable here: TARGET=observe has no way to Redis; on its host: docker exec -it redis redis-cli"
        )


def _observed(name: str, up: bool | None) -> ServiceView:
    if up is None:
        return ServiceView(name=name, state="unknown", detail="Prometheus has no measurement of it")
    return ServiceView(name=name, state="running" if up else "stopped", detail="as Prometheus sees it")


def _printed(argv: Sequence[str]) -> str:
    """What a program prints. Raises ``UnavailableError`` with its own words where it fails."""
    if shutil.which(argv[0]) is None:
        raise UnavailableError(f"unavailable here: there is no program {argv[0]} on the PATH")
    try:
        run = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnavailableError(f"{argv[0]} did not answer: {error}") from error
    if run.returncode != 0:
        said = run.stderr.strip().splitlines()[-1:] or [f"exit code {run.returncode}"]
        raise UnavailableError(f"{' '.join(argv)} failed: {said[0]}")
    return run.stdout


def lines_of(program: TargetProgram) -> list[str]:
    """What a log program prints, line by line. Raises ``UnavailableError``."""
    return _printed(program.argv).splitlines()


def become(program: TargetProgram) -> NoReturn:
    """Turn this process into ``program``. Raises ``UnavailableError`` where it is not installed."""
    found = shutil.which(program.argv[0])
    if found is None:
        raise UnavailableError(f"unavailable here: there is no program {program.argv[0]} on the PATH")
    sys.stdout.flush()
    os.execve(found, program.argv, {**os.environ, **program.env})  # noqa: S606  (the person's own terminal becomes it)
