"""A table with so many rows that nobody may walk through all of them in one go."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import TypeVar

from server.ops.state.undo import ABSENT, Absent, UndoLog, UndoTable

K = TypeVar("K")
V = TypeVar("V")

_SHARDS = 512
_ROWS = 250
"""Rows in a part. Each is somewhere else in memory: reading a hundred thousand of them takes twenty milliseconds."""


class Held(dict[K, "V | Absent"]):
    """What the rows that changed since a moment were at that moment; ``ABSENT`` where there was none."""


class LargeTable(UndoTable[K, V]):
    """An ``UndoTable`` that is read a part at a time while it changes, as it is now or as it was at one moment."""

    __slots__ = ("_holds", "_shards")

    def __init__(self, log: UndoLog, changed: Callable[[K, V | None, V | None], None] | None = None) -> None:
        super().__init__(log, changed)
        self._shards: tuple[set[K], ...] = tuple(set() for _ in range(_SHARDS))
        self._holds: list[Held[K, V]] = []

    def parts(self) -> Iterator[list[tuple[K, V]]]:
        """All rows in no order, each part as it is when it is asked for.

        A row that is there all the time is in exactly one part; one that comes or goes meanwhile may be in one.
        """
        for keys in self.key_parts():
            yield [(key, self[key]) for key in keys if key in self]

    def hold(self) -> Held[K, V]:
        """Remembers from now on what rows were before they changed, for ``held_parts``."""
        held: Held[K, V] = Held()
        self._holds.append(held)
        return held

    def held_parts(self, held: Held[K, V]) -> Iterator[dict[K, V]]:
        """All rows as they were when ``held`` was begun, some of them twice; at the end nothing more is remembered."""
        try:
            for keys in self.key_parts():
                yield {key: self[key] for key in keys if key in self and key not in held}
        finally:
            # By identity: two that are empty are equal.
            self._holds = [other for other in self._holds if other is not held]
        items = iter(held.items())
        while some := list(islice(items, _ROWS)):
            yield {key: value for key, value in some if not isinstance(value, Absent)}

    def key_parts(self) -> Iterator[list[K]]:
        """The keys of ``parts``."""
        keys: list[K] = []
        for shard in self._shards:
            keys += shard
            if len(keys) >= _ROWS:
                yield keys
                keys = []
        if keys:
            yield keys

    def __setitem__(self, key: K, value: V) -> None:
        if not self._log.going_back:
            if self._holds:
                self._keep(key)
            if key not in self:
                self._shards[hash(key) % _SHARDS].add(key)
        super().__setitem__(key, value)

    def __delitem__(self, key: K) -> None:
        if not self._log.going_back and key in self:
            self._keep(key)
            self._shards[hash(key) % _SHARDS].discard(key)
        super().__delitem__(key)

    def load(self, values: Mapping[K, V] | Iterable[tuple[K, V]]) -> None:
        """Puts many values in for good, as when a snapshot is read."""
        rows = dict(values)
        for key in rows:
            self._keep(key)
            self._shards[hash(key) % _SHARDS].add(key)
        super().load(rows)

    def refresh(self, key: K, value: V) -> None:
        """Stores another form of a row from which nothing else follows; it is not taken back."""
        self._keep(key)
        super().refresh(key, value)

    def put_back(self, key: K, earlier: V | Absent) -> None:
        """Makes ``earlier`` the value of ``key`` again, unlogged."""
        self._keep(key)
        shard = self._shards[hash(key) % _SHARDS]
        (shard.discard if isinstance(earlier, Absent) else shard.add)(key)
        super().put_back(key, earlier)

    def _keep(self, key: K) -> None:
        for held in self._holds:
            held.setdefault(key, self.get(key, ABSENT))
