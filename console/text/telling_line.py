"""The line of an output that made its verdict, so that it is read first."""

from alerts.pattern import PatternError, compile_pattern
from console.text.plain import one_line
from runbooks.wire import ExecutionView, StepView


def telling_line(step: StepView | None, run: ExecutionView, output: str) -> str:
    """The first line that matches what made the verdict, else the last line that says anything."""
    lines = [line for line in output.splitlines() if line.strip()]
    pattern = _pattern(step, run)
    if pattern:
        try:
            expression = compile_pattern(f"(?m:{pattern})")
        except PatternError:
            expression = None
        found = next((line for line in lines if expression and expression.search(line)), None)
        if found is not None:
            return one_line(found)
    return one_line(lines[-1]) if lines else ""


def _pattern(step: StepView | None, run: ExecutionView) -> str | None:
    if step is None:
        return None
    return step.unhealthy if run.verdict == "unhealthy" else step.healthy
