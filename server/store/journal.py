"""One segment of the journal: an append-only SQLite file. The only place that knows SQLite."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from server.store.chain import Break, Head, JournalEntry, first_break, format_time, parse_time
from server.store.snapshot_file import JournalSnapshot

_FORMAT = 1
_CREATE = """
CREATE TABLE IF NOT EXISTS event (
    seq INTEGER PRIMARY KEY, at TEXT NOT NULL, actor TEXT NOT NULL, auth TEXT NOT NULL, kind TEXT NOT NULL,
    object TEXT NOT NULL, digest TEXT NOT NULL, body BLOB NOT NULL, previous BLOB NOT NULL, hash BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS event_object ON event (object, seq);
CREATE TABLE IF NOT EXISTS base (
    one INTEGER PRIMARY KEY CHECK (one = 1), format INTEGER NOT NULL,
    seq INTEGER NOT NULL, at TEXT NOT NULL, hash BLOB NOT NULL
);
CREATE TRIGGER IF NOT EXISTS event_is_never_updated BEFORE UPDATE ON event
    BEGIN SELECT RAISE(ABORT, 'the journal is never updated'); END;
CREATE TRIGGER IF NOT EXISTS event_is_never_deleted BEFORE DELETE ON event
    BEGIN SELECT RAISE(ABORT, 'the journal is never deleted from'); END;
CREATE TRIGGER IF NOT EXISTS base_is_never_updated BEFORE UPDATE ON base
    BEGIN SELECT RAISE(ABORT, 'the journal is never updated'); END;
CREATE TRIGGER IF NOT EXISTS base_is_never_deleted BEFORE DELETE ON base
    BEGIN SELECT RAISE(ABORT, 'the journal is never deleted from'); END;
"""
_BEGIN_CHAIN = "INSERT OR IGNORE INTO base (one, format, seq, at, hash) VALUES (1, ?, ?, ?, ?)"
_BASE = "SELECT seq, at, hash FROM base"
_LAST = "SELECT seq, at, hash FROM event ORDER BY seq DESC LIMIT 1"
_APPEND = (
    "INSERT INTO event (seq, at, actor, auth, kind, object, digest, body, previous, hash)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_ROWS = 50
_APPEND_ROWS = _APPEND + ", (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" * (_ROWS - 1)
"""Many rows in one statement: SQLite gives the interpreter away once for all of them, and gets it back once."""
_READ = (
    "SELECT seq, at, actor, auth, kind, object, digest, body, previous, hash FROM event"
    " WHERE seq > ? ORDER BY seq LIMIT ?"
)
_ABOUT = (
    "SELECT seq, at, actor, auth, kind, object, digest, body, previous, hash FROM event"
    " WHERE object = ? AND seq > ? ORDER BY seq LIMIT ?"
)
_BOUNDS = "SELECT min(seq), max(seq), count(*) FROM event"
_HASH_OF = "SELECT hash FROM event WHERE seq = ?"
_HAS_SNAPSHOTS = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'snapshot'"
_NEWEST_SNAPSHOT = "SELECT seq, at, hash, body FROM snapshot WHERE format = ? ORDER BY seq DESC LIMIT 1"
_OF_THE_DISK = ("locked", "busy", "unable to open", "disk I/O", "out of memory", "interrupted")
_PAGE = 2_000
_LARGEST_SEQ = 2**62


class JournalCorruptError(Exception):
    """The file is not a sound journal; the message says why."""


class JournalFullError(Exception):
    """The disk has no room for another event."""


class JournalUnavailableError(Exception):
    """The file could not be read or written just now."""


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """First and last event of a segment and how many there are."""

    first: int
    last: int
    count: int


class Journal:
    """An open segment; used from one thread at a time. Every method raises this file's three errors."""

    def __init__(self, path: Path, *, begin: Head | None = None, read_only: bool = False) -> None:
        """Opens ``path``, creating it as a chain that goes on from ``begin`` where it does not exist."""
        self.path = path
        with _Translated(path):
            uri = f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}"
            self._db = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
            self._db.text_factory = lambda raw: raw.decode(errors="backslashreplace")
            if not read_only:
                self._db.execute("PRAGMA journal_mode = WAL")
                self._db.execute("PRAGMA synchronous = FULL")
                self._db.executescript(_CREATE)
                base = begin or Head()
                self._db.execute(_BEGIN_CHAIN, (_FORMAT, base.seq, format_time(base.at), base.hash))
            self._db.execute("PRAGMA busy_timeout = 5000")
        self.base = self._head(_BASE) or Head()

    def close(self) -> None:
        """Closes the file; what was committed stays."""
        with _Translated(self.path):
            self._db.close()

    def head(self) -> Head:
        """Where the next event is linked."""
        return self._head(_LAST) or self.base

    def append(self, entries: Sequence[JournalEntry]) -> None:
        """Commits all entries in one transaction that has reached the disk when this returns."""
        with _Translated(self.path):
            try:
                self._db.execute("BEGIN IMMEDIATE")
                self._must_precede(entries[0])
                for n in range(0, len(entries), _ROWS):
                    self._insert(entries[n : n + _ROWS])
                self._db.execute("COMMIT")
            finally:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")

    def _must_precede(self, entry: JournalEntry) -> None:
        """Nobody else has written to the file since: it ends with the event that this one is linked to."""
        row = self._db.execute(_LAST).fetchone()
        seq, found = (row[0], _bytes(row[2])) if row else (self.base.seq, self.base.hash)
        if (seq, found) != (entry.seq - 1, entry.previous):
            raise JournalCorruptError(
                f"{self.path.name} was changed while it was open: it ends with event {seq}, which is not the one before {entry.seq}"
            )

    def _insert(self, entries: Sequence[JournalEntry]) -> None:
        if len(entries) == _ROWS:
            self._db.execute(_APPEND_ROWS, [value for entry in entries for value in _row(entry)])
        else:
            self._db.executemany(_APPEND, map(_row, entries))

    def read(self, after: int, limit: int = _LARGEST_SEQ) -> Iterator[JournalEntry]:
        """Events with a larger ``seq``, in order."""
        yield from self._pages(_READ, (), after, limit)

    def about(self, acted_on: str, after: int = 0, limit: int = _LARGEST_SEQ) -> Iterator[JournalEntry]:
        """Events whose object is ``acted_on``, in order."""
        yield from self._pages(_ABOUT, (acted_on,), after, limit)

    def bounds(self) -> Bounds:
        """How far this segment reaches; an empty one is ``(0, 0, 0)``."""
        with _Translated(self.path):
            first, last, count = self._db.execute(_BOUNDS).fetchone()
        return Bounds(first=first or 0, last=last or 0, count=count)

    def verify(self, after: Head | None = None) -> tuple[Head, Break | None]:
        """Walks the chain from ``after``, or from the segment's begin; see ``first_break``."""
        start = after or self.base
        return first_break(self.read(start.seq if after else -1), start)

    def holds(self, head: Head) -> bool:
        """Whether the event of that number is the one with that hash; the event before the first one counts too."""
        if head.seq == self.base.seq:
            return head.hash == self.base.hash
        with _Translated(self.path):
            row = self._db.execute(_HASH_OF, (head.seq,)).fetchone()
        return row is not None and _bytes(row[0]) == head.hash

    def inner_snapshot(self, state_format: int) -> JournalSnapshot | None:
        """The newest snapshot that version 0.1.0 kept inside the segment, in a format that the reader understands."""
        with _Translated(self.path):
            if not self._db.execute(_HAS_SNAPSHOTS).fetchone()[0]:
                return None
            row = self._db.execute(_NEWEST_SNAPSHOT, (state_format,)).fetchone()
        return JournalSnapshot(_head_of_row(row[:3]), lambda: (row[3],)) if row else None

    def _head(self, query: str) -> Head | None:
        with _Translated(self.path):
            row = self._db.execute(query).fetchone()
        return _head_of_row(row) if row else None

    def _pages(self, query: str, bound: tuple[str, ...], after: int, limit: int) -> Iterator[JournalEntry]:
        while limit > 0:
            with _Translated(self.path):
                rows = self._db.execute(query, (*bound, after, min(_PAGE, limit))).fetchall()
                page = [_entry(row) for row in rows]
            yield from page
            if len(page) < _PAGE:
                return
            limit -= len(page)
            after = page[-1].seq


def copy_journal(source: Path, target: Path) -> None:
    """Copies a segment as of one moment while its owner may write to it; raises the three errors.

    SQLite's own copy, for a plain one would miss what is still in the side files.
    """
    target.unlink(missing_ok=True)
    with (
        _Translated(source),
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as original,
        closing(sqlite3.connect(target)) as copy,
    ):
        original.backup(copy)
        # One file and no side files: what is packed then is all of it.
        copy.execute("PRAGMA journal_mode = DELETE")


class _Translated:
    """Turns SQLite's errors into this file's."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None or not isinstance(error, sqlite3.Error | UnicodeDecodeError):
            return
        text = f"{self._path.name}: {error}"
        if isinstance(error, sqlite3.OperationalError) and "full" in str(error):
            raise JournalFullError(text) from error
        if isinstance(error, sqlite3.ProgrammingError) or self._may_pass(str(error)):
            raise JournalUnavailableError(text) from error
        raise JournalCorruptError(text) from error

    def _may_pass(self, said: str) -> bool:
        """Whether SQLite complains about the disk or another process rather than about what is in the file."""
        if "readonly" in said:
            return not os.access(self._path, os.W_OK)
        return any(word in said for word in _OF_THE_DISK)


def _row(entry: JournalEntry) -> tuple[object, ...]:
    return (
        entry.seq,
        format_time(entry.at),
        entry.actor,
        entry.auth,
        entry.kind,
        entry.object,
        entry.digest,
        entry.body,
        entry.previous,
        entry.hash,
    )


def _entry(row: tuple[int, str, str, str, str, str, str, bytes, bytes, bytes]) -> JournalEntry:
    """The row as an event; a value of another type or a time that is none is left for the hash to reveal."""
    seq, at, actor, auth, kind, acted_on, digest, body, previous, sealed = row
    return JournalEntry(
        seq=seq,
        at=_time_or_none(at),
        actor=_text(actor),
        auth=_text(auth),
        kind=_text(kind),
        object=_text(acted_on),
        digest=_text(digest),
        body=_bytes(body),
        previous=_bytes(previous),
        hash=_bytes(sealed),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else repr(value)


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else repr(value).encode()


def _time_or_none(value: object) -> datetime:
    try:
        return parse_time(_text(value))
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


def _head_of_row(row: tuple[object, str, bytes]) -> Head:
    if not isinstance(row[0], int):
        raise JournalCorruptError(f"an event's number is {row[0]!r}")
    return Head(seq=row[0], at=_time_or_none(row[1]), hash=_bytes(row[2]))
