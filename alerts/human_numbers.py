"""Numbers for people, spelled as Prometheus' template functions spell them."""

import json
import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from alerts.promql.number import format_general

_VERB = re.compile(r"%([-+ 0#]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_WIDTH = 200


def general(value: float, digits: int = 4) -> str:
    """Go's ``%.4g``."""
    if not math.isfinite(value):
        return format_general(value)
    return f"{value:.{digits}g}"


def humanize(value: float) -> str:
    """Four digits and a metric prefix: ``1.234k``."""
    if value == 0 or not math.isfinite(value):
        return general(value)
    if abs(value) >= 1:
        prefix = ""
        for next_prefix in "kMGTPEZY":
            if abs(value) < 1000:
                break
            prefix, value = next_prefix, value / 1000
        return general(value) + prefix
    prefix = ""
    for next_prefix in "mµnpfazy":
        if abs(value) >= 1:
            break
        prefix, value = next_prefix, value * 1000
    return general(value) + prefix


def humanize1024(value: float) -> str:
    """Four digits and a binary prefix: ``1.5Mi``."""
    if abs(value) <= 1 or not math.isfinite(value):
        return general(value)
    prefix = ""
    for next_prefix in ("ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"):
        if abs(value) < 1024:
            break
        prefix, value = next_prefix, value / 1024
    return general(value) + prefix


def duration(seconds: float) -> str:
    """``1h 2m 3s``; below a second with a metric prefix."""
    if not math.isfinite(seconds):
        return general(seconds)
    if seconds == 0:
        return "0s"
    if abs(seconds) < 1:
        return humanize(seconds) + "s"
    sign, rest = ("-" if seconds < 0 else ""), int(abs(seconds))
    days, hours, minutes = rest // 86400, rest // 3600 % 24, rest // 60 % 60
    if days:
        return f"{sign}{days}d {hours}h {minutes}m {rest % 60}s"
    if hours:
        return f"{sign}{hours}h {minutes}m {rest % 60}s"
    if minutes:
        return f"{sign}{minutes}m {rest % 60}s"
    return f"{sign}{general(abs(seconds))}s"


def percentage(ratio: float) -> str:
    """``0.123`` is ``12.3%``."""
    return f"{general(ratio * 100)}%"


def timestamp(seconds: float) -> str:
    """A Unix time as Go prints it: ``2015-06-30 20:10:51 +0000 UTC``."""
    if not math.isfinite(seconds):
        return general(seconds)
    at = _EPOCH + timedelta(seconds=seconds)
    fraction = f".{at.microsecond:06d}".rstrip("0") if at.microsecond else ""
    return f"{at:%Y-%m-%d %H:%M:%S}{fraction} +0000 UTC"


def unquote(text: str) -> str:
    """The value of a Go string literal."""
    if text.startswith("`"):
        return text[1:-1]
    value: str = json.loads(text)
    return value


def printf(form: str, arguments: Sequence[str | float]) -> str:
    """Go's ``fmt.Sprintf`` for numbers and text: the verbs f, e, g, d, s, v, q, x and t are data here too."""
    waiting = list(arguments)

    def one(verb: re.Match[str]) -> str:
        flags, width, precision, letter = verb.groups()
        if letter == "%":
            return "%"
        if not waiting:
            return f"%!{letter}(MISSING)"
        return _formatted(waiting.pop(0), flags, width, precision, letter)

    text = _VERB.sub(one, form)
    if waiting:
        text += f"%!(EXTRA {', '.join(_typed(extra) for extra in waiting)})"
    return text


def _typed(value: str | float) -> str:
    return f"string={value}" if isinstance(value, str) else f"float64={format_general(value)}"


def _formatted(value: str | float, flags: str, width: str | None, precision: str | None, letter: str) -> str:
    size = min(int(width or 0), _MAX_WIDTH)
    digits = min(int(precision), _MAX_WIDTH) if precision is not None else None
    if isinstance(value, str):
        text = _formatted_text(value, digits, letter)
    else:
        text = _formatted_number(value, digits, letter)
        text = f"+{text}" if "+" in flags and not text.startswith(("-", "+")) else text
    if "-" in flags:
        return text.ljust(size)
    return text.zfill(size) if "0" in flags and not isinstance(value, str) else text.rjust(size)


def _formatted_text(value: str, digits: int | None, letter: str) -> str:
    if letter in "sv":
        return value[:digits] if digits is not None else value
    if letter == "q":
        return json.dumps(value, ensure_ascii=False)
    return f"%!{letter}(string={value})"


def _formatted_number(value: float, digits: int | None, letter: str) -> str:
    if not math.isfinite(value) and letter in "feEgGv":
        return format_general(value)
    if letter in "eEf":
        return f"{value:.{6 if digits is None else digits}{letter}}"
    if letter in "gGv":
        return (
            format_general(value)
            if digits is None
            else f"{value:.{digits}{'g' if letter == 'v' else letter}}"
        )
    return f"%!{letter}(float64={format_general(value)})"
