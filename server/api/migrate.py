"""Brings the database to the newest schema: SQL files in order, each once, under an advisory lock."""

import asyncio
import os
import sys
from collections.abc import Sequence
from importlib import resources
from typing import NamedTuple

from server.api.config import ApiConfig
from server.store.postgres import Database, PostgresDownError

_LOCK = "SELECT pg_advisory_lock(hashtext('structured-prompt-service migrations'))"
_UNLOCK = "SELECT pg_advisory_unlock(hashtext('structured-prompt-service migrations'))"
_TABLE = """
CREATE TABLE IF NOT EXISTS schema_migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())
"""
_APPLIED = "SELECT name FROM schema_migrations"
_RECORD = "INSERT INTO schema_migrations (name) VALUES (%s)"
_TIMEOUT_S = 300.0


class Migration(NamedTuple):
    """One SQL file."""

    name: str
    sql: str


def migrations() -> list[Migration]:
    """Every migration in the order of its number."""
    folder = resources.files("server.store") / "migrations"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)
    return [Migration(f.name.removesuffix(".sql"), f.read_text()) for f in files]


async def migrate(database: Database, wanted: Sequence[Migration] | None = None) -> list[str]:
    """Apply what is missing; the names of what was applied. Raises ``PostgresDownError`` or ``PostgresRefusedError``."""
    applied = []
    async with database.session(timeout_s=_TIMEOUT_S) as session:
        await session.execute(_LOCK)
        try:
            await session.execute(_TABLE)
            known = {name for (name,) in await session.fetch(_APPLIED)}
            for migration in migrations() if wanted is None else wanted:
                if migration.name in known:
                    continue
                async with session.transaction():
                    await session.execute(migration.sql)
                    await session.execute(_RECORD, (migration.name,))
                applied.append(migration.name)
        finally:
            await session.execute(_UNLOCK)
    return applied


async def pending(database: Database) -> list[str]:
    """The migrations that are missing, in order; nothing is changed. Raises as ``migrate``."""
    there = await database.fetch("SELECT to_regclass('schema_migrations') IS NOT NULL")
    known = {name for (name,) in await database.fetch(_APPLIED)} if there[0][0] else set()
    return [migration.name for migration in migrations() if migration.name not in known]


async def _main(*, only_checks: bool) -> int:
    database = Database(ApiConfig.from_env(os.environ).database_url)
    try:
        if only_checks:
            sys.stdout.write(f"to apply: {', '.join(await pending(database)) or 'nothing'}\n")
            return 0
        applied = await migrate(database)
    except PostgresDownError as error:
        sys.stderr.write(f"migrate: PostgreSQL is away: {error}\n")
        return 3
    finally:
        await database.close()
    sys.stdout.write(
        "\n".join(f"applied {name}" for name in applied) + "\n" if applied else "nothing to apply\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(_main(only_checks="--check" in sys.argv[1:])))
