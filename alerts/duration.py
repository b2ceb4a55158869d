"""Durations as Prometheus, runbooks and people write them: ``1h30m``, ``45s``, ``250ms``."""

import re

_UNITS_MS = {
    "ms": 1,
    "s": 1_000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 604_800_000,
    "y": 31_536_000_000,
}
_WHOLE = re.compile(
    r"(?:(\d{1,19})y)?(?:(\d{1,19})w)?(?:(\d{1,19})d)?(?:(\d{1,19})h)?(?:(\d{1,19})m)?(?:(\d{1,19})s)?"
    r"(?:(\d{1,19})ms)?",
    re.ASCII,
)
_LONGEST_MS = (2**63 - 1) // 1_000_000
"""What 64 bits of nanoseconds hold, as in Prometheus: some 292 years. A date plus less than that is a date."""
_STEP = re.compile(r"(?:(?P<h>\d{1,4})h)?(?:(?P<m>\d{1,4})m)?(?:(?P<s>\d{1,6})s)?", re.ASCII)
_ORDER = ("y", "w", "d", "h", "m", "s", "ms")


class DurationError(ValueError):
    """A text that is no duration, or a longer one than there are."""

    def __init__(self, text: str) -> None:
        shown = text if len(text) <= 40 else f"{text[:40]}…"
        super().__init__(f"{shown!r} is not a duration; write for instance 30s, 5m or 1h30m")


def parse_duration_ms(text: str) -> int:
    """Milliseconds of a Prometheus duration (units from large to small, each at most once; ``0`` is allowed).

    Raises ``DurationError``, as for what is longer than 292 years. Source: Prometheus, querying basics, time durations.
    """
    if text == "0":
        return 0
    match = _WHOLE.fullmatch(text)
    if not text or match is None:
        raise DurationError(text)
    whole = sum(int(n) * _UNITS_MS[unit] for n, unit in zip(match.groups(), _ORDER, strict=True) if n)
    if whole > _LONGEST_MS:
        raise DurationError(text)
    return whole


def format_duration(seconds: float) -> str:
    """The shortest notation of a duration: ``5400.0`` is ``1h30m``, below a second ``250ms``."""
    rest = round(seconds * 1000)
    if rest == 0:
        return "0s"
    parts = []
    for unit in ("w", "d", "h", "m", "s", "ms"):
        count, rest = divmod(rest, _UNITS_MS[unit])
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts)


def parse_seconds(text: str) -> int | None:
    """Seconds of ``1h30m``-like text of hours, minutes and seconds; None where it is not of that form or is zero.

    This is the form of runbooks and actions: no days, at most 9,999 hours.
    """
    match = _STEP.fullmatch(text)
    if match is None:
        return None
    return sum(int(n) * _UNITS_MS[unit] for unit, n in match.groupdict().items() if n) // 1000 or None
