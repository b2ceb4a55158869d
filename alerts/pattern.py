"""Regular expressions that come from outside: RE2, compiled once, bounded in size, so that none can stall anybody."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

LONGEST = 16_384
"""Characters of a pattern."""
_MEMORY = 8 * 1024 * 1024
"""Bytes that RE2 may use for one compiled pattern."""
_KEPT = 1_024


class PatternError(ValueError):
    """A text that is no regular expression of RE2's, or too large a one; the message says why."""


class ForeignPattern:
    """One compiled expression. Matching takes time in proportion to the text, whatever the expression."""

    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled

    def fullmatch(self, text: str) -> "Any | None":
        """The match of the whole text, None where there is none."""
        return self._compiled.fullmatch(_encodable(text))

    def search(self, text: str) -> "Any | None":
        """The first match anywhere in the text, None where there is none."""
        return self._compiled.search(_encodable(text))

    def replace_all(self, text: str, replacement: Callable[[Any], str]) -> str:
        """The text with every match replaced by what ``replacement`` makes of it, as Go's ``ReplaceAllString`` walks.

        An empty match right behind another match is left alone.
        """
        text, parts, end, position = _encodable(text), [], 0, 0
        while position <= len(text):
            found = self._compiled.search(text, position)
            if found is None:
                break
            first, last = found.span()
            parts.append(text[end:first])
            if last > end or first == 0:
                parts.append(replacement(found))
            end = last
            position = max(last, position + 1)
        return "".join(parts) + text[end:]


@lru_cache(_KEPT)
def compile_pattern(pattern: str, *, dot_all: bool = False, ignore_case: bool = False) -> ForeignPattern:
    """The pattern as Prometheus and Alertmanager read it. Raises ``PatternError``.

    ``dot_all`` lets a dot match a newline, as PromQL has it since Prometheus 3; Alertmanager's dots never do.
    """
    if len(pattern) > LONGEST:
        raise PatternError(f"the pattern has {len(pattern)} characters; at most {LONGEST} are taken")
    # Imported when a pattern is there: commands that read what has matchers, and never match, do without.
    import re2

    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    options.case_sensitive = not ignore_case
    try:
        return ForeignPattern(re2.compile(f"(?s:{pattern})" if dot_all else pattern, options))
    except re2.error as error:
        reason = error.args[0] if error.args else error
        raise PatternError(
            reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        ) from error
    except UnicodeEncodeError as error:
        raise PatternError("the pattern holds half of a surrogate pair, which is no character") from error


def _encodable(text: str) -> str:
    """The text with lone surrogates, which RE2 cannot read, as question marks."""
    return text if text.isascii() else text.encode(errors="replace").decode()
