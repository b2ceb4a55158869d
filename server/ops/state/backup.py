"""A backup of the daemon's state that opens again, its restore, and what may be removed once it is in an archive.

ops/journal-*.sqlite3, ops/journal.head   copied through SQLite, each as of one moment, while the daemon writes
ops/…                                     outputs of steps and whatever else lies there, but for what is rebuilt
tokens/…                                  the daemon's own tokens
inhibition.yml, components.yml, …         the checked files of the state folder, those that are there
notifications.log, …                      what channels of kind file have written there
MANIFEST.json                             what is in it, with SHA-256 of each file, and the journal's head.
"""

import contextlib
import gzip
import hashlib
import itertools
import os
import re
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath

import msgspec

from server.ops.state.single_instance import AnotherDaemonError, single_instance
from server.ops.state.state import STATE_FORMAT
from server.store.anchor import Anchor
from server.store.archive import Archive
from server.store.chain import Break, Head
from server.store.journal import JournalCorruptError, JournalUnavailableError
from web.configuration_files import FILES

RECORD = "archived.json"
"""In the journal's folder: the newest backup, so that nothing is removed that no archive holds."""
_MANIFEST = "MANIFEST.json"
_FORMAT = 1
_FOLDERS = ("ops", "tokens")
_PARTS = (*_FOLDERS, *FILES)
_REBUILT = ("ballast", "lock", RECORD)
_JOURNALS = (
    "journal-",
    "journal.sqlite3",
    "journal.head",
    "journal.origin",
    ".journal.",
    "snapshot-",
)
_ROTATED = re.compile(r".+-[0-9]{8}T[0-9]{6}Z\.log")
"""Name of a log of notifications that nothing is written to any more."""
_MARGIN = 32 * 1024 * 1024
_PIECE = 1024 * 1024
_UNREADABLE = (OSError, EOFError, KeyError, ValueError, zlib.error, tarfile.TarError, msgspec.MsgspecError)


class StateBackupError(Exception):
    """The backup or the restore could not be made; the message says why, and what to do."""


class StateManifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds."""

    format: int
    version: str
    """Of the daemon's code that made it."""
    made_at: datetime
    seq: int
    """The journal's last event in it."""
    hash: str
    segments: dict[str, str]
    """Each segment of the journal with the hash of its last event."""
    unsound: str = ""
    """What was wrong with the journal when it was copied; empty for a sound one."""
    files: dict[str, str]
    """Each file with its SHA-256."""


class ArchivedState(msgspec.Struct, frozen=True, kw_only=True):
    """The newest backup, as the state folder remembers it."""

    path: str
    sha256: str
    made_at: datetime
    segments: dict[str, str]


def back_up(
    state: Path, into: Path, now: datetime, version: str, anchor: Anchor | None = None
) -> tuple[Path, StateManifest]:
    """Write a backup of ``state`` below ``into`` and read it back. Raises ``StateBackupError`` and ``OSError``.

    The daemon may run: it is not asked for anything. A journal that is not sound is backed up too, and said to be so.
    With its ``anchor`` the copy is signed where the original is, and is believed where it is put in place again.
    """
    source = state / "ops"
    if not Archive(source, STATE_FORMAT).segments():
        raise StateBackupError(f"there is no journal in {source}; name the state folder with --state")
    into.mkdir(mode=0o700, parents=True, exist_ok=True)
    _must_fit(state, into)
    target, draft = _claimed(into, now)
    try:
        with tempfile.TemporaryDirectory(prefix=".ops-state-", dir=into) as staged:
            manifest = _stage(state, Path(staged), now, version, anchor)
            _pack(Path(staged), draft)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    checked = read_manifest(target)
    if checked != manifest:
        target.unlink()
        raise StateBackupError(f"{target} could not be read back as it was written; is the disk sound?")
    record = ArchivedState(
        path=str(target.absolute()), sha256=_sha256(target), made_at=now, segments=manifest.segments
    )
    if not manifest.unsound:
        # Remembered last: what this names may be removed, so it must be there and read back.
        _write(source / RECORD, msgspec.json.encode(record))
    return target, manifest


def restore(archive: Path, state: Path, now: datetime, *, replace: bool = False) -> StateManifest:
    """Put the state in ``archive`` at ``state``. Raises ``StateBackupError`` and ``OSError``.

    What is there is never written over: with ``replace`` it is moved aside, else it is refused. The daemon must not run.
    """
    manifest = read_manifest(archive)
    present = [state / part for part in _PARTS if (state / part).exists()]
    if present and not replace:
        raise StateBackupError(f"{present[0]} is there; --replace moves what is there aside")
    try:
        held = single_instance(state / "ops") if (state / "ops").exists() else contextlib.nullcontext()
        with held, tempfile.TemporaryDirectory(prefix=".restore-", dir=_made(state)) as staged:
            _unpack(archive, Path(staged))
            _must_open(Path(staged), manifest)
            for old in present:
                old.rename(old.with_name(f"{old.name}.before-{now:%Y%m%dT%H%M%SZ}"))
            for part in _PARTS:
                if (Path(staged) / part).exists():
                    (Path(staged) / part).rename(state / part)
            for log in notification_logs(Path(staged)):
                log.rename(_beside(state / log.name, now))
    except AnotherDaemonError as error:
        raise StateBackupError(str(error)) from error
    return manifest


def notification_logs(state: Path) -> list[Path]:
    """What channels of kind ``file`` have written in the state folder."""
    return [path for path in sorted(state.glob("*.log")) if path.is_file() and not path.is_symlink()]


def _beside(path: Path, now: datetime) -> Path:
    """A place of its own where one is taken: a log of notifications is added to, never replaced."""
    return path.with_name(f"{path.stem}-restored-{now:%Y%m%dT%H%M%SZ}.log") if path.exists() else path


def anchor_state(state: Path, anchor: Anchor) -> Head:
    """Sign the journal in ``state`` as it is, on a person's word; the event it ends with. Raises ``StateBackupError``.

    For a state that came from another machine, was moved, or was looked at after ``ops audit verify`` had failed. The
    daemon must not run.
    """
    folder = state / "ops"
    if not Archive(folder, STATE_FORMAT).segments():
        raise StateBackupError(f"there is no journal in {folder}; name the state folder with --state")
    try:
        with single_instance(folder):
            return Archive(folder, STATE_FORMAT, anchor).anchor_anew()
    except (AnotherDaemonError, JournalCorruptError, JournalUnavailableError) as error:
        raise StateBackupError(str(error)) from error


def read_manifest(archive: Path) -> StateManifest:
    """What the backup says that it holds, each file checked. Raises ``StateBackupError``."""
    try:
        # Opened by hand and read to its end: tarfile stops where its own content ends, before gzip's checksum.
        with gzip.open(archive) as whole, tarfile.open(fileobj=whole) as packed:
            held = packed.extractfile(_MANIFEST)
            manifest = msgspec.json.decode(held.read() if held else b"", type=StateManifest)
            found = {
                member.name: _digest(packed, member)
                for member in packed
                if member.isfile() and member.name != _MANIFEST
            }
            while whole.read(_PIECE):
                pass
    except _UNREADABLE as error:
        raise StateBackupError(f"{archive} is no whole backup of the state: {error}") from error
    if manifest.format != _FORMAT:
        raise StateBackupError(f"{archive} has format {manifest.format}; this version reads {_FORMAT}")
    wrong = sorted(name for name in {*found, *manifest.files} if found.get(name) != manifest.files.get(name))
    if wrong:
        raise StateBackupError(f"{archive} is damaged: {wrong[0]} is not what it was")
    return manifest


def archived(folder: Path) -> ArchivedState | None:
    """The newest backup of the state whose journal is in ``folder``; None where there is none that can be relied on."""
    try:
        return msgspec.json.decode((folder / RECORD).read_bytes(), type=ArchivedState)
    except (OSError, msgspec.MsgspecError):
        return None


def prune(
    state: Path, now: datetime, *, months: int, outputs: timedelta, anchor: Anchor | None = None
) -> list[str]:
    """Remove closed months and old outputs that the newest backup holds; what was removed. Raises ``StateBackupError``.

    ``months`` whole months are kept besides the present one. The daemon may run. A month goes only where a snapshot
    of a later moment is there, from which the state is read without it.
    """
    folder = state / "ops"
    kept = archived(folder)
    if kept is None or not Path(kept.path).is_file() or _sha256(Path(kept.path)) != kept.sha256:
        raise StateBackupError(
            "nothing is removed without an archive: no backup of this state is where it was written"
        )
    removed = Archive(folder, STATE_FORMAT, anchor).drop_segments(
        kept.segments, before=_months_ago(now, months)
    )
    for execution in sorted((folder / "executions").glob("*")):
        changed_at = datetime.fromtimestamp(execution.stat().st_mtime, tz=now.tzinfo)
        if changed_at < min(now - outputs, kept.made_at):
            for path in (*execution.glob("stdout.*"), *execution.glob("stderr.*")):
                path.unlink(missing_ok=True)
                removed.append(f"executions/{execution.name}/{path.name}")
    return removed + _prune_notifications(state, now, outputs, kept)


def _prune_notifications(state: Path, now: datetime, outputs: timedelta, kept: ArchivedState) -> list[str]:
    """Lays old logs of notifications aside, and removes those laid aside before that the backup holds as they are.

    What is written to is renamed and not shortened: whoever adds a line at that moment loses none.
    """
    old = min(now - outputs, kept.made_at)
    removed = []
    held: dict[str, str] | None = None
    for log in notification_logs(state):
        if not _ROTATED.fullmatch(log.name):
            if _first_written(log, now) < now - outputs:
                log.rename(log.with_name(f"{log.stem}-{now:%Y%m%dT%H%M%SZ}.log"))
            continue
        if datetime.fromtimestamp(log.stat().st_mtime, tz=now.tzinfo) >= old:
            continue
        if held is None:
            held = read_manifest(Path(kept.path)).files
        if held.get(log.name) == _sha256(log):
            log.unlink()
            removed.append(log.name)
    return removed


def _first_written(log: Path, now: datetime) -> datetime:
    """When the first line of a log was written; now where that cannot be told."""
    with log.open(errors="replace") as lines:
        word = lines.readline().partition(" ")[0]
    try:
        written_at = datetime.fromisoformat(word)
    except ValueError:
        return now
    return written_at if written_at.tzinfo is not None else now


def _stage(state: Path, staged: Path, now: datetime, version: str, anchor: Anchor | None) -> StateManifest:
    """Copy everything below ``staged``, outputs first: the journal then knows of each of them."""
    for part in _FOLDERS:
        (staged / part).mkdir(mode=0o700)
        _copy(state / part, staged / part)
    for name in FILES:
        if (state / name).is_file():
            shutil.copy2(state / name, staged / name)
    for log in notification_logs(state):
        shutil.copy2(log, staged / log.name)
    (staged / "ops" / "executions").mkdir(exist_ok=True)
    archive = Archive(state / "ops", STATE_FORMAT, anchor)
    segments = archive.copy_to(staged / "ops")
    head, _, broken = Archive(staged / "ops", STATE_FORMAT).verify()
    manifest = StateManifest(
        format=_FORMAT,
        version=version,
        made_at=now,
        seq=head.seq,
        hash=head.hash.hex(),
        segments=segments,
        unsound="" if broken is None else _said(broken),
        files={str(path.relative_to(staged)): _sha256(path) for path in _files(staged)},
    )
    (staged / _MANIFEST).write_bytes(msgspec.json.encode(manifest))
    return manifest


def _copy(source: Path, target: Path) -> None:
    """Every file but the journal's own and what is rebuilt; one that vanishes meanwhile is passed over."""
    for path in _files(source):
        name = path.relative_to(source)
        if source.name == "ops" and (name.parts[0] in _REBUILT or name.parts[0].startswith(_JOURNALS)):
            continue
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            shutil.copy2(path, target / name)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())


def _claimed(into: Path, now: datetime) -> tuple[Path, Path]:
    """The name of a new archive and of its draft, which is there from now on: of two in one second each has its own."""
    for n in itertools.count(1):
        again = f"-{n}" if n > 1 else ""
        target = into / f"ops-state-{now:%Y%m%dT%H%M%SZ}{again}.tar.gz"
        draft = target.with_suffix(".new")
        try:
            os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            continue
        # Looked at once the draft is ours: whoever had it a moment ago has put their archive in place by then.
        if not target.exists():
            return target, draft
        draft.unlink()
    raise AssertionError("itertools.count has no end")


def _pack(staged: Path, draft: Path) -> None:
    with draft.open("wb") as file:
        with tarfile.open(fileobj=file, mode="w:gz") as packed:
            packed.add(staged / _MANIFEST, _MANIFEST)
            for part in _PARTS:
                if (staged / part).exists():
                    packed.add(staged / part, part)
            for log in notification_logs(staged):
                packed.add(log, log.name)
        file.flush()
        os.fsync(file.fileno())


def _unpack(archive: Path, staged: Path) -> None:
    with tarfile.open(archive, "r:gz") as packed:
        for member in packed:
            place = PurePosixPath(member.name)
            if place.is_absolute() or ".." in place.parts or not (member.isfile() or member.isdir()):
                raise StateBackupError(f"{archive} holds {member.name}, which no backup of the state has")
        for member in packed:
            _take_out(packed, member, staged / member.name)


def _take_out(packed: tarfile.TarFile, member: tarfile.TarInfo, place: Path) -> None:
    """One file or folder of an archive: its content, its time and its owner's rights; neither its owner nor a link.

    The filters of ``tarfile`` do the same, and are missing in Python 3.11.2, which Debian 12 has.
    """
    content = packed.extractfile(member)
    if content is None:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        return
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # A name that stands in the archive twice is the later one's.
    place.unlink(missing_ok=True)
    with content, place.open("xb") as file:
        shutil.copyfileobj(content, file)
    place.chmod(member.mode & 0o755 | 0o600)
    os.utime(place, (member.mtime, member.mtime))


def _must_open(staged: Path, manifest: StateManifest) -> None:
    """The journal that is about to be put in place is the one that was backed up."""
    head, _, broken = Archive(staged / "ops", STATE_FORMAT).verify()
    if (head.seq, head.hash.hex()) != (manifest.seq, manifest.hash):
        why = _said(broken) if broken else f"it ends with event {head.seq} and not {manifest.seq}"
        raise StateBackupError(f"the journal in the backup does not open as it was: {why}")


def _must_fit(state: Path, into: Path) -> None:
    parts = [*notification_logs(state), *(path for part in _FOLDERS for path in _files(state / part))]
    needed = sum(path.stat().st_size for path in parts if path.exists())
    free = shutil.disk_usage(into).free
    if free < needed + _MARGIN:
        raise StateBackupError(
            f"{into} has {free // 2**20} MB free and the backup needs about {(needed + _MARGIN) // 2**20} MB; "
            "name another place with --to"
        )


def _made(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _months_ago(now: datetime, months: int) -> str:
    """The first month that is kept, as segments are named."""
    count = now.year * 12 + now.month - 1 - months
    return f"{count // 12:04}-{count % 12 + 1:02}"


def _said(broken: Break) -> str:
    return f"{broken.file or 'the journal'}: event {broken.seq} {broken.why}"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest(packed: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    digest, held = hashlib.sha256(), packed.extractfile(member)
    while held is not None and (piece := held.read(_PIECE)):
        digest.update(piece)
    return digest.hexdigest()


def _write(path: Path, data: bytes) -> None:
    """Replaces a file as a whole; of several who do so at once each has a draft of its own."""
    handle, draft = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    Path(draft).replace(path)
