"""The time of day as text, made cheaply (the second is formatted once), and times that callers write."""

from datetime import UTC, datetime

from server.api.errors import ApiError

_second = 0
_text = ""


def rfc3339(seconds: float) -> str:
    """A Unix time as RFC 3339 with milliseconds, in UTC."""
    global _second, _text
    whole = int(seconds)
    if whole != _second:
        _second, _text = whole, datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{_text}.{int((seconds - whole) * 1000):03d}Z"


def time_to_come(moment: datetime, field: str) -> datetime:
    """``moment`` in UTC, whatever its offset: PostgreSQL takes none beyond sixteen hours. Raises ``ApiError`` 422 for one that has passed."""
    try:
        utc = moment.astimezone(UTC)
    except (OverflowError, ValueError):
        raise ApiError("validation_error", "Write a time before the year 9999.", field=field) from None
    if moment.tzinfo is None or utc <= datetime.now(UTC):
        raise ApiError("validation_error", "Write a time to come, with its offset.", field=field)
    return utc
