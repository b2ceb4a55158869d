"""The checked files of the state folder, read again when they change: what is broken leaves what was sound in force."""

import contextlib
import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, TypeVar

from alerts.checked_document import DocumentError
from alerts.contacts import Contacts
from alerts.inhibition import InhibitionTable
from alerts.severity import SeverityMap
from alerts.wire import ConfigurationFileView, FaultView
from server.periodic import Periodic
from server.plain_file import read_plain
from web.components import ComponentMap
from web.configuration_files import (
    FILES,
    LARGEST,
    ConfigurationFile,
    Setting,
    decode_file,
    default_setting,
)

_EVERY = timedelta(seconds=1)
_SAVING = timedelta(seconds=10)
"""How long half a file may lie there while somebody saves it, before anybody is told."""
_log = logging.getLogger("configuration")
_Stamp = tuple[int, int, int]
S = TypeVar("S", bound=Setting)


class _Watched:
    """One file: what of it is in force, and what is wrong with it as it is."""

    def __init__(self, file: ConfigurationFile, path: Path, last_good: Path, *, is_named: bool) -> None:
        self.file = file
        self.path = path
        self._is_named = is_named
        self.faults: tuple[FaultView, ...] = ()
        self.in_force: Literal["default", "file", "last good"] = "default"
        self.setting: Setting = default_setting(file.name)
        self._last_good = last_good / file.name
        self._stamp: _Stamp | None = None
        self._is_read = False
        self._recall()

    def look(self) -> bool:
        """Reads the file where it has changed since the last look; whether another setting is in force now."""
        try:
            stamp = self._stamp_now()
            if stamp == self._stamp and self._is_read:
                return False
            before, self._stamp, self._is_read = self.setting, stamp, True
            text = None if stamp is None else self._text()
            self.setting = default_setting(self.file.name) if text is None else self.file.parse(text)
        except (DocumentError, OSError, ValueError) as error:
            self._is_broken(error)
            return False
        self.faults, self.in_force = (), "default" if text is None else "file"
        self._remember(text)
        return before != self.setting

    def _stamp_now(self) -> _Stamp | None:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            # Who names a file, or links to one, means it: gone, it must not silently count as none and call nobody.
            if self._is_named or self.path.is_symlink():
                raise
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _text(self) -> str:
        return decode_file(read_plain(self.path, at_most=LARGEST + 1))

    def _is_broken(self, error: Exception) -> None:
        found = (
            tuple(FaultView(line=fault.line, message=fault.message) for fault in error.faults)
            if isinstance(error, DocumentError)
            else (FaultView(line=None, message=f"cannot be read: {error}"),)
        )
        if isinstance(error, OSError):
            # It may come back as it was, and must then be looked at.
            self._is_read = False
        if found != self.faults:
            _log.error("%s: %s", self.file.name, error)
        self.faults = found
        if self.in_force == "file":
            self.in_force = "last good"

    def _recall(self) -> None:
        """What was sound when an earlier process read it holds until the file is."""
        with contextlib.suppress(OSError, ValueError):
            self.setting = self.file.parse(decode_file(self._last_good.read_bytes()))
            self.in_force = "last good"

    def _remember(self, text: str | None) -> None:
        """A copy of what is in force, for the next start; without it the file's own text is read then."""
        with contextlib.suppress(OSError):
            if text is None:
                self._last_good.unlink(missing_ok=True)
                return
            self._last_good.parent.mkdir(parents=True, exist_ok=True)
            fresh = self._last_good.with_suffix(".new")
            fresh.write_text(text)
            fresh.replace(self._last_good)


class Configuration:
    """What the checked files say, and who is told when that changes."""

    def __init__(self, folder: Path, last_good: Path, elsewhere: Mapping[str, Path] = {}) -> None:
        """``elsewhere`` names files that do not lie in the state folder; these must be there."""
        self._watched = [
            _Watched(
                file, elsewhere.get(file.name, folder / file.name), last_good, is_named=file.name in elsewhere
            )
            for file in FILES.values()
        ]
        self._broken_since: dict[str, datetime] = {}
        self._changed: list[Callable[[], object]] = []
        self.loop = Periodic("configuration", _EVERY, self.look)
        for watched in self._watched:
            watched.look()

    def when_changed(self, told: Callable[[], object]) -> None:
        """Has ``told`` called after every change of what is in force."""
        self._changed.append(told)

    async def look(self) -> None:
        """Reads what has changed on disk."""
        changed = [watched for watched in self._watched if watched.look()]
        if changed:
            for told in self._changed:
                told()

    @property
    def inhibition(self) -> InhibitionTable:
        """Causes and symptoms."""
        return self._of("inhibition.yml", InhibitionTable)

    @property
    def components(self) -> ComponentMap:
        """What the public page shows."""
        return self._of("components.yml", ComponentMap)

    @property
    def severities(self) -> SeverityMap:
        """What senders' severities mean."""
        return self._of("severities.yml", SeverityMap)

    @property
    def contacts(self) -> Contacts:
        """Who is called, and how."""
        return self._of("contacts.yml", Contacts)

    def lasting_faults(self, now: datetime) -> Mapping[str, str]:
        """As ``faults``, those alone that have been there for longer than saving a file takes."""
        found = self.faults
        self._broken_since = {name: self._broken_since.get(name, now) for name in found}
        return {name: what for name, what in found.items() if now - self._broken_since[name] >= _SAVING}

    @property
    def faults(self) -> Mapping[str, str]:
        """What is wrong with each broken file, in a sentence."""
        return {w.file.name: _sentence(w.faults) for w in self._watched if w.faults}

    def views(self) -> list[ConfigurationFileView]:
        """Each file as the ops API shows it."""
        return [
            ConfigurationFileView(
                name=w.file.name,
                about=w.file.about,
                in_force=w.in_force,
                faults=w.faults,
            )
            for w in self._watched
        ]

    def _of(self, name: str, kind: type[S]) -> S:
        return next(w.setting for w in self._watched if w.file.name == name and isinstance(w.setting, kind))


def _sentence(faults: tuple[FaultView, ...]) -> str:
    first = faults[0]
    place = f"line {first.line}: " if first.line else ""
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return f"{place}{first.message}{more}"
