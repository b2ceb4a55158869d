"""Maintenance windows, what the public reads, silences, who is on call and who was called, as records."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from alerts.maintenance import MaintenanceView
from alerts.wire import ContactsView, OnCallView, PageView, SilenceView
from console.text.maintenance_page import window_word
from console.text.plain import clock, left, one_line, since
from console.text.record_table import Cell, Record, TableColumn, Tone, heading
from web.public_incident import PublicIncidentView

WINDOW_COLUMNS = (
    TableColumn("WHAT", 9),
    TableColumn("STATE", 14),
    TableColumn("TIME", 7),
    TableColumn("BY", 9, gives_way=1),
    TableColumn("WHOM OR WHICH", 22, takes_rest=True),
    TableColumn("WHY", 24, gives_way=2),
)


class Windows(msgspec.Struct, frozen=True):
    """What keeps people from being called, and who is called."""

    silences: tuple[SilenceView, ...]
    contacts: ContactsView
    pages: tuple[PageView, ...]
    maintenances: tuple[MaintenanceView, ...] = ()
    public: tuple[PublicIncidentView, ...] = ()


def window_records(found: Windows, now: datetime) -> list[Record]:
    """Windows, silences that hold or will, open public entries, who is on call, who was called lately, silences that are over."""
    alive = [s for s in found.silences if s.status.state != "expired"]
    over = sorted((s for s in found.silences if s.status.state == "expired"), key=lambda s: s.ends_at)
    return [
        *_group(
            "maintenance", (_window(w, now) for w in sorted(found.maintenances, key=lambda w: w.starts_at))
        ),
        *_group("silences", (_silence(s, now) for s in sorted(alive, key=lambda s: s.ends_at))),
        *_group("what the public reads", (_entry(entry, now) for entry in found.public)),
        *_group("on call", (_on_call(one, now) for one in found.contacts.levels)),
        *_group("called lately", (_page(page, now) for page in found.pages[:20])),
        *_group("silences that are over", (_silence(s, now) for s in reversed(over[-20:]))),
    ]


def _group(title: str, records: Iterable[Record]) -> list[Record]:
    there = list(records)
    return [heading(title), *there] if there else []


def _window(window: MaintenanceView, now: datetime) -> Record:
    is_on = window.state != "scheduled"
    bad = window.overruns or window.delayed or window.update_overdue
    tone: Tone = "critical" if bad else "warning" if is_on else "normal"
    return Record(
        f"window:{window.id}",
        (
            Cell(f"window {window.id}", "bold"),
            Cell(window_word(window).removeprefix(f"{window.state}, "), tone),
            Cell(left(window.ends_at if is_on else window.starts_at, now), tone),
            Cell(one_line(window.owner)),
            Cell(one_line(window.title)),
            Cell(one_line(window.reason), "dim"),
        ),
    )


def _entry(entry: PublicIncidentView, now: datetime) -> Record:
    return Record(
        f"public:{entry.id}",
        (
            Cell(f"public {entry.id}", "bold"),
            Cell(entry.status, "warning"),
            Cell(f"{since(entry.created_at, now)}"),
            Cell(
                "nobody yet" if entry.automatic else one_line(entry.updates[-1].by if entry.updates else ""),
                "warning" if entry.automatic else "normal",
            ),
            Cell(one_line(entry.title)),
            Cell(entry.impact, "dim"),
        ),
    )


def _silence(silence: SilenceView, now: datetime) -> Record:
    state = silence.status.state
    tone: Tone = "warning" if state == "active" else "dim"
    ends = f"{since(silence.ends_at, now)} ago" if state == "expired" else left(silence.ends_at, now)
    return Record(
        f"silence:{silence.id}",
        (
            Cell("silence", "dim" if state == "expired" else "bold"),
            Cell(state, tone),
            Cell(ends, tone),
            Cell(one_line(silence.created_by)),
            Cell(one_line(" ".join(map(str, silence.matchers))), "dim" if state == "expired" else "normal"),
            Cell(one_line(silence.comment), "dim"),
        ),
    )


def _on_call(one: OnCallView, now: datetime) -> Record:
    return Record(
        f"oncall:{one.level}",
        (
            Cell(one.level, "bold"),
            Cell("override" if one.override_by else "rota", "warning" if one.override_by else "normal"),
            Cell(left(one.until_at, now)),
            Cell(one_line(one.override_by)),
            Cell(one_line(", ".join(one.people)) or "nobody", "normal" if one.people else "critical"),
            Cell(f"until {clock(one.until_at)}" if one.until_at else "", "dim"),
        ),
    )


def _page(page: PageView, now: datetime) -> Record:
    states = {copy.state for copy in page.deliveries}
    bad = "failed" in states
    word = "failed" if bad else "waiting" if "waiting" in states else "sent"
    people = ", ".join(copy.person for copy in page.deliveries)
    return Record(
        f"page:{page.id}",
        (
            Cell(page.kind, "dim"),
            Cell(word, "critical" if bad else "dim"),
            Cell(since(page.decided_at, now), "dim"),
            Cell(one_line(page.by), "dim"),
            Cell(f"{page.level} {one_line(people)}".strip()),
            Cell(one_line(page.text or page.why), "dim"),
        ),
    )
