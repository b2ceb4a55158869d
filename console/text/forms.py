"""What people type into forms, as the values that are meant: spans of time, matchers."""

import shlex

from alerts.duration import DurationError, parse_duration_ms
from alerts.matcher import MatcherError, parse_matcher
from alerts.wire import AlertView, MatcherView


class FormError(ValueError):
    """Something that was typed cannot be used; the message says what and what would be right."""


def seconds_typed(text: str) -> int:
    """Seconds of ``2h`` or ``1h30m``, more than none. Raises ``FormError``."""
    try:
        seconds = parse_duration_ms(text.strip()) // 1000
    except DurationError:
        seconds = 0
    if seconds <= 0:
        raise FormError(f"{text!r} is no span of time; write for instance 30m, 2h or 1d")
    return seconds


def matchers_typed(text: str) -> tuple[MatcherView, ...]:
    """Matchers with blanks between them, as ``ops silences add`` takes them. Raises ``FormError``."""
    try:
        parsed = [parse_matcher(word) for word in shlex.split(text)]
    except (MatcherError, ValueError) as error:
        raise FormError(str(error)) from error
    if not parsed:
        raise FormError("which alerts? write for instance alertname=APIDown service=api")
    return tuple(
        MatcherView(name=m.name, value=m.value, is_regex=m.is_regex, is_equal=m.is_equal) for m in parsed
    )


def matchers_of(alert: AlertView) -> str:
    """The matchers that fit an alert and its like, as they would be typed."""
    words = [f"{name}={alert.labels[name]}" for name in ("alertname", "service") if alert.labels.get(name)]
    return shlex.join(words or [f"alertname={alert.alertname}"])
