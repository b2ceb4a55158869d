"""How alerts are told in few characters, without relying on colour."""

from datetime import datetime

from alerts.annotations import summary_of
from alerts.wire import AlertView, IncidentView
from console.text.plain import clock, left, one_line, since
from runbooks.wire import ProofView, RunbookView


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


def what_words(alert: AlertView) -> str:
    """What is wrong in a sentence, or the alert's name; before it in brackets what is odd about the alert itself."""
    notes = [f"{alert.severity}, sent as {alert.severity_sent}"] if alert.severity_sent else []
    if alert.severity_unknown:
        notes.append("a word that no map has")
    if alert.inhibited_by:
        notes.append(f"muted, a symptom of {', '.join(alert.inhibited_by)}")
    if alert.state == "stale" and alert.stale_because:
        notes.append(f"stale: {alert.stale_because}")
    bracketed = f"[{', '.join(notes)}] " if notes else ""
    return one_line(bracketed + (summary_of(alert.annotations) or alert.alertname))


def summary_for_chat(alert: AlertView, incident: IncidentView | None, now: datetime) -> str:
    """Two lines to paste into a chat."""
    who = f"acknowledged by {alert.acknowledged_by}" if alert.acknowledged_by else "nobody has it yet"
    number = f"incident {incident.id}: " if incident else ""
    deadline = f", {left(alert.mttr_deadline_at, now)} to the target" if alert.mttr_deadline_at else ""
    return (
        f"{number}{alert.severity.upper()} {alert.alertname} on {alert.service}, {alert.state} "
        f"for {since(alert.started_at, now)} (since {clock(alert.started_at)}){deadline}, {who}.\n"
        f"{what_words(alert)}" + (f" Runbook {alert.runbook}." if alert.runbook else "")
    )


def proven_words(runbook: RunbookView, now: datetime) -> str:
    """In a few words, trouble first: ``never``, ``drill 2d ago``, ``rehearsed 5h10 ago, 1 finding``."""
    proofs = [proof for proof in (runbook.drilled, runbook.rehearsed) if proof]
    in_trouble = sorted((proof for proof in proofs if not proof.passed), key=lambda p: p.at, reverse=True)
    return next((_proof_words(proof, now) for proof in (*in_trouble, *proofs)), "never")


def proof_lines(runbook: RunbookView, now: datetime) -> list[str]:
    """The latest drill and the latest rehearsal with its findings, a line for each."""
    lines = []
    for proof in (runbook.drilled, runbook.rehearsed):
        if proof is not None:
            lines.append(
                f"{_proof_words(proof, now)} by {one_line(proof.by)}: {one_line(proof.text) or 'failed'}"
            )
            lines += [f"! {one_line(finding)}" for finding in proof.findings]
    return lines or ["never drilled, never rehearsed"]


def _proof_words(proof: ProofView, now: datetime) -> str:
    ago = f"{since(proof.at, now)} ago"
    if proof.kind == "drill":
        words = f"drill {ago}" if proof.passed else f"drill FAILED {ago}"
    else:
        count = len(proof.findings)
        words = f"rehearsed {ago}" + (f", {count} finding{'s' * (count != 1)}" if count else "")
    return f"{words}, changed since" if proof.changed_since else words


def incident_clock(incident: IncidentView, now: datetime) -> str:
    """How an incident's clock stands: the time left to the target, or, once it is mitigated, how long that took."""
    if incident.mitigated_at is not None:
        return f"took {since(_began_at(incident), incident.mitigated_at)}"
    return left(incident.mttr_deadline_at, now) if incident.resolved_at is None else ""


def alert_took(alert: AlertView, incident: IncidentView | None) -> str:
    """How long it took until an alert was over, as the clock of its incident and the report count it; empty before that.

    Where the incident began with another alert, or there is none, it is the alert's own span.
    """
    if alert.resolved_at is None:
        return ""
    if incident is None or incident.alertname != alert.alertname:
        return since(alert.started_at, alert.resolved_at)
    return since(_began_at(incident), incident.mitigated_at or alert.resolved_at)


def _began_at(incident: IncidentView) -> datetime:
    return incident.spell_detected_at or incident.detected_at
