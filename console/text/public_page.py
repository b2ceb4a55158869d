"""What the public reads, as lines of plain text: a row of the list, and an entry."""

from collections.abc import Sequence
from datetime import UTC, datetime

from console.text.plain import harmless, one_line
from web.public_incident import PublicIncidentView

ENTRY_HEAD = ("ID", "STATUS", "IMPACT", "WORDS BY", "TITLE")


def entry_rows(entries: Sequence[PublicIncidentView]) -> list[tuple[str, ...]]:
    """Entries as cells below ``ENTRY_HEAD``."""
    return [
        (
            str(entry.id),
            entry.kind if entry.kind == "announcement" else entry.status,
            entry.impact,
            "nobody yet" if entry.automatic else one_line(entry.updates[-1].by if entry.updates else ""),
            one_line(entry.title),
        )
        for entry in entries
    ]


def entry_page(entry: PublicIncidentView) -> list[str]:
    """Everything about one."""
    lines = [
        f"public {entry.id}  {entry.status}  {entry.impact}  {one_line(entry.title)}",
        entry.url,
        f"about incident {entry.incident_id}: ops incident {entry.incident_id}" if entry.incident_id else "",
        "nobody has written in it yet: ops public publish"
        if entry.automatic and entry.resolved_at is None
        else "",
    ]
    for update in entry.updates:
        lines.append(f"{_moment(update.at)}  {update.status}  by {one_line(update.by)}  [{update.id}]")
        lines += [f"    {text}" for text in harmless(update.body).splitlines()]
        lines += [
            f"    {one_line(one.name)}: {one.old_status} to {one.new_status}"
            for one in update.affected
            if one.old_status != one.new_status
        ]
    return [line for line in lines if line]


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
