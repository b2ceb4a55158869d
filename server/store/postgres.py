"""PostgreSQL: the one file that imports aiopg (and psycopg2 below it)."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from types import MappingProxyType
from typing import Any, Protocol

import aiopg
import psycopg2
import psycopg2.errors
import psycopg2.extras

Row = tuple[Any, ...]
POOL_SIZE = 8
"""Connections that one process of the API holds at most."""

_FAULTS = (psycopg2.OperationalError, psycopg2.InterfaceError, OSError, TimeoutError)


_GRACE_S = 0.5
"""So much later than we stop waiting PostgreSQL ends a statement by itself: nothing goes on for nobody."""
_TIMEOUTS = "SELECT set_config('statement_timeout', %s, false), set_config('lock_timeout', %s, false)"
_FOR_EVER_S = 7 * 86_400.0
"""Where a statement has no limit of its own: aiopg takes a missing one for the connection's."""


def _ms(seconds: float) -> str:
    return f"{int(seconds * 1000)}ms"


class PostgresDownError(Exception):
    """PostgreSQL could not be reached, or did not answer in time."""


class PostgresBusyError(PostgresDownError):
    """A lock was not to be had in time, or two transactions waited for each other: PostgreSQL is well, try again."""


class PostgresRefusedError(Exception):
    """PostgreSQL answered, and refused the statement."""


def json_value(value: object) -> object:
    """``value`` wrapped so that it is bound as JSON."""
    return psycopg2.extras.Json(value)


async def query_once(dsn: str, sql: str, args: Sequence[object] = (), *, timeout_s: float = 2.0) -> list[Row]:
    """Connect, run one statement, disconnect: for probes and one-off tools, never for a request.

    Raises ``PostgresDownError`` when there is no answer within ``timeout_s`` seconds.
    """
    try:
        async with asyncio.timeout(timeout_s):
            async with aiopg.connect(dsn, timeout=timeout_s) as connection, connection.cursor() as cursor:
                await cursor.execute(sql, args)
                return list(await cursor.fetchall()) if cursor.description else []
    except (psycopg2.Error, OSError, TimeoutError) as error:
        raise PostgresDownError(str(error).strip() or f"no answer within {timeout_s} s") from error


class Statements(Protocol):
    """What a session and the database have in common: statements to run."""

    async def fetch(self, sql: str, args: Sequence[object] = ()) -> list[Row]:
        """The rows of one statement; a statement without rows answers none."""

    async def execute(self, sql: str, args: Sequence[object] = ()) -> int:
        """Run one statement; the number of rows it touched."""


class Session:
    """One connection for as long as its holder needs it, in autocommit."""

    def __init__(self, connection: Any, timeout_s: float) -> None:
        self._connection = connection
        self._timeout_s = timeout_s

    async def fetch(self, sql: str, args: Sequence[object] = ()) -> list[Row]:
        async with self._connection.cursor(timeout=self._timeout_s) as cursor:
            await cursor.execute(sql, args or None)
            return list(await cursor.fetchall()) if cursor.description else []

    async def execute(self, sql: str, args: Sequence[object] = ()) -> int:
        async with self._connection.cursor(timeout=self._timeout_s) as cursor:
            await cursor.execute(sql, args or None)
            return int(cursor.rowcount)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """All of it or nothing."""
        await self.execute("BEGIN")
        try:
            yield
        except BaseException:
            if not self._connection.closed:
                await self.execute("ROLLBACK")
            raise
        await self.execute("COMMIT")


class LoneSession(Session):
    """A connection of a tool's own. Every method raises ``PostgresDownError`` or ``PostgresRefusedError``."""

    @property
    def pid(self) -> int:
        """The server process at its other end."""
        return int(self._connection.raw.info.backend_pid)

    async def fetch(self, sql: str, args: Sequence[object] = ()) -> list[Row]:
        with self._told():
            return await super().fetch(sql, args)

    async def execute(self, sql: str, args: Sequence[object] = ()) -> int:
        with self._told():
            return await super().execute(sql, args)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if isinstance(error.__context__, psycopg2.extensions.QueryCanceledError) and not (
                task and task.cancelling()
            ):
                raise PostgresRefusedError(str(error.__context__).strip()) from error
            raise
        except (psycopg2.Error, OSError, TimeoutError) as error:
            said = str(error).strip()
            if self._connection.closed or not isinstance(error, psycopg2.Error):
                raise PostgresDownError(said or "no answer in time") from error
            raise PostgresRefusedError(said) from error


@asynccontextmanager
async def one_connection(
    dsn: str,
    *,
    application_name: str,
    timeout_s: float = 3.0,
    statement_timeout_s: float | None = None,
    settings: Mapping[str, str] = MappingProxyType({}),
) -> AsyncIterator[LoneSession]:
    """A connection for a tool, with PostgreSQL's ``settings`` for as long as it lasts.

    A statement ends after ``statement_timeout_s`` seconds, by PostgreSQL itself where it still answers. Raises
    ``PostgresDownError`` where no connection can be had within ``timeout_s``.
    """
    asyncio.get_running_loop().set_exception_handler(_told_to_the_caller)
    options = dict(settings)
    if statement_timeout_s is not None:
        options["statement_timeout"] = f"{int(statement_timeout_s * 1000)}"
    try:
        async with asyncio.timeout(timeout_s):
            connection = await aiopg.connect(
                dsn,
                timeout=timeout_s,
                enable_hstore=False,
                enable_json=False,
                enable_uuid=False,
                application_name=application_name,
                options=" ".join(f"-c {name}={value}" for name, value in options.items()),
            )
    except (psycopg2.Error, OSError, TimeoutError) as error:
        raise PostgresDownError(str(error).strip() or f"no answer within {timeout_s:g} s") from error
    try:
        yield LoneSession(connection, _FOR_EVER_S if statement_timeout_s is None else statement_timeout_s + 1)
    finally:
        connection.close()


def _told_to_the_caller(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A cancelled statement is no news for the loop; aiopg tells it, and raises CancelledError in its place."""
    if not isinstance(context.get("exception"), psycopg2.extensions.QueryCanceledError):
        loop.default_exception_handler(context)


class Database:
    """A pool of connections that fails fast while PostgreSQL is away and comes back by itself.

    aiopg's own pool connects while it holds its lock and forgets to wake who waits for a connection that was lost, so
    the places are counted here. After a failure the next ``retry_after_s`` seconds are refused without asking, so that an outage costs its
    callers one time-out and not one each.
    """

    def __init__(
        self,
        dsn: str,
        *,
        maxsize: int = POOL_SIZE,
        timeout_s: float = 2.0,
        retry_after_s: float = 0.5,
        application_name: str = "sps-api",
    ) -> None:
        self._dsn = dsn
        self._timeout_s = timeout_s
        self._retry_after_s = retry_after_s
        self._application_name = application_name
        self._places = asyncio.Semaphore(maxsize)
        self._idle: list[Any] = []
        self._refuse_until = 0.0
        self._timeouts = (_ms(timeout_s + _GRACE_S), _ms(timeout_s / 2))

    async def fetch(self, sql: str, args: Sequence[object] = ()) -> list[Row]:
        """The rows of one statement. Raises ``PostgresDownError`` or ``PostgresRefusedError``."""
        async with self.session() as session:
            return await session.fetch(sql, args)

    async def execute(self, sql: str, args: Sequence[object] = ()) -> int:
        """Run one statement; the number of rows it touched. Raises ``PostgresDownError`` or ``PostgresRefusedError``."""
        async with self.session() as session:
            return await session.execute(sql, args)

    @asynccontextmanager
    async def session(self, *, timeout_s: float | None = None) -> AsyncIterator[Session]:
        """One connection of the pool. Raises ``PostgresDownError`` or ``PostgresRefusedError``, also for its body's statements."""
        if time.monotonic() < self._refuse_until:
            raise PostgresDownError("not asked again so soon after a failure")
        limit = timeout_s or self._timeout_s
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._places.acquire()
        except TimeoutError as error:
            raise PostgresDownError("every connection is busy") from error
        connection: Any = None
        try:
            connection = await self._connection()
            session = Session(connection, limit)
            if timeout_s is None:
                yield session
            else:
                await session.execute(_TIMEOUTS, (_ms(limit + _GRACE_S), _ms(limit)))
                yield session
                await session.execute(_TIMEOUTS, self._timeouts)
        except (psycopg2.errors.LockNotAvailable, psycopg2.errors.DeadlockDetected) as error:
            raise PostgresBusyError(str(error).strip()) from error
        except _FAULTS as error:
            self._discard(connection)
            raise self._down(error) from error
        except psycopg2.errors.UndefinedTable as error:
            raise PostgresDownError("its tables are not there yet: the migrations have not run") from error
        except psycopg2.Error as error:
            raise PostgresRefusedError(str(error).strip()) from error
        except BaseException:
            if connection is not None and connection.isexecuting():
                connection.close()
            raise
        finally:
            self._places.release()
            if connection is not None and not connection.closed:
                self._idle.append(connection)

    async def close(self) -> None:
        """Close every connection that nobody uses."""
        self._discard(None)

    async def _connection(self) -> Any:
        while self._idle:
            connection = self._idle.pop()
            if not connection.closed:
                return connection
        async with asyncio.timeout(self._timeout_s):
            return await aiopg.connect(
                self._dsn,
                timeout=self._timeout_s,
                enable_hstore=False,
                enable_json=False,
                enable_uuid=False,
                application_name=self._application_name,
                options="-c statement_timeout={} -c lock_timeout={}".format(*self._timeouts),
            )

    def _discard(self, connection: Any) -> None:
        """Close it and the idle ones: where one is lost the others seldom live."""
        for lost in (*self._idle, connection):
            if lost is not None:
                lost.close()
        self._idle.clear()

    def _down(self, error: BaseException) -> PostgresDownError:
        self._refuse_until = time.monotonic() + self._retry_after_s
        return PostgresDownError(str(error).strip() or f"no answer within {self._timeout_s} s")
