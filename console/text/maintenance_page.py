"""A maintenance window as lines of plain text: a row of the list, and the whole."""

from collections.abc import Sequence
from datetime import UTC, datetime

from alerts.maintenance import MaintenanceView
from console.text.plain import harmless, one_line

WINDOW_HEAD = ("ID", "STATE", "PLANNED (UTC)", "OWNER", "TITLE")


def window_rows(windows: Sequence[MaintenanceView]) -> list[tuple[str, ...]]:
    """Windows as cells below ``WINDOW_HEAD``."""
    return [
        (
            str(window.id),
            window_word(window),
            f"{_moment(window.starts_at)} to {_moment(window.ends_at)}",
            one_line(window.owner),
            one_line(window.title),
        )
        for window in windows
    ]


def window_word(window: MaintenanceView) -> str:
    """Where a window stands in a few words, what is wrong with it first."""
    if window.overruns:
        return f"{window.state}, past its end"
    if window.delayed:
        return "delayed"
    if window.update_overdue:
        return f"{window.state}, update overdue"
    if window.state == "scheduled":
        return "announced" if window.announced_at else "not announced"
    return window.state


def window_page(window: MaintenanceView) -> list[str]:
    """Everything about one."""
    facts = [
        f"maintenance {window.id}  {window_word(window)}  {one_line(window.title)}",
        f"planned {_moment(window.starts_at)} to {_moment(window.ends_at)} UTC"
        f"{'  (short notice)' if window.short_notice else ''}  owner {one_line(window.owner)}",
        f"why: {one_line(window.reason)}",
        f"mutes {' '.join(f'{m.name}{m.op}{m.value!r}' for m in window.matchers)}"
        f"{': now' if window.muting else ''}",
        f"next public update by {window.next_update_by.astimezone(UTC):%H:%M} UTC"
        f"{', overdue' if window.update_overdue else ''}"
        if window.next_update_by
        else "",
        f"public: {window.public_url}" if window.public_url else "",
        *(f"runbook {one_line(name)}: ops runbooks show {one_line(name)}" for name in window.runbooks),
        *(
            f"looked after: {check.name}, {one_line(check.evidence)} ({one_line(check.by)})"
            for check in window.checks
        ),
        f"began without looking after all of it: {one_line(window.without_checks)}"
        if window.without_checks
        else "",
        f"not looked after yet: {', '.join(window.missing_checks)}" if window.missing_checks else "",
        *(
            f"{_moment(step.at)}  ran {one_line(step.title)}: {step.state}"
            f"{f', {step.verdict}' if step.verdict else ''} ({step.execution_id})"
            for step in window.steps
        ),
    ]
    published = [
        line
        for update in window.updates
        for line in (
            f"{_moment(update.at)}  {update.status}  by {one_line(update.by)}  [{update.id}]",
            *(f"    {text}" for text in harmless(update.body).splitlines()),
        )
    ]
    return [line for line in facts if line] + (["", "published:", *published] if published else [])


def next_command(window: MaintenanceView) -> str:
    """What a person types next; empty where nothing is to be done."""
    number = window.id
    if window.state == "scheduled" and window.announced_at is None:
        return f"ops maintenance announce {number} --preview"
    if window.state == "scheduled" and window.missing_checks:
        return f"ops maintenance check {number} {window.missing_checks[0]} --run EXECUTION"
    if window.state == "scheduled":
        return f"ops maintenance check-in {number}"
    if window.state == "in_progress":
        return f"ops maintenance verify {number}"
    if window.state == "verifying":
        return f"ops maintenance complete {number}"
    return ""


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
