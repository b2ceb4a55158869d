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


class _Header(msgspec.Struct, frozen=True, kw_only=True):
    format: int
    seq: int
    at: datetime
    hash: str


class _Trailer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    sha256: str


def save_snapshot(folder: Path, state_format: int, head: Head, pieces: Iterable[bytes]) -> None:
    """Writes a snapshot as of ``head`` and lets all but the newest two go; raises ``OSError``.

    It has its name only when all of it is on disk.
    """
    path = folder / f"snapshot-{head.seq:012}.ndjson"
    draft = path.with_suffix(".new")
    digest = hashlib.sha256()
    header = _Header(format=state_format, seq=head.seq, at=head.at, hash=head.hash.hex())
    try:
        with draft.open("wb") as file:
            for piece in chain((msgspec.json.encode(header),), pieces):
                _write_line(file.write, digest.update, piece)
            file.write(msgspec.json.encode(_Trailer(sha256=digest.hexdigest())) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    for old in sorted(folder.glob(_PATTERN))[:-_KEPT]:
        old.unlink(missing_ok=True)


def saved_snapshots(folder: Path, state_format: int) -> Iterator[JournalSnapshot]:
    """Every snapshot of that format that is whole, the newest first."""
    for path in sorted(folder.glob(_PATTERN), reverse=True):
        head = None
        with suppress(OSError, msgspec.MsgspecError, ValueError):
            head = _checked_head(path, state_format)
        if head is not None:
            yield JournalSnapshot(head, lambda path=path: _pieces(path))  # type: ignore[misc]  # bound early


def drop_snapshots(folder: Path, after_seq: int) -> None:
    """Removes snapshots of events that turned out never to have been."""
    for path in folder.glob(_PATTERN):
        if path.stem.removeprefix("snapshot-") > f"{after_seq:012}":
            path.unlink(missing_ok=True)


def _write_line(write: Callable[[bytes], object], digest: Callable[[bytes], object], piece: bytes) -> None:
    line = piece + b"\n"
    write(line)
    digest(line)


def _checked_head(path: Path, state_format: int) -> Head | None:
    """The head of a snapshot whose content is what was written, None for another format or a damaged one."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        first = last = file.readline()
        header = msgspec.json.decode(first, type=_Header)
        if header.format != state_format:
            return None
        for line in file:
            digest.update(last)
            last = line
    trailer = msgspec.json.decode(last, type=_Trailer)
    if trailer.sha256 != digest.hexdigest():
        return None
    return Head(seq=header.seq, at=header.at, hash=bytes.fromhex(header.hash))


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.readline()
        held = file.readline()
        for line in file:
            yield held[:-1]
            held = line
