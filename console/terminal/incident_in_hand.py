"""The incident that somebody at this terminal is busy with: `.` on the command line."""

import contextlib
import os
import re
import sys
from pathlib import Path


def incident_in_hand(stack: str) -> int | None:
    """The incident of ``stack`` that was taken up last at this terminal; None for none."""
    with contextlib.suppress(OSError, ValueError):
        return int(_path(stack).read_text())
    return None


def take_in_hand(stack: str, incident_id: int) -> None:
    """Remembers it for this terminal; where that cannot be written ``.`` stays what it was."""
    with contextlib.suppress(OSError):
        path = _path(stack)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(incident_id))


def _path(stack: str) -> Path:
    # Imported when somebody takes something in hand: most commands do not.
    from platformdirs import user_state_path

    name = "-".join(re.sub(r"\W+", "_", word) for word in (_terminal(), stack))
    return user_state_path("structured-prompt") / "in-hand" / name


def _terminal() -> str:
    """The terminal's name; without one all of a person's commands are of one place."""
    for stream in (sys.__stdin__, sys.__stdout__, sys.__stderr__):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            return os.ttyname(stream.fileno())  # type: ignore[union-attr]  # None is caught too
    return "none"
