"""How long a step may take, as a runbook writes it: ``30s``, ``5m``, ``1h30m``."""

import re

_SECONDS = {"h": 3600, "m": 60, "s": 1}
_WHOLE = re.compile(r"(?:(?P<h>\d{1,4})h)?(?:(?P<m>\d{1,4})m)?(?:(?P<s>\d{1,6})s)?")


def parse_seconds(text: str) -> int | None:
    """Seconds of ``1h30m``-like text, None when it is not of that form or is zero."""
    match = _WHOLE.fullmatch(text)
    if match is None:
        return None
    return sum(int(n) * _SECONDS[unit] for unit, n in match.groupdict().items() if n) or None
