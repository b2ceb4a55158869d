"""``topk`` and ``bottomk``: Go's binary heap, since among equal values its order decides who stays."""

from collections.abc import Callable, Sequence

Less = Callable[[float, float], bool]
Item = tuple[float, int]
"""A value and the row it came from."""


def _smaller(a: float, b: float) -> bool:
    return a != a or a < b


def _larger(a: float, b: float) -> bool:
    return a != a or a > b


class _Heap:
    """container/heap over items, the one that goes first at index 0."""

    def __init__(self, less: Less) -> None:
        self.items: list[Item] = []
        self._less = less

    def push(self, item: Item) -> None:
        self.items.append(item)
        child = len(self.items) - 1
        while child and self._before(child, parent := (child - 1) // 2):
            self._swap(child, parent)
            child = parent

    def pop(self) -> None:
        self._swap(0, len(self.items) - 1)
        self.items.pop()
        self.down()

    def down(self) -> None:
        """Restores the order after a change at the top."""
        parent, count = 0, len(self.items)
        while (child := 2 * parent + 1) < count:
            if child + 1 < count and self._before(child + 1, child):
                child += 1
            if not self._before(child, parent):
                return
            self._swap(child, parent)
            parent = child

    def _before(self, a: int, b: int) -> bool:
        return self._less(self.items[a][0], self.items[b][0])

    def _swap(self, a: int, b: int) -> None:
        self.items[a], self.items[b] = self.items[b], self.items[a]


def best(items: Sequence[Item], count: int, *, largest: bool, v3: bool) -> list[int]:
    """The rows of the ``count`` largest or smallest values, best first, NaN last."""
    less = _smaller if largest else _larger
    heap = _Heap(less)
    for item in items if count > 0 else ():
        if len(heap.items) < count:
            heap.push(item)
        elif v3:
            _replace(heap, item, less)
        else:
            _pop_and_push(heap, item, count, less)
    # Stable, so that equals come in the order of the heap reversed; Go leaves their order open.
    sign = -1 if largest else 1
    return [row for _, row in sorted(heap.items, key=lambda item: _rank(item[0], sign))]


def _rank(value: float, sign: int) -> tuple[bool, float]:
    return (True, 0.0) if value != value else (False, sign * value)


def _replace(heap: _Heap, item: Item, less: Less) -> None:
    """Prometheus 3: a NaN never pushes anything out."""
    worst = heap.items[0][0]
    if item[0] == item[0] and (worst != worst or less(worst, item[0])):
        heap.items[0] = item
        heap.down()


def _pop_and_push(heap: _Heap, item: Item, count: int, less: Less) -> None:
    """Prometheus 2: a NaN at the top is replaced by whatever comes."""
    if not less(heap.items[0][0], item[0]):
        return
    if count == 1:
        heap.items[0] = item
    else:
        heap.pop()
        heap.push(item)
