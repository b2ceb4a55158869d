"""Times as people say them: ``10m``, ``03:12``, ``yesterday 14:00``, or an ISO time."""

import re
from datetime import UTC, datetime, timedelta, tzinfo

from alerts.duration import DurationError, parse_duration_ms

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}
_SHAPES = "10m, 03:12, yesterday 14:00, 2026-01-31 or 2026-01-31T09:00Z"


class MomentError(ValueError):
    """A text that is no time; the message says what would be."""


def parse_moment(text: str, now: datetime, *, ahead: bool = False, zone: tzinfo = UTC) -> datetime:
    """The moment that is meant, in UTC. Raises ``MomentError``.

    A span counts back from ``now``, and a time of day is the latest such time; with ``ahead`` the span (``15m``, ``+15m``)
    counts forward and the time of day is the next one. ``zone`` is that of whatever names none.
    """
    words = text.strip().lower().split()
    if words == ["now"]:
        return now
    found = _of_day(words, now.astimezone(zone), ahead=ahead) or _iso(text.strip(), zone)
    if found is not None:
        return found.astimezone(UTC)
    try:
        written = text.strip().removeprefix("+") if ahead else text.strip()
        span = timedelta(milliseconds=parse_duration_ms(written))
        return now + span if ahead else now - span
    except (DurationError, OverflowError) as error:
        raise MomentError(f"{text!r} is no time; write for instance {_SHAPES}") from error


def _of_day(words: list[str], now: datetime, *, ahead: bool) -> datetime | None:
    """``03:12``, ``yesterday``, ``yesterday 14:00``."""
    if not words or len(words) > 2:
        return None
    day = _DAYS.get(words[0])
    clock = words[-1] if day is None or len(words) == 2 else "00:00"
    match = _CLOCK.fullmatch(clock)
    if match is None or (day is None and len(words) == 2):
        return None
    hour, minute, second = (int(part or 0) for part in match.groups())
    try:
        at = now.replace(hour=hour, minute=minute, second=second, microsecond=0)
    except ValueError:
        return None
    if day is not None:
        return at + timedelta(days=day)
    if ahead:
        return at if at > now else at + timedelta(days=1)
    return at if at <= now else at - timedelta(days=1)


def _iso(text: str, zone: tzinfo) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
