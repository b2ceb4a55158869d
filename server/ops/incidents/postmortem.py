"""The draft of a post-mortem: what the evidence says, and blanks where people have to say why."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from statistics import fmean
from typing import NamedTuple

from alerts.incident import POSTMORTEM_WARNED_AFTER, Incident
from alerts.notification import Notification
from alerts.wire import TimelineEntry
from server.ops.alerting.recent_changes import CHANGED
from server.ops.incidents.frozen_metrics import BEFORE, FrozenFigure, FrozenMetrics
from server.ops.paging.message import in_words
from server.runner.execution import Execution

_TAIL_LINES = 12
_LONGEST_LINE = 200
_TICKS = re.compile("`+")
Tail = Callable[[Execution], str]
"""The end of what a run printed."""


class IncidentEvidence(NamedTuple):
    """What is known about an incident."""

    incident: Incident
    timeline: Sequence[TimelineEntry]
    executions: Sequence[Execution]
    pages: Sequence[Notification]
    metrics: FrozenMetrics | None
    head: str
    """Of the journal, ``SEQ:HASH``."""


def postmortem_of(evidence: IncidentEvidence, now: datetime, tail: Tail) -> str:
    """The draft as Markdown. Texts of people and programs stand in it as code or plain text, never as markup."""
    incident = evidence.incident
    parts = [
        f"# Post-mortem of incident {incident.id}: {_plain(incident.title)}",
        _state_of(incident, now),
        "## Summary\n" + _table(_facts(incident)),
        "## Impact\n" + _impact(incident, evidence.metrics),
        "## Who was called\n" + _called(evidence.pages),
        "## What changed before\n" + _changed(evidence.timeline),
        "## Timeline (UTC)\n" + _timeline(evidence.timeline),
        "## What was run\n" + _runs(evidence.executions, tail),
        "## Root cause\n"
        + (_plain(incident.root_cause) or "_To be written by a person: why did it happen?_"),
        "## What we learned\n_To be written by people: what went well, what did not, where we were lucky._",
        "## Follow-ups\n" + _followups(incident),
        f"---\nWritten from the journal at {evidence.head}. Commands, outputs and times are as recorded.",
    ]
    return "\n\n".join(parts) + "\n"


def clock_words(incident: Incident, now: datetime) -> str:
    """How the 48 hours stand in which a critical incident's post-mortem is due; empty where nothing is due."""
    due_at, resolved_at = incident.postmortem_due_at, incident.resolved_at
    if due_at is None or resolved_at is None:
        return ""
    left = due_at - now
    if left < timedelta(0):
        return f"OVERDUE by {in_words(-left)}"
    warning = "soon: " if now - resolved_at >= POSTMORTEM_WARNED_AFTER else ""
    return f"{warning}due {due_at:%Y-%m-%d %H:%MZ}, in {in_words(left)}"


def _state_of(incident: Incident, now: datetime) -> str:
    shared_at = incident.postmortem_shared_at
    if shared_at is not None and incident.is_postmortem_shared and incident.resolved_at is not None:
        return f"Shared {shared_at:%Y-%m-%d %H:%MZ}."
    due = clock_words(incident, now)
    # Opened again since: what was shared is not the end of it.
    earlier = f"; an earlier one was shared {shared_at:%Y-%m-%d %H:%MZ}" if shared_at is not None else ""
    return f"**DRAFT** ({incident.state}){earlier}{f'; {due}' if due else ''}"


def _facts(incident: Incident) -> Iterable[tuple[str, str]]:
    yield "Service", incident.service
    yield "Alert", incident.alertname
    was = f", was {incident.gravest}" if incident.gravest != incident.severity else ""
    yield "Severity", incident.severity + was + (", major incident" if incident.major else "")
    yield "Began", _time(incident.started_at)
    yield "Detected", f"{_time(incident.detected_at)}, TTD {_span(incident.started_at, incident.detected_at)}"
    if incident.acknowledged_at is not None:
        who = incident.acknowledged_by or "somebody"
        yield (
            "Acknowledged",
            f"{_time(incident.acknowledged_at)} by {who}, TTA {_span(incident.began_at, incident.acknowledged_at)}",
        )
    if incident.mitigated_at is not None:
        target = (
            f" of {in_words(timedelta(seconds=incident.mttr_target_s))}" if incident.mttr_target_s else ""
        )
        yield (
            "Mitigated",
            f"{_time(incident.mitigated_at)}, TTR {_span(incident.began_at, incident.mitigated_at)}{target}",
        )
    if incident.resolved_at is not None:
        yield "Resolved", _time(incident.resolved_at)
    if incident.breached_at is not None:
        yield "Target", f"missed at {_time(incident.breached_at)}"
    if incident.spell > 1:
        yield "Relapses", str(incident.spell - 1)
    if incident.reports:
        yield "Reports of users", str(incident.reports)


def _impact(incident: Incident, metrics: FrozenMetrics | None) -> str:
    if metrics is None and incident.metrics_sha256 is not None:
        return "The metrics of the outage could not be had, or are not those of which the journal has the digest."
    if metrics is None:
        return "The metrics of the outage are put down here a quarter of an hour after the mitigation, and not before."
    rows = [(figure.name, *_means(figure, incident, metrics)) for figure in metrics.figures]
    lines = ["| | half an hour before | during the outage | after |", "|---|---|---|---|"]
    lines += [f"| {name} | {before} | {during} | {after} |" for name, before, during, after in rows]
    return "\n".join(
        [*lines, "", "Pictures: `metrics-N.svg` beside this file, where it was written to a folder."]
    )


def _means(figure: FrozenFigure, incident: Incident, metrics: FrozenMetrics) -> tuple[str, str, str]:
    detected = (metrics.begins_at + BEFORE).timestamp()
    mitigated = (incident.mitigated_at or metrics.ends_at).timestamp()
    spans = ((0.0, detected), (detected, mitigated), (mitigated, float("inf")))
    return tuple(_mean([v for at, v in figure.points if begin <= at < end]) for begin, end in spans)  # type: ignore[return-value]  # three


def _mean(values: Sequence[float]) -> str:
    return f"{fmean(values):.3g}" if values else "no data"


def _called(pages: Sequence[Notification]) -> str:
    lines = []
    for page in pages:
        if page.kind not in ("page", "recovery"):
            continue
        for name, copy in page.deliveries.items():
            over = f" over {copy.channel}" if copy.channel else ""
            what = f"{page.level or page.kind} {name}: {copy.state}{over}"
            lines.append(
                f"- {_time(page.decided_at)} {_plain(what)}{f' ({_plain(page.why)})' if page.why else ''}"
            )
    return "\n".join(lines) or "Nobody."


def _changed(timeline: Sequence[TimelineEntry]) -> str:
    """What was noted when it opened: changes, temporary values and silences of the day before."""
    noted = [entry.text for entry in timeline if entry.actor == "daemon" and entry.text.startswith(CHANGED)]
    lines = [f"- {_plain(part)}" for text in noted for part in text.removeprefix(CHANGED).split("; ")]
    return "\n".join(dict.fromkeys(lines)) or "Nothing in the 24 hours before, as far as we were told."


def _timeline(timeline: Sequence[TimelineEntry]) -> str:
    rows = [f"| {entry.at:%H:%M:%S} | {_cell(entry.actor)} | {_cell(entry.text)} |" for entry in timeline]
    return "\n".join(["| at | who | what |", "|---|---|---|", *rows]) if rows else "Nothing."


def _runs(executions: Sequence[Execution], tail: Tail) -> str:
    parts = []
    for run in sorted(executions, key=lambda e: e.requested_at):
        title = f"### {run.requested_at:%H:%M:%S} {_plain(run.title)} on {_plain(run.object)} by {_plain(run.actor)}: {run.state}"
        said = [_plain(run.verification.text)] if run.verification is not None else []
        if run.break_glass:
            said.append(f"**The glass was broken:** {_plain(run.break_glass)}")
        printed = "\n".join(line[:_LONGEST_LINE] for line in tail(run).splitlines()[-_TAIL_LINES:])
        block = _fenced(printed) if printed.strip() else "It printed nothing that is kept."
        parts.append("\n\n".join([title, *said, f"`{_inline(' '.join(run.argv))}`", block]))
    return "\n\n".join(parts) or "Nothing."


def _followups(incident: Incident) -> str:
    if not incident.followups:
        return "None yet: `ops incident " + str(incident.id) + ' followup add "…" --owner NAME --due DATE`'
    rows = [
        f"| {todo.number} | {_cell(todo.text)} | {_cell(todo.owner) or 'nobody'} | {todo.due_on or ''} | {'done' if todo.done_at else 'open'} |"
        for todo in incident.followups
    ]
    return "\n".join(["| | what | who | by when | |", "|---|---|---|---|---|", *rows])


def _table(facts: Iterable[tuple[str, str]]) -> str:
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {_cell(value)} |" for name, value in facts)])


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%SZ}"


def _span(begin: datetime, end: datetime) -> str:
    return in_words(max(end - begin, timedelta(0)))


def _plain(text: str) -> str:
    """Text of people on one line, with what Markdown would heed taken as it is."""
    flat = " ".join(text.split())
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>#|!&~" else c for c in flat)


def _cell(text: str) -> str:
    return _plain(text)


def _inline(text: str) -> str:
    return " ".join(text.split()).replace("`", "ˋ")


def _fenced(text: str) -> str:
    longest = max((len(run) for run in _TICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"
