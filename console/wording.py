"""How alerts are told in few characters, without relying on colour."""

from datetime import datetime

from alerts.wire import AlertView, IncidentView
from console.text import clock, left, one_line, since


def severity_word(alert: AlertView) -> str:
    """Four letters: ``CRIT``, ``WARN``, ``INFO``."""
    return {"critical": "CRIT", "warning": "WARN", "info": "INFO"}.get(alert.severity, "    ")


def state_letters(alert: AlertView) -> str:
    """At most three: ``p`` pending, ``r`` resolved, ``?`` stale; ``A`` acknowledged, ``S`` silenced, ``I`` inhibited, ``M`` in maintenance."""
    base = {"pending": "p", "resolved": "r", "stale": "?"}.get(alert.state, "")
    overlays = (
        ("A", alert.acknowledged_by),
        ("S", alert.silenced_by),
        ("I", alert.inhibited_by),
        ("M", alert.maintenance),
    )
    return (base + "".join(letter for letter, on in overlays if on))[:3]


def summary_for_chat(alert: AlertView, incident: IncidentView | None, now: datetime) -> str:
    """Two lines to paste into a chat."""
    who = f"acknowledged by {alert.acknowledged_by}" if alert.acknowledged_by else "nobody has it yet"
    number = f"incident {incident.id}: " if incident else ""
    deadline = f", {left(alert.mttr_deadline_at, now)} to the target" if alert.mttr_deadline_at else ""
    return (
        f"{number}{alert.severity.upper()} {alert.alertname} on {alert.service}, {alert.state} "
        f"for {since(alert.started_at, now)} (since {clock(alert.started_at)}){deadline}, {who}.\n"
        f"{one_line(alert.annotations.get('summary', ''))}"
        + (f" Runbook {alert.runbook}." if alert.runbook else "")
    )
