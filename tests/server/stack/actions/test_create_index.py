"""Facts about building an index on a real PostgreSQL: progress is shown, and no failure leaves an invalid index."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg2
import pytest

from tests.stackwork import until

_SLOWLY = ("maintenance_work_mem = '1MB'", "max_parallel_maintenance_workers = 0")


class Build:
    """`create-index` as a process, its lines read as they come."""

    def __init__(self, url: str, table: str, column: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "server.stack.actions.database", "create-index", table, column],
            env={**os.environ, "DATABASE_URL": url},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def says(self, pattern: str) -> bool:
        """Whether a line matches by now."""
        return any(re.search(pattern, line) for line in self.lines)

    def end(self, expect: int) -> str:
        """Wait for its end; everything it said."""
        assert self.process.wait(60) == expect, self.lines
        self._reader.join(10)
        return "\n".join(self.lines)


@contextmanager
def _building(url: str, table: str = "words", column: str = "word") -> Iterator[Build]:
    build = Build(url, table, column)
    try:
        yield build
    finally:
        build.process.kill()
        build.process.wait(10)
        assert build.process.stdout is not None


def _do(url: str, *statements: str) -> list[Any]:
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        for statement in statements:
            cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def _index(url: str) -> bool | None:
    """Whether the index is valid; None where there is none."""
    rows = _do(url, "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('idx_words_word')")
    return bool(rows[0][0]) if rows else None


@contextmanager
def _writer(url: str) -> Iterator[psycopg2.extensions.connection]:
    """A transaction that has written to the table and stays open, so that every build waits for it."""
    with closing(psycopg2.connect(url, application_name="writer")) as connection:
        connection.cursor().execute("INSERT INTO words VALUES (0, 'mine')")
        yield connection


@pytest.fixture
def words(database_url: str) -> str:
    _do(database_url, "CREATE TABLE words AS SELECT n, md5(n::text) AS word FROM generate_series(1, 1000) n")
    return database_url


@pytest.mark.slow
def test_a_build_shows_its_progress_in_per_cent(database_url: str) -> None:
    database = database_url.partition("@/")[2].partition("?")[0]
    _do(
        database_url,
        "CREATE TABLE words AS SELECT n, md5(n::text) AS word FROM generate_series(1, 2000000) n",
        *(f'ALTER DATABASE "{database}" SET {setting}' for setting in _SLOWLY),
    )
    with _building(database_url) as build:
        said = build.end(0)
    shares = [int(share) for share in re.findall(r"building index: \S.* (\d+) %$", said, re.MULTILINE)]
    assert shares and max(shares) > 0, said
    assert re.search(r"^building idx_words_word on words: .*\d+ MB; writers", said)
    assert re.search(r"^idx_words_word is built in [\d.]+ s, \d+ MB$", said, re.MULTILINE)
    assert _index(database_url) is True


def test_a_build_says_whose_transaction_it_waits_for_and_goes_on_when_it_ends(words: str) -> None:
    with _writer(words) as writer, _building(words) as build:
        pid = writer.info.backend_pid
        until(lambda: build.says(rf"waiting for transaction of pid {pid}, \d+ s old \(writer, idle in"))
        writer.rollback()
        assert "idx_words_word is built" in build.end(0)
    assert _index(words) is True


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ("pg_cancel_backend", "canceling statement due to user request"),
        (
            "pg_terminate_backend",
            "FATAL: terminating connection due to administrator command",
        ),
    ],
)
def test_a_build_that_postgres_ends_leaves_no_index(words: str, how: str, why: str) -> None:
    with _writer(words) as writer, _building(words) as build:
        until(lambda: build.says("waiting for transaction"))
        _do(words, f"SELECT {how}(pid) FROM pg_stat_progress_create_index")
        until(lambda: build.says("removing the invalid index"))
        writer.rollback()
        said = build.end(1)
    assert f"PostgreSQL says: {why}" in said
    assert "the invalid index idx_words_word was removed" in said
    assert "Traceback" not in said
    assert _index(words) is None


def test_a_build_that_takes_longer_than_the_databases_limit_leaves_no_index(words: str) -> None:
    database = words.partition("@/")[2].partition("?")[0]
    _do(words, f"ALTER DATABASE \"{database}\" SET statement_timeout = '2s'")
    with _writer(words) as writer, _building(words) as build:
        until(lambda: build.says("removing the invalid index"))
        writer.rollback()
        said = build.end(1)
    assert "canceling statement due to statement timeout" in said
    assert "the invalid index idx_words_word was removed" in said
    assert _index(words) is None


def test_a_row_that_no_index_takes_leaves_no_index(words: str) -> None:
    _do(words, "INSERT INTO words SELECT 0, string_agg(md5(n::text), '') FROM generate_series(1, 2000) n")
    with _building(words) as build:
        said = build.end(1)
    assert "PostgreSQL says: index row" in said
    assert "the invalid index idx_words_word was removed" in said
    assert _index(words) is None


def test_term_cancels_the_build_and_leaves_no_index(words: str) -> None:
    with _writer(words) as writer, _building(words) as build:
        until(lambda: build.says("waiting for transaction"))
        build.process.send_signal(signal.SIGTERM)
        until(lambda: build.says("removing the invalid index"))
        assert _do(words, "SELECT pid FROM pg_stat_progress_create_index") == []
        writer.rollback()
        said = build.end(1)
    assert "stopping: cancelling the build of pid" in said
    assert "stopped before it was built; the invalid index idx_words_word was removed" in said
    assert "Traceback" not in said
    assert _index(words) is None


@pytest.mark.slow
def test_term_with_a_transaction_in_the_way_ends_before_the_kill_and_says_who_it_is(words: str) -> None:
    with _writer(words) as writer, _building(words) as build:
        until(lambda: build.says("waiting for transaction"))
        build.process.send_signal(signal.SIGTERM)
        said = build.end(1)
        assert (
            f"is still there (after 7 s the transaction of pid {writer.info.backend_pid} was in the way)"
            in said
        )
        until(lambda: _do(words, "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'DROP INDEX%'") == [])
        assert _index(words) is False
        writer.rollback()
    with _building(words) as build:
        assert "removing the invalid index" in build.end(0)
    assert _index(words) is True


def test_what_a_killed_build_left_is_removed_by_the_next(words: str) -> None:
    with _writer(words) as writer:
        with _building(words) as build:
            until(lambda: build.says("waiting for transaction"))
            build.process.kill()
            build.process.wait(10)
        until(
            lambda: _do(words, "SELECT pid FROM pg_stat_progress_create_index") == [],
            what="PostgreSQL seeing that the builder is gone",
        )
        assert _index(words) is False
        writer.rollback()
    with _building(words) as build:
        said = build.end(0)
    assert "removing the invalid index idx_words_word that an earlier attempt left" in said
    assert _index(words) is True


@pytest.mark.slow
def test_a_second_build_of_the_same_index_is_refused_while_the_first_runs(words: str) -> None:
    with _writer(words) as writer, _building(words) as first:
        until(lambda: first.says("waiting for transaction"))
        with _building(words) as second:
            assert re.search(r"pid \d+ is building idx_words_word just now", second.end(1))
        writer.rollback()
        assert "is built" in first.end(0)
    assert _index(words) is True


def test_what_is_not_there_is_answered_with_what_there_is(words: str) -> None:
    with _building(words, "wards") as build:
        assert build.end(1) == "ops: there is no table wards; there are words"
    with _building(words, "words", "wort") as build:
        assert build.end(1) == "ops: words has no column wort; it has n, word"


def test_a_long_query_is_ended_and_a_short_one_is_not(words: str) -> None:
    with closing(psycopg2.connect(words, async_=True)) as sleeper:
        until(lambda: sleeper.poll() == psycopg2.extensions.POLL_OK, what="the connection")
        sleeper.cursor().execute("SELECT pg_sleep(300), 'secret'")
        pid = sleeper.info.backend_pid

        def terminate(seconds: int) -> str:
            return subprocess.run(
                [sys.executable, "-m", "server.stack.actions.database", "terminate-long", str(seconds)],
                env={**os.environ, "DATABASE_URL": words}, capture_output=True, text=True, timeout=60, check=True,
            ).stdout  # fmt: skip

        assert terminate(200).startswith("0 ")
        assert _do(words, f"SELECT count(*) FROM pg_stat_activity WHERE pid = {pid}") == [(1,)]
        said = until(lambda: (out := terminate(1)) and f"pid {pid}, active" in out and out)
        assert "ended: SELECT pg_sleep(?), ?" in said
        until(lambda: _do(words, f"SELECT count(*) FROM pg_stat_activity WHERE pid = {pid}") == [(0,)])
