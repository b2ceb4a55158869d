"""The request log by months: at the turn of a month its table becomes a child of a new, empty one.

An ordinary table with inheritance, not declarative partitions: ``CREATE INDEX CONCURRENTLY`` works on it, and the index
goes on into the months to come (docs/decisions/0100).
"""

import re

from server.store.postgres import Database, PostgresBusyError, Statements

_LOCK = "SELECT pg_try_advisory_xact_lock(hashtext('structured-prompt-service rotation'))"
_SHORTLY = "SET LOCAL lock_timeout = '50ms'"
"""Writers queue behind who waits for the table: it waits no longer than they would not notice, and comes again."""
_CURRENT = "SELECT obj_description('request_logs'::regclass)"
_NAME = "COMMENT ON TABLE request_logs IS 'rows of {month}'"
_TURN = """
ALTER TABLE request_logs RENAME TO request_logs_{old};
CREATE TABLE request_logs (LIKE request_logs_{old} INCLUDING ALL);
ALTER TABLE request_logs_{old} INHERIT request_logs;
"""
_ADOPT = "ALTER TABLE {table} NO INHERIT request_logs_{old}, INHERIT request_logs"
_CHILDREN = """
SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'request_logs'::regclass ORDER BY c.relname DESC
"""
_DROP = "DROP TABLE {table}"
_MONTH = re.compile(r"\d{4}-\d{2}")


async def rotate(database: Database, month: str, *, keep_months: int) -> bool:
    """Let the table hold rows of ``month`` (``2026-03``) from now on; drop months past ``keep_months``.

    Whether anything changed. Several processes may call it at once. Raises
    ``PostgresBusyError`` where somebody holds the table: call it again in a moment; also ``PostgresDownError`` or ``PostgresRefusedError``.
    """
    assert _MONTH.fullmatch(month)
    async with database.session() as session, session.transaction():
        if await _held(session) >= month:
            return False
        if await session.fetch(_LOCK) != [(True,)]:
            raise PostgresBusyError("another process turns the month")
        await session.execute(_SHORTLY)
        held = await _held(session)
        if held >= month:
            return False
        if _MONTH.fullmatch(held):
            older = await session.fetch(_CHILDREN)
            old = held.replace("-", "_")
            await session.execute(_TURN.format(old=old))
            for (table,) in older:
                await session.execute(_ADOPT.format(table=table, old=old))
        await session.execute(_NAME.format(month=month))
        children = await session.fetch(_CHILDREN)
        for (table,) in children[keep_months:]:
            await session.execute(_DROP.format(table=table))
    return True


async def _held(session: Statements) -> str:
    """The month whose rows the table takes; empty before the first turn."""
    ((comment,),) = await session.fetch(_CURRENT)
    return (comment or "").removeprefix("rows of ")
