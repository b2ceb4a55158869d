"""What was done from this console a moment ago and can still be taken back; nobody undoes what another did."""

import time
from collections.abc import Callable

import msgspec

from alerts.wire import IncidentView
from console.ops_api.client import OpsClient
from console.ops_api.deed import is_recent


class Reversible(msgspec.Struct, frozen=True):
    """Something that was done, in words, and what takes it back."""

    words: str
    take_back: Callable[[OpsClient], str] | None = None
    """Answers in words; None where nothing takes it back."""
    left: IncidentView | None = None
    """The incident as it was left, where it was done to one: known before the feed brings it."""


class Undo:
    """Remembers one deed: the latest."""

    def __init__(self) -> None:
        self._deed: Reversible | None = None
        self._done_at = 0.0

    def remember(self, deed: Reversible) -> None:
        """A deed was done just now; one that nothing takes back leaves nothing to undo."""
        self._deed, self._done_at = deed, time.monotonic()

    def forget(self) -> None:
        """Nothing is to be undone."""
        self._deed = None

    def take(self) -> Callable[[OpsClient], str] | None:
        """What takes the latest deed back, given once; None where nothing was done within the span."""
        deed, self._deed = self._deed, None
        if deed is None or not is_recent(time.monotonic() - self._done_at):
            return None
        return deed.take_back
