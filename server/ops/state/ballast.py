"""A file that only takes room, given up when the disk is full so that the cure can still be journalled."""

import contextlib
import os
from pathlib import Path

_NO_ROOM = 256 * 1024


class Ballast:
    """The room, in a file."""

    def __init__(self, path: Path, megabytes: int) -> None:
        self._path = path
        self._bytes = megabytes * 1024 * 1024

    @property
    def held(self) -> bool:
        """Whether the room is there to be given up."""
        return not self._bytes or self._path.exists()

    def disk_is_full(self) -> bool:
        """Whether the disk has no room for an ordinary process."""
        if not self._path.parent.exists():
            return False
        disk = os.statvfs(self._path.parent)
        return disk.f_bavail * disk.f_frsize < _NO_ROOM

    def fill(self) -> bool:
        """Takes the room; False where there is too little."""
        if not self._bytes or (self._path.exists() and self._path.stat().st_size >= self._bytes):
            return True
        disk = os.statvfs(self._path.parent)
        if disk.f_bavail * disk.f_frsize < 2 * self._bytes:
            return False
        try:
            with self._path.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, self._bytes)
        except OSError:
            self.free()
            return False
        return True

    def free(self) -> bool:
        """Gives the room up; False when there was none left to give."""
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()
            return True
        return False
