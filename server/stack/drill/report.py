"""The outcome of drills in words and as a Markdown table."""

from collections.abc import Sequence

from server.stack.drill.scenario import DrillResult


def report_lines(result: DrillResult) -> list[str]:
    """One drill for the terminal."""
    verdict = "PASSED" if result.passed else f"FAILED: {result.failure}"
    times = (
        f"detected {_seconds(result.detected_s)}, acknowledged {_seconds(result.acknowledged_s)}, "
        f"resolved {_seconds(result.resolved_s)} after detection, target {_seconds(result.mttr_target_s)}"
    )
    kind = " (control run)" if result.control else ""
    notes = [f"  note: {note}" for note in result.notes]
    return [f"  {result.alert}{kind}: {verdict}", f"  {times}", *notes]


def report_markdown(results: Sequence[DrillResult]) -> str:
    """Every drill as a table."""
    rows = [
        f"| {r.alert} | {'passed' if r.passed else 'FAILED'} | {_seconds(r.detected_s)} | {_seconds(r.acknowledged_s)} "
        f"| {_seconds(r.resolved_s)} | {_seconds(r.mttr_target_s)} | {'; '.join((r.failure or r.cure, *r.notes))} |"
        for r in results
    ]
    head = [
        "# Drill report",
        "",
        "Rule windows and `for:` are shortened; thresholds are not.",
        "",
        "| alert | result | detected | acknowledged | resolved | target | |",
        "|---|---|---|---|---|---|---|",
    ]
    return "\n".join([*head, *rows]) + "\n"


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:g} s"
