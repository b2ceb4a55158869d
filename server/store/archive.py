"""The whole journal on disk: the open segment, the closed ones before it, and any file that had to be set aside."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import msgspec

from server.store.chain import Break, Head, JournalEntry, first_break, head_of
from server.store.journal import Journal, JournalCorruptError, JournalSnapshot, JournalUnavailableError

CURRENT = "journal.sqlite3"
SET_ASIDE = "journal.set_aside"
"""Kind of the first event of a chain that follows a file set aside."""
_NEXT = "journal.next.sqlite3"
_MARK = "journal.head"
_SIDE_FILES = ("-wal", "-shm")


class SetAside(msgspec.Struct, frozen=True, kw_only=True):
    """A journal file that was not sound, and where its last sound event is."""

    file: str
    sha256: str
    seq: int
    hash: str
    why: str


class Recovered(msgspec.Struct, frozen=True, kw_only=True):
    """What was found on disk: a snapshot, the events after it, and what had to be set aside."""

    snapshot: JournalSnapshot | None
    entries: Sequence[JournalEntry]
    set_aside: SetAside | None


class Archive:
    """The journal's folder; used from one thread at a time."""

    def __init__(self, folder: Path, state_format: int) -> None:
        self.folder = folder
        self._format = state_format
        self._journal: Journal | None = None
        self._inode = 0

    def open(self, now: datetime) -> Recovered:
        """Opens the journal and checks its end; an unsound file is set aside and a chain linked to it begun.

        Raises ``JournalFullError`` and ``JournalUnavailableError``.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self._finish_rotation()
        try:
            return self._recover()
        except JournalCorruptError as error:
            return self._begin_anew(now, str(error))

    def close(self) -> None:
        """Closes the open segment."""
        if self._journal is not None:
            self._journal.close()
            self._journal = None

    def append(self, entries: Sequence[JournalEntry]) -> None:
        """Commits the entries; raises the errors of ``Journal``."""
        if not self._is_in_place():
            raise JournalCorruptError(f"{CURRENT} was taken away while it was open")
        self._open_journal.append(entries)
        self._mark(head_of(entries[-1]))

    def save_snapshot(self, snapshot: JournalSnapshot) -> None:
        """Keeps a snapshot beside the events."""
        self._open_journal.save_snapshot(snapshot, self._format)

    def rotate(self, month: str, snapshot: JournalSnapshot) -> None:
        """Closes the open segment as that month's and begins the next one, which starts with ``snapshot``.

        A crash in between is finished at the next ``open``.
        """
        upcoming = self.folder / _NEXT
        upcoming.unlink(missing_ok=True)
        begun = Journal(upcoming, begin=snapshot.head)
        begun.save_snapshot(snapshot, self._format)
        begun.close()
        self.close()
        try:
            (self.folder / CURRENT).rename(self._free_name(f"journal-{month}"))
            upcoming.rename(self.folder / CURRENT)
        finally:
            self._finish_rotation()
            self._journal = Journal(self.folder / CURRENT)
            self._inode = (self.folder / CURRENT).stat().st_ino

    def segments(self) -> list[Path]:
        """Every sound segment, oldest first."""
        closed = [path for path in self.folder.glob("journal-*.sqlite3") if ".corrupt" not in path.name]
        return [*sorted(closed), self.folder / CURRENT]

    def set_aside_files(self) -> list[str]:
        """Names of the files that were not sound."""
        return sorted(path.name for path in self.folder.glob("journal.corrupt-*.sqlite3"))

    def read(self, after: int, limit: int) -> Iterator[JournalEntry]:
        """Events of all segments with a larger ``seq``; opens files of its own, so any thread may call it."""
        for path in self.segments():
            with _reading(path) as journal:
                if journal.head().seq <= after:
                    continue
                for entry in journal.read(after, limit):
                    after, limit = entry.seq, limit - 1
                    yield entry
            if limit <= 0:
                return

    def about(self, acted_on: str, limit: int = 1_000) -> list[JournalEntry]:
        """The last ``limit`` events about one object."""
        found: list[JournalEntry] = []
        for path in reversed(self.segments()):
            with _reading(path) as journal:
                found = [*journal.about(acted_on), *found]
            if len(found) >= limit:
                break
        return found[-limit:]

    def verify(self) -> tuple[Head, int, Break | None]:
        """Walks every segment: the sound head, how many events were read, and the first bad row of all."""
        head, count = Head(), 0
        for path in self.segments():
            try:
                head, added, broken = _walk(path, head, is_first=count == 0)
            except (JournalCorruptError, JournalUnavailableError) as error:
                added, broken = 0, Break(seq=head.seq + 1, why=f"cannot be read: {error}")
            count += added
            if broken is not None:
                return head, count, msgspec.structs.replace(broken, file=path.name)
        marked = self._marked_seq()
        if marked > head.seq:
            why = f"the journal ends with event {head.seq}, but event {marked} was committed"
            return head, count, Break(seq=head.seq + 1, why=why, file=CURRENT)
        return head, count, None

    def begin_after(self, head: Head, now: datetime, why: str) -> SetAside:
        """Sets the open file aside and begins a chain linked to ``head``, the last event known to be committed."""
        with suppress(JournalCorruptError, JournalUnavailableError):
            self.close()
        self._journal = None
        return self._set_aside(head, now, why)

    @property
    def _open_journal(self) -> Journal:
        if self._journal is None:
            raise JournalUnavailableError("the journal is not open")
        return self._journal

    def _recover(self) -> Recovered:
        path = self.folder / CURRENT
        journal = Journal(path)
        try:
            snapshot = journal.newest_snapshot(self._format)
            start = snapshot.head if snapshot else journal.base
            entries = list(journal.read(start.seq if snapshot else -1))
            head, broken = first_break(entries, start)
            if snapshot is None and start.seq:
                entries = [*self._earlier(start.seq), *entries]
            if broken is not None:
                raise JournalCorruptError(f"event {broken.seq} {broken.why}")
            if self._marked_seq() > head.seq:
                raise JournalCorruptError(
                    f"it ends with event {head.seq}, but {self._marked_seq()} was committed"
                )
        except BaseException:
            journal.close()
            raise
        self._journal, self._inode = journal, path.stat().st_ino
        return Recovered(snapshot=snapshot, entries=entries, set_aside=None)

    def _earlier(self, up_to: int) -> Iterator[JournalEntry]:
        """Events of the closed segments, for a state that is rebuilt from the very first one."""
        for path in self.segments()[:-1]:
            with _reading(path) as journal:
                yield from (entry for entry in journal.read(-1) if entry.seq <= up_to)

    def _begin_anew(self, now: datetime, why: str) -> Recovered:
        snapshot, sound = _salvage(self.folder / CURRENT, self._format)
        head = head_of(sound[-1]) if sound else snapshot.head if snapshot else Head()
        return Recovered(snapshot=snapshot, entries=sound, set_aside=self._set_aside(head, now, why))

    def _set_aside(self, head: Head, now: datetime, why: str) -> SetAside:
        current = self.folder / CURRENT
        sha256 = hashlib.sha256(current.read_bytes()).hexdigest() if current.exists() else ""
        aside = self._free_name(f"journal.corrupt-{now:%Y%m%dT%H%M%SZ}")
        for suffix in ("", *_SIDE_FILES):
            side = current.with_name(current.name + suffix)
            if side.exists():
                side.rename(aside.with_name(aside.name + suffix))
        (self.folder / _MARK).unlink(missing_ok=True)
        self._journal = Journal(current, begin=head)
        self._inode = current.stat().st_ino
        return SetAside(file=aside.name, sha256=sha256, seq=head.seq, hash=head.hash.hex(), why=why)

    def _is_in_place(self) -> bool:
        try:
            return (self.folder / CURRENT).stat().st_ino == self._inode
        except OSError:
            return False

    def _finish_rotation(self) -> None:
        current, upcoming = self.folder / CURRENT, self.folder / _NEXT
        if upcoming.exists() and not current.exists():
            upcoming.rename(current)

    def _free_name(self, stem: str) -> Path:
        path, n = self.folder / f"{stem}.sqlite3", 1
        while path.exists():
            n += 1
            path = self.folder / f"{stem}.{n}.sqlite3"
        return path

    def _mark(self, head: Head) -> None:
        """Notes outside the database how far it reaches, so that a cut tail is seen."""
        with suppress(OSError):
            (self.folder / _MARK).write_text(f"{head.seq} {head.hash.hex()}\n")

    def _marked_seq(self) -> int:
        try:
            return int((self.folder / _MARK).read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return 0


class _reading:
    """A segment opened for reading, closed at the end of the block."""

    def __init__(self, path: Path) -> None:
        self._journal = Journal(path, read_only=True)

    def __enter__(self) -> Journal:
        return self._journal

    def __exit__(self, *error: object) -> None:
        self._journal.close()


def _salvage(path: Path, state_format: int) -> tuple[JournalSnapshot | None, list[JournalEntry]]:
    """The newest snapshot and the sound events after it, as far as the file can be read."""
    sound: list[JournalEntry] = []
    snapshot: JournalSnapshot | None = None
    try:
        journal = Journal(path, read_only=True)
        snapshot = journal.newest_snapshot(state_format)
        head = snapshot.head if snapshot else journal.base
        for entry in journal.read(head.seq if snapshot else -1):
            head, broken = first_break([entry], head)
            if broken is not None:
                break
            sound.append(entry)
        journal.close()
    except (JournalCorruptError, JournalUnavailableError, OSError):
        pass
    return snapshot, sound


def _walk(path: Path, head: Head, *, is_first: bool) -> tuple[Head, int, Break | None]:
    """One segment: its sound head, how many sound events it has, and its first bad row."""
    with _reading(path) as journal:
        base = journal.base
        linked = (base.seq, base.hash) == (head.seq, head.hash)
        if not is_first and not linked and not _follows_set_aside(journal):
            return head, 0, Break(seq=base.seq + 1, why=_unlinked(base, head))
        counted = _Counted(journal.read(-1))
        sound, broken = first_break(counted, base)
        return sound, counted.count - (broken is not None), broken


class _Counted:
    """Entries, counted as they pass."""

    def __init__(self, entries: Iterator[JournalEntry]) -> None:
        self._entries = entries
        self.count = 0

    def __iter__(self) -> Iterator[JournalEntry]:
        for entry in self._entries:
            self.count += 1
            yield entry


def _follows_set_aside(journal: Journal) -> bool:
    first = next(journal.read(-1, 1), None)
    return first is not None and first.kind == SET_ASIDE


def _unlinked(base: Head, head: Head) -> str:
    return f"the segment begins after event {base.seq}, the one before it ends with event {head.seq}"
