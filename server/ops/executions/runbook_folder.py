"""The runbooks and actions at hand, read again when a file changes."""

import contextlib
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
        times = {}
        for path in (*self._folder.glob("*"), *self._folder.glob("*/*")):
            if path.suffix in _KINDS and path.is_file():
                with contextlib.suppress(FileNotFoundError):
                    stat = path.stat()
                    times[path.relative_to(self._folder).as_posix()] = (stat.st_mtime_ns, stat.st_size)
        return times

    def _text(self, path: str) -> str | None:
        """A file's text; None where an editor has taken it away since it was seen."""
        try:
            return (self._folder / path).read_text(errors="replace")
        except FileNotFoundError:
            return None
