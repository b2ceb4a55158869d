"""Silences, who is on call and who was called, as records."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from alerts.wire import ContactsView, OnCallView, PageView, SilenceView
from console.text.plain import clock, left, one_line, since
from console.text.record_table import Cell, Column, Record, Tone, heading

WINDOW_COLUMNS = (
    Column("WHAT", 9),
    Column("STATE", 9),
    Column("TIME", 7),
    Column("BY", 9, gives_way=1),
    Column("WHOM OR WHICH", 22, takes_rest=True),
    Column("WHY", 24, gives_way=2),
)


class Windows(msgspec.Struct, frozen=True):
    """What keeps people from being called, and who is called."""

    silences: tuple[SilenceView, ...]
    contacts: ContactsView
    pages: tuple[PageView, ...]


def window_records(found: Windows, now: datetime) -> list[Record]:
    """Silences that hold or will, who is on call, who was called lately, silences that are over."""
    alive = [s for s in found.silences if s.status.state != "expired"]
    over = sorted((s for s in found.silences if s.status.state == "expired"), key=lambda s: s.ends_at)
    return [
        *_group("silences", (_silence(s, now) for s in sorted(alive, key=lambda s: s.ends_at))),
        *_group("on call", (_on_call(one, now) for one in found.contacts.levels)),
        *_group("called lately", (_page(page, now) for page in found.pages[:20])),
        *_group("silences that are over", (_silence(s, now) for s in reversed(over[-20:]))),
    ]


def _group(title: str, records: Iterable[Record]) -> list[Record]:
    there = list(records)
    return [heading(title), *there] if there else []


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
