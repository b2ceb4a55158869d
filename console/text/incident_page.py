"""One incident as lines of plain text: its facts and its timeline."""

from alerts.wire import ChecklistItem, Followup, IncidentView, TimelineEntry
from console.text.call_list import paging_line
from console.text.plain import clock, one_line


def incident_page(incident: IncidentView) -> list[str]:
    """The lines that `ops incidents ID` prints and the console shows."""
    facts = [
        f"incident {incident.id}  {incident.severity}  {incident.state}  {one_line(incident.title)}",
        _joined(
            ("detected", clock(incident.detected_at)),
            (
                "relapse",
                f"{incident.spell}, detected {clock(incident.spell_detected_at)}"
                if incident.spell > 1
                else "",
            ),
            ("target until", clock(incident.mttr_deadline_at)),
            ("breached", clock(incident.breached_at)),
        ),
        _joined(
            ("acknowledged", clock(incident.acknowledged_at)),
            ("by", incident.acknowledged_by or ""),
            ("mitigated", clock(incident.mitigated_at)),
            ("resolved", clock(incident.resolved_at)),
        ),
        _postmortem(incident),
        _joined(
            ("major incident", "yes" if incident.major else ""),
            ("declared by", incident.declared_by),
            ("assigned to", incident.assigned_to or ""),
            ("merged into", str(incident.merged_into or "")),
            ("reports", str(incident.reports or "")),
        ),
        _merged(incident),
        paging_line(incident),
        f"on it {', '.join(map(one_line, incident.people))}" if incident.people else "",
        *(_step(item) for item in incident.checklist),
        f"root cause: {one_line(incident.root_cause)}" if incident.root_cause else "",
        *(_followup(todo) for todo in incident.followups),
        *(f"see {one_line(url)}" for url in incident.links),
        f"runbook {incident.runbook or 'none'}",
    ]
    lines = [
        f"{clock(entry.at)}  {one_line(entry.actor):<12} {one_line(entry.text)}{_output(entry)}"
        for entry in incident.timeline
    ]
    return [*filter(None, facts), "", *(lines or ["nothing on the timeline yet"])]


def _postmortem(incident: IncidentView) -> str:
    due_at = incident.postmortem_due_at
    if due_at is None:
        return ""
    word = "OVERDUE since" if incident.postmortem_reminded == "overdue" else "due"
    return f"post-mortem {word} {due_at:%Y-%m-%d %H:%MZ}  (ops postmortem {incident.id})"


def _merged(incident: IncidentView) -> str:
    if not incident.merged:
        return ""
    under = ", ".join(
        f"{one.id} {one_line(one.alertname)} {one_line(one.service)}" for one in incident.merged
    )
    return f"under it {under}  (ops incident {incident.merged[0].id} unmerge takes it out)"


def _output(entry: TimelineEntry) -> str:
    """Where what a step printed can be read."""
    ended = entry.kind == "execution.finished" and entry.execution_id
    return f"  (ops attach {one_line(entry.execution_id or '')})" if ended else ""


def _step(item: ChecklistItem) -> str:
    mark = "[x]" if item.done else "[ ]"
    if item.at is None:
        return f"{mark} {item.title}: when {one_line(item.what)}"
    then = "done before the relapse, " if item.then else ""
    return f"{mark} {item.title}: {then}{clock(item.at)} {one_line(item.by)}, {one_line(item.what)}"


def _followup(todo: Followup) -> str:
    done = f"done {clock(todo.done_at)}" if todo.done_at else f"due {todo.due_on}" if todo.due_on else "open"
    owner = f", {one_line(todo.owner)}" if todo.owner else ""
    return f"follow-up {todo.number} ({done}{owner}): {one_line(todo.text)}"


def _joined(*pairs: tuple[str, str]) -> str:
    return "  ".join(f"{name} {value}" for name, value in pairs if value)
