"""The time of day as text, made cheaply: the second is formatted once."""

from datetime import UTC, datetime

_second = 0
_text = ""


def rfc3339(seconds: float) -> str:
    """A Unix time as RFC 3339 with milliseconds, in UTC."""
    global _second, _text
    whole = int(seconds)
    if whole != _second:
        _second, _text = whole, datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{_text}.{int((seconds - whole) * 1000):03d}Z"
