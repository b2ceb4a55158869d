"""Facts about tables of records: what fits, what is hidden, and what a line of a log says."""

from datetime import timedelta

import pytest

from console.model.record_filter import records_that_pass
from console.text.forms import FormError, matchers_typed, seconds_typed
from console.text.graph import graph_rows, resampled
from console.text.log_line import read_lines
from console.text.record_table import Cell, Record, columns_that_fit, heading
from console.text.records.incidents import INCIDENT_COLUMNS
from console.text.records.logs import LOG_COLUMNS, log_records, whole_line
from console.text.records.runs import RUN_COLUMNS
from console.text.records.services import SERVICE_COLUMNS
from console.text.records.windows import WINDOW_COLUMNS
from console.text.telling_line import telling_line
from runbooks.wire import ExecutionView, StepView
from tests.console.builders import NOW

_ALL = (INCIDENT_COLUMNS, RUN_COLUMNS, SERVICE_COLUMNS, LOG_COLUMNS, WINDOW_COLUMNS)


@pytest.mark.parametrize("columns", _ALL)
def test_more_width_never_shows_less_and_no_row_is_wider_than_its_screen(columns: tuple[object, ...]) -> None:
    shown: set[int] = set()
    for width in range(77, 260):
        fitting = columns_that_fit(columns, width)  # type: ignore[arg-type]  # columns, every one
        assert shown <= {i for i, _ in fitting}
        assert sum(cells + 1 for _, cells in fitting) <= width
        shown = {i for i, _ in fitting}
    assert shown == set(range(len(columns)))


def test_a_filter_keeps_headings_that_still_have_a_row_and_no_others() -> None:
    rows = [heading("a"), _row("1", "one"), heading("b"), _row("2", "two"), heading("c")]
    assert [r.cells[0].text for r in records_that_pass(rows, "two")] == ["b", "two"]
    assert records_that_pass(rows, "none") == []


def _row(name: str, text: str) -> Record:
    return Record(name, (Cell(text),))


def test_a_json_line_is_read_in_its_parts_and_any_other_is_all_message() -> None:
    raw = '{"level":"ERROR","message":"broke","timestamp":"2026-01-01T10:00:00.123Z","request_id":"r1"}'
    line, *others = read_lines("api", [raw, "Traceback:", "[1, 2]"])
    assert [cell.text for cell in log_records([line])[0].cells] == [
        "10:00:00.123",
        "api",
        "ERROR",
        "",
        "r1",
        "broke",
    ]
    assert [other.message for other in others] == ["Traceback:", "[1, 2]"]
    assert whole_line(line)[1] == "message     broke"


def test_a_graph_keeps_its_peak_and_shows_a_gap_where_nothing_was_measured() -> None:
    assert resampled([1.0, 9.0, None, None], 2) == [9.0, None]
    assert graph_rows([None, 0.0, 4.0, 8.0], 4, 2, "▄█") == ["   █", "·▄██"]


def test_the_line_that_made_the_verdict_is_told_and_else_the_last() -> None:
    step = StepView(
        name="s", kind="read", command="ops ps", section="", line=1, timeout_s=1, unhealthy="^api +stopped", healthy="ok"
    )  # fmt: skip
    output = "NAME STATE\nredis running\napi   stopped\nstatus running\n\n"
    assert telling_line(step, _run("unhealthy"), output) == "api stopped"
    assert telling_line(None, _run(None), output) == "status running"
    assert telling_line(step, _run("unclear"), "") == ""


def _run(verdict: str | None) -> ExecutionView:
    return ExecutionView(
        execution_id="e-0000001", state="succeeded", kind="read", title="t", actor="a", argv=(), digest="",
        requested_at=NOW + timedelta(0), verdict=verdict,  # type: ignore[arg-type]  # one of them
    )  # fmt: skip


def test_what_is_typed_into_a_form_is_read_or_said_to_be_wrong() -> None:
    assert seconds_typed("1h30m") == 5400
    assert [str(m) for m in matchers_typed("service=api alertname=~'API.*'")] == [
        "service=api", "alertname=~API.*"
    ]  # fmt: skip
    for wrong in ("0", "x", "-1h", ""):
        with pytest.raises(FormError, match="write for instance"):
            seconds_typed(wrong)
    for wrong in ("", "service", "'service=api"):
        with pytest.raises(FormError):
            matchers_typed(wrong)
