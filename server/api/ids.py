"""Ids that the server makes: UUID version 7 shaped, from one random prefix a process and a counter."""

import os
import time

_random = os.urandom
_pool = b""
_at = 0


def new_id() -> str:
    """A fresh UUID (RFC 9562, version 7): 48 bits of time in milliseconds, 74 random bits."""
    global _pool, _at
    if _at + 10 > len(_pool):
        _pool, _at = _random(4000), 0
    rest = int.from_bytes(_pool[_at : _at + 10], "big")
    _at += 10
    low = 0x8000_0000_0000_0000 | (rest & 0x3FFF_FFFF_FFFF_FFFF)
    value = (int(time.time() * 1000) << 80) | (0x7000 | (rest >> 64 & 0x0FFF)) << 64 | low
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
