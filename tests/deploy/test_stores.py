"""Facts about PostgreSQL and Redis in containers: their files are run by the real servers."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import redis as redis_library
from aiohttp.test_utils import unused_port

from server.stack.local.wheels import postgres_program, redis_program
from tests.deploy.compose_file import COMPOSE, ROOT
from tests.server.conftest import Postgres
from tests.stackwork import until

pytestmark = pytest.mark.stack


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    for name, text in (("postgres_password", 'own\'s "word"\n'), ("postgres_read_password", "reading\n")):
        (tmp_path / name).write_text(text)
    return tmp_path


def asked(postgres: Postgres, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
    connection = psycopg2.connect(postgres.url(database))
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []
    finally:
        connection.close()


def test_the_roles_and_the_database_are_made_once_with_their_passwords(
    postgres: Postgres, secrets: Path
) -> None:
    env = {
        **os.environ,
        "PATH": f"{postgres_program('psql').parent}{os.pathsep}{os.environ['PATH']}",
        "PGHOST": str(postgres.url().partition("host=")[2].replace("%2F", "/")),
        "POSTGRES_SECRETS": str(secrets),
    }
    script = ["sh", str(ROOT / "deploy" / "postgres" / "roles.sh")]
    made = subprocess.run(script, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert made.returncode == 0, made.stderr
    roles = asked(
        postgres,
        "SELECT rolname, rolsuper, rolcreatedb, rolpassword LIKE 'SCRAM-SHA-256%' FROM pg_authid"
        " WHERE rolname LIKE 'structured_prompt%' ORDER BY 1",
    )
    assert roles == [
        ("structured_prompt", False, True, True),
        ("structured_prompt_read", False, False, True),
    ]
    owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'structured_prompt_db'"
    assert asked(postgres, owner) == [("structured_prompt",)]
    again = subprocess.run(script, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert again.returncode != 0
    assert "already exists" in again.stderr


@pytest.fixture
def in_container(tmp_path: Path) -> Iterator[int]:
    """redis-server on the container's configuration, on loopback and in a folder of its own."""
    port, config = unused_port(), tmp_path / "redis.conf"
    text = (ROOT / "deploy" / "redis" / "redis.conf").read_text()
    config.write_text(text.replace("\ndir /data\n", f"\ndir {tmp_path}\n"))
    command = [str(redis_program("redis-server")), str(config), "--port", str(port), "--bind", "127.0.0.1"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        until(lambda: _answers(port), what="redis-server")
        yield port
    finally:
        server.terminate()
        server.wait(20)


def _answers(port: int) -> bool:
    try:
        return bool(redis_library.Redis(port=port, socket_timeout=2).ping())
    except redis_library.exceptions.ConnectionError:
        return False


def test_the_seeds_redis_commands_work_as_they_stand(in_container: int) -> None:
    client: Any = redis_library.Redis(port=in_container, socket_timeout=5)
    client.set("cache:1", "x")
    client.set("rate_limit:1", "x")
    assert client.execute_command("INFO", "memory")
    assert client.execute_command("DBSIZE") == 2
    assert client.execute_command("KEYS", "cache:*") == [b"cache:1"]
    assert client.execute_command("KEYS", "rate_limit:*") == [b"rate_limit:1"]
    assert client.execute_command("FLUSHDB")
    assert client.execute_command("DBSIZE") == 0


def test_the_reading_user_only_reads_and_its_exporter_gets_what_it_needs(in_container: int) -> None:
    reader: Any = redis_library.Redis(
        port=in_container, username="ops_read", password="any", socket_timeout=5
    )
    assert reader.info("memory")["maxmemory"] == 256 * 1024 * 1024
    with pytest.raises(redis_library.exceptions.NoPermissionError):
        reader.execute_command("FLUSHDB")
    with pytest.raises(redis_library.exceptions.NoPermissionError):
        reader.execute_command("KEYS", "*")
    assert COMPOSE.environment("redis-exporter")["REDIS_USER"] == "ops_read"


def test_postgres_is_asked_for_no_more_connections_than_the_local_one(tmp_path: Path) -> None:
    from server.stack.layout import Layout
    from server.stack.local.programs import services
    from server.stack.tokens import ensure_tokens

    command = COMPOSE.services["postgres"]["command"]
    layout = Layout.at(tmp_path)
    ensure_tokens(layout.tokens)
    local = next(p for p in services(layout, {}) if p.name == "postgres").argv
    for setting in ("max_connections=60", "reserved_connections=3"):
        assert setting in command
        assert setting in local
