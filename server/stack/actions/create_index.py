"""Building an index CONCURRENTLY: with its progress shown, and no invalid index left behind whatever happens."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import msgspec

from server.store.postgres import LoneSession, PostgresDownError, PostgresRefusedError, one_connection

_NAME = "ops-create-index"
_LOOK_EVERY_S = 0.5
_SAY_EVERY_S = 1.0
_LONGEST_NAME = 63
_GIVEN_UP_S = 5.0
"""So long PostgreSQL may need to see that the client of an earlier build is gone (it looks every second)."""
_LATE_S = 3.0
_CLEAN_S = 60.0
_CLEAN_AFTER_TERM_S = 7.0
"""Less than the ten seconds between TERM and KILL."""

_TABLES = "SELECT relname FROM pg_class WHERE relkind IN ('r', 'm') AND relnamespace = current_schema()::regnamespace ORDER BY 1"
_COLUMNS = "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
_ABOUT = "SELECT CASE WHEN reltuples > 0 THEN 'about ' || reltuples::bigint || ' rows, ' ELSE '' END || pg_size_pretty(pg_table_size(oid)) FROM pg_class WHERE oid = %s::regclass"
_STATE = """
SELECT i.indisvalid, (SELECT min(pid) FROM pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid)
FROM pg_index i WHERE i.indexrelid = to_regclass(%s)
"""
_SIZE = "SELECT pg_size_pretty(pg_relation_size(%s::regclass))"
_PROGRESS = """
SELECT p.phase, p.blocks_done, p.blocks_total, p.tuples_done, p.tuples_total, nullif(p.current_locker_pid, 0),
    extract(epoch FROM now() - a.xact_start)::float, coalesce(nullif(a.application_name, ''), a.usename, '-'), a.state
FROM pg_stat_progress_create_index p LEFT JOIN pg_stat_activity a ON a.pid = p.current_locker_pid
WHERE p.pid = %s
"""

Say = Callable[[str], None]


class IndexBuildError(Exception):
    """The index was not built; the message is one line that says why and what is left."""


class IndexProgress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a build is, or whom it waits for."""

    phase: str
    share: float | None = None
    """0 to 1; None where PostgreSQL does not say."""
    waits_for: int | None = None
    """The pid whose transaction it waits for."""
    open_s: float = 0.0
    whose: str = ""

    def __str__(self) -> str:
        if self.waits_for is not None:
            return f"{self.phase}: waiting for transaction of pid {self.waits_for}, {self.open_s:.0f} s old ({self.whose})"  # fmt: skip
        return self.phase if self.share is None else f"{self.phase}, {100 * self.share:.0f} %"

    @property
    def worth_a_line(self) -> tuple[object, ...]:
        """What must change for another line: of a wait only every tenth second counts."""
        share = None if self.share is None else round(100 * self.share)
        return self.phase, share, self.waits_for, int(self.open_s // 10) if self.waits_for else 0


async def build_index(dsn: str, table: str, column: str, say: Say) -> None:
    """Build ``idx_TABLE_COLUMN`` unless it is there. Raises ``IndexBuildError``.

    A build that fails, is cancelled by TERM or by PostgreSQL leaves nothing; what a killed one left is removed first.
    """
    name = f"idx_{table}_{column}"[:_LONGEST_NAME]
    with _in_words():
        async with _session(dsn) as session:
            await _check(session, table, column)
            if await _is_there(session, name, say):
                say(f"{name} is there already")
                return
            [(size,)] = await session.fetch(_ABOUT, (_quoted(table),))
        await _build(dsn, name, f"{_quoted(table)} ({_quoted(column)})", say, f"{table}: {size}")


@contextmanager
def _in_words() -> Iterator[None]:
    """PostgreSQL's faults as ``IndexBuildError``."""
    try:
        yield
    except PostgresDownError as error:
        raise IndexBuildError(
            f"PostgreSQL does not answer: {_line(error)}; start it with ops act start-postgres"
        ) from error
    except PostgresRefusedError as error:
        raise IndexBuildError(f"PostgreSQL says: {_line(error)}") from error


async def check_index(dsn: str, table: str, column: str, say: Say) -> None:
    """Say whether ``build_index`` could begin; nothing is changed. Raises ``IndexBuildError``."""
    with _in_words():
        async with _session(dsn) as session:
            await _check(session, table, column)
    say(f"{table} has a column {column} to build an index on")


async def _check(session: LoneSession, table: str, column: str) -> None:
    tables = [row[0] for row in await session.fetch(_TABLES)]
    if table not in tables:
        raise IndexBuildError(f"there is no table {table}; there are {', '.join(tables) or 'none'}")
    columns = [row[0] for row in await session.fetch(_COLUMNS, (_quoted(table),))]
    if column not in columns:
        raise IndexBuildError(f"{table} has no column {column}; it has {', '.join(columns)}")


async def _is_there(session: LoneSession, name: str, say: Say) -> bool:
    """Whether the index is there and valid; what an earlier attempt left is removed."""
    until = time.monotonic() + _GIVEN_UP_S
    while (found := await session.fetch(_STATE, (_quoted(name),))) and not found[0][0]:
        builder = found[0][1]
        if builder is None:
            say(f"removing the invalid index {name} that an earlier attempt left")
            await session.execute(_drop(name))
        elif time.monotonic() > until:
            raise IndexBuildError(
                f"pid {builder} is building {name} just now; ops diag queries shows how long"
            )
        else:
            await asyncio.sleep(_LOOK_EVERY_S)
    return bool(found)


async def _build(dsn: str, name: str, on: str, say: Say, about: str) -> None:
    started = time.monotonic()
    stop = asyncio.Event()
    with _on_signals(stop):
        try:
            async with _session(dsn) as session:
                say(f"building {name} on {about}; writers are not blocked")
                statement = f"CREATE INDEX CONCURRENTLY {_quoted(name)} ON {on}"
                await _run_watched(dsn, session, statement, stop, say)
        except (PostgresDownError, PostgresRefusedError) as error:
            cleaned = await _clean(dsn, name, _CLEAN_AFTER_TERM_S if stop.is_set() else _CLEAN_S, say)
            why = "stopped before it was built" if stop.is_set() else f"PostgreSQL says: {_line(error)}"
            raise IndexBuildError(f"{why}; {cleaned}") from error
    async with _session(dsn) as session:
        [(size,)] = await session.fetch(_SIZE, (_quoted(name),))
    say(f"{name} is built in {time.monotonic() - started:.1f} s, {size}")


async def _run_watched(dsn: str, session: LoneSession, statement: str, stop: asyncio.Event, say: Say) -> None:
    """Run the statement, showing its progress; when ``stop`` is set PostgreSQL is asked to cancel it."""
    building = asyncio.create_task(session.execute(statement), name="build")
    watching = asyncio.create_task(_watch(dsn, session.pid, say, building), name="progress")
    stopping = asyncio.create_task(stop.wait(), name="stop")
    try:
        await asyncio.wait({building, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not building.done():
            say(f"stopping: cancelling the build of pid {session.pid}")
            async with _session(dsn) as other:
                await other.fetch("SELECT pg_cancel_backend(%s)", (session.pid,))
        await building
    finally:
        stopping.cancel()
        if not building.done():
            building.cancel()
        await _ended(building, watching)


async def _ended(*tasks: asyncio.Task[Any]) -> None:
    """Wait for their end, for a while.

    A cancellation that comes together with PostgreSQL's answer is lost in aiopg's ``wait_for`` (CPython#86296): a task
    that would wait for it alone might go on for ever.
    """
    _, late = await asyncio.wait(tasks, timeout=_LATE_S)
    for task in late:
        task.cancel()
    for task in set(tasks) - late:
        if not task.cancelled():
            task.exception()


async def _watch(dsn: str, pid: int, say: Say, building: asyncio.Task[Any]) -> None:
    """Say how far it is when that changes, at most once a second, until the build has ended."""
    try:
        async with _session(dsn) as session:
            said: tuple[object, ...] = ()
            said_at = 0.0
            while not building.done():
                rows = await session.fetch(_PROGRESS, (pid,))
                progress = _read(*rows[0]) if rows else None
                now = time.monotonic()
                if progress and progress.worth_a_line != said and now - said_at >= _SAY_EVERY_S:
                    say(str(progress))
                    said, said_at = progress.worth_a_line, now
                await asyncio.wait({building}, timeout=_LOOK_EVERY_S)
    except (PostgresDownError, PostgresRefusedError) as error:
        say(f"its progress cannot be shown: {_line(error)}")


def _read(
    phase: str,
    blocks: int,
    all_blocks: int,
    tuples: int,
    all_tuples: int,
    locker: int | None,
    open_s: float | None,
    application: str,
    state: str | None,
) -> IndexProgress:
    if locker is not None:
        return IndexProgress(
            phase=phase, waits_for=locker, open_s=open_s or 0.0, whose=f"{application}, {state or 'gone'}"
        )
    share = blocks / all_blocks if all_blocks else tuples / all_tuples if all_tuples else None
    return IndexProgress(phase=phase, share=share)


async def _clean(dsn: str, name: str, time_s: float, say: Say) -> str:
    """Remove the index if it is invalid; what became of it, in words."""
    try:
        async with _session(dsn) as session:
            if not await session.fetch(_STATE, (_quoted(name),)):
                return "nothing of it is left"
            say(f"removing the invalid index {name}")
            in_the_way = await _drop_within(dsn, session, name, time_s)
    except (PostgresDownError, PostgresRefusedError) as error:
        in_the_way = _line(error)
    if not in_the_way:
        return f"the invalid index {name} was removed"
    return f"the invalid index {name} is still there ({in_the_way}): the next ops act create-index removes it"


async def _drop_within(dsn: str, session: LoneSession, name: str, time_s: float) -> str:
    """Drop it, waiting for the transactions that use the table at most ``time_s``; who is in the way, else nothing."""
    dropping = asyncio.create_task(session.execute(_drop(name)), name="drop")
    done, _ = await asyncio.wait({dropping}, timeout=time_s)
    if done:
        await dropping
        return ""
    try:
        async with _session(dsn) as other:
            [(pids,)] = await other.fetch("SELECT pg_blocking_pids(%s)", (session.pid,))
        return (
            f"after {time_s:.0f} s the transaction of pid {', '.join(map(str, pids)) or '?'} was in the way"
        )
    finally:
        dropping.cancel()
        await _ended(dropping)


@asynccontextmanager
async def _session(dsn: str) -> AsyncIterator[LoneSession]:
    """A connection that PostgreSQL gives up, statement and all, within a second after this process is killed."""
    settings = {"client_connection_check_interval": "1000"}
    async with one_connection(dsn, application_name=_NAME, settings=settings) as session:
        yield session


@contextmanager
def _on_signals(event: asyncio.Event) -> Iterator[None]:
    """TERM and INT set the event in place of ending the process."""
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGTERM, signal.SIGINT)
    for number in numbers:
        loop.add_signal_handler(number, event.set)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


def _drop(name: str) -> str:
    return f"DROP INDEX CONCURRENTLY IF EXISTS {_quoted(name)}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _line(error: BaseException) -> str:
    """What it says, without libpq's guesses on the lines after."""
    return " ".join(str(error).partition("\n\t")[0].split())
