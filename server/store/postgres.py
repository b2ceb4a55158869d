"""PostgreSQL: the one file that imports aiopg (and psycopg2 below it)."""

import asyncio
from collections.abc import Sequence
from typing import Any

import aiopg
import psycopg2

Row = tuple[Any, ...]


class PostgresDown(Exception):
    """PostgreSQL could not be reached, or did not answer in time."""


async def query_once(dsn: str, sql: str, args: Sequence[object] = (), *, timeout_s: float = 2.0) -> list[Row]:
    """Connect, run one statement, disconnect: for probes and one-off tools, never for a request.

    Raises ``PostgresDown`` when there is no answer within ``timeout_s`` seconds.
    """
    try:
        async with asyncio.timeout(timeout_s):
            async with aiopg.connect(dsn, timeout=timeout_s) as connection, connection.cursor() as cursor:
                await cursor.execute(sql, args)
                return list(await cursor.fetchall()) if cursor.description else []
    except (psycopg2.Error, OSError, TimeoutError) as error:
        raise PostgresDown(str(error).strip() or f"no answer within {timeout_s} s") from error
