"""The runbooks and actions at hand, read again when a file changes."""

import contextlib
import os
from pathlib import Path

from runbooks.engine.catalogue import Catalogue, build_catalogue

_KINDS = (".md", ".yml")


class RunbookFolder:
    """The folder of runbooks; a look at the files' times is enough while nothing has changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[str, tuple[int, int]] = {}
        self._catalogue = Catalogue(runbooks={}, actions={})

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue of the files as they are now."""
        seen = self._times()
        if seen != self._seen:
            texts = {path: text for path in seen if (text := self._text(path)) is not None}
            self._catalogue = build_catalogue(texts)
            self._seen = seen
        return self._catalogue

    def _times(self) -> dict[str, tuple[int, int]]:
        times, folders = _look(self._folder, "")
        for folder in folders:
            times |= _look(self._folder / folder, f"{folder}/")[0]
        return times

    def _text(self, path: str) -> str | None:
        """A file's text; None where an editor has taken it away since it was seen."""
        try:
            return (self._folder / path).read_text(errors="replace")
        except FileNotFoundError:
            return None


def _look(folder: Path, before: str) -> tuple[dict[str, tuple[int, int]], list[str]]:
    """Time of change and size of each file of runbooks or actions, its name after ``before``; and the folders in it."""
    times, folders = {}, []
    with (
        contextlib.suppress(FileNotFoundError, NotADirectoryError, PermissionError),
        os.scandir(folder) as entries,
    ):
        for entry in entries:
            if entry.is_dir():
                folders.append(entry.name)
            elif entry.name.endswith(_KINDS) and entry.is_file():
                with contextlib.suppress(FileNotFoundError):
                    status = entry.stat()
                    times[before + entry.name] = (status.st_mtime_ns, status.st_size)
    return times, folders
