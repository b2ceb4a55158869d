"""What was done last at this terminal, kept for the seconds in which it can be undone."""

import time

import click
import msgspec

from console.ops_api.client import DaemonAccess
from console.ops_api.deed import Deed
from console.ops_api.which_daemon import DaemonChoice
from console.terminal.terminal_memory import TerminalMemory


class LastDeed(msgspec.Struct, frozen=True):
    """Something that was done, and when."""

    at: float
    """Seconds since 1970."""
    deed: Deed
    by: str = ""
    """Whose token did it, as ``_holder`` has it."""

    def is_of(self, access: DaemonAccess) -> bool:
        """Whether the deed was done with the same token: a terminal may be several people's."""
        return self.by == _holder(access)

    @property
    def age_s(self) -> float:
        """Seconds since then."""
        return time.time() - self.at


def remember(which: DaemonChoice, access: DaemonAccess, deed: Deed) -> None:
    """Makes it what was done last at this terminal, by whoever has the access; says where that cannot be."""
    why = _memory(which).write(msgspec.json.encode(LastDeed(time.time(), deed, _holder(access))).decode())
    if why:
        click.echo(f"ops: `ops undo` cannot take this back, for it could not be remembered ({why})", err=True)


def not_remembered(which: DaemonChoice) -> str:
    """Why nothing of what is done at this terminal can be remembered, in words; empty where it can."""
    return _memory(which).trouble()


def last_deed(which: DaemonChoice) -> LastDeed | None:
    """What was done last at this terminal; None where that cannot be undone, or nothing was done."""
    try:
        return msgspec.json.decode(_memory(which).read() or "", type=LastDeed)
    except msgspec.MsgspecError:
        return None


def forget(which: DaemonChoice) -> None:
    """Nothing that was done here is the last any more: something else is being done."""
    _memory(which).forget()


def _holder(access: DaemonAccess) -> str:
    """Tells the holders of two tokens apart, without the tokens."""
    # Imported where something is done or undone: what only reads does without.
    import hashlib

    return hashlib.sha256(repr(access.headers).encode()).hexdigest()[:16]


def _memory(which: DaemonChoice) -> TerminalMemory:
    return TerminalMemory("last-deed", which.name)
