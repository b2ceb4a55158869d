"""Snapshots of the folded state, each in a file of its own beside the journal: derived, checked, never in its way."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import msgspec

from server.store.chain import Head

_KEPT = 2
_PATTERN = "snapshot-*.ndjson"


class JournalSnapshot(NamedTuple):
    """The folded state as of an event; derived, and rebuilt from the events when it is missing."""

    head: Head
    pieces: Callable[[], Iterable[bytes]]
    """JSON values that together are the state, in the order in which they were saved."""
    file: str = ""
    """Its file's name; empty for one inside a segment."""
    digest: str = ""
    """SHA-256 of its content, as the event that vouches for it has it."""
    signature: str = ""
    """Of the name and the digest, with the key of the journal's anchor; empty where it was saved without one."""


class _Header(msgspec.Struct, frozen=True, kw_only=True):
    format: int
    seq: int
    at: datetime
    hash: str


class _Trailer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    sha256: str
    signature: str = ""


def save_snapshot(
    folder: Path,
    state_format: int,
    head: Head,
    pieces: Iterable[bytes],
    sign: Callable[[str, str], str] = lambda name, digest: "",
) -> str:
    """Writes a snapshot as of ``head`` and lets all but the newest two go; its digest. Raises ``OSError``.

    It has its name only when all of it is on disk.
    """
    path = folder / snapshot_name(head)
    draft = path.with_suffix(".new")
    digest = hashlib.sha256()
    header = _Header(format=state_format, seq=head.seq, at=head.at, hash=head.hash.hex())
    try:
        with draft.open("wb") as file:
            for piece in chain((msgspec.json.encode(header),), pieces):
                _write_line(file.write, digest.update, piece)
            trailer = _Trailer(sha256=digest.hexdigest(), signature=sign(path.name, digest.hexdigest()))
            file.write(msgspec.json.encode(trailer) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    for old in sorted(folder.glob(_PATTERN))[:-_KEPT]:
        old.unlink(missing_ok=True)
    return digest.hexdigest()


def snapshot_name(head: Head) -> str:
    """The file of a snapshot as of ``head``."""
    return f"snapshot-{head.seq:012}.ndjson"


def snapshot_digests(folder: Path) -> Iterator[tuple[Path, str]]:
    """Every snapshot with the digest of its content as it is now; "damaged" for one that is not whole."""
    for path in sorted(folder.glob(_PATTERN)):
        try:
            yield path, _checked(path)[1].sha256
        except FileNotFoundError:
            continue
        except (OSError, msgspec.MsgspecError, ValueError):
            yield path, "damaged"


def saved_snapshots(folder: Path, state_format: int) -> Iterator[JournalSnapshot]:
    """Every snapshot of that format that is whole, the newest first."""
    for path in sorted(folder.glob(_PATTERN), reverse=True):
        found = None
        with suppress(OSError, msgspec.MsgspecError, ValueError):
            found = _checked(path)
        if found is not None and found[0].format == state_format:
            header, trailer = found
            head = Head(seq=header.seq, at=header.at, hash=bytes.fromhex(header.hash))
            yield JournalSnapshot(
                head,
                lambda path=path: _pieces(path),  # type: ignore[misc]  # bound early
                path.name,
                trailer.sha256,
                trailer.signature,
            )


def drop_snapshots(folder: Path, after_seq: int) -> None:
    """Removes snapshots of events that turned out never to have been."""
    for path in folder.glob(_PATTERN):
        if path.stem.removeprefix("snapshot-") > f"{after_seq:012}":
            path.unlink(missing_ok=True)


def _write_line(write: Callable[[bytes], object], digest: Callable[[bytes], object], piece: bytes) -> None:
    line = piece + b"\n"
    write(line)
    digest(line)


def _checked(path: Path) -> tuple[_Header, _Trailer]:
    """The header of a snapshot whose content is what was written, and its trailer. Raises ``ValueError`` where it is not."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        first = last = file.readline()
        header = msgspec.json.decode(first, type=_Header)
        bytes.fromhex(header.hash)
        for line in file:
            digest.update(last)
            last = line
    trailer = msgspec.json.decode(last, type=_Trailer)
    if trailer.sha256 != digest.hexdigest():
        raise ValueError(f"{path.name} is damaged")
    return header, trailer


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.readline()
        held = file.readline()
        for line in file:
            yield held[:-1]
            held = line
