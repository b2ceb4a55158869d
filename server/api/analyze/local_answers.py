"""Answers that one process holds beside Redis, bounded in number and in bytes."""

from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from server.api.analyze.cache import CachedAnswer, CacheKey

_BYTES = 4 << 20
_OF_EACH = 700
"""Bytes that an answer takes beside its data, roughly: names, words of the log, its place."""


class LocalAnswers:
    """The answers that were kept last."""

    def __init__(self, entries: int, most_bytes: int = _BYTES) -> None:
        self._entries = entries
        self._most_bytes = most_bytes
        self._kept: OrderedDict[CacheKey, CachedAnswer] = OrderedDict()
        self._bytes = 0
        self.get = self._kept.get
        """The answer under a key, None where there is none. The dictionary's own: it is asked for every call."""

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, key: "CacheKey", answer: "CachedAnswer") -> None:
        """Keep an answer; those that were kept longest ago go where there are too many, or too large ones."""
        self._forget(key)
        self._kept[key] = answer
        self._bytes += _size(answer)
        while len(self._kept) > self._entries or self._bytes > self._most_bytes:
            self._forget(next(iter(self._kept)))

    def clear(self) -> None:
        """Forget all of them."""
        self._kept.clear()
        self._bytes = 0

    def _forget(self, key: "CacheKey") -> None:
        gone = self._kept.pop(key, None)
        if gone is not None:
            self._bytes -= _size(gone)


def _size(answer: "CachedAnswer") -> int:
    return len(answer.data) + _OF_EACH
