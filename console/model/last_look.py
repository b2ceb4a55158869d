"""Where somebody left the console of a daemon: the view and its filters, which come back with the next opening."""

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from console.model.console_settings import View

_KEPT = 50
"""Daemons that are remembered; the one that was left longest ago is forgotten first."""


class LastLook(msgspec.Struct, frozen=True, kw_only=True):
    """One console as it was left."""

    view: View = "alerts"
    filters: Mapping[str, str] = {}
    """What each view was filtered by; those without a filter are not in it."""


_File = dict[str, LastLook]


def looks_path() -> Path:
    """The file that holds them."""
    # Imported where the console is opened: no other command needs it.
    from platformdirs import user_state_path

    return user_state_path("structured-prompt") / "console-last.json"


def read_last_look(daemon: str) -> LastLook | None:
    """How the console of this daemon was left; None where that is not known, or cannot be read."""
    return _read().get(daemon)


def keep_last_look(daemon: str, look: LastLook) -> None:
    """Remember it. Nothing is said where that is not possible: the next opening begins as the first one did."""
    looks = {name: known for name, known in _read().items() if name != daemon}
    kept = dict([*looks.items(), (daemon, look)][-_KEPT:])
    path = looks_path()
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.part")
        part.write_bytes(msgspec.json.encode(kept))
        part.replace(path)


def _read() -> _File:
    try:
        return msgspec.json.decode(looks_path().read_bytes(), type=_File)
    except (OSError, msgspec.MsgspecError):
        return {}
