"""What the output of a read step or action means, by the expectations written on it."""

from typing import Protocol

from alerts.pattern import compile_pattern
from runbooks.wire import Verdict


class Judged(Protocol):
    """A step or an action whose output is judged by patterns; without any it is not."""

    @property
    def healthy(self) -> str | None: ...

    @property
    def unhealthy(self) -> str | None: ...


def verdict_of(step: Judged, output: str, exit_code: int | None) -> Verdict | None:
    """``unhealthy`` where that pattern matches or the step failed, ``healthy`` where that one does, else ``unclear``.

    None where nothing is expected.
    """
    if step.healthy is None and step.unhealthy is None:
        return None
    if step.unhealthy is not None and _is_in(step.unhealthy, output):
        return "unhealthy"
    if step.healthy is not None and _is_in(step.healthy, output):
        return "healthy"
    if exit_code != 0:
        return "unhealthy"
    return "unclear" if step.healthy is not None else "healthy"


def _is_in(pattern: str, output: str) -> bool:
    """Whether a line of the output has it: ``^`` and ``$`` are the begin and the end of a line."""
    return compile_pattern(f"(?m:{pattern})").search(output) is not None
