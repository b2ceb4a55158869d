"""Words of grammar by their kind: articles, pronouns, auxiliaries, adverbs, nouns of containers, persons and places."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources


@cache
def words_of_kind(kind: str) -> frozenset[str]:
    """The words of one row of ``grammar.tsv``."""
    return _rows()[kind]


@cache
def _rows() -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for line in lines_of("grammar.tsv"):
        kind, words = line.split("\t")
        found[kind] = found.get(kind, frozenset()) | frozenset(words.split())
    return found


def lines_of(table: str) -> Iterator[str]:
    """The lines of a table of this folder without its remarks."""
    text = (resources.files("server.api.providers.local.frame") / table).read_text(encoding="utf-8")
    return (line for line in text.splitlines() if line and not line.startswith("#"))
