"""A breaker: it opens on a share of failures, lets one probe through, and ramps up after a good one."""

import random
from collections import deque
from collections.abc import Callable
from time import monotonic

_WINDOW = 20
_LEAST = 5
_SHARE = 0.5
_FIRST_OPEN_S = 2.0
_LONGEST_OPEN_S = 60.0
_RAMP_S = 5.0
_RAMP_LEAST = 0.1


class Breaker:
    """Closed: all pass. Open: none. Half-open: one probe. Then a growing share, until ``ramp_s`` have passed.

    Each change of state begins an era; how a call of an earlier era ended says nothing of the present one.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = monotonic,
        chance: Callable[[], float] = random.random,
        ramp_s: float = _RAMP_S,
    ) -> None:
        self._clock = clock
        self._chance = chance
        self._ramp_s = ramp_s
        self._outcomes: deque[bool] = deque(maxlen=_WINDOW)
        self._era = 0
        self._open_until = 0.0
        self._open_s = _FIRST_OPEN_S
        self._probing = False
        self._opened = False
        self._ramp_from: float | None = None

    @property
    def closed(self) -> bool:
        """Whether calls pass as usual."""
        return not self._opened

    @property
    def state(self) -> str:
        """``closed``, ``open`` or ``half_open``."""
        if not self._opened:
            return "closed"
        return "open" if self._clock() < self._open_until else "half_open"

    @property
    def opens_in_s(self) -> float:
        """Seconds until a probe is let through."""
        return max(0.0, self._open_until - self._clock())

    def let_through(self) -> int | None:
        """A ticket for one call, which must be settled; None: no call now."""
        if self._opened:
            if self._clock() < self._open_until or self._probing:
                return None
            self._probing = True
            return self._era
        return self._era if self._ramped_up() else None

    def settle(self, ticket: int, *, failed: bool, counts: bool = True) -> None:
        """How the call of ``ticket`` ended; one that does not count only frees the probe's place."""
        if ticket != self._era:
            return
        if self._opened:
            self._probing = False
            if counts:
                self._after_probe(failed)
        elif counts:
            self._outcomes.append(failed)
            if len(self._outcomes) >= _LEAST and sum(self._outcomes) / len(self._outcomes) >= _SHARE:
                self._open()

    def _ramped_up(self) -> bool:
        if self._ramp_from is None:
            return True
        done = (self._clock() - self._ramp_from) / self._ramp_s
        if done >= 1:
            self._ramp_from = None
            return True
        return self._chance() < max(_RAMP_LEAST, done)

    def _after_probe(self, failed: bool) -> None:
        if failed:
            self._open_s = min(_LONGEST_OPEN_S, self._open_s * 2)
            self._open()
            return
        self._era += 1
        self._opened = False
        self._open_s = _FIRST_OPEN_S
        self._ramp_from = self._clock()

    def _open(self) -> None:
        self._era += 1
        self._opened = True
        self._probing = False
        self._open_until = self._clock() + self._open_s
        self._outcomes.clear()
        self._ramp_from = None
