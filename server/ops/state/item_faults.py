"""Items that a loop could not handle and went past: named, so that one bad item stops nothing and is seen all the same."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

T = TypeVar("T")
V = TypeVar("V")
_KEPT = 100
"""Items of one part that are remembered; the others are counted."""
_NAMED = 3
_LONGEST = 200
_FORGOTTEN_AFTER = timedelta(minutes=10)
"""An item of which nothing was heard for so long is no longer there, or well."""
_log = logging.getLogger("ops")


class ItemFault(NamedTuple):
    """What was wrong with one item when it was looked at last."""

    why: str
    at: datetime


class ItemFaults:
    """The items that were gone past, by the part of the daemon that did so (``turns``, ``poll``, ``views`` …)."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._faults: dict[str, dict[str, ItemFault]] = {}

    def note(self, part: str, item: str, error: Exception) -> None:
        """Remembers that an item could not be handled; the first time its traceback is logged."""
        known = self._faults.setdefault(part, {})
        if item not in known:
            _log.error("%s: %s: %s: %s", part, item, type(error).__name__, error, exc_info=error)
            if len(known) >= _KEPT:
                del known[next(iter(known))]
        known[item] = ItemFault(f"{type(error).__name__}: {error}"[:_LONGEST], self._clock())

    def well(self, part: str, item: str) -> None:
        """Forgets what was wrong with an item."""
        if part in self._faults:
            self._faults[part].pop(item, None)

    def all_of(self, part: str, items: Iterable[tuple[str, T]], view: Callable[[T], V]) -> list[V]:
        """``view`` of every item, by its name; one of which it raises an error is left out and named."""
        views = []
        for name, item in items:
            try:
                views.append(view(item))
            except Exception as error:  # noqa: BLE001 - one bad item never takes the others with it
                self.note(part, name, error)
            else:
                self.well(part, name)
        return views

    @property
    def parts(self) -> dict[str, str]:
        """What is left out now, in words, by part; only parts that leave anything out."""
        since = self._clock() - _FORGOTTEN_AFTER
        for part, known in self._faults.items():
            self._faults[part] = {item: fault for item, fault in known.items() if fault.at >= since}
        return {part: _words(known) for part, known in self._faults.items() if known}


def _words(known: dict[str, ItemFault]) -> str:
    named = [f"{item} ({fault.why})" for item, fault in list(known.items())[:_NAMED]]
    more = f" and {len(known) - _NAMED} more" if len(known) > _NAMED else ""
    return f"left out: {', '.join(named)}{more}"
