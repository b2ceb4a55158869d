"""One output stream on disk: its head and its tail, each up to half a megabyte, addressed by byte offset."""

import os
from pathlib import Path

import msgspec

HEAD = 512 * 1024
PIECE = 128 * 1024
TAIL_PIECES = 4
"""Pieces kept behind the head; the last one is partly filled."""


class KeptOutput(msgspec.Struct, frozen=True, kw_only=True):
    """What a stream has from an offset on."""

    data: bytes
    offset: int
    next_offset: int
    cut_bytes: int = 0
    """Bytes before ``offset`` that were asked for and are not kept."""


class OutputWriter:
    """Writes a stream as files named after the offset at which they begin: ``stdout.0``, ``stdout.524288`` …

    A full disk loses output, never the step: ``lost`` then says how many bytes.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name
        self._file: int | None = None
        self._room = HEAD
        self._tail: list[Path] = []
        self.written = 0
        self.lost = 0
        self._open(0)

    def write(self, data: bytes) -> None:
        """Appends ``data``, which is on disk for a reader when this returns."""
        view = memoryview(data)
        while view:
            if self._room == 0:
                self._open(self.written)
            portion = view[: self._room]
            self._put(portion)
            self.written += len(portion)
            self._room -= len(portion)
            view = view[len(portion) :]

    def close(self) -> None:
        """Closes the file at hand."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _put(self, portion: memoryview) -> None:
        while portion:
            try:
                if self._file is None:
                    raise OSError
                portion = portion[os.write(self._file, portion) :]
            except OSError:
                self.lost += len(portion)
                return

    def _open(self, offset: int) -> None:
        self.close()
        path = self._folder / f"{self._name}.{offset}"
        try:
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        except OSError:
            self._file = None
        if offset:
            self._room = PIECE
            self._tail.append(path)
            if len(self._tail) > TAIL_PIECES:
                self._tail.pop(0).unlink(missing_ok=True)


def read_kept(folder: Path, name: str, offset: int, limit: int = 256 * 1024) -> KeptOutput:
    """At most ``limit`` bytes of what is kept from ``offset`` on; an offset in the cut middle moves to the tail."""
    pieces = sorted(
        (int(path.suffix[1:]), path) for path in folder.glob(f"{name}.*") if path.suffix[1:].isdigit()
    )
    begin, data = offset, bytearray()
    for start, path in pieces:
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            continue
        if start + len(content) <= begin:
            continue
        if not data:
            begin = max(begin, start)
        elif start != begin + len(data):
            break
        data += content[begin + len(data) - start :]
        if len(data) >= limit:
            break
    return KeptOutput(
        data=bytes(data[:limit]),
        offset=begin,
        next_offset=begin + len(data[:limit]),
        cut_bytes=begin - offset if data else 0,
    )


def kept_size(folder: Path, name: str) -> int:
    """The offset at which the stream ends for now."""
    ends = [
        int(path.suffix[1:]) + path.stat().st_size
        for path in folder.glob(f"{name}.*")
        if path.suffix[1:].isdigit() and path.exists()
    ]
    return max(ends, default=0)


def whole_characters(data: bytes, *, final: bool) -> bytes:
    """``data`` without the first bytes of a character whose rest has not come yet."""
    if final:
        return data
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte & 0xC0 == 0x80:
            continue
        needed = 4 if byte >= 0xF0 else 3 if byte >= 0xE0 else 2 if byte >= 0xC0 else 1
        return data[:-back] if needed > back else data
    return data
