"""Tables that remember what was touched, so that a decision that fails is taken back at the cost of what it did."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn, Protocol, TypeVar, overload

K = TypeVar("K")
V = TypeVar("V")
D = TypeVar("D")


class Absent:
    """Stands for a key that was not there."""


ABSENT = Absent()


class Undoable(Protocol):
    """Whoever can put an earlier value of one of its keys back."""

    def put_back(self, key: Any, earlier: Any) -> None:
        """Makes ``earlier`` the value of ``key`` again; ``ABSENT`` takes the key away."""

    def settle(self) -> None:
        """Called once for each that something was put back into, when all of it is."""


class UndoLog:
    """What was overwritten since the last ``forget``, in order."""

    def __init__(self) -> None:
        self.entries: list[tuple[Undoable, Any, Any]] = []
        self.going_back = False
        """Whether values are being put back just now; what follows from them is then in the log by itself."""

    @property
    def mark(self) -> int:
        """A place to which ``go_back`` can return."""
        return len(self.entries)

    def go_back(self, mark: int) -> None:
        """Puts back whatever was overwritten after ``mark``, the latest first."""
        self.going_back = True
        try:
            touched = [self.entries.pop() for _ in range(len(self.entries) - mark)]
            for owner, key, earlier in touched:
                owner.put_back(key, earlier)
            for owner in {id(owner): owner for owner, _, _ in touched}.values():
                owner.settle()
        finally:
            self.going_back = False

    def take(self) -> list[tuple[Undoable, Any, Any]]:
        """The entries so far; the log begins anew."""
        entries, self.entries = self.entries, []
        return entries

    def give(self, earlier: list[tuple[Undoable, Any, Any]]) -> None:
        """Puts entries that were taken before what is in the log now."""
        self.entries[:0] = earlier


Changed = Callable[[K, V | None, V | None], None]
"""What is told of every change: the key, the value before and the one after it, None where there is none."""


class UndoTable(dict[K, V]):
    """A dict that logs what it overwrites and tells its indices of every change, going back included.

    Only the ways to change it that are defined here exist.
    """

    __slots__ = ("_changed", "_log", "_order", "_resort")

    def __init__(
        self,
        log: UndoLog,
        changed: "Changed[K, V] | None" = None,
        order: Callable[[V], Any] | None = None,
    ) -> None:
        super().__init__()
        self._log = log
        self._changed = changed
        self._order = order
        """Key by which the values were put in; kept when a deletion is taken back."""
        self._resort = False

    def __setitem__(self, key: K, value: V) -> None:
        if self._log.going_back:
            return
        earlier: Any = self.get(key, ABSENT)
        self._log.entries.append((self, key, earlier))
        super().__setitem__(key, value)
        if self._changed is not None:
            self._changed(key, None if earlier is ABSENT else earlier, value)

    def __delitem__(self, key: K) -> None:
        if self._log.going_back:
            return
        earlier = self[key]
        self._log.entries.append((self, key, earlier))
        super().__delitem__(key)
        if self._changed is not None:
            self._changed(key, earlier, None)

    @overload
    def pop(self, key: K, /) -> V: ...
    @overload
    def pop(self, key: K, default: V, /) -> V: ...
    @overload
    def pop(self, key: K, default: D, /) -> V | D: ...
    def pop(self, key: K, /, *default: Any) -> Any:
        """The value of a key, which is taken away."""
        if key not in self:
            if default:
                return default[0]
            raise KeyError(key)
        value = self[key]
        del self[key]
        return value

    def load(self, values: Mapping[K, V] | Iterable[tuple[K, V]]) -> None:
        """Puts many values in for good, as when a snapshot is read."""
        for key, value in dict(values).items():
            earlier = self.get(key)
            super().__setitem__(key, value)
            if self._changed is not None:
                self._changed(key, earlier, value)

    def refresh(self, key: K, value: V) -> None:
        """Stores another form of a row from which nothing else follows; it is not taken back."""
        super().__setitem__(key, value)

    def put_back(self, key: K, earlier: V | Absent) -> None:
        """Makes ``earlier`` the value of ``key`` again, unlogged."""
        now = self.get(key)
        if isinstance(earlier, Absent):
            super().__delitem__(key)
            before = None
        else:
            self._resort |= key not in self
            super().__setitem__(key, earlier)
            before = earlier
        if self._changed is not None:
            self._changed(key, now, before)

    def settle(self) -> None:
        """Brings values that came back into the order in which they were put in."""
        if not self._resort:
            return
        self._resort = False
        if self._order is None:
            return
        order = self._order
        items = sorted(self.items(), key=lambda pair: order(pair[1]))
        super().clear()
        super().update(items)

    def _refuse(self, *args: object, **named: object) -> NoReturn:
        raise TypeError("a table changes by setting and deleting keys, so that it can be taken back")

    update = _refuse
    setdefault = _refuse
    clear = _refuse
    popitem = _refuse
    __ior__ = _refuse
