"""Spans of time as options take them: `--for 2h`."""

from alerts.duration import DurationError, parse_duration_ms
from console.ops_api.errors import InvalidRequestError


def seconds_of(text: str | None) -> int | None:
    """Seconds of ``2h``-like text given on the command line. Raises ``InvalidRequestError``."""
    if text is None:
        return None
    try:
        return parse_duration_ms(text) // 1000
    except DurationError as error:
        raise InvalidRequestError(str(error)) from error
