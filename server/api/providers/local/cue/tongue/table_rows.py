"""The rows of a table whose first column lists names and whose second says the same in every language."""

from functools import cache
from importlib import resources


@cache
def table_rows(table: str) -> tuple[tuple[frozenset[str], str], ...]:
    """The names of each row of a table, and what stands behind them."""
    text = (resources.files("server.api.providers.local.cue.tongue") / table).read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return tuple((frozenset(names.split(",")), told) for names, told in rows)
