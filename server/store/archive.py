"""The whole journal on disk: the open segment, the closed ones before it, and any file that had to be set aside."""

import errno
import hashlib
import hmac
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import msgspec

from server.store.anchor import (
    MARK,
    ORIGIN,
    Anchor,
    JournalMark,
    MarkError,
    read_mark,
    read_origin,
    spelled,
    write_mark,
    write_origin,
)
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
        self.unanchored = ""
        """Why nothing outside the folder vouches for this journal; empty where something does."""
        self.anchoring = ""
        """What ``open`` did about the anchor that has to be said; empty where all was as it was left."""
        self._anchor = anchor
        self._trusted = anchor is None
        """Whether snapshots that no event vouches for are taken: those of a version that had no anchor."""
        self._found: JournalMark | None = None
        """The mark that the journal was found with, where it can be believed."""
        self._held = Head()
        """The end of the journal as this process wrote it."""
        self._format = state_format
        self._journal: Journal | None = None
        self._inode = 0
        self._begins: dict[tuple[str, int], int] = {}
        """By name and inode, after which event a segment begins."""

    @property
    def has_anchor(self) -> bool:
        """Whether a key outside the folder vouches for what is written, so that snapshots are to be vouched for."""
        return self._anchor is not None

    def open(self, now: datetime) -> Recovered:
        """Opens the journal and checks its end; an unsound file is set aside and a chain linked to it begun.

        Raises ``JournalFullError`` and ``JournalUnavailableError``.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self._finish_rotation_of_old()
        path = self._newest()
        if path is None:
            self._note_begin()
            self._begin(f"{now:%Y-%m}", Head())
            self._settle()
            return Recovered(snapshot=None, entries=(), set_aside=None)
        self._judge_mark()
        try:
            recovered = self._recover(path)
            self._judge_end()
            self._mark(self._held)
        except JournalCorruptError as error:
            recovered = self._begin_anew(path, now, str(error))
        self._settle()
        if recovered.set_aside is not None:
            return recovered
        last = recovered.entries[-1] if recovered.entries else None
        if last is not None and last.kind == CLOSED:
            self.rotate(f"{now:%Y-%m}", head_of(last))
        return recovered

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
        if self._anchor is not None:
            # Noted before it is done: an event that no mark announces was added by somebody else, even where a crash
            # keeps us from noting that it is there.
            self._must_mark(self._held, upcoming)
        self._open_journal.append(entries)
        self._held = upcoming
        self._mark(upcoming)

    def save_snapshot(self, head: Head, pieces: Iterable[bytes]) -> str:
        """Keeps a snapshot as of an event that is on disk, signed; its digest. Any thread may call it.

        Raises ``OSError``.
        """
        if self._anchor is None:
            return save_snapshot(self.folder, self._format, head, pieces)
        return save_snapshot(self.folder, self._format, head, pieces, self._anchor.sign_snapshot)

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
        head, count, name = Head(), 0, ""
        # Before the walk: what is committed while it lasts is marked too, and need not have been read.
        marked = self._marked_seq()
        for path in self.segments():
            name = path.name
            try:
                head, added, broken = _walk(path, head, is_first=count == 0)
            except (JournalCorruptError, JournalUnavailableError) as error:
                added, broken = 0, Break(seq=head.seq + 1, why=f"cannot be read: {error}")
            count += added
            if broken is not None:
                return head, count, msgspec.structs.replace(broken, file=name)
        if marked > head.seq:
            why = f"the journal ends with event {head.seq}, but event {marked} was committed"
            return head, count, Break(seq=head.seq + 1, why=why, file=name)
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
            return f"the file ends with event {_shown(head)}, what was written last is {_shown(self._held)}"
        if self._anchor is None:
            return ""
        try:
            mark = read_mark(self.folder, self._anchor.key)
        except MarkError as error:
            return str(error)
        if not mark.is_signed or not mark.fits(head):
            return f"{MARK} says that it ends with event {mark.seq} {mark.hash[:16]}; it ends with {_shown(head)}"
        return self._why_no_origin(self._anchor)

    def bad_snapshots(self) -> list[str]:
        """Names of the snapshots whose content is not what was journalled of them."""
        digests = {path.name: digest for path, digest in snapshot_digests(self.folder)}
        vouched = {name: self._vouched_for(name) for name in digests}
        return sorted(name for name, digest in digests.items() if vouched[name] not in ("", digest))

    def anchor_anew(self) -> Head:
        """Signs the journal as it is, on a person's word; the event that it ends with. The daemon must not run.

        Raises the errors of ``Journal``, and ``JournalCorruptError`` where the chain is not sound.
        """
        head, _, broken = Archive(self.folder, self._format).verify()
        if broken is not None and broken.seq <= head.seq:
            raise JournalCorruptError(f"{broken.file}: event {broken.seq} {broken.why}")
        path = self._newest()
        if self._anchor is None or path is None:
            raise JournalUnavailableError("there is no journal to anchor")
        for found in self.segments()[:1]:
            with _reading(found) as journal:
                write_origin(self.folder, journal.base, self._anchor.key)
        boot = self._anchor.machine_boot
        write_mark(self.folder, JournalMark.of(head, path.name, machine_boot=boot), self._anchor)
        self._settle()
        return head

    def copy_to(self, folder: Path) -> dict[str, str]:
        """Copies every segment, each as of one moment, and what was set aside; the hash of each segment's last event.

        The journal may be written meanwhile by its owner. The mark is the copy's own: it may be behind the original.
        Raises the errors of ``Journal``, and ``JournalUnavailableError`` where months are over too fast to follow.
        """
        marked = self._believed_mark()
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
        boot = self._anchor.machine_boot if self._anchor is not None else ""
        # Signed only where the original was: a copy must not make a journal believable that was not.
        anchor = self._anchor if marked is not None and _holds(folder, marked) else None
        write_mark(folder, JournalMark.of(heads[last], last, machine_boot=boot), anchor)
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
            if self._anchor is not None:
                # First: a month that is gone without a word would look as if somebody had taken it away.
                write_origin(self.folder, head, self._anchor.key)
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

    def _note_begin(self) -> None:
        """A journal that is there no more was there before, where its key is already."""
        if self._anchor is not None and not self._anchor.key.is_new:
            self.anchoring = f"begun anew: a journal was anchored with {self._anchor.key.file} before"

    def _judge_mark(self) -> None:
        """Whether the mark can be believed; that of a version without keys is taken over, once."""
        if self._anchor is None:
            return
        try:
            mark = read_mark(self.folder, self._anchor.key)
        except MarkError as error:
            self.unanchored = str(error)
            return
        if mark.is_signed:
            self._found = mark
        elif self._anchor.key.is_new:
            self._found, self._trusted = mark, True
            self._take_origin_over(self._anchor)
            self.anchoring = f"taken over from a version without an anchor, at event {mark.seq}"
        else:
            self.unanchored = f"{MARK} is not signed"

    def _judge_end(self) -> None:
        """Whether the journal that was found is the one that was marked."""
        if self._anchor is None or self.unanchored:
            return
        marked, head = self._found, self._held
        if marked is None or (marked.is_signed and not _holds(self.folder, marked)):
            self.unanchored = (
                f"{MARK} says that event {marked.seq} is {marked.hash[:16]}; the journal has another one"
                if marked is not None
                else f"{MARK} is missing"
            )
        elif marked.is_signed and not marked.fits(head):
            added = f"{head.seq - marked.seq} events stand after event {marked.seq}, the last that was marked"
            # The mark waits for no disk: where the power went, the journal may have got further than it.
            if marked.machine_boot in ("-", self._anchor.machine_boot):
                self.unanchored = added
            else:
                self.anchoring = f"{added}; the machine has started anew since"
        if not self.unanchored:
            self.unanchored = self._why_no_origin(self._anchor)

    def _take_origin_over(self, anchor: Anchor) -> None:
        for first in self.segments()[:1]:
            with suppress(OSError, JournalCorruptError, JournalUnavailableError), _reading(first) as journal:
                if journal.base.seq:
                    write_origin(self.folder, journal.base, anchor.key)

    def _why_no_origin(self, anchor: Anchor) -> str:
        """Why the first segment is not where the journal begins; empty where it is."""
        first = self.segments()[0]
        with _reading(first) as journal:
            base, declared = journal.base, _follows_set_aside(journal)
        try:
            origin = read_origin(self.folder, anchor.key)
        except MarkError as error:
            return str(error)
        wanted = int(origin.partition(":")[0])
        # More than need be there is no fault: months that are being removed go one after the other.
        if spelled(base) == origin or base.seq < wanted or declared:
            return ""
        return f"{first.name} begins after event {base.seq}; the journal begins after event {wanted}"

    def _believed_mark(self) -> JournalMark | None:
        """The signed mark; None where there is none or no key."""
        if self._anchor is None:
            return None
        with suppress(MarkError):
            mark = read_mark(self.folder, self._anchor.key)
            return mark if mark.is_signed else None
        return None

    def _settle(self) -> None:
        if self._anchor is not None:
            with suppress(OSError):
                self._anchor = self._anchor._replace(key=self._anchor.key.settle())

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
            if self._marked_seq() > head.seq:
                raise JournalCorruptError(
                    f"it ends with event {head.seq}, but {self._marked_seq()} was committed"
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
        for snapshot in saved_snapshots(self.folder, self._format):
            if newest is not None and newest.head.seq > snapshot.head.seq:
                break
            if self._is_believed(snapshot) and (
                snapshot.head.seq < journal.base.seq or journal.holds(snapshot.head)
            ):
                return snapshot
        return newest if self._trusted or newest is None else None

    def _is_believed(self, snapshot: JournalSnapshot) -> bool:
        """Whether a snapshot is signed, and is what was journalled of it if that has been done."""
        if self._trusted or self._anchor is None:
            return True
        signature = self._anchor.sign_snapshot(snapshot.file, snapshot.digest)
        return hmac.compare_digest(signature, snapshot.signature) and (
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
        marked = self._found
        if (
            marked is not None
            and marked.is_signed
            and (sound or not snapshot)
            and not _reaches(sound, marked)
        ):
            self.unanchored = f"what came before {path.name} was set aside is vouched for by nothing"
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
        if self._anchor is None or self._trusted:
            return None
        return next(filter(self._is_believed, saved_snapshots(self.folder, self._format)), None)

    def _set_aside(self, path: Path | None, head: Head, now: datetime, why: str) -> SetAside:
        """The new chain takes a name that no file has had: whoever still reads the bad one cannot touch it."""
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest() if path is not None and path.exists() else ""
        begun = self._free_name(f"journal-{now:%Y-%m}", taken=path)
        aside = self._free_name(f"journal.corrupt-{now:%Y%m%dT%H%M%SZ}")
        if path is not None:
            _rename_all(path, aside)
        if self._anchor is None:
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
            self._must_mark(head, head)

    def _must_mark(self, head: Head, upcoming: Head) -> None:
        """Raises ``JournalFullError`` and ``JournalUnavailableError``. What is not believed is not signed either."""
        boot = self._anchor.machine_boot if self._anchor is not None else ""
        mark = JournalMark.of(head, self._open_journal.path.name, upcoming=upcoming, machine_boot=boot)
        try:
            write_mark(self.folder, mark, None if self.unanchored else self._anchor)
        except OSError as error:
            kind = JournalFullError if error.errno == errno.ENOSPC else JournalUnavailableError
            raise kind(f"{MARK}: {error.strerror}") from error

    def _marked_seq(self) -> int:
        """How far the journal reached; 0 where nothing that can be believed says so."""
        if self._anchor is not None and self.unanchored:
            return 0
        with suppress(MarkError):
            return read_mark(self.folder, self._anchor.key if self._anchor is not None else None).seq
        return 0

    def _marked_name(self) -> str:
        with suppress(MarkError):
            return read_mark(self.folder).file or _OF_OLD
        return _OF_OLD


def _shown(head: Head) -> str:
    return f"{head.seq} {head.hash.hex()[:16]}"


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
