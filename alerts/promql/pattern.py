"""Regular expressions within PromQL: whether a text is one, said with its place."""

from alerts.pattern import PatternError, compile_pattern
from alerts.promql.error import PromQLError


def check_pattern(pattern: str, position: int, text: str) -> None:
    """Raises ``PromQLError`` where ``pattern``, which stands at ``position`` of ``text``, is no regular expression."""
    try:
        compile_pattern(pattern, dot_all=True)
    except PatternError as error:
        raise PromQLError(f"error parsing regexp: {error}", position, text) from error
