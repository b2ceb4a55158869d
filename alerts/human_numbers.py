"""Numbers for people, spelled as Prometheus' template functions spell them."""

import math

from alerts.promql.number import format_general


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
    for next_prefix in "munpfazy":
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
