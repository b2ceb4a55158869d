"""Facts about other users of the machine: what of a local stack they reach, and that a reader becomes no writer."""

import contextlib
import stat
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import pytest

from server.stack.layout import Layout
from server.stack.local.wheels import redis_program
from tests.stackwork import Stack

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]


def argv_at(path: Path) -> bytes:
    """The words of a process, none where it has ended meanwhile."""
    with contextlib.suppress(OSError):
        return path.read_bytes()
    return b""


def layout_of(stack: Stack) -> Layout:
    layout = Layout.of_running(stack.state)
    assert layout is not None
    return layout


def until_published(layout: Layout) -> None:
    """The stack is up a moment before its first page is; that is waited for, at most ten seconds."""
    until = time.monotonic() + 10
    while not (layout.state / "public" / "current" / "index.html").exists():
        assert time.monotonic() < until, "nothing was published"
        time.sleep(0.02)


def test_nobody_else_can_look_into_the_state_but_for_what_is_published(local_stack: Stack) -> None:
    layout = layout_of(local_stack)
    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode)
        for path in (*layout.state.iterdir(), layout.postgres_sockets)
        if path.is_dir()
    }
    shut = ("api", "evaluator", "ops", "logs", "tokens", "redis", "backups", "postgres", "pg")
    assert {name: modes[name] for name in shut} == dict.fromkeys(shut, 0o700)
    assert modes["public"] == 0o755
    assert stat.S_IMODE(layout.state.stat().st_mode) == 0o711
    assert stat.S_IMODE((layout.state / "ops" / "journal.head").stat().st_mode) == 0o600
    until_published(layout)
    published = [*(layout.state / "public" / "current").resolve().rglob("*")]
    assert {stat.S_IMODE(path.stat().st_mode) for path in published if path.is_file()} == {0o644}


def test_postgresql_lets_nobody_in_without_a_password(local_stack: Stack) -> None:
    layout = layout_of(local_stack)
    for host in (str(layout.postgres_sockets), "127.0.0.1"):
        for user in ("postgres", "structured_prompt", "structured_prompt_read"):
            with pytest.raises(psycopg2.OperationalError, match=r"password|pg_hba"):
                psycopg2.connect(
                    host=host, port=layout.postgres_port, user=user, dbname="structured_prompt_db"
                )


@pytest.mark.parametrize(
    "become", ["\\c - structured_prompt", "\\c - postgres", "SET ROLE structured_prompt"]
)
def test_a_reader_in_psql_becomes_no_writer(local_stack: Stack, become: str) -> None:
    env = {**local_stack.env, "PSQLRC": "/dev/null"}
    ran = subprocess.run(
        [sys.executable, "-m", "server.stack", "--state", str(local_stack.state), "psql", "-AtqwX"],
        env=env,
        input=f"{become}\nCREATE TABLE public.spoilt (a int);\nSELECT current_user;\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.stdout.split() in ([], ["structured_prompt_read"])
    with psycopg2.connect(layout_of(local_stack).database_url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('public.spoilt')")
        assert cursor.fetchone() == (None,)


@pytest.mark.parametrize(
    "become",
    ["AUTH default any", "AUTH structured_prompt any", "HELLO 3 AUTH default any", "ACL SETUSER x on"],
)
def test_a_reader_in_redis_cli_becomes_no_writer(local_stack: Stack, become: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "server.stack", "--state", str(local_stack.state), "redis-cli"],
        env=local_stack.env,
        input=f"{become}\nSET spoilt 1\nEXISTS spoilt\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "NOPERM" in ran.stdout
    assert ran.stdout.split()[-1] == "0"


def test_redis_says_nothing_to_whoever_says_no_password(local_stack: Stack) -> None:
    words = [str(redis_program("redis-cli")), "-s", str(layout_of(local_stack).redis_socket), "DBSIZE"]
    ran = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)
    assert "NOAUTH" in ran.stdout + ran.stderr


def test_no_password_of_a_store_is_in_an_argv(local_stack: Stack) -> None:
    tokens = local_stack.state / "tokens"
    secrets = [path.read_bytes().strip() for path in tokens.iterdir()]
    lines = [argv_at(path) for path in Path("/proc").glob("[0-9]*/cmdline")]
    assert [secret for secret in secrets if any(secret in line for line in lines)] == []
