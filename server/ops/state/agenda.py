"""What is due when: keys by the second in which they have to be looked at, each of them once."""

import heapq
from collections.abc import Hashable
from datetime import datetime
from typing import Generic, TypeVar

from server.ops.state.undo import UndoLog

K = TypeVar("K", bound=Hashable)


class Agenda(Generic[K]):
    """Keys to be looked at, by the second of their time.

    A key has one place, the earliest it was put at. Whoever is handed it looks whether something is really due and
    puts it at its next time; so a time that moves away costs nothing until the earlier one has come.
    """

    def __init__(self, log: UndoLog) -> None:
        self._log = log
        self._second: dict[K, int] = {}
        self._keys: dict[int, dict[K, None]] = {}
        self._seconds: list[int] = []

    def __len__(self) -> int:
        return len(self._second)

    def put(self, key: K, at: datetime) -> None:
        """Has ``key`` looked at in the second of ``at``, unless it is looked at before."""
        self._put(key, int(at.timestamp()))

    def put_after(self, key: K, at: datetime, now: datetime) -> None:
        """As ``put``, but not again within this second: for a key that was handed out and is not due yet."""
        self._put(key, max(int(at.timestamp()), int(now.timestamp()) + 1))

    def put_now(self, key: K) -> None:
        """Has ``key`` looked at the next time that anybody asks."""
        self._put(key, 0)

    def drop(self, key: K) -> None:
        """Forgets ``key``."""
        second = self._second.pop(key, None)
        if second is not None:
            self._keys[second].pop(key, None)

    def take(self, now: datetime, at_most: int) -> list[K]:
        """Up to ``at_most`` keys whose second has come, the earliest second first; they have no place any more.

        They come back when the decision that took them is taken back.
        """
        taken: list[K] = []
        second_now = int(now.timestamp())
        while self._seconds and self._seconds[0] <= second_now and len(taken) < at_most:
            keys = self._keys[self._seconds[0]]
            while keys and len(taken) < at_most:
                key, _ = keys.popitem()
                del self._second[key]
                taken.append(key)
            if not keys:
                del self._keys[heapq.heappop(self._seconds)]
        if taken:
            self._log.entries.append((self, tuple(taken), None))
        return taken

    def put_back(self, taken: tuple[K, ...], earlier: None) -> None:
        """Has keys that were handed out looked at again."""
        for key in taken:
            self.put_now(key)

    def settle(self) -> None:
        """Nothing: keys have no order among themselves."""

    def is_due(self, now: datetime) -> bool:
        """Whether ``take`` would hand anything out."""
        return bool(self._seconds) and self._seconds[0] <= now.timestamp()

    def _put(self, key: K, second: int) -> None:
        known = self._second.get(key)
        if known is not None:
            if known <= second:
                return
            self._keys[known].pop(key, None)
        self._second[key] = second
        keys = self._keys.get(second)
        if keys is None:
            keys = self._keys[second] = {}
            heapq.heappush(self._seconds, second)
        keys[key] = None
