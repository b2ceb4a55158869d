"""How the on-call has gone: times by alert and severity, breaches, pages by person, noise, and what cured."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil
from statistics import median
from zoneinfo import ZoneInfo

from alerts.contacts import Person
from alerts.incident import Incident
from alerts.notification import Notification
from alerts.wire import OnCallReport, PersonLoad, ReportLine, SpanFigures
from server.ops.state.state import State

_NIGHT = range(22, 24), range(6)
_NOISIEST = 10


def report_of(state: State, since: datetime, until: datetime) -> OnCallReport:
    """The report over what is still in the state and was between ``since`` and ``until``."""
    incidents = [i for i in state.incidents.values() if since <= i.detected_at <= until]
    runs = [
        e
        for e in state.executions.values()
        if since <= e.requested_at <= until and not e.rehearsal and not e.dry_run
    ]
    pages = [p for p in state.pages.values() if since <= p.decided_at <= until and p.kind == "page"]
    touched = {e.incident_id for e in runs if e.incident_id is not None}
    attended = {i.alertname for i in incidents if i.acknowledged_at is not None or i.id in touched}
    by_alert: dict[str, list[Incident]] = defaultdict(list)
    by_severity: dict[str, list[Incident]] = defaultdict(list)
    by_week: dict[str, list[Incident]] = defaultdict(list)
    for incident in incidents:
        by_alert[incident.alertname].append(incident)
        by_severity[incident.severity].append(incident)
        year, week, _ = incident.detected_at.isocalendar()
        by_week[f"{year}-W{week:02}"].append(incident)
    failed = Counter(e.title for e in runs if e.state in ("failed", "timed_out", "unknown"))
    cured = Counter(
        e.runbook
        for e in runs
        if e.runbook
        and e.kind != "read"
        and e.verification is not None
        and e.verification.passed
        and e.state == "succeeded"
    )
    return OnCallReport(
        since=since,
        until=until,
        incidents=len(incidents),
        open=sum(i.is_open for i in incidents),
        breached=sum(i.breached_at is not None for i in incidents),
        by_alert=_lines(by_alert),
        by_severity=_lines(by_severity),
        by_week=_lines(by_week),
        people=_people(pages, state.contacts.people),
        unattended=tuple(sorted(by_alert.keys() - attended)),
        failed_steps=dict(failed.most_common(_NOISIEST)),
        cured_by=dict(cured.most_common(_NOISIEST)),
    )


def _lines(groups: dict[str, list[Incident]]) -> tuple[ReportLine, ...]:
    lines = [
        ReportLine(
            name=name,
            incidents=len(members),
            breached=sum(i.breached_at is not None for i in members),
            ttd=_figures((i.detected_at - i.started_at) for i in members),
            tta=_figures((i.acknowledged_at - i.began_at) for i in members if i.acknowledged_at is not None),
            ttr=_figures((i.mitigated_at - i.began_at) for i in members if i.mitigated_at is not None),
        )
        for name, members in groups.items()
    ]
    return tuple(sorted(lines, key=lambda line: (-line.incidents, line.name)))


def _figures(spans: Iterable[timedelta]) -> SpanFigures:
    seconds = sorted(max(span.total_seconds(), 0.0) for span in spans)
    if not seconds:
        return SpanFigures(count=0)
    p90 = seconds[ceil(len(seconds) * 0.9) - 1]
    return SpanFigures(count=len(seconds), median_s=round(median(seconds), 1), p90_s=round(p90, 1))


def _people(pages: Sequence[Notification], contacts: Mapping[str, Person]) -> tuple[PersonLoad, ...]:
    """How often each person was called; whether it was night is a matter of where they live."""
    total: Counter[str] = Counter()
    night: Counter[str] = Counter()
    hours: dict[str, Counter[int]] = defaultdict(Counter)
    for page in pages:
        for name in page.people:
            hour = page.decided_at.astimezone(ZoneInfo(_zone_of(name, contacts))).hour
            total[name] += 1
            hours[name][hour] += 1
            night[name] += any(hour in part for part in _NIGHT)
    return tuple(
        PersonLoad(
            person=name,
            pages=count,
            at_night=night[name],
            by_hour=tuple(hours[name][h] for h in range(24)),
            time_zone=_zone_of(name, contacts),
        )
        for name, count in total.most_common()
    )


def _zone_of(name: str, contacts: Mapping[str, Person]) -> str:
    return contacts[name].time_zone if name in contacts else "UTC"
