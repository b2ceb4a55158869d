"""A file that only takes room, given up when the disk is full so that the cure can still be journalled."""

import contextlib
import os
from pathlib import Path


class Ballast:
    """The room, in a file."""

    def __init__(self, path: Path, megabytes: int) -> None:
        self._path = path
        self._bytes = megabytes * 1024 * 1024

    def fill(self) -> bool:
        """Takes the room; False where there is too little."""
        if not self._bytes or (self._path.exists() and self._path.stat().st_size >= self._bytes):
            return True
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
