"""Which status and which word an expected error has: one table for each resource, put together once."""

from collections.abc import Mapping
from typing import NamedTuple

Problems = Mapping[type[Exception], tuple[int, str]]
"""For each expected error its status and the word by which clients tell it from others."""


class FoundProblem(NamedTuple):
    """What an error is to a client."""

    status: int
    word: str


class ProblemTable:
    """Every expected error of one process. An error that is in no table is a fault of the process's own."""

    def __init__(self, *tables: Problems) -> None:
        self._known = {kind: FoundProblem(*found) for table in tables for kind, found in table.items()}

    def find(self, error: Exception) -> FoundProblem | None:
        """The entry of the error's class, or of the nearest class above it; None for an error nobody expected."""
        return next((self._known[kind] for kind in type(error).__mro__ if kind in self._known), None)
