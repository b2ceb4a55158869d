"""Rows of the far tables: names of properties, the kind of what they hold, and expressions by language."""

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

_LANGUAGES = frozenset("ru uk tr ar hi zh ja ko".split())  # noqa: SIM905  # one list, one line


class FarRow(NamedTuple):
    """One family of properties."""

    names: frozenset[str]
    kind: str
    told: str
    """Expressions by language, as the table writes them."""

    def of(self, language: str) -> str:
        """What the table writes for one language; nothing where it has none."""
        _, mark, rest = f";{self.told}".partition(f";{language}=")
        ends = [at for one in _LANGUAGES if (at := rest.find(f";{one}=")) >= 0]
        return rest[: min(ends, default=len(rest))] if mark else ""


def is_far(language: str) -> bool:
    """Whether the far tables have a language."""
    return language in _LANGUAGES


@lru_cache(maxsize=2)
def far_rows(table: str) -> Mapping[str, Sequence[FarRow]]:
    """The rows of a table by the names of properties."""
    found: dict[str, list[FarRow]] = {}
    for row in _rows(table):
        for name in row.names:
            found.setdefault(name, []).append(row)
    return found


@cache
def _rows(table: str) -> tuple[FarRow, ...]:
    text = (resources.files("server.api.providers.local.cue.tongue") / table).read_text(encoding="utf-8")
    found = []
    for line in text.splitlines():
        if line and not line.startswith("#"):
            names, kind, told = line.split("\t")
            found.append(FarRow(frozenset(name.strip() for name in names.split(",")), kind, told))
    return tuple(found)
