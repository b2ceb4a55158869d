"""Facts about PostgreSQL's one file, on a real server."""

import pytest

from server.store.postgres import Database, PostgresDownError, PostgresRefusedError


async def test_a_database_without_its_tables_is_away_and_not_a_fault_of_ours(database_url: str) -> None:
    database = Database(database_url)
    try:
        with pytest.raises(PostgresDownError, match="not there yet"):
            await database.fetch("SELECT * FROM api_keys")
        assert await database.fetch("SELECT 1") == [(1,)]
    finally:
        await database.close()


async def test_a_wrong_statement_is_refused(database_url: str) -> None:
    database = Database(database_url)
    try:
        with pytest.raises(PostgresRefusedError, match="syntax error"):
            await database.fetch("SELEC 1")
    finally:
        await database.close()
