"""Runs as records: what waits for a second person, what is temporary, who holds which lock, then every execution."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from console.ops_api.execution import shows_trouble, titled
from console.text.plain import clock, left, one_line, since
from console.text.record_table import Cell, Record, TableColumn, Tone, heading
from runbooks.wire import ApprovalView, ChangeView, ExecutionView, LockView

RUN_COLUMNS = (
    TableColumn("AGO", 5),
    TableColumn("STATE", 11),
    TableColumn("KIND", 11, gives_way=2),
    TableColumn("WHO", 9),
    TableColumn("INCIDENT", 8, gives_way=3),
    TableColumn("RUNBOOK", 16, gives_way=1),
    TableColumn("WHAT", 16, takes_rest=True),
)
_TONES: dict[str, tuple[str, Tone]] = {
    "succeeded": ("✓ done", "good"),
    "running": ("… running", "warning"),
    "failed": ("✗ failed", "critical"),
    "timed_out": ("✗ timed out", "critical"),
    "unknown": ("? unknown", "critical"),
    "cancelled": ("✗ cancelled", "warning"),
    "refused": ("✗ refused", "warning"),
    "planned": ("planned", "dim"),
}


class Runs(msgspec.Struct, frozen=True):
    """All that is run, waits to be run, or is held by a run."""

    executions: tuple[ExecutionView, ...] = ()
    approvals: tuple[ApprovalView, ...] = ()
    changes: tuple[ChangeView, ...] = ()
    locks: tuple[LockView, ...] = ()


def run_records(runs: Runs, now: datetime) -> list[Record]:
    """What needs somebody comes first; ids of approvals and changes say which they are."""
    waiting = [a for a in runs.approvals if a.state in ("asked", "approved")]
    newest = sorted(runs.executions, key=lambda e: e.requested_at, reverse=True)
    return [
        *_group("waits for a second person", (_approval(a, now) for a in waiting)),
        *_group("temporary changes in force", (_change(c, now) for c in runs.changes)),
        *_group("locks", (_lock(one, now) for one in runs.locks)),
        *_group("runs", (_run(e, now) for e in newest)),
    ]


def _group(title: str, records: Iterable[Record]) -> list[Record]:
    there = list(records)
    return [heading(title), *there] if there else []


def _run(run: ExecutionView, now: datetime) -> Record:
    state, tone = _TONES[run.state]
    return Record(
        run.execution_id,
        (
            Cell(since(run.requested_at, now), "dim"),
            Cell(state, tone),
            Cell(run.kind, "normal" if run.kind == "read" else "warning"),
            Cell(one_line(run.actor)),
            Cell(f"#{run.incident_id}" if run.incident_id else "", "dim"),
            Cell(one_line(run.runbook or ""), "dim"),
            Cell(one_line(titled(run)), "critical" if shows_trouble(run) else "normal"),
        ),
    )


def _approval(one: ApprovalView, now: datetime) -> Record:
    said = f"approved by {one.approved_by}" if one.approved_by else f"ends in {left(one.expires_at, now)}"
    return Record(
        f"approval:{one.id}",
        (
            Cell(since(one.asked_at, now), "dim"),
            Cell(f"! {one.state}", "warning"),
            Cell("approval", "warning"),
            Cell(one_line(one.asked_by)),
            Cell(""),
            Cell(one_line(one.object), "dim"),
            Cell(f"{one_line(one.title)}, {said}"),
        ),
    )


def _change(change: ChangeView, now: datetime) -> Record:
    over = change.state == "expired"
    words = f"past its end {clock(change.until_at)}" if over else f"{left(change.until_at, now)} left"
    back = f"; back: {one_line(change.way_back)}" if change.way_back else ""
    return Record(
        f"change:{change.execution_id}",
        (
            Cell(since(change.since, now), "dim"),
            Cell("! expired" if over else "in force", "critical" if over else "warning"),
            Cell("change", "warning"),
            Cell(one_line(change.actor)),
            Cell(""),
            Cell(one_line(change.object), "dim"),
            Cell(f"{one_line(change.action)}, {words}{back}"),
        ),
    )


def _lock(lock: LockView, now: datetime) -> Record:
    return Record(
        f"lock:{lock.execution_id}:{lock.key}",
        (
            Cell(since(lock.since, now), "dim"),
            Cell("held", "warning"),
            Cell("lock", "dim"),
            Cell(one_line(lock.holder)),
            Cell(""),
            Cell("", "dim"),
            Cell(f"{one_line(lock.key)}, by {lock.execution_id}"),
        ),
    )
