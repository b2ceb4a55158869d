"""The report of the on-call and lists of follow-ups, for people and for other programs."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

from alerts.wire import (
    ContactsView,
    Followup,
    IncidentState,
    IncidentView,
    OnCallReport,
    PersonLoad,
    ReportLine,
    SpanFigures,
)
from console.text.report import (
    followups_csv,
    handover_lines,
    report_csv,
    report_html,
    report_lines,
    report_tables,
)

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
_LINE = ReportLine(
    name="=APIDown", incidents=2, breached=1, ttd=SpanFigures(count=0), tta=SpanFigures(count=0), ttr=SpanFigures(count=0)
)  # fmt: skip
REPORT = OnCallReport(
    since=NOON, until=NOON, incidents=2, open=0, breached=1, by_alert=(_LINE,), by_severity=(), by_week=(),
    people=(PersonLoad(person="ana", pages=3, at_night=1, by_hour=(1, *[0] * 23), time_zone="Europe/Berlin"),),
    unattended=("Noisy<b>",), failed_steps={"look": 2}, cured_by={"APIDown": 1},
)  # fmt: skip


def test_csv_has_every_figure_under_one_head_and_no_formula() -> None:
    rows = list(csv.DictReader(io.StringIO(report_csv(REPORT))))
    found = {row["group"]: row for row in rows}
    assert (found["alert"]["name"], found["alert"]["incidents"]) == ("'=APIDown", "2")
    assert (found["person"]["pages"], found["person"]["at_night"]) == ("3", "1")
    assert (found["failed step"]["times"], found["cured by"]["times"]) == ("2", "1")
    assert found["nobody acted on"]["name"] == "Noisy<b>"
    assert all(None not in row and None not in row.values() for row in rows)


def test_html_tells_what_failed_cured_and_was_left_and_takes_no_markup() -> None:
    html = report_html(REPORT)
    for words in ("Steps that failed", "Cured by", "Nobody acted on", "Noisy&lt;b&gt;"):
        assert words in html
    assert "<b>" not in html


def test_the_hour_of_a_person_is_of_their_zone() -> None:
    (pages,) = [one for one in report_tables(REPORT) if one.title == "pages"]
    assert pages.rows == [("ana", "3", "1", "00:00 (1)", "Europe/Berlin")]


def test_a_table_of_which_nothing_is_drawn_has_no_title() -> None:
    lines = report_lines(REPORT, lambda one: ["drawn"] if one.title == "cured by" else [])
    assert lines[1:] == ["", "cured by", "drawn", "", "nobody acted on: Noisy<b>"]


def test_follow_ups_are_a_list() -> None:
    todo = Followup(
        number=1, text='alert on "disks", all', owner="ana", due_on=date(2026, 4, 1), done_at=NOON
    )
    rows = list(csv.reader(io.StringIO(followups_csv([todo, Followup(number=2, text="@sum(x)")]))))
    assert rows == [
        ["number", "what", "owner", "due", "done"],
        ["1", 'alert on "disks", all', "ana", "2026-04-01", "2026-03-14T12:00:00Z"],
        ["2", "'@sum(x)", "", "", ""],
    ]


def _incident(number: int, resolved_at: datetime | None, **given: Any) -> IncidentView:
    state: IncidentState = "closed" if resolved_at else "open"
    return IncidentView(
        id=number, title=f"trouble {number}", service="api", alertname="APIDown", severity="critical", state=state,
        started_at=NOON, detected_at=NOON, resolved_at=resolved_at, **given,
    )  # fmt: skip


def test_whoever_takes_over_is_told_what_was_over_in_the_shift_and_what_is_overdue() -> None:
    todo = (
        Followup(number=1, text="a disk", due_on=date(2026, 3, 13)),
        Followup(number=2, text="an alarm", due_on=date(2026, 3, 14)),
    )
    incidents = [
        _incident(1, NOON - timedelta(hours=2), root_cause="a full disk", followups=todo),
        _incident(2, NOON - timedelta(hours=13)),
        _incident(3, None),
    ]
    lines = handover_lines(ContactsView(levels=(), people=()), incidents, [], [], NOON, timedelta(hours=12))
    over = lines.index("over in the last shift: 1")
    assert lines[over + 1] == "  1 critical trouble 1 (closed, over at 10:00Z): a full disk"
    assert "  incident 1, 1: a disk (nobody, OVERDUE since 2026-03-13)" in lines
    assert "  incident 1, 2: an alarm (nobody, due 2026-03-14)" in lines
