"""The one error that PromQL raises: what is wrong, and where in the text."""


class PromQLError(ValueError):
    """An expression that cannot be parsed, is not supported, or cannot be evaluated on these samples."""

    def __init__(self, reason: str, position: int | None = None, text: str = "") -> None:
        self.reason = reason
        self.position = position
        """Offset of the first offending character, None for a failure during evaluation."""
        super().__init__(
            f"{_place(text, position)}: parse error: {reason}" if position is not None else reason
        )


def _place(text: str, position: int) -> str:
    """``line:column``, both from 1, as Prometheus writes it."""
    before = text[:position]
    return f"{before.count(chr(10)) + 1}:{position - (before.rfind(chr(10)) + 1) + 1}"


class QueryStoppedError(PromQLError):
    """A query that ran into its deadline, or that nobody waits for any more."""
