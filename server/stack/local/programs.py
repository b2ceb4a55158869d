"""The six programs of the local stack: what each runs, and with which environment."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

from server.stack.layout import Layout
from server.stack.local.wheels import postgres_program, postgres_user, redis_program
from server.stack.tokens import read_token
from server.store.anchor import key_file

MARK = "SPS_STACK_STATE"
"""Environment variable that every program of a stack carries, by which orphans are found."""


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """One program under supervisord."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = {}
    user: str | None = None
    stop_signal: str = "TERM"
    stop_wait_s: int = 15


def services(layout: Layout, extra: Mapping[str, str]) -> tuple[Program, ...]:
    """The programs of a stack; ``extra`` is environment given to all of them (drill settings)."""
    return tuple(
        msgspec.structs.replace(
            service,
            env={
                **extra,
                **{name: value for name, value in service.env.items() if value},
                MARK: str(layout.state),
            },
        )
        for service in (_postgres(layout), _redis(layout), *_our_own(layout))
    )


def _postgres(layout: Layout) -> Program:
    data = str(layout.state / "postgres")
    return Program(
        name="postgres",
        argv=(
            str(postgres_program("postgres")), "-D", data, "-k", str(layout.postgres_sockets), "-h", "127.0.0.1", "-p", str(layout.postgres_port),
            "-c", "unix_socket_permissions=0700",
            "-c", "max_connections=60", "-c", "reserved_connections=3", "-c", "shared_buffers=64MB", "-c", "log_min_duration_statement=1000",
        ),
        user=postgres_user(),
        stop_signal="INT",
        stop_wait_s=20,
    )  # fmt: skip


def _redis(layout: Layout) -> Program:
    return Program(name="redis", argv=(str(redis_program("redis-server")), str(layout.run / "redis.conf")))


def _our_own(layout: Layout) -> tuple[Program, ...]:
    stores = {"DATABASE_URL": layout.database_url, "REDIS_URL": layout.redis_url}
    reading = {"DATABASE_READ_URL": layout.database_read_url, "REDIS_READ_URL": layout.redis_read_url}
    probed = {"DATABASE_URL": layout.database_read_url, "REDIS_URL": layout.redis_read_url}
    urls = {f"{name.upper()}_URL": layout.url(name) or "" for name in ("api", "ops", "status")}
    tokens = layout.tokens
    label = "DRILL" if layout.drill else "local"
    api = {
        "API_PORT": str(layout.ports["api"]),
        "ADMIN_TOKEN": read_token(tokens / "api-admin"),
        "API_STATE": str(layout.api_state),
        "API_RELEASES": str(layout.releases),
        "ENVIRONMENT": label.lower(),
    }
    evaluator = {
        "EVALUATOR_PORT": str(layout.ports["evaluator"]),
        "EVALUATOR_STATE": str(layout.state / "evaluator"),
        "OPS_INGEST_TOKEN_FILE": str(tokens / "ingest"),
        "OPS_METRICS_TOKEN_FILE": str(tokens / "metrics"),
    }
    ops = {
        "OPS_PORT": str(layout.ports["ops"]),
        "OPS_STATE": str(layout.state),
        "PROMETHEUS_URL": layout.url("evaluator") or "",
        "API_ADMIN_TOKEN_FILE": str(tokens / "api-admin"),
        "OPS_JOURNAL_KEY_FILE": str(_journal_key(layout)),
        "OPS_STEP_USER": os.environ.get("OPS_STEP_USER", ""),
        "TARGET": "local",
        "TARGET_LABEL": label,
        "STATUS_HOLD_DOWN": "0s",
    }
    status = {"STATUS_PORT": str(layout.ports["status"]), "STATUS_PUBLIC": str(layout.state / "public")}
    return (
        Program(name="api", argv=_python("server"), env={**stores, **api}, stop_wait_s=30),
        Program(name="evaluator", argv=_python("server.evaluator"), env={**probed, **urls, **evaluator}),
        Program(name="ops", argv=_python("server.ops"), env={**stores, **reading, **urls, **ops}),
        Program(name="status", argv=_python("server.status"), env=status),
    )


def _journal_key(layout: Layout) -> Path:
    """Outside the state, but for a drill: its stack is thrown away, and nothing of it must be left elsewhere."""
    return layout.state / "journal.key" if layout.drill else key_file(os.environ, layout.state)


def _python(module: str) -> tuple[str, ...]:
    return (sys.executable, "-m", module)
