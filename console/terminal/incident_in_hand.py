"""The incident that somebody at this terminal is busy with: `.` on the command line."""

import contextlib

from console.terminal.terminal_memory import TerminalMemory


def incident_in_hand(stack: str) -> int | None:
    """The incident of ``stack`` that was taken up last at this terminal; None for none."""
    with contextlib.suppress(ValueError):
        return int(_memory(stack).read() or "")
    return None


def take_in_hand(stack: str, incident_id: int) -> None:
    """Remembers it for this terminal; where that cannot be written ``.`` stays what it was."""
    _memory(stack).write(str(incident_id))


def _memory(stack: str) -> TerminalMemory:
    return TerminalMemory("in-hand", stack)
