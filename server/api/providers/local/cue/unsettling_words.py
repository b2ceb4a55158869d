"""Words with which a thing is not so, not now, not certain, another's, or only nearly so, in each language."""

import sys
from collections.abc import Collection
from functools import cache
from importlib import resources


@cache
def unsettling(language: str = "") -> frozenset[str]:
    """Those words of every language, less those that a language uses every day for something else, and its own."""
    words = _every_word()
    for spoken, told in _rows("unsettling_by_language.tsv"):
        name, _, sign = spoken.partition(" ")
        if name == language:
            own = frozenset(map(sys.intern, told.split()))
            words = words | own if sign == "+" else words - own
    return words


@cache
def _every_word() -> frozenset[str]:
    return frozenset(sys.intern(word) for _, told in _rows("unsettling.tsv") for word in told.split())


@cache
def words_by(kinds: Collection[str]) -> frozenset[str]:
    """Those of some kinds in every language."""
    return frozenset(
        sys.intern(word) for kind, told in _rows("unsettling.tsv") if kind in kinds for word in told.split()
    )


def _rows(name: str) -> list[tuple[str, str]]:
    text = (resources.files("server.api.providers.local.cue") / name).read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return [(kind, told) for kind, told in rows]
