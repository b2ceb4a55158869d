"""Patterns that touch prompts: RE2's, whose time grows with the text and never faster."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Protocol

import re2

from server.api.providers.local.letter_ranges import with_letter_ranges

_ROOM = (1 << 15, 1 << 16, 1 << 17, 1 << 18, 1 << 19)
"""Bytes that one pattern and what it remembers of texts may take: the least that it fits into. RE2's own is 8 MB for each,
and what hundreds of patterns remember of a day's texts is a tenth of a worker's memory."""


class PatternMatch(Protocol):
    """What RE2 tells of a match; places are code points."""

    def __getitem__(self, group: int) -> Any: ...
    def start(self, group: int = 0) -> int: ...
    def end(self, group: int = 0) -> int: ...
    def groups(self) -> tuple[Any, ...]: ...


class Pattern:
    """An expression, and what must not follow it. RE2 knows no looking ahead; its ``\\b`` and ``\\w`` are ASCII's.

    What must not follow begins where group 1 begins, if there is one, else where the match ends.
    """

    __slots__ = ("_compiled", "_unless", "expression")

    def __init__(self, expression: str, *, unless: str = "", ignore_case: bool = True) -> None:
        self.expression = expression
        self._compiled = _compiled(expression, ignore_case=ignore_case)
        self._unless = _compiled(unless, ignore_case=ignore_case) if unless else None

    def match(self, text: str) -> PatternMatch | None:
        """The match at the beginning."""
        found: PatternMatch | None = self._compiled.match(text)
        return found if found is not None and self._stands(text, found) else None

    def fullmatch(self, text: str) -> PatternMatch | None:
        """The match of the whole text."""
        found: PatternMatch | None = self._compiled.fullmatch(text)
        return found

    def search(self, text: str) -> PatternMatch | None:
        """The first match."""
        if self._unless is None:
            found: PatternMatch | None = self._compiled.search(text)
            return found
        return next(self.finditer(text), None)

    def finditer(self, text: str) -> Iterator[PatternMatch]:
        """Every match, one after the other."""
        return (found for found in self._compiled.finditer(text) if self._stands(text, found))

    def sub(self, replacement: str, text: str, count: int = 0) -> str:
        """``text`` with its matches replaced, the first ``count`` of them where it is not 0."""
        replaced: str = self._compiled.sub(replacement, text, count)
        return replaced

    def _stands(self, text: str, found: PatternMatch) -> bool:
        if self._unless is None:
            return True
        grouped = len(found.groups()) > 0 and found[1] is not None
        place = found.start(1) if grouped else found.end()
        return self._unless.match(text[place : place + 200]) is None


def _compiled(expression: str, *, ignore_case: bool) -> Any:
    """An expression of RE2's. Raises ``re2.error``."""
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = not ignore_case
    # RE2 takes the dot for a line's; prompts have several.
    options.dot_nl = True
    plain = with_letter_ranges(expression)
    for options.max_mem in _ROOM[:-1]:
        try:
            return _compiled_within(plain, options)
        except re2.error:
            continue
    options.max_mem = _ROOM[-1]
    return _compiled_within(plain, options)


def _compiled_within(plain: str, options: Any) -> Any:
    found = re2.compile(plain, options)
    # The library keeps the long texts of the last ones; ``pattern`` keeps what is compiled itself.
    re2.purge()
    return found


class PatternSet:
    """Many expressions tried at the beginning of a text in one pass; what must not follow is not asked."""

    def __init__(self, expressions: Sequence[str]) -> None:
        options = re2.Options()
        options.log_errors = False
        options.dot_nl = True
        options.max_mem = 16 << 20
        self._set = re2.Set.MatchSet(options)
        for expression in expressions:
            self._set.Add(with_letter_ranges(expression))
        self._set.Compile()

    def match(self, text: str) -> Sequence[int]:
        """The places of those that match, in their order."""
        return sorted(self._set.Match(text) or ())


@lru_cache(maxsize=640)
def pattern(expression: str, *, unless: str = "", ignore_case: bool = True) -> Pattern:
    """The compiled ``expression``, one for all who write the same."""
    return Pattern(expression, unless=unless, ignore_case=ignore_case)
