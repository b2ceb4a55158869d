"""Incidents as records: the open ones first, then those that are over, by day."""

from collections.abc import Iterable
from datetime import datetime

from alerts.wire import IncidentView
from console.text.call_list import next_call
from console.text.plain import one_line, since
from console.text.record_table import Cell, Record, TableColumn, Tone, heading
from console.text.wording import incident_clock

INCIDENT_COLUMNS = (
    TableColumn("ID", 6),
    TableColumn("SEV", 4),
    TableColumn("AGE", 5),
    TableColumn("CLOCK", 10),
    TableColumn("STATE", 13),
    TableColumn("WHO", 9, gives_way=1),
    TableColumn("NEXT CALL", 9, gives_way=3),
    TableColumn("SERVICE", 10, gives_way=2),
    TableColumn("WHAT", 16, takes_rest=True),
)
_OVER = frozenset({"resolved", "reviewing", "closed", "merged", "false_positive"})
_SEVERITIES: dict[str, tuple[str, Tone]] = {
    "critical": ("CRIT", "critical"),
    "warning": ("WARN", "warning"),
    "info": ("INFO", "normal"),
}


def is_over(incident: IncidentView) -> bool:
    """Whether nobody has to do anything about its service any more."""
    return incident.state in _OVER


def incident_records(incidents: Iterable[IncidentView], now: datetime) -> list[Record]:
    """Open ones, the worst and newest first, then the others under the day on which they began."""
    newest = sorted(incidents, key=lambda i: i.detected_at, reverse=True)
    ongoing = [i for i in newest if not is_over(i)]
    ongoing.sort(key=lambda i: ["critical", "warning", "info", "none"].index(i.severity))
    records = [heading("open"), *(_record(i, now) for i in ongoing)] if ongoing else []
    day = ""
    for incident in newest:
        if is_over(incident):
            its_day = f"{incident.detected_at:%A, %Y-%m-%d}"
            records += [heading(its_day)] if its_day != day else []
            records.append(_record(incident, now))
            day = its_day
    return records


def _record(incident: IncidentView, now: datetime) -> Record:
    over = is_over(incident)
    word, tone = _SEVERITIES.get(incident.severity, ("", "normal"))
    clock = incident_clock(incident, now)
    quiet: Tone = "dim" if over else "normal"
    major = "MAJOR " if incident.major else ""
    again = f" (time {incident.spell})" if incident.spell > 1 else ""
    return Record(
        str(incident.id),
        (
            Cell(f"#{incident.id}", "dim" if over else "bold"),
            Cell(word, "dim" if over else tone),
            Cell(since(incident.detected_at, now), "dim"),
            Cell(clock, "critical" if clock.startswith("-") else quiet),
            Cell(incident.state.replace("_", " "), quiet),
            Cell(one_line(incident.acknowledged_by or ("" if over else "nobody")), quiet),
            Cell(next_call(incident), quiet),
            Cell(one_line(incident.service), quiet),
            Cell(f"{major}{one_line(incident.title)}{again}", quiet),
        ),
    )
