"""What the ops daemon is told from outside, read once."""

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import msgspec

from alerts.duration import DurationError, parse_duration_ms
from server.paths import RUNBOOKS
from server.secret_files import SecretFileError, read_secret_file, with_secret_files

TARGETS = ("local", "compose", "procfile", "observe")
GIVEN_TOKENS = {"admin": "OPS_ADMIN_TOKEN", "ingest": "OPS_INGEST_TOKEN", "metrics": "OPS_METRICS_TOKEN"}
"""The variables by which the token of a user in a file may be given from outside, themselves or as ``…_FILE``."""


class OpsConfigError(ValueError):
    """Every fault of the environment, in one message."""


class OpsConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of one ops daemon."""

    bind: str = "127.0.0.1"
    port: int = 8001
    state: Path = Path("var")
    """Holds ``tokens/``, ``ops/`` and ``public/``."""
    runbooks: Path = RUNBOOKS
    prometheus_url: str = "http://127.0.0.1:9090"
    api_url: str = "http://127.0.0.1:8000"
    status_url: str = "http://127.0.0.1:8080"
    database_url: str = ""
    redis_url: str = ""
    api_admin_token_file: Path | None = None
    target: str = "local"
    target_label: str = "local"
    """The environment in a word, as people see it: ``local``, ``DRILL``, ``production``."""
    service_command: str = ""
    """Program that starts, stops and restarts services on a procfile target."""
    evaluation_interval: timedelta = timedelta(seconds=5)
    watchdog_timeout: timedelta | None = None
    """Silence of the evaluator that raises EvaluatorSilent; three evaluation intervals where it is not given."""
    monitor_period: timedelta = timedelta(minutes=15)
    rehearsal_at: time | None = None
    """Time of day, UTC, of the daily rehearsal of the runbooks; None for none."""
    ballast_mb: int = 64
    status_name: str = "Structured Prompt Service"
    status_public_url: str = ""
    """Where the public finds the status page; ``status_url`` where it is not given."""
    status_hold_down: timedelta = timedelta(0)
    """How long a critical alert fires before a component's state follows it; two minutes off the local target."""
    given_tokens: Mapping[str, str] = {}
    """Tokens by user that come from outside (``OPS_INGEST_TOKEN_FILE``) and not from ``tokens/``."""
    secrets: tuple[str, ...] = ()
    """Values that are never shown: passwords in URLs and every variable whose name says that it is secret."""

    @property
    def url(self) -> str:
        """Where this daemon answers."""
        return f"http://{self.bind if self.bind not in ('0.0.0.0', '::') else '127.0.0.1'}:{self.port}"  # noqa: S104 - compared, not bound

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "OpsConfig":
        """The settings in an environment; raises ``OpsConfigError`` naming every variable that is wrong."""
        faults: list[str] = []
        try:
            env = with_secret_files(env)
        except SecretFileError as error:
            faults.append(str(error))
        reader = _Reader(env, faults)
        state = Path(env.get("OPS_STATE") or "var").absolute()
        given = reader.given_tokens(state / "tokens")
        config = cls(
            bind=env.get("OPS_BIND") or "127.0.0.1",
            port=reader.read("OPS_PORT" if env.get("OPS_PORT") else "PORT", _port, 8001),
            state=state,
            runbooks=Path(env["RUNBOOKS_DIR"]).absolute() if env.get("RUNBOOKS_DIR") else RUNBOOKS,
            prometheus_url=reader.read("PROMETHEUS_URL", _url, "http://127.0.0.1:9090"),
            api_url=reader.read("API_URL", _url, "http://127.0.0.1:8000"),
            status_url=reader.read("STATUS_URL", _url, "http://127.0.0.1:8080"),
            database_url=env.get("DATABASE_URL", ""),
            redis_url=env.get("REDIS_URL", ""),
            api_admin_token_file=Path(env["API_ADMIN_TOKEN_FILE"])
            if env.get("API_ADMIN_TOKEN_FILE")
            else None,
            target=reader.read("TARGET", _target, "local"),
            target_label=env.get("TARGET_LABEL") or env.get("TARGET") or "local",
            service_command=env.get("SERVICE_COMMAND", ""),
            evaluation_interval=reader.read("EVALUATION_INTERVAL", _duration, timedelta(seconds=5)),
            watchdog_timeout=reader.read("WATCHDOG_TIMEOUT", _duration, None),
            monitor_period=reader.read("MONITOR_PERIOD", _duration, timedelta(minutes=15)),
            status_name=env.get("STATUS_NAME") or "Structured Prompt Service",
            status_public_url=reader.read("STATUS_PUBLIC_URL", _url, ""),
            status_hold_down=reader.read("STATUS_HOLD_DOWN", _duration, _hold_down(env)),
            rehearsal_at=reader.read("REHEARSAL_AT", _time_of_day, time(9, 30)),
            ballast_mb=reader.read("BALLAST_MB", _size, 64),
            given_tokens=given,
            secrets=(*_secrets(env), *given.values()),
        )
        if config.target == "procfile" and not config.service_command:
            reader.faults.append(
                "SERVICE_COMMAND is missing: TARGET=procfile needs the program that starts and stops"
            )
        if reader.faults:
            raise OpsConfigError("; ".join(reader.faults))
        return config


_SECRET_WORDS = (
    "TOKEN",
    "SECRET",
    "PASSWORD",
    "PASSWD",
    "API_KEY",
    "PRIVATE_KEY",
    "ACCESS_KEY",
    "CREDENTIAL",
)


class _Reader:
    """Reads variables and collects what is wrong with them."""

    def __init__(self, env: Mapping[str, str], faults: list[str]) -> None:
        self._env = env
        self.faults = faults

    def given_tokens(self, folder: Path) -> dict[str, str]:
        """The tokens from outside by user; a file that lies in ``folder`` is our own to make."""
        given = {}
        for user, name in GIVEN_TOKENS.items():
            path = self._env.get(f"{name}_FILE", "")
            if self._env.get(name):
                given[user] = self._env[name]
            elif path and Path(path).absolute().parent != folder:
                try:
                    given[user] = read_secret_file(f"{name}_FILE", path)
                except SecretFileError as error:
                    self.faults.append(str(error))
        return given

    def read(self, name: str, parse: Callable[[str], Any], default: Any) -> Any:
        text = self._env.get(name, "")
        if not text:
            return default
        try:
            return parse(text)
        except ValueError as error:
            self.faults.append(f"{name}={text!r}: {error}")
            return default


def _hold_down(env: Mapping[str, str]) -> timedelta:
    return timedelta(0) if env.get("TARGET", "local") == "local" else timedelta(minutes=2)


def _port(text: str) -> int:
    if not text.isdigit() or not 0 <= int(text) <= 65535:
        raise ValueError("is no port between 0 and 65535")
    return int(text)


def _time_of_day(text: str) -> time | None:
    if text == "off":
        return None
    try:
        return datetime.strptime(text, "%H:%M").time()
    except ValueError:
        raise ValueError("is no time of day such as 09:30 (UTC), nor off") from None


def _size(text: str) -> int:
    if not text.isdigit():
        raise ValueError("is no number of megabytes")
    return int(text)


def _url(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise ValueError("must begin with http:// or https://")
    return text.rstrip("/")


def _target(text: str) -> str:
    if text not in TARGETS:
        raise ValueError(f"must be one of {', '.join(TARGETS)}")
    return text


def _duration(text: str) -> timedelta:
    try:
        return timedelta(milliseconds=parse_duration_ms(text))
    except DurationError:
        if text.replace(".", "", 1).isdigit():
            return timedelta(seconds=float(text))
        raise


def _secrets(env: Mapping[str, str]) -> list[str]:
    found = [
        value
        for name, value in env.items()
        if any(word in name.upper() for word in _SECRET_WORDS) and not name.endswith(("_FILE", "_DIR"))
    ]
    for value in env.values():
        if "://" in value and "@" in value:
            user, _, password = value.partition("://")[2].rpartition("@")[0].partition(":")
            if password and password != user:
                found.append(password)
    return [value for value in found if value and value[0] != "/"]
