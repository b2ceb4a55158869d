"""Ids that the server makes: UUIDs of version 7, from random digits fetched by the thousand."""

import os
import time

_DIGITS = 8000
_EACH = 19
_VARIANT = "89ab"

_digits = ""
_at = 0


def new_id() -> str:
    """A fresh UUID (RFC 9562, version 7): 48 bits of time in milliseconds, 74 random bits."""
    global _digits, _at
    start, end = _at, _at + _EACH
    if end > len(_digits):
        _digits, start, end = os.urandom(_DIGITS // 2).hex(), 0, _EACH
    _at = end
    moment = f"{int(time.time() * 1000):012x}"
    r = _digits[start:end]
    return f"{moment[:8]}-{moment[8:]}-7{r[:3]}-{_VARIANT[int(r[3], 16) & 3]}{r[4:7]}-{r[7:]}"
