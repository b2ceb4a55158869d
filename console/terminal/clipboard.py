"""Copying out of the terminal: always to a file, through tmux where there is one, else by OSC 52."""

import os
import subprocess
import tempfile
from pathlib import Path

import msgspec

_LONGEST_SEQUENCE = 70_000


class CopyOutcome(msgspec.Struct, frozen=True):
    """By which way a copy went."""

    words: str
    sequence: bool
    """Whether the caller must send OSC 52."""


def copy_out(text: str) -> CopyOutcome:
    """Copy the text; says which way worked. Raises ``OSError`` where not even the file can be written."""
    file = Path(tempfile.gettempdir()) / f"ops-copied-{os.getuid()}.txt"
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", errors="backslashreplace") as out:
        out.write(text)
    if os.environ.get("TMUX") and _through_tmux(text):
        return CopyOutcome(f"tmux, and to {file}", sequence=False)
    if len(text) <= _LONGEST_SEQUENCE:
        return CopyOutcome(f"OSC 52 where the terminal allows it, and to {file}", sequence=True)
    return CopyOutcome(f"file: {file}", sequence=False)


def _through_tmux(text: str) -> bool:
    try:
        done = subprocess.run(
            ["tmux", "load-buffer", "-w", "-"],
            input=text.encode(errors="backslashreplace"),
            timeout=2,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
