"""The report of the on-call and the hand-over as plain text, CSV and HTML."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from html import escape
from typing import NamedTuple

from alerts.wire import (
    ContactsView,
    Followup,
    IncidentView,
    OnCallReport,
    ReportLine,
    SilenceView,
    SpanFigures,
)
from console.text.call_list import on_call_lines
from console.text.plain import lasted, one_line
from runbooks.wire import ChangeView

_HEAD = ("INCIDENTS", "BREACHED", "TTD", "TTA", "TTR", "TTR P90")


class ReportTable(NamedTuple):
    """One table of the report."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


def report_tables(report: OnCallReport) -> list[ReportTable]:
    """The tables of a report in their order; one without rows is left out."""
    people = [
        (p.person, str(p.pages), str(p.at_night), _busiest(p.by_hour), p.time_zone) for p in report.people
    ]
    tables = (
        ReportTable("by alert", ("ALERT", *_HEAD), [_cells(line) for line in report.by_alert]),
        ReportTable("by severity", ("SEVERITY", *_HEAD), [_cells(line) for line in report.by_severity]),
        ReportTable("by week", ("WEEK", *_HEAD), [_cells(line) for line in report.by_week]),
        ReportTable("pages", ("WHO", "PAGES", "AT NIGHT", "BUSIEST HOUR", "ZONE"), people),
        ReportTable("steps that failed", ("STEP", "TIMES"), _counted(report.failed_steps)),
        ReportTable("cured by", ("RUNBOOK", "TIMES"), _counted(report.cured_by)),
    )
    return [one for one in tables if one.rows]


def report_lines(report: OnCallReport, drawn: Callable[[ReportTable], Sequence[str]]) -> list[str]:
    """The report as a person reads it at a terminal; a table of which nothing is ``drawn`` has no title either."""
    lines = [
        f"{report.since:%Y-%m-%d} to {report.until:%Y-%m-%d %H:%MZ}: {_incidents(report)}, "
        f"{report.open} open, {report.breached} past their target"
    ]
    for one in report_tables(report):
        if shown := drawn(one):
            lines += ["", one.title, *shown]
    if report.unattended:
        lines += ["", f"nobody acted on: {', '.join(report.unattended)}"]
    return lines


def report_csv(report: OnCallReport) -> str:
    """A line for each alert, severity, week and person, step that failed, runbook that cured, and what nobody acted on."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    figures = [f"{name}_{part}" for name in ("ttd", "tta", "ttr") for part in ("count", "median_s", "p90_s")]
    writer.writerow(["group", "name", "incidents", "breached", *figures, "pages", "at_night", "times"])
    for group, lines in (
        ("alert", report.by_alert),
        ("severity", report.by_severity),
        ("week", report.by_week),
    ):
        for line in lines:
            values = [v for f in (line.ttd, line.tta, line.ttr) for v in (f.count, f.median_s, f.p90_s)]
            writer.writerow(
                [group, _formula_free(line.name), line.incidents, line.breached, *values, "", "", ""]
            )
    none = [""] * (2 + len(figures))
    for person in report.people:
        writer.writerow(["person", _formula_free(person.person), *none, person.pages, person.at_night, ""])
    for group, counts in (("failed step", report.failed_steps), ("cured by", report.cured_by)):
        for name, times in counts.items():
            writer.writerow([group, _formula_free(name), *none, "", "", times])
    for name in report.unattended:
        writer.writerow(["nobody acted on", _formula_free(name), *none, "", "", ""])
    return out.getvalue()


def followups_csv(followups: Sequence[Followup]) -> str:
    """Follow-ups as a list that other programs read."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["number", "what", "owner", "due", "done"])
    for todo in followups:
        done = f"{todo.done_at:%Y-%m-%dT%H:%M:%SZ}" if todo.done_at else ""
        cells = map(_formula_free, (todo.text, todo.owner))
        writer.writerow([todo.number, *cells, todo.due_on or "", done])
    return out.getvalue()


def report_html(report: OnCallReport) -> str:
    """One page that needs nothing else."""
    parts = [
        f"<h1>On-call report</h1><p>{report.since:%Y-%m-%d} to {report.until:%Y-%m-%d}: {_incidents(report)}, "
        f"{report.breached} past their target</p>"
    ]
    for title, lines in (
        ("By alert", report.by_alert),
        ("By severity", report.by_severity),
        ("By week", report.by_week),
    ):
        head = "".join(f"<th>{escape(name)}</th>" for name in ("", *_HEAD))
        rows = "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in _cells(line)) + "</tr>" for line in lines
        )
        parts.append(f"<h2>{title}</h2><table><tr>{head}</tr>{rows}</table>")
    people = "".join(
        f"<tr><td>{escape(p.person)}</td><td>{p.pages}</td><td>{p.at_night}</td></tr>" for p in report.people
    )
    parts.append(f"<h2>Pages</h2><table><tr><th>Who</th><th>Pages</th><th>At night</th></tr>{people}</table>")
    for title, counts in (("Steps that failed", report.failed_steps), ("Cured by", report.cured_by)):
        rows = "".join(f"<tr><td>{escape(name)}</td><td>{times}</td></tr>" for name, times in counts.items())
        parts.append(f"<h2>{title}</h2><table>{rows}</table>" if rows else "")
    if report.unattended:
        parts.append(f"<h2>Nobody acted on</h2><p>{escape(', '.join(report.unattended))}</p>")
    style = "body{font-family:sans-serif;margin:2em}td,th{padding:.2em .8em;text-align:left}"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>On-call report</title>'
        f"<style>{style}</style></head><body>{''.join(parts)}</body></html>\n"
    )


def handover_lines(
    contacts: ContactsView,
    incidents: Sequence[IncidentView],
    changes: Sequence[ChangeView],
    silences: Sequence[SilenceView],
    now: datetime,
    shift: timedelta,
) -> list[str]:
    """What whoever takes over has to know, as text for a chat."""
    is_open = [i for i in incidents if i.state in ("open", "acknowledged", "investigating", "monitoring")]
    due = [(i, i.postmortem_due_at) for i in incidents if i.postmortem_due_at is not None]
    todo = [(i, f) for i in incidents for f in i.followups if f.done_at is None]
    ending = [s for s in silences if s.status.state == "active" and s.ends_at <= now + shift]
    lines = [f"Hand-over at {now:%Y-%m-%d %H:%MZ}", *on_call_lines(contacts)]
    lines += _section("open incidents", (_incident_words(i) for i in is_open))
    over = [i for i in incidents if i.resolved_at is not None and i.resolved_at >= now - shift]
    lines += _section("over in the last shift", (_over_words(i) for i in over if i not in is_open))
    lines += _section(
        "temporary changes in force",
        (f"{c.action} on {c.object} until {c.until_at:%H:%MZ}, by {c.actor}" for c in changes),
    )
    lines += _section(
        "silences that end in this shift",
        (f"{s.id[:8]} ends {s.ends_at:%H:%MZ}, by {s.created_by}: {s.comment}" for s in ending),
    )
    lines += _section("post-mortems due", (_postmortem_words(i, at, now) for i, at in due))
    lines += _section(
        "follow-ups not done",
        (
            f"incident {i.id}, {f.number}: {f.text} ({f.owner or 'nobody'}{_due_words(f.due_on, now)})"
            for i, f in todo
        ),
    )
    return lines


def _postmortem_words(incident: IncidentView, due: datetime, now: datetime) -> str:
    what = one_line(incident.title) if incident.declared_by else incident.alertname
    return f"incident {incident.id} {what}: {'OVERDUE since' if due < now else 'by'} {due:%Y-%m-%d %H:%MZ}"


def _incident_words(incident: IncidentView) -> str:
    who = f"{incident.acknowledged_by} has it" if incident.acknowledged_by else "nobody has it"
    return f"{incident.id} {incident.severity} {incident.title} ({incident.state}, {who})"


def _due_words(due_on: date | None, now: datetime) -> str:
    if due_on is None:
        return ""
    return f", {'OVERDUE since' if due_on < now.date() else 'due'} {due_on}"


def _over_words(incident: IncidentView) -> str:
    why = f": {incident.root_cause}" if incident.root_cause else ""
    return f"{incident.id} {incident.severity} {incident.title} ({incident.state}, over at {incident.resolved_at:%H:%MZ}){why}"


def _section(title: str, lines: Iterable[str]) -> list[str]:
    found = [f"  {one_line(line)}" for line in lines]
    return ["", f"{title}: {len(found) or 'none'}", *found]


def _cells(line: ReportLine) -> tuple[str, ...]:
    return (
        line.name,
        str(line.incidents),
        str(line.breached),
        _median(line.ttd),
        _median(line.tta),
        _median(line.ttr),
        "" if line.ttr.p90_s is None else lasted(line.ttr.p90_s),
    )


def _median(figures: SpanFigures) -> str:
    return "" if figures.median_s is None else lasted(figures.median_s)


def _busiest(by_hour: Sequence[int]) -> str:
    most = max(by_hour, default=0)
    return f"{by_hour.index(most):02}:00 ({most})" if most else ""


def _incidents(report: OnCallReport) -> str:
    return "1 incident" if report.incidents == 1 else f"{report.incidents} incidents"


def _counted(counts: Mapping[str, int]) -> list[tuple[str, str]]:
    return [(name, str(times)) for name, times in counts.items()]


def _formula_free(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t")) else text
