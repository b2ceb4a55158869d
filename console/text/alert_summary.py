"""What is known about the alert under the cursor: its sentence, what was changed before it, who has it, what is next."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from alerts.wire import AlertView, IncidentView
from console.model.mutes import Mutes
from console.text.call_list import paging_line
from console.text.plain import clock, left, one_line, since
from console.text.record_table import Cell
from console.text.wording import what_words
from runbooks.wire import ExecutionView

_BEFORE = timedelta(minutes=30)

Lines = list[list[Cell]]


def summary_lines(
    alert: AlertView, incident: IncidentView | None, runs: Iterable[ExecutionView], now: datetime
) -> Lines:
    """At most four lines, each of which stands for itself."""
    over = f"resolved {clock(alert.resolved_at)}" if alert.resolved_at else f"since {clock(alert.started_at)}"
    lines: Lines = [
        [Cell(f" {what_words(alert)}", "bold"), Cell(f"  {over}", "dim")],
        _changed(alert, runs),
        _people(alert, incident),
        _next(alert, now),
    ]
    return [line for line in lines if line]


def summary_title(alert: AlertView, incident: IncidentView | None) -> str:
    """The title of the summary's frame."""
    if incident is None:
        return alert.alertname
    again = f" · time {incident.spell}" if incident.spell > 1 else ""
    return f"{alert.alertname} · incident {incident.id}{again} · {incident.state.replace('_', ' ')}"


def _changed(alert: AlertView, runs: Iterable[ExecutionView]) -> list[Cell]:
    """The last change before it began: the first suspect."""
    before = [
        run
        for run in runs
        if run.kind != "read"
        and not run.dry_run
        and run.started_at is not None
        and timedelta(0) <= alert.started_at - run.started_at <= _BEFORE
    ]
    if not before:
        return []
    run = max(before, key=lambda r: r.requested_at)
    assert run.started_at is not None
    return [
        Cell(" Changed  ", "dim"),
        Cell(f"{clock(run.started_at)} {one_line(run.title)} by {one_line(run.actor)}"),
        Cell(f"  ← {since(run.started_at, alert.started_at)} before", "warning"),
    ]


def _people(alert: AlertView, incident: IncidentView | None) -> list[Cell]:
    if incident is None:
        return []
    who = f"{alert.acknowledged_by} has it" if alert.acknowledged_by else "nobody has it"
    paging = paging_line(incident)
    tone = "normal" if alert.acknowledged_by else "warning"
    return [
        Cell(" Whose    ", "dim"),
        Cell(one_line(who), tone),  # type: ignore[arg-type]  # both are tones
        Cell(f"  {paging}" if paging else "", "dim"),
    ]


def _next(alert: AlertView, now: datetime) -> list[Cell]:
    if alert.runbook is None:
        return [Cell(" Next     ", "dim"), Cell("no runbook; x lists actions, d tells all that is known")]
    key = "its steps" if alert.state != "resolved" else "what was done"
    return [Cell(" Next     ", "dim"), Cell("r", "accent"), Cell(f" runbook {alert.runbook}: {key}")]


def without_runbook(alert: AlertView) -> str:
    """What stands in the place of a runbook where an alert has none: what there is to do instead, a line each."""
    name = one_line(alert.alertname)
    return "\n".join([
        f"{name} has no runbook of its own",
        "",
        "d          all that is known of it: labels, annotations, source",
        "⏎          its incident: timeline, people, every verb",
        "x          actions, those that fit it first",
        ": runbook  any other runbook of the shelf",
        "6 and 5    graphs and logs",
        "",
        "Its rule names one by the annotation runbook_url.",
    ])  # fmt: skip


def detail_lines(
    alert: AlertView, incident: IncidentView | None, now: datetime, mutes: Mutes | None = None
) -> list[str]:
    """Every label, annotation, time and overlay of an alert; with ``mutes`` who mutes it, until when and why."""
    held = mutes or Mutes(alert.fingerprint)
    silences = {s.id: _until(s.created_by, s.ends_at, s.comment, now) for s in held.silences}
    windows = {str(w.id): _until(w.checked_in_by or w.owner, w.ends_at, w.title, now) for w in held.windows}
    facts = [
        ("alert", alert.alertname), ("severity", alert.severity), ("state", alert.state),
        ("service", alert.service), ("since", f"{clock(alert.started_at)} ({since(alert.started_at, now)})"),
        ("last seen", f"{clock(alert.updated_at)} ({since(alert.updated_at, now)} ago)"),
        ("resolved", clock(alert.resolved_at)), ("stale because", alert.stale_because),
        ("incident", str(incident.id) if incident else ""), ("acknowledged", _acknowledged(alert)),
        *(("silenced", f"silence {name[:8]}{silences.get(name, '')}") for name in alert.silenced_by),
        ("inhibited by", ", ".join(alert.inhibited_by)),
        *(("maintenance", f"window {name}{windows.get(name, '')}") for name in alert.maintenance),
        ("flapping", f"{alert.flapping} changes in 30 minutes" if alert.flapping else ""),
        ("sent as", alert.severity_sent), ("runbook", alert.runbook or "none"),
        ("target until", clock(alert.mttr_deadline_at)), ("source", alert.source),
        ("expression", alert.generator_url), ("fingerprint", alert.fingerprint),
    ]  # fmt: skip
    return [
        *(f"{name:<14}{one_line(text)}" for name, text in facts if text),
        "", "LABELS", *(f"  {name} = {one_line(text)}" for name, text in sorted(alert.labels.items())),
        "", "ANNOTATIONS", *(f"  {name}: {one_line(text)}" for name, text in sorted(alert.annotations.items())),
    ]  # fmt: skip


def _until(who: str, ends_at: datetime, why: str, now: datetime) -> str:
    said = f": {why}" if why else ""
    return f" by {who or 'nobody named'} until {clock(ends_at)} ({left(ends_at, now)} left){said}"


def _acknowledged(alert: AlertView) -> str:
    return f"by {alert.acknowledged_by} at {clock(alert.acknowledged_at)}" if alert.acknowledged_by else ""
