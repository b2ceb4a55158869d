"""Cures in the database: `python -m server.stack.actions.database …`, each one statement that says what it did."""

import asyncio
import os
import re
import sys
from pathlib import Path

import click

from server.stack.actions.create_index import IndexBuildError, build_index, check_index
from server.stack.diagnosis.statement import masked
from server.stack.layout import Layout
from server.stack.local.lifecycle import working_state
from server.store.postgres import PostgresDownError, Row, query_once

_OTHERS = "pid <> pg_backend_pid() AND datname = current_database() AND usename = current_user"
_RESET = f"SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {_OTHERS}"  # noqa: S608  (constants)
_TERMINATE = f"""
SELECT pid, round(extract(epoch FROM now() - xact_start)), state, query, pg_terminate_backend(pid)
FROM pg_stat_activity
WHERE {_OTHERS} AND now() - xact_start > make_interval(secs => %s)
"""  # noqa: S608  (constants)
_COUNT = f"SELECT coalesce(state, 'starting'), count(*) FROM pg_stat_activity WHERE {_OTHERS} GROUP BY 1 ORDER BY 1"  # noqa: S608  (constants)
_LONG = _TERMINATE.replace("pg_terminate_backend(pid)", "true")
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,40}")


@click.group()
@click.option("--state", type=click.Path(path_type=Path, readable=False), default=working_state)
@click.pass_context
def main(context: click.Context, state: Path) -> None:
    """Connections, long queries, indexes."""
    layout = Layout.of_running(state) or Layout.at(state)
    context.obj = os.environ.get("DATABASE_URL") or layout.database_url


def _ask(dsn: str, sql: str, *args: object, timeout_s: float = 30) -> list[Row]:
    try:
        return asyncio.run(query_once(dsn, sql, args, timeout_s=timeout_s))
    except PostgresDownError as error:
        click.echo(f"ops: PostgreSQL says: {error}", err=True)
        sys.exit(1)


_check = click.option("--check", is_flag=True, help="Only say what would be ended.")


@main.command("reset-connections")
@_check
@click.pass_obj
def reset_connections(dsn: str, check: bool) -> None:
    """End every connection of the service; it opens new ones by itself."""
    if check:
        states = ", ".join(f"{count} {state}" for state, count in _ask(dsn, _COUNT))
        click.echo(f"connections to end: {states or 'none'}")
        return
    click.echo(f"{_ask(dsn, _RESET)[0][0]} connections ended; the API opens new ones by itself")


@main.command("terminate-long")
@click.argument("seconds", type=click.IntRange(1))
@_check
@click.pass_obj
def terminate_long(dsn: str, seconds: int, check: bool) -> None:
    """End transactions of the service that are open for longer than SECONDS, whether they work or idle."""
    ended = _ask(dsn, _LONG if check else _TERMINATE, seconds)
    for pid, age, state, query, done in ended:
        what = "to end" if check else "ended" if done else "could not be ended"
        click.echo(f"pid {pid}, {state}, {age} s, {what}: {masked(query)[:60]}")
    click.echo(f"{len(ended)} transactions {'are' if check else 'were'} open for longer than {seconds} s")


@main.command("create-index")
@click.argument("table")
@click.argument("column")
@click.option("--check", is_flag=True, help="Only say whether it can be built.")
@click.pass_obj
def create_index(dsn: str, table: str, column: str, check: bool) -> None:
    """Build an index CONCURRENTLY, saying how far it is; an invalid one left by a failure is removed."""
    for word in (table, column):
        if not _NAME.fullmatch(word):
            click.echo(f"ops: {word!r} is no name of a table or column", err=True)
            sys.exit(1)
    try:
        asyncio.run((check_index if check else build_index)(dsn, table, column, click.echo))
    except IndexBuildError as error:
        click.echo(f"ops: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main(prog_name="python -m server.stack.actions.database")
