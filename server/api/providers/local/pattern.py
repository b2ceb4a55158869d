"""Patterns that touch prompts: RE2's, whose time grows with the text and never faster."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import re2

from server.api.providers.local.letter_ranges import with_letter_ranges

_ANYWHERE = re2._re2.RE2.Anchor.UNANCHORED
_AT_START = re2._re2.RE2.Anchor.ANCHOR_START
_WHOLE = re2._re2.RE2.Anchor.ANCHOR_BOTH
_ROOM = (1 << 15, 1 << 16, 1 << 17, 1 << 18, 1 << 19)
"""Bytes that one pattern and what it remembers of texts may take: the least that it fits into. RE2's own is 8 MB for each,
and what hundreds of patterns remember of a day's texts is a tenth of a worker's memory."""


class PatternMatch:
    """What RE2 found; places are code points."""

    __slots__ = ("_spans", "_text")

    def __init__(self, text: str, spans: Sequence[tuple[int, int]]) -> None:
        self._text, self._spans = text, spans

    def __getitem__(self, group: int) -> Any:
        """The text of a group, None where it took no part."""
        start, end = self._spans[group]
        return self._text[start:end] if start >= 0 else None

    def start(self, group: int = 0) -> int:
        """Where a group begins, -1 where it took no part."""
        return self._spans[group][0]

    def end(self, group: int = 0) -> int:
        """Where a group ends, -1 where it took no part."""
        return self._spans[group][1]

    def groups(self) -> tuple[Any, ...]:
        """The texts of all groups."""
        return tuple(self[group] for group in range(1, len(self._spans)))


class Pattern:
    """An expression, and what must not follow it. RE2 knows no looking ahead; its ``\\b`` and ``\\w`` are ASCII's.

    What must not follow begins where group 1 begins, if there is one, else where the match ends.
    """

    __slots__ = ("_compiled", "_match", "_unless", "expression")

    def __init__(self, expression: str, *, unless: str = "", ignore_case: bool = True) -> None:
        self.expression = expression
        self._compiled = _compiled(expression, ignore_case=ignore_case)
        # The library's own methods make a generator, sets and dictionaries for each match: half of a prompt's time.
        self._match = self._compiled._regexp.Match
        self._unless = pattern(unless, ignore_case=ignore_case) if unless else None

    def match(self, text: str) -> PatternMatch | None:
        """The match at the beginning."""
        found = self._first(_AT_START, text)
        return found if found is not None and self._stands(text, found) else None

    def fullmatch(self, text: str) -> PatternMatch | None:
        """The match of the whole text."""
        return self._first(_WHOLE, text)

    def search(self, text: str) -> PatternMatch | None:
        """The first match."""
        if self._unless is None:
            return self._first(_ANYWHERE, text)
        return next(self.finditer(text), None)

    def finditer(self, text: str) -> Iterator[PatternMatch]:
        """Every match, one after the other."""
        encoded = text.encode()
        is_ascii, size = len(encoded) == len(text), len(encoded)
        at = passed = characters = 0
        while at <= size:
            spans = self._match(_ANYWHERE, encoded, at, size)
            first, last = spans[0]
            if first < 0:
                return
            if is_ascii:
                found = PatternMatch(text, spans)
            else:
                characters += len(encoded[passed:first].decode())
                passed = first
                found = PatternMatch(text, _in_characters(encoded, spans, characters))
            if self._unless is None or self._stands(text, found):
                yield found
            # After an empty match the next is looked for one character on.
            at = last if last > at else _after(encoded, at)

    def sub(self, replacement: str, text: str, count: int = 0) -> str:
        """``text`` with its matches replaced, the first ``count`` of them where it is not 0."""
        if self._match(_ANYWHERE, encoded := text.encode(), 0, len(encoded))[0][0] < 0:
            return text
        replaced: str = self._compiled.sub(replacement, text, count)
        return replaced

    def _first(self, anchor: Any, text: str) -> PatternMatch | None:
        encoded = text.encode()
        spans = self._match(anchor, encoded, 0, len(encoded))
        first = spans[0][0]
        if first < 0:
            return None
        if len(encoded) == len(text):
            return PatternMatch(text, spans)
        return PatternMatch(text, _in_characters(encoded, spans, len(encoded[:first].decode())))

    def _stands(self, text: str, found: PatternMatch) -> bool:
        if self._unless is None:
            return True
        grouped = len(found._spans) > 1 and found.start(1) >= 0
        place = found.start(1) if grouped else found.end()
        return self._unless.match(text[place : place + 200]) is None


def _in_characters(encoded: bytes, spans: Sequence[tuple[int, int]], before: int) -> list[tuple[int, int]]:
    """The spans in code points; ``before`` is how many stand before the first."""
    first = spans[0][0]

    def character(place: int) -> int:
        return before + len(encoded[first:place].decode())

    return [(character(start), character(end)) if start >= 0 else (-1, -1) for start, end in spans]


def _after(encoded: bytes, at: int) -> int:
    """Where the character behind that at ``at`` begins."""
    at += 1
    while at < len(encoded) and encoded[at] & 0xC0 == 0x80:
        at += 1
    return at


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
