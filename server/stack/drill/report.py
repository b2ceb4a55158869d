"""The outcome of drills in words, as Markdown and as JSON."""

import itertools
from collections.abc import Sequence
from pathlib import Path

import msgspec

from server.stack.drill.scenario import DrillResult, DrillStep


def report_lines(result: DrillResult) -> list[str]:
    """One drill for the terminal."""
    verdict = "PASSED" if result.passed else f"FAILED: {result.failure}"
    times = (
        f"detected {_seconds(result.detected_s)}, {_paged(result)}acknowledged {_seconds(result.acknowledged_s)}, "
        f"resolved {_seconds(result.resolved_s)} after detection, target {_seconds(result.mttr_target_s)}"
    )
    kind = " (control run)" if result.control else " (by hand)" if result.human else ""
    lines = [f"  {result.alert}{kind}: {verdict}", f"  {times}"]
    if result.human:
        lines += [f"  {line}" for line in _step_lines(result.steps)]
        lines += _skipped_lines(result)
    return lines + [f"  note: {note}" for note in result.notes]


def _paged(result: DrillResult) -> str:
    """When somebody was called, and how long they took to answer."""
    if result.paged_s is None:
        return ""
    if result.acknowledged_s is None or result.acknowledged_s < result.paged_s:
        return f"called {_seconds(result.paged_s)}, "
    answered_s = round(result.acknowledged_s - result.paged_s, 1)
    return f"called {_seconds(result.paged_s)}, answered {_seconds(answered_s)} after the call, "


def _step_lines(steps: Sequence[DrillStep]) -> list[str]:
    """A line for each step; one that was asked again and again and said the same has one line for all of that."""
    lines = []
    alike = itertools.groupby(steps, key=lambda step: msgspec.structs.replace(step, at_s=0))
    for number, (_, group) in enumerate(alike, 1):
        first, *again = group
        times = f"; {len(again) + 1} times until +{again[-1].at_s:g} s" if again else ""
        lines.append(_step_line(number, first) + times)
    return lines


def _step_line(number: int, step: DrillStep) -> str:
    name = step.step if step.section else f"{step.step} (past the runbook)"
    verdict = f", {step.verdict}" if step.verdict else ""
    points = f", points to {step.points_to}" if step.points_to else ""
    return f"{number}. +{step.at_s:g} s {name} [{step.kind}]: {step.state}{verdict}{points}"


def _skipped_lines(result: DrillResult) -> list[str]:
    if not result.steps and not result.skipped:
        return []
    return [f"  diagnosis steps skipped: {', '.join(result.skipped) or 'none'}"]


def report_markdown(results: Sequence[DrillResult]) -> str:
    """Every drill as a table, then the steps of each."""
    rows = [
        f"| {r.alert} | {'passed' if r.passed else 'FAILED'} | {_seconds(r.detected_s)} | {_seconds(r.acknowledged_s)} "
        f"| {_seconds(r.resolved_s)} | {_seconds(r.mttr_target_s)} | {'; '.join(filter(None, (r.failure or r.cure, *r.notes)))} |"
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
    steps = [line for result in results if result.steps for line in _steps_markdown(result)]
    return "\n".join([*head, *rows, *steps]) + "\n"


def _steps_markdown(result: DrillResult) -> list[str]:
    who = "by hand" if result.human else "by the program"
    lines = ["", f"## {result.alert}, {who}", ""]
    lines += _step_lines(result.steps)
    if result.human:
        lines += ["", f"Diagnosis steps skipped: {', '.join(result.skipped) or 'none'}."]
    return lines


def write_reports(path: Path, results: Sequence[DrillResult]) -> tuple[Path, Path]:
    """The Markdown at ``path`` (``.md`` is added where it has none), the JSON beside it."""
    markdown, document = path.with_suffix(".md"), path.with_suffix(".json")
    markdown.parent.mkdir(parents=True, exist_ok=True)
    markdown.write_text(report_markdown(results))
    document.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=2) + b"\n")
    return markdown, document


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:g} s"
