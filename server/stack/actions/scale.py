"""More or fewer workers of the API: `python -m server.stack.actions.scale check|set N`, with the numbers that decide it."""

import asyncio
import os
from pathlib import Path

import click
import psutil

from server.api.cluster.master_client import MasterAwayError, MasterStanding, Scale, standing
from server.api.cluster.worker_count import MOST
from server.secret_files import SecretFileError, with_secret_files
from server.stack.actions.master_orders import fail, give_order_or_exit
from server.stack.layout import Layout
from server.stack.local.lifecycle import working_state
from server.store.postgres import POOL_SIZE, PostgresDownError, query_once

_PLACES = """
SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
       - coalesce(current_setting('reserved_connections', true), '0')::int,
       (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'
        AND application_name <> 'sps-api' AND pid <> pg_backend_pid())
"""
_WORKER_MB = 100
"""Memory that one more worker takes, with some room: PERFORMANCE_TEST_RESULTS.md has 78 MB."""
_MB = 1024 * 1024


class TooManyWorkersError(Exception):
    """The machine or the database cannot carry it; the message has the numbers."""


def connections_suffice(workers: int, places: int, others: int) -> str:
    """How many connections of PostgreSQL are needed and there, in words. Raises ``TooManyWorkersError``.

    While workers are replaced there is one more of them for a moment.
    """
    needed, free = (workers + 1) * POOL_SIZE, places - others
    sum_up = (
        f"({workers} + 1 while they are replaced) × {POOL_SIZE} connections = {needed}; "
        f"PostgreSQL has {places}, {others} of them used by others"
    )
    if needed > free:
        most = free // POOL_SIZE - 1
        way = f"at most {most} workers" if most > 0 else "none is left for another worker"
        raise TooManyWorkersError(
            f"{workers} workers are too many for the database: {sum_up}: {way}, or raise max_connections"
        )
    return sum_up


def memory_suffices(more: int, available_bytes: int) -> str:
    """What ``more`` workers take and what there is, in words. Raises ``TooManyWorkersError``."""
    needed, available = max(0, more) * _WORKER_MB, available_bytes // _MB
    if needed > available:
        raise TooManyWorkersError(
            f"{more} more workers need about {needed} MB of memory, and {available} MB are available"
        )
    return f"memory: about {needed} MB more of {available} MB"


def check(workers: int, now: MasterStanding, database_url: str) -> list[str]:
    """What speaks for it, in words. Raises ``TooManyWorkersError``; fewer workers are never too many."""
    if workers <= now.wanted:
        return [f"workers now: {now.wanted}; {workers} need no more than there is"]
    try:
        ((places, others),) = asyncio.run(query_once(database_url, _PLACES))
    except PostgresDownError as error:
        raise TooManyWorkersError(
            f"PostgreSQL cannot be asked how many connections it has ({error}); more workers only once it is back"
        ) from error
    said = [
        f"workers now: {now.wanted}",
        connections_suffice(workers, places, others),
        memory_suffices(workers - now.wanted, psutil.virtual_memory().available),
    ]
    cores = psutil.cpu_count() or 1
    if workers > cores:
        said.append(f"note: {workers} workers on {cores} processors: more than one on each gains little")
    return said


@click.group()
@click.option("--state", type=click.Path(path_type=Path, readable=False), default=working_state)
@click.pass_context
def main(context: click.Context, state: Path) -> None:
    """How many workers answer."""
    context.obj = Layout.of_running(state) or Layout.at(state)


@main.command("check")
@click.argument("workers", type=click.IntRange(1, MOST))
@click.pass_obj
def check_(layout: Layout, workers: int) -> None:
    """Can WORKERS be carried? Changes nothing."""
    click.echo("\n".join(_checked(layout, workers)))


@main.command("set")
@click.argument("workers", type=click.IntRange(1, MOST))
@click.option("--for", "for_", help="For so many seconds, then back.")
@click.pass_obj
def set_(layout: Layout, workers: int, for_: str | None) -> None:
    """Go to WORKERS without losing a request, and remember it."""
    _checked(layout, workers)
    give_order_or_exit(layout, Scale(workers=workers, for_s=int(for_.removesuffix("s")) if for_ else None))


def _checked(layout: Layout, workers: int) -> list[str]:
    try:
        now = standing(layout.api_state)
    except MasterAwayError as error:
        fail(f"{error}; start it first: ops act start-api")
    try:
        return check(workers, now, with_secret_files(os.environ).get("DATABASE_URL") or layout.database_url)
    except (TooManyWorkersError, SecretFileError) as fault:
        return fail(str(fault))


if __name__ == "__main__":
    main(prog_name="python -m server.stack.actions.scale")
