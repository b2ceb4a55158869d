"""A retry budget: retries stay a small share of calls, so that they cannot multiply an outage."""

_EACH_CALL = 0.1
_MOST = 10.0


class RetryBudget:
    """Every call earns a tenth of a retry; ten at most are saved (Finagle's RetryBudget)."""

    def __init__(self) -> None:
        self._saved = _MOST

    def call(self) -> None:
        """One first attempt was made."""
        self._saved = min(_MOST, self._saved + _EACH_CALL)

    def take(self) -> bool:
        """Whether one retry may be made; it is spent if so."""
        if self._saved < 1.0:
            return False
        self._saved -= 1.0
        return True
