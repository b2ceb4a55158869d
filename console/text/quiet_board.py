"""The board while nothing is wrong: since when, what runs, what was last done, who is on call."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from alerts.maintenance import MaintenanceView
from alerts.wire import ContactsView, IncidentView, ServiceView
from console.text.plain import clock, one_line, since
from console.text.record_table import Cell
from console.text.records.services import service_line
from runbooks.wire import ExecutionView

_CHANGES = 5
_AHEAD = ("scheduled", "in_progress", "verifying")


_FIRST_STEPS = [
    [],
    [Cell("  new here?  ", "accent"), Cell("? says every key, : goes anywhere, 4 shows what runs")],
    [Cell("             ops console --demo  an outage to try this in", "dim")],
    [Cell("             ops drill APIDown   an outage and its cure by itself, timed", "dim")],
]
"""What a person reads who opens this for the first time."""


class Quiet(msgspec.Struct, frozen=True):
    """What is asked of the daemon for it."""

    incidents: tuple[IncidentView, ...]
    services: tuple[ServiceView, ...]
    executions: tuple[ExecutionView, ...]
    contacts: ContactsView
    windows: tuple[MaintenanceView, ...] = ()


def all_clear_since(incidents: Sequence[IncidentView]) -> datetime | None:
    """When the last trouble went away; None where none is on record."""
    ends = [i.mitigated_at or i.resolved_at for i in incidents]
    return max((end for end in ends if end is not None), default=None)


def quiet_lines(quiet: Quiet, now: datetime) -> list[list[Cell]]:
    """What a person looks at when nothing is wrong."""
    last = all_clear_since(quiet.incidents)
    if last is None:
        clear = [Cell("  ✓ all clear", "good"), Cell(": no incident is on record", "dim")]
    else:
        clear = [
            Cell(f"  ✓ all clear since {last:%Y-%m-%d} {clock(last)}", "good"),
            Cell(f"  {since(last, now)}", "dim"),
        ]
    made = [run for run in quiet.executions if run.kind != "read" and not run.dry_run]
    changes = sorted(made, key=lambda run: run.requested_at, reverse=True)[:_CHANGES]
    levels = [
        Cell(f"{one.level} {one_line(', '.join(one.people)) or 'nobody'}  ") for one in quiet.contacts.levels
    ]
    return [
        [], clear, [],
        [Cell("  services  ", "dim"), *(service_line(quiet.services) or [Cell("not known here", "dim")])],
        [Cell("  on call   ", "dim"), *levels],
        [Cell("  window    ", "dim"), *_window(quiet.windows, now)],
        [],
        [Cell("  last changes" if changes else "  nothing was changed from here yet", "dim")],
        *(_FIRST_STEPS if last is None and not changes else []),
        *([
            Cell(f"    {clock(run.requested_at)}  {since(run.requested_at, now):>5} ago  ", "dim"),
            Cell(f"{one_line(run.title)} by {one_line(run.actor)}"),
            Cell("" if run.state == "succeeded" else f"  {run.state}", "warning"),
        ] for run in changes),
    ]  # fmt: skip


def _window(windows: Sequence[MaintenanceView], now: datetime) -> list[Cell]:
    """The one that is on, else the next."""
    ahead = sorted((w for w in windows if w.ends_at > now and w.state in _AHEAD), key=lambda w: w.starts_at)
    if not ahead:
        return [Cell("none is planned")]
    first = ahead[0]
    day = f"{first.starts_at:%Y-%m-%d} " if first.starts_at.date() != now.date() else ""
    when = f"{day}{first.starts_at:%H:%M} to {first.ends_at:%H:%MZ}"
    is_on = first.starts_at <= now
    away = f"on, ends in {since(now, first.ends_at)}" if is_on else f"in {since(now, first.starts_at)}"
    return [
        Cell(one_line(first.title)),
        Cell(f"  {when}", "dim"),
        Cell(f"  {away}", "warning" if is_on else "dim"),
    ]
