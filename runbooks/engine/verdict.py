"""What a read step's output means, by the expectations written on the step."""

import re

from runbooks.wire import StepView, Verdict


def verdict_of(step: StepView, output: str, exit_code: int | None) -> Verdict | None:
    """``unhealthy`` where that pattern matches or the step failed, ``healthy`` where that one does, else ``unclear``.

    None for a step without expectations.
    """
    if step.healthy is None and step.unhealthy is None:
        return None
    if step.unhealthy is not None and re.search(step.unhealthy, output, re.MULTILINE):
        return "unhealthy"
    if step.healthy is not None and re.search(step.healthy, output, re.MULTILINE):
        return "healthy"
    if exit_code != 0:
        return "unhealthy"
    return "unclear" if step.healthy is not None else "healthy"
