"""Ports on loopback for a stack that stands beside others."""

import contextlib
import secrets
import socket
import threading
from collections import deque

from server.stack.drill.responder import DrillFailedError

PORTS = 5
_STEP = 8
_FIRST, _LAST = 10_000, 30_800
"""Below those that the system gives to connections (32,768 and up): one of them may be taken between look and use."""
_KEPT = 32
_kept: deque[socket.socket] = deque()
_lock = threading.Lock()


def free_ports() -> int:
    """The first of five ports in a row that nobody listens on, and that no other process of ours was told lately.

    Who is told one listens there a second later: until then a name in the kernel (an abstract socket, gone with its process)
    says that it is taken. Raises ``DrillFailedError``.
    """
    first = _FIRST + secrets.randbelow((_LAST - _FIRST) // _STEP) * _STEP
    bases: tuple[int, ...] = (*range(first, _LAST, _STEP), *range(_FIRST, first, _STEP))
    for base in bases:
        if _is_free(base) and _claim(base):
            return base
    raise DrillFailedError("no five free ports in a row")


def _is_free(base: int) -> bool:
    with contextlib.ExitStack() as stack:
        try:
            for offset, probe in enumerate(stack.enter_context(socket.socket()) for _ in range(PORTS)):
                probe.bind(("127.0.0.1", base + offset))
        except OSError:
            return False
    return True


def _claim(base: int) -> bool:
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(f"\0structured-prompt-service-port-{base}")
    except OSError:
        claim.close()
        return False
    with _lock:
        _kept.append(claim)
        if len(_kept) > _KEPT:
            _kept.popleft().close()
    return True
