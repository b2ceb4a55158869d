"""Copying out of the terminal: always to a file, through tmux where there is one, else by OSC 52."""

import os
import subprocess

import msgspec

from console.terminal.private_file import private_file

_LONGEST_SEQUENCE = 70_000


class CopyOutcome(msgspec.Struct, frozen=True):
    """By which way a copy went."""

    words: str
    sequence: bool
    """Whether the caller must send OSC 52."""


def copy_out(text: str) -> CopyOutcome:
    """Copy the text; says which way worked. Raises ``OSError`` where not even the file can be written."""
    file = private_file("copied.txt", text)
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
