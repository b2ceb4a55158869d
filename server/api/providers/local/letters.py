"""Which language a few words look like: log-probabilities of hashed letter groups, trained by bench/train_language.py."""

import re
from functools import cache
from importlib import resources
from operator import add
from zlib import crc32

_WORD = re.compile(r"[^\W\d_]+")
_MOST_WORDS = 12
_WHOLE_WORD = 4
"""A word as a whole says as much as so many groups of its letters."""


class Letters:
    """The trained table."""

    def __init__(self, data: bytes) -> None:
        names, sizes, table = data.split(b"\n", 2)
        self.languages = tuple(names.decode().split())
        buckets, step = sizes.decode().split()
        self._buckets = int(buckets)
        self._step = float(step)
        self._table = table

    def scores(self, text: str) -> dict[str, float]:
        """The log-likelihood of ``text`` under each language, per letter group so that lengths compare."""
        width = len(self.languages)
        totals = [0] * width
        count = 0
        for word in _WORD.findall(text.lower())[:_MOST_WORDS]:
            for group in groups(word):
                start = crc32(group.encode()) % self._buckets * width
                weight = _WHOLE_WORD if group[0] == "=" else 1
                costs = self._table[start : start + width]
                totals = list(map(add, totals, costs if weight == 1 else map(weight.__mul__, costs)))
                count += weight
        scale = self._step * max(1, count)
        return {name: -total / scale for name, total in zip(self.languages, totals, strict=True)}


def groups(word: str) -> list[str]:
    """The letter groups of one word, its ends marked."""
    marked = f"<{word}>"
    found = [marked[i : i + n] for n in (2, 3, 4) for i in range(len(marked) - n + 1)]
    found.append(f"={word}")
    return found


@cache
def letters() -> Letters:
    """The table that ships with the service."""
    return Letters((resources.files("server.api.providers.local") / "letters.bin").read_bytes())
