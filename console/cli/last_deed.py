"""What was done last at this terminal, kept for the seconds in which it can be undone."""

import time

import msgspec

from console.ops_api.deed import Deed
from console.ops_api.which_daemon import DaemonChoice
from console.terminal.terminal_memory import TerminalMemory


class LastDeed(msgspec.Struct, frozen=True):
    """Something that was done, and when."""

    at: float
    """Seconds since 1970."""
    deed: Deed

    @property
    def age_s(self) -> float:
        """Seconds since then."""
        return time.time() - self.at


def remember(which: DaemonChoice, deed: Deed) -> None:
    """Makes it what was done last at this terminal."""
    _memory(which).write(msgspec.json.encode(LastDeed(time.time(), deed)).decode())


def last_deed(which: DaemonChoice) -> LastDeed | None:
    """What was done last at this terminal; None where that cannot be undone, or nothing was done."""
    try:
        return msgspec.json.decode(_memory(which).read() or "", type=LastDeed)
    except msgspec.MsgspecError:
        return None


def forget(which: DaemonChoice) -> None:
    """Nothing that was done here is the last any more: something else is being done."""
    _memory(which).forget()


def _memory(which: DaemonChoice) -> TerminalMemory:
    return TerminalMemory("last-deed", which.name)
