"""What is remembered for a terminal between one command and the next: the incident in hand, and what was done last."""

import contextlib
import os
import re
import sys
from pathlib import Path


class TerminalMemory:
    """One thing of a kind that this terminal knows about ``stack``; what cannot be read or written is not there."""

    def __init__(self, kind: str, stack: str) -> None:
        self._kind, self._stack = kind, stack

    def read(self) -> str | None:
        """What was written last; None for nothing."""
        with contextlib.suppress(OSError, ValueError):
            return self._path().read_text()
        return None

    def write(self, text: str) -> str:
        """Remembers it in the place of what there was; why it cannot, in words, where it cannot be written."""
        try:
            path = self._path()
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        except OSError as error:
            return _said(error)
        return ""

    def trouble(self) -> str:
        """Why nothing can be remembered, in words; empty where it can."""
        try:
            path = self._path()
            path.parent.mkdir(parents=True, exist_ok=True)
            if not os.access(path if path.exists() else path.parent, os.W_OK):
                return f"{path} cannot be written"
            if path.exists():
                path.read_text()
        except (OSError, ValueError) as error:
            return _said(error) if isinstance(error, OSError) else f"{path} is not what was written there"
        return ""

    def forget(self) -> None:
        """Remembers nothing of the kind any more."""
        with contextlib.suppress(OSError):
            self._path().unlink()

    def _path(self) -> Path:
        # Imported when something is remembered: most commands do not.
        from platformdirs import user_state_path

        name = "-".join(re.sub(r"\W+", "_", word) for word in (_terminal(), self._stack))
        return user_state_path("structured-prompt") / self._kind / name


def _said(error: OSError) -> str:
    return f"{error.filename}: {error.strerror}" if error.filename else str(error)


def _terminal() -> str:
    """The terminal's name; without one all of a person's commands are of one place."""
    for stream in (sys.__stdin__, sys.__stdout__, sys.__stderr__):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            return os.ttyname(stream.fileno())  # type: ignore[union-attr]  # None is caught too
    return "none"
