"""The whole journal on disk: the open segment, the closed ones before it, and any file that had to be set aside."""

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import msgspec

from server.store.anchor import MARK, ORIGIN, Anchor, JournalMark, MarkError, read_mark, write_mark
from server.store.anchored_journal import AnchoredJournal, FirstSegment, shown
from server.store.chain import Break, Head, JournalEntry, first_break, head_of
from server.store.journal import (
    Journal,
    JournalCorruptError,
    JournalFullError,
    JournalUnavailableError,
    copy_journal,
)
from server.store.snapshot_file import (
    JournalSnapshot,
    drop_snapshots,
    save_snapshot,
    saved_snapshots,
    snapshot_digests,
    snapshot_name,
)

SET_ASIDE = "journal.set_aside"
"""Kind of the first event of a chain that follows a file set aside."""
CLOSED = "journal.segment_closed"
"""Kind of the last event of a segment that another one follows."""
_OF_OLD = "journal.sqlite3"
"""The open segment's name in version 0.1.0, which renamed it when its month was over."""
_NEXT_OF_OLD = "journal.next.sqlite3"
_DRAFT = ".journal.new"
SNAPSHOT_SAVED = "journal.snapshot_saved"
"""Kind of the event that vouches for a snapshot: its object names the file, its digest is the file's."""
_SIDE_FILES = ("-wal", "-shm")
_COPY_TRIES = 3
_ALL = 2**62


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
    """The journal's folder; used from one thread at a time.

    With an anchor its end is noted before and after each commit, signed, and what is found at the start must fit: what
    does not is opened all the same, and ``unanchored`` says why it is not believed until a person has looked at it.

    A segment has its name from birth and is never renamed while anybody may have it open: SQLite's side files go by
    the name, so a reader would leave the log of one file to the next one of that name.
    """

    def __init__(self, folder: Path, state_format: int, anchor: Anchor | None = None) -> None:
        self.folder = folder
        self._anchored = AnchoredJournal(folder, anchor)
        self._held = Head()
        """The end of the journal as this process wrote it."""
        self._format = state_format
        self._journal: Journal | None = None
        self._inode = 0
        self._begins: dict[tuple[str, int], int] = {}
        """By name and inode, after which event a segment begins."""
        self._distrusted: set[int] = set()
        """Events as of which a snapshot turned out not to be a state."""

    @property
    def has_anchor(self) -> bool:
        """Whether a key outside the folder vouches for what is written, so that snapshots are to be vouched for."""
        return self._anchored.anchor is not None

    @property
    def unanchored(self) -> str:
        """Why nothing outside the folder vouches for this journal; empty where something does."""
        return self._anchored.unanchored

    @property
    def anchoring(self) -> str:
        """What ``open`` did about the anchor that has to be said; empty where all was as it was left."""
        return self._anchored.anchoring

    def open(self, now: datetime) -> Recovered:
        """Opens the journal and checks its end; an unsound file is set aside and a chain linked to it begun.

        Raises ``JournalFullError`` and ``JournalUnavailableError``.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self._finish_rotation_of_old()
        path = self._newest()
        if path is None:
            self._anchored.note_begin()
            self._begin(f"{now:%Y-%m}", Head())
            self._anchored.settle()
            return Recovered(snapshot=None, entries=(), set_aside=None)
        self._anchored.judge_mark(self._first())
        try:
            recovered = self._recover(path)
            self._judge_end()
            self._mark(self._held)
        except JournalCorruptError as error:
            recovered = self._begin_anew(path, now, str(error))
        self._anchored.settle()
        if recovered.set_aside is not None:
            return recovered
        last = recovered.entries[-1] if recovered.entries else None
        if last is not None and last.kind == CLOSED:
            self.rotate(f"{now:%Y-%m}", head_of(last))
        return recovered

    def open_without(self, snapshot: JournalSnapshot, now: datetime) -> Recovered:
        """As ``open``, once a snapshot that was found there could not be read as a state: the next one, or the events."""
        self._distrusted.add(snapshot.head.seq)
        self.close()
        return self.open(now)

    def close(self) -> None:
        """Closes the open segment."""
        if self._journal is not None:
            self._journal.close()
            self._journal = None

    def append(self, entries: Sequence[JournalEntry]) -> None:
        """Commits the entries; raises the errors of ``Journal``."""
        if not self._is_in_place():
            raise JournalCorruptError(f"{self._open_journal.path.name} was taken away while it was open")
        upcoming = head_of(entries[-1])
        if self.has_anchor:
            # Noted before it is done: an event that no mark announces was added by somebody else, even where a crash
            # keeps us from noting that it is there.
            self._anchored.mark(self._held, upcoming, self._open_journal.path.name)
        self._open_journal.append(entries)
        self._held = upcoming
        self._mark(upcoming)

    def save_snapshot(self, head: Head, pieces: Iterable[bytes]) -> str:
        """Keeps a snapshot as of an event that is on disk, signed; its digest. Any thread may call it.

        Raises ``OSError``.
        """
        return save_snapshot(self.folder, self._format, head, pieces, self._anchored.sign)

    def rotate(self, month: str, head: Head) -> None:
        """Begins the next segment, named after ``month``, after ``head``, the last event of the open one.

        A crash in between leaves the open segment open; the next ``open`` goes on from there.
        """
        closed = self._open_journal
        self._begin(month, head)
        closed.close()

    @property
    def current(self) -> Path:
        """The open segment's file."""
        return self._open_journal.path

    def segments(self) -> list[Path]:
        """Every sound segment, oldest first."""
        found = [*self.folder.glob("journal-*.sqlite3"), *self.folder.glob(_OF_OLD)]
        begins = {path: self._begin_of(path) for path in found}
        return sorted(found, key=lambda path: (_place(path, begins), path.name))

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

    def about(self, acted_on: str, limit: int = 1_000, *, since: str = "") -> list[JournalEntry]:
        """The last ``limit`` events about one object; with ``since``, a month such as ``2026-03``, in no earlier segment."""
        found: list[JournalEntry] = []
        for path in reversed(self.segments()):
            if path.name < f"journal-{since}":
                break
            with _reading(path) as journal:
                found = [*journal.about(acted_on), *found]
            if len(found) >= limit:
                break
        return found[-limit:]

    def verify(self) -> tuple[Head, int, Break | None]:
        """Walks every segment: the sound head, how many events were read, and the first bad row of all."""
        # Before the walk: what is committed while it lasts is marked too, and need not have been read.
        marked = self._anchored.marked_seq()
        head, count, broken = self._walk_all()
        if broken is None and marked > head.seq:
            why = f"the journal ends with event {head.seq}, but event {marked} was committed"
            broken = Break(seq=head.seq + 1, why=why, file=self._marked_name())
        return head, count, broken

    def _walk_all(self) -> tuple[Head, int, Break | None]:
        head, count = Head(), 0
        for path in self.segments():
            try:
                head, added, broken = _walk(path, head, is_first=count == 0)
            except (JournalCorruptError, JournalUnavailableError) as error:
                added, broken = 0, Break(seq=head.seq + 1, why=f"cannot be read: {error}")
            count += added
            if broken is not None:
                return head, count, msgspec.structs.replace(broken, file=path.name)
        return head, count, None

    def why_unanchored(self, walked: Head) -> str:
        """Why the journal on disk, sound up to ``walked``, is not the one that this process wrote; empty where it is.

        Call it where nothing is appended meanwhile. Raises the errors of ``Journal``.
        """
        if self.unanchored:
            return self.unanchored
        head, broken = first_break(self.read(walked.seq, _ALL), walked)
        if broken is not None:
            return f"event {broken.seq} {broken.why}"
        if head != self._held:
            return f"the file ends with event {shown(head)}, what was written last is {shown(self._held)}"
        if not self.has_anchor:
            return ""
        first = self._first()
        return self._anchored.why_not(head, first) if first else "its first segment cannot be read"

    def bad_snapshots(self) -> list[str]:
        """Names of the snapshots whose content is not what was journalled of them."""
        digests = {path.name: digest for path, digest in snapshot_digests(self.folder)}
        vouched = {name: self._vouched_for(name) for name in digests}
        return sorted(name for name, digest in digests.items() if vouched[name] not in ("", digest))

    def anchor_anew(self) -> Head:
        """Signs the journal as it is, on a person's word; the event that it ends with. The daemon must not run.

        Raises the errors of ``Journal``, and ``JournalCorruptError`` where the chain is not sound.
        """
        head, _, broken = self._walk_all()
        if broken is not None:
            raise JournalCorruptError(f"{broken.file}: event {broken.seq} {broken.why}")
        path, first, anchor = self._newest(), self._first(), self._anchored.anchor
        if anchor is None or path is None or first is None:
            raise JournalUnavailableError("there is no journal to anchor")
        self._anchored.note_origin(first.base)
        self._anchored.mark(head, head, path.name)
        self._anchored.settle()
        return head

    def copy_to(self, folder: Path) -> dict[str, str]:
        """Copies every segment, each as of one moment, and what was set aside; the hash of each segment's last event.

        The journal may be written meanwhile by its owner. The mark is the copy's own: it may be behind the original.
        Raises the errors of ``Journal``, and ``JournalUnavailableError`` where months are over too fast to follow.
        """
        marked = self._anchored.believed_mark()
        for _ in range(_COPY_TRIES):
            segments = self.segments()
            for path in segments:
                copy_journal(path, folder / path.name)
            if self.segments() == segments:
                break
        else:
            raise JournalUnavailableError("the journal's files changed while they were copied; try again")
        for path in self.folder.glob("journal.corrupt-*"):
            shutil.copy2(path, folder / path.name)
        heads = {path.name: _head_of_file(folder / path.name) for path in segments}
        last = segments[-1].name
        with suppress(FileNotFoundError):
            shutil.copy2(self.folder / ORIGIN, folder / ORIGIN)
        anchor = self._anchored.anchor
        boot = anchor.machine_boot if anchor is not None else ""
        # Signed only where the original was: a copy must not make a journal believable that was not.
        vouched = marked is not None and _holds(folder, marked)
        mark = JournalMark.of(heads[last], last, machine_boot=boot)
        write_mark(folder, mark, anchor if vouched else None)
        return {name: head.hash.hex() for name, head in heads.items()}

    def drop_segments(self, held: Mapping[str, str], *, before: str) -> list[str]:
        """Removes closed segments of months before ``before`` (``2026-03``), oldest first; their names.

        Only those whose last event is as in ``held``, and only what comes before the oldest snapshot that can be read:
        the state must open without them.
        """
        oldest = min(
            (snapshot.head.seq for snapshot in saved_snapshots(self.folder, self._format)), default=-1
        )
        dropped = []
        for path in self.segments()[:-1]:
            head, month = _head_of_file(path), path.stem.removeprefix("journal-")[:7]
            if not month < before or head.seq > oldest or held.get(path.name) != head.hash.hex():
                break
            # First: a month that is gone without a word would look as if somebody had taken it away.
            self._anchored.note_origin(head)
            for suffix in ("", *_SIDE_FILES):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
            dropped.append(path.name)
        return dropped

    def begin_after(self, head: Head, now: datetime, why: str) -> SetAside:
        """Sets the open file aside and begins a chain linked to ``head``, the last event known to be committed."""
        path = self._open_journal.path if self._journal is not None else self._newest()
        with suppress(JournalCorruptError, JournalUnavailableError):
            self.close()
        self._journal = None
        return self._set_aside(path, head, now, why)

    @property
    def _open_journal(self) -> Journal:
        if self._journal is None:
            raise JournalUnavailableError("the journal is not open")
        return self._journal

    def _first(self) -> FirstSegment | None:
        """Where the journal begins; None where there is none, or it cannot be read."""
        with suppress(JournalCorruptError, JournalUnavailableError):
            for path in self.segments()[:1]:
                with _reading(path) as journal:
                    return FirstSegment(path.name, journal.base, _follows_set_aside(journal))
        return None

    def _judge_end(self) -> None:
        first = self._first()
        if first is not None:
            self._anchored.judge_end(self._held, lambda mark: _holds(self.folder, mark), first)

    def _recover(self, path: Path) -> Recovered:
        journal = Journal(path)
        try:
            snapshot = self._usable_snapshot(journal)
            inside = snapshot is not None and snapshot.head.seq >= journal.base.seq
            start = snapshot.head if snapshot is not None and inside else journal.base
            entries = list(journal.read(start.seq if inside else -1))
            head, broken = first_break(entries, start)
            if broken is not None:
                raise JournalCorruptError(f"event {broken.seq} {broken.why}")
            if self._anchored.marked_seq() > head.seq:
                raise JournalCorruptError(
                    f"it ends with event {head.seq}, but {self._anchored.marked_seq()} was committed"
                )
            if not inside and start.seq:
                self._must_reach_back_to(snapshot.head.seq if snapshot else 0)
                entries = [*self._earlier(path, snapshot.head.seq if snapshot else -1, start.seq), *entries]
        except BaseException:
            journal.close()
            raise
        self._hold(journal)
        self._held = head
        return Recovered(snapshot=snapshot, entries=entries, set_aside=None)

    def _usable_snapshot(self, journal: Journal) -> JournalSnapshot | None:
        """The newest snapshot that is of this chain: in a file, or inside the segment as version 0.1.0 kept it."""
        newest = journal.inner_snapshot(self._format)
        if newest is not None and newest.head.seq in self._distrusted:
            newest = None
        for snapshot in saved_snapshots(self.folder, self._format):
            if snapshot.head.seq in self._distrusted:
                continue
            if newest is not None and newest.head.seq > snapshot.head.seq:
                break
            if self._is_believed(snapshot) and (
                snapshot.head.seq < journal.base.seq or journal.holds(snapshot.head)
            ):
                return snapshot
        return newest if self._anchored.takes_unsigned else None

    def _is_believed(self, snapshot: JournalSnapshot) -> bool:
        """Whether a snapshot is signed, and is what was journalled of it if that has been done."""
        if self._anchored.takes_unsigned:
            return True
        return self._anchored.is_signed(snapshot) and (
            self._vouched_for(snapshot.file) in ("", snapshot.digest)
        )

    def _vouched_for(self, name: str) -> str:
        """The digest that was journalled of a snapshot; empty where none was."""
        for path in reversed(self.segments()):
            with suppress(JournalCorruptError, JournalUnavailableError), _reading(path) as journal:
                saved = [entry for entry in journal.about(name) if entry.kind == SNAPSHOT_SAVED]
                if saved:
                    return saved[-1].digest
                if name > snapshot_name(journal.base):
                    break
        return ""

    def _must_reach_back_to(self, seq: int) -> None:
        """A state that is rebuilt from months that were removed would silently lack what they hold."""
        first = self.segments()[0]
        begin = self._begin_of(first)
        if begin is not None and begin > seq:
            raise JournalUnavailableError(
                f"the months before {first.name} were removed, and no snapshot that this version reads makes up for them; "
                "put them back from the backup that archived.json names"
            )

    def _earlier(self, path: Path, after: int, up_to: int) -> Iterator[JournalEntry]:
        """Events of the closed segments, for a state that is rebuilt from further back."""
        for closed in self.segments():
            if closed == path:
                return
            with _reading(closed) as journal:
                yield from (entry for entry in journal.read(after) if entry.seq <= up_to)

    def _begin_anew(self, path: Path, now: datetime, why: str) -> Recovered:
        snapshot, sound = self._salvage(path)
        head = head_of(sound[-1]) if sound else snapshot.head if snapshot else Head()
        marked = self._anchored.found
        if (
            marked is not None
            and marked.is_signed
            and (sound or not snapshot)
            and not _reaches(sound, marked)
        ):
            self._anchored.unanchored = (
                f"what came before {path.name} was set aside is vouched for by nothing"
            )
        aside = self._set_aside(path, head, now, why)
        return Recovered(snapshot=snapshot, entries=sound, set_aside=aside)

    def _salvage(self, path: Path) -> tuple[JournalSnapshot | None, list[JournalEntry]]:
        """The newest snapshot and the sound events after it, as far as the file can be read."""
        sound: list[JournalEntry] = []
        snapshot: JournalSnapshot | None = None
        with suppress(JournalCorruptError, JournalUnavailableError, OSError), _reading(path) as journal:
            snapshot = self._usable_snapshot(journal)
            inside = snapshot is not None and snapshot.head.seq >= journal.base.seq
            head = snapshot.head if snapshot is not None and inside else journal.base
            if not inside and head.seq:
                sound += self._earlier(path, snapshot.head.seq if snapshot else -1, head.seq)
            for entry in journal.read(head.seq if inside else -1):
                head, broken = first_break([entry], head)
                if broken is not None:
                    break
                sound.append(entry)
        if snapshot is None and not sound:
            snapshot = self._newest_signed()
        return snapshot, sound

    def _newest_signed(self) -> JournalSnapshot | None:
        """The newest snapshot that the key itself says is ours: all that is left where the journal cannot be read."""
        if self._anchored.takes_unsigned:
            return None
        return next(filter(self._is_believed, saved_snapshots(self.folder, self._format)), None)

    def _set_aside(self, path: Path | None, head: Head, now: datetime, why: str) -> SetAside:
        """The new chain takes a name that no file has had: whoever still reads the bad one cannot touch it."""
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest() if path is not None and path.exists() else ""
        begun = self._free_name(f"journal-{now:%Y-%m}", taken=path)
        aside = self._free_name(f"journal.corrupt-{now:%Y%m%dT%H%M%SZ}")
        if path is not None:
            _rename_all(path, aside)
        if not self.has_anchor:
            (self.folder / MARK).unlink(missing_ok=True)
        drop_snapshots(self.folder, head.seq)
        self._begin_file(begun, head)
        return SetAside(file=aside.name, sha256=sha256, seq=head.seq, hash=head.hash.hex(), why=why)

    def _begin(self, month: str, head: Head) -> None:
        self._begin_file(self._free_name(f"journal-{month}"), head)

    def _begin_file(self, path: Path, head: Head) -> None:
        """A segment has its name only when it is whole, and nobody has opened it by any other."""
        draft = self.folder / _DRAFT
        for suffix in ("", *_SIDE_FILES):
            draft.with_name(draft.name + suffix).unlink(missing_ok=True)
        Journal(draft, begin=head).close()
        draft.rename(path)
        _sync_folder(self.folder)
        self._hold(Journal(path))
        self._held = head
        self._mark(head)

    def _hold(self, journal: Journal) -> None:
        self._journal, self._inode = journal, journal.path.stat().st_ino

    def _is_in_place(self) -> bool:
        try:
            return self._open_journal.path.stat().st_ino == self._inode
        except OSError:
            return False

    def _newest(self) -> Path | None:
        """The segment that is open: the one that the mark names where it cannot be read, else the one begun last."""
        found = self.segments()
        marked = self.folder / self._marked_name()
        if marked in found and self._begin_of(marked) is None:
            return marked
        return found[-1] if found else None

    def _begin_of(self, path: Path) -> int | None:
        try:
            known = (path.name, path.stat().st_ino)
            if known not in self._begins:
                with _reading(path) as journal:
                    self._begins[known] = journal.base.seq
            return self._begins[known]
        except (JournalCorruptError, JournalUnavailableError, OSError):
            return None

    def _finish_rotation_of_old(self) -> None:
        """A rotation of version 0.1.0 that a crash cut off; nobody has these files open."""
        current, upcoming = self.folder / _OF_OLD, self.folder / _NEXT_OF_OLD
        if not upcoming.exists():
            return
        if current.exists():
            upcoming.unlink()
        else:
            upcoming.rename(current)

    def _free_name(self, stem: str, taken: Path | None = None) -> Path:
        path, n = self.folder / f"{stem}.sqlite3", 1
        while path.exists() or path == taken:
            n += 1
            path = self.folder / f"{stem}.{n}.sqlite3"
        return path

    def _mark(self, head: Head) -> None:
        """Notes outside the database which file it is and how far it reaches, so that a cut tail is seen."""
        with suppress(JournalFullError, JournalUnavailableError):
            self._anchored.mark(head, head, self._open_journal.path.name)

    def _marked_name(self) -> str:
        with suppress(MarkError):
            return read_mark(self.folder).file or _OF_OLD
        return _OF_OLD


def _reaches(entries: Sequence[JournalEntry], mark: JournalMark) -> bool:
    return any(entry.seq == mark.seq and entry.hash.hex() == mark.hash for entry in entries)


def _holds(folder: Path, mark: JournalMark) -> bool:
    """Whether the journal in the folder has the event that was marked."""
    path = folder / mark.file
    if not path.is_file():
        return False
    with suppress(ValueError, JournalCorruptError, JournalUnavailableError), _reading(path) as journal:
        return journal.holds(Head(seq=mark.seq, hash=bytes.fromhex(mark.hash)))
    return False


def _head_of_file(path: Path) -> Head:
    with _reading(path) as journal:
        return journal.head()


def _place(path: Path, begins: dict[Path, int | None]) -> float:
    """After which event a segment begins; one that cannot be read stands after those that were written before it."""
    begin = begins[path]
    if begin is not None:
        return begin
    written_at = path.stat().st_mtime
    earlier = (b for p, b in begins.items() if b is not None and p.stat().st_mtime <= written_at)
    return max(earlier, default=-1) + 0.5


def _rename_all(path: Path, to: Path) -> None:
    for suffix in ("", *_SIDE_FILES):
        side = path.with_name(path.name + suffix)
        if side.exists():
            side.rename(to.with_name(to.name + suffix))


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


class _reading:
    """A segment opened for reading, closed at the end of the block."""

    def __init__(self, path: Path) -> None:
        self._journal = Journal(path, read_only=True)

    def __enter__(self) -> Journal:
        return self._journal

    def __exit__(self, *error: object) -> None:
        self._journal.close()


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
