"""Leaving without losing a request: no new connections, the last answer of each connection says that it closes."""

import asyncio
from collections.abc import Sequence
from time import monotonic
from typing import Protocol

_IDLE_S = 3.0
"""So long an idle connection is given to send its next request, whose answer then closes it."""
_LOOK_S = 0.02


class Connections(Protocol):
    """Knows the open connections."""

    @property
    def connections(self) -> Sequence[object]: ...


class Drain:
    """Requests in flight, and whether we are leaving."""

    def __init__(self) -> None:
        self.draining = False
        self.in_flight = 0

    async def finish(self, server: Connections, timeout_s: float) -> None:
        """Wait for the requests in flight and, a little, for idle connections to hear of it."""
        began = monotonic()
        while monotonic() - began < timeout_s:
            if not server.connections:
                return
            if self.in_flight == 0 and monotonic() - began > _IDLE_S:
                return
            await asyncio.sleep(_LOOK_S)
