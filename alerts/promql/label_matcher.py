"""Label matchers: equality and RE2 expressions, anchored at both ends."""

from functools import lru_cache
from typing import Any

import re2

from alerts.promql.error import PromQLError
from alerts.promql.parser.syntax import LabelMatcher

_CACHE_SIZE = 1024


class Regex:
    """A regular expression as Prometheus reads it: RE2, the whole value; from version 3 on a dot matches a newline."""

    def __init__(self, pattern: str, *, v3: bool) -> None:
        self._compiled = _compiled(f"(?s:{pattern})" if v3 else pattern)

    def match(self, text: str) -> "Any | None":
        """The match of the whole text, None where there is none."""
        return self._compiled.fullmatch(text)

    @staticmethod
    def check(pattern: str, position: int, text: str) -> None:
        """Raises ``PromQLError`` where the pattern is none."""
        try:
            _compiled(pattern)
        except re2.error as error:
            raise PromQLError(f"error parsing regexp: {_words(error)}", position, text) from error


def _words(error: Exception) -> str:
    reason = error.args[0] if error.args else error
    return reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)


@lru_cache(_CACHE_SIZE)
def _compiled(pattern: str) -> Any:  # google-re2 has no types
    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options)


def matches(matcher: LabelMatcher, value: str, *, v3: bool) -> bool:
    """Whether a label's value (empty for a label that is not there) satisfies the matcher."""
    match matcher.op:
        case "=":
            return value == matcher.value
        case "!=":
            return value != matcher.value
        case "=~":
            return Regex(matcher.value, v3=v3).match(value) is not None
        case _:
            return Regex(matcher.value, v3=v3).match(value) is None
