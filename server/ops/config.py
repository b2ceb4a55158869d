"""What the ops daemon is told from outside, read once."""

import contextlib
import os
import pwd
from collections.abc import Mapping
from datetime import time, timedelta
from pathlib import Path

import msgspec

from server.config import (
    EnvironmentReader,
    argument_list,
    duration,
    number,
    one_of,
    port,
    secret_values,
    time_of_day,
    url,
    whole_number,
)
from server.http.host_guard import host_names
from server.ops.executions.step_user import step_user
from server.paths import RUNBOOKS
from server.store.anchor import key_file

TARGETS = ("local", "compose", "procfile", "kubernetes", "observe")
GIVEN_TOKENS = {"admin": "OPS_ADMIN_TOKEN", "ingest": "OPS_INGEST_TOKEN", "metrics": "OPS_METRICS_TOKEN"}
"""The variables by which the token of a user in a file may be given from outside, themselves or as ``…_FILE``."""


class OpsConfigError(ValueError):
    """Every fault of the environment, in one message."""


class OpsConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of one ops daemon."""

    bind: str = "127.0.0.1"
    port: int = 8001
    allowed_hosts: tuple[str, ...] = ()
    """Names for which it answers beside addresses and those of this machine."""
    state: Path = Path("var")
    """Holds ``tokens/``, ``ops/`` and ``public/``."""
    runbooks: Path = RUNBOOKS
    prometheus_url: str = "http://127.0.0.1:9090"
    api_url: str = "http://127.0.0.1:8000"
    status_url: str = "http://127.0.0.1:8080"
    database_url: str = ""
    redis_url: str = ""
    api_admin_token_file: Path | None = None
    journal_key_file: Path | None = None
    """The key with which the journal's marks are signed, outside of ``state``; None for the place by default."""
    target: str = "local"
    target_label: str = "local"
    """The environment in a word, as people see it: ``local``, ``DRILL``, ``production``."""
    step_user: str = ""
    """The user as whom the text of runbooks runs; empty for the daemon's own."""
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
    public_auto: bool = True
    """Whether the page tells of trouble before a person has found words for it."""
    status_robots: bool = False
    """Whether search engines may list the page."""
    publish_command: tuple[str, ...] = ()
    """Program and words that are run after each switch, with the snapshot's folder as last word."""
    contacts: Path | None = None
    """The contacts file; ``contacts.yml`` in the state folder where it is not given."""
    alertmanager_url: str = ""
    """An Alertmanager beside us, in which windows are silences too; empty for none."""
    local_user: str = "local"
    """Who is called where there is no contacts file."""
    pagerduty_token: str = ""
    """With which acknowledgements and resolutions in PagerDuty are read back; empty for not at all."""
    pagerduty_api_url: str = "https://api.pagerduty.com"
    link_url: str = ""
    """Where links in pages lead from outside; empty for no links and no listener of them."""
    link_bind: str = "127.0.0.1"
    link_port: int = 8005
    paging_speedup: float = 1.0
    """Divides the times of ladders of pages; for drills."""
    heartbeat_url: str = ""
    """Called every minute while the audit of paging passes."""
    given_tokens: Mapping[str, str] = {}
    """Tokens by user that come from outside (``OPS_INGEST_TOKEN_FILE``) and not from ``tokens/``."""
    status_clears_after: timedelta = timedelta(seconds=15)
    """How long a component has to be better before the public sees it; five minutes off the local target."""
    secrets: tuple[str, ...] = ()
    """Values that are never shown: passwords in URLs and every variable whose name says that it is secret."""

    @property
    def journal_key(self) -> Path:
        """Where the key of the journal's anchor lies."""
        return self.journal_key_file or key_file({}, self.state)

    @property
    def url(self) -> str:
        """Where this daemon answers."""
        return f"http://{self.bind if self.bind not in ('0.0.0.0', '::') else '127.0.0.1'}:{self.port}"  # noqa: S104 - compared, not bound

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "OpsConfig":
        """The settings in an environment; raises ``OpsConfigError`` naming every variable that is wrong."""
        reader = _Reader(env)
        env = reader.env
        state = Path(env.get("OPS_STATE") or "var").absolute()
        given = reader.given_tokens(state / "tokens")
        pagerduty_token = reader.secret("PAGERDUTY_API_TOKEN")
        from_files = filter(None, (*given.values(), pagerduty_token))
        config = cls(
            bind=env.get("OPS_BIND") or "127.0.0.1",
            port=reader.read(reader.first("OPS_PORT", "PORT"), port, 8001),
            allowed_hosts=reader.read("ALLOWED_HOSTS", host_names, ()),
            state=state,
            runbooks=Path(env["RUNBOOKS_DIR"]).absolute() if env.get("RUNBOOKS_DIR") else RUNBOOKS,
            prometheus_url=reader.read("PROMETHEUS_URL", url, "http://127.0.0.1:9090"),
            api_url=reader.read("API_URL", url, "http://127.0.0.1:8000"),
            status_url=reader.read("STATUS_URL", url, "http://127.0.0.1:8080"),
            database_url=env.get("DATABASE_URL", ""),
            redis_url=env.get("REDIS_URL", ""),
            api_admin_token_file=Path(env["API_ADMIN_TOKEN_FILE"])
            if env.get("API_ADMIN_TOKEN_FILE")
            else None,
            journal_key_file=key_file(env, state),
            target=reader.read("TARGET", one_of(*TARGETS), "local"),
            target_label=env.get("TARGET_LABEL") or env.get("TARGET") or "local",
            step_user=reader.read("OPS_STEP_USER", step_user, ""),
            service_command=env.get("SERVICE_COMMAND", ""),
            evaluation_interval=reader.read("EVALUATION_INTERVAL", duration, timedelta(seconds=5)),
            watchdog_timeout=reader.read("WATCHDOG_TIMEOUT", duration, None),
            monitor_period=reader.read("MONITOR_PERIOD", duration, timedelta(minutes=15)),
            status_name=env.get("STATUS_NAME") or "Structured Prompt Service",
            status_public_url=reader.read("STATUS_PUBLIC_URL", url, ""),
            status_hold_down=reader.read("STATUS_HOLD_DOWN", duration, _hold_down(env)),
            status_clears_after=reader.read("STATUS_CLEARS_AFTER", duration, _clears_after(env)),
            public_auto=reader.read("PUBLIC_AUTO", one_of("on", "off"), "on") == "on",
            status_robots=reader.read("STATUS_ROBOTS", one_of("on", "off"), "off") == "on",
            publish_command=reader.read("PUBLISH_COMMAND", argument_list, ()),
            contacts=Path(env["OPS_CONTACTS"]).absolute() if env.get("OPS_CONTACTS") else None,
            alertmanager_url=reader.read("ALERTMANAGER_URL", url, ""),
            local_user=_local_user(env),
            pagerduty_token=pagerduty_token,
            pagerduty_api_url=reader.read("PAGERDUTY_API_URL", url, "https://api.pagerduty.com"),
            link_url=reader.read("OPS_LINK_URL", url, ""),
            link_bind=env.get("OPS_LINK_BIND") or "127.0.0.1",
            link_port=reader.read("OPS_LINK_PORT", port, 8005),
            paging_speedup=reader.read("PAGING_SPEEDUP", number(1, 10_000), 1.0),
            heartbeat_url=reader.read("OPS_HEARTBEAT_URL", url, ""),
            rehearsal_at=reader.read("REHEARSAL_AT", time_of_day, time(9, 30)),
            ballast_mb=reader.read("BALLAST_MB", whole_number(0, 1_000_000, "number of megabytes"), 64),
            given_tokens=given,
            secrets=(*(value for value in secret_values(env) if value), *from_files),
        )
        if config.target == "procfile" and not config.service_command:
            reader.faults.append(
                "SERVICE_COMMAND is missing: TARGET=procfile needs the program that starts and stops"
            )
        reader.stop_at_faults(OpsConfigError)
        return config


class _Reader(EnvironmentReader):
    """Reads what only the ops daemon has: the tokens of the users in files."""

    def given_tokens(self, folder: Path) -> dict[str, str]:
        """The tokens from outside by user; a file that lies in ``folder`` is our own to make."""
        given = {}
        for user, name in GIVEN_TOKENS.items():
            path = self.env.get(f"{name}_FILE", "")
            if self.env.get(name) or (path and Path(path).absolute().parent != folder):
                given[user] = self.secret(name)
        return {user: token for user, token in given.items() if token}


def _local_user(env: Mapping[str, str]) -> str:
    """Who started the daemon, as the id of a person may be; ``local`` where nobody can be told."""
    name = env.get("SUDO_USER") or env.get("USER") or env.get("LOGNAME") or ""
    if not name:
        with contextlib.suppress(KeyError, OSError):
            name = pwd.getpwuid(os.getuid()).pw_name
    name = name.lower()
    return name if name.isascii() and name.replace("-", "").replace("_", "").isalnum() else "local"


def _hold_down(env: Mapping[str, str]) -> timedelta:
    return timedelta(0) if env.get("TARGET", "local") == "local" else timedelta(minutes=2)


def _clears_after(env: Mapping[str, str]) -> timedelta:
    return timedelta(seconds=15) if env.get("TARGET", "local") == "local" else timedelta(minutes=5)
