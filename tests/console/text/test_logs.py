"""Facts about lines of logs: each in its parts, several logs in one order, and both as rows of a screen."""

import pytest

from console.text.log_line import in_order, read_lines
from console.text.records.logs import log_records, read_log

_API = '{"level":"INFO","message":"INFO POST /v1/analyze 200 request_id: 01a2 0.4 ms","timestamp":"2026-11-26T12:33:44.861Z","request_id":"01a2"}'


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (_API, ("12:33:44.861", "INFO", "info", "", "POST /v1/analyze 200 0.4 ms")),
        (
            "2026-11-26 12:33:47,011 INFO server.evaluator.rule_runner is pending",
            ("12:33:47.011", "INFO", "info", "server.evaluator.rule_runner", "is pending"),
        ),
        (
            "2026-11-26 12:33:30.027 UTC [7402] LOG:  database system was shut down",
            ("12:33:30.027", "LOG", "info", "7402", "database system was shut down"),
        ),
        (
            "2026-11-26 12:33:30.027 UTC [7402] PANIC:  no space",
            ("12:33:30.027", "PANIC", "critical", "7402", "no space"),
        ),
        (
            "7387:M 26 Nov 2026 12:33:29.932 # Out of memory",
            ("12:33:29.932", "WARNING", "warning", "7387:M", "Out of memory"),
        ),
        ("2026-11-26T12:33:44Z it has no level", ("12:33:44.000", "", "info", "", "it has no level")),
        ("2026-11-26 12:33:44.5 it has no level", ("12:33:44.500", "", "info", "", "it has no level")),
        ("  at some place", ("", "", "info", "", "  at some place")),
        ('{"level": ["x"', ("", "", "info", "", '{"level": ["x"')),
        ("[1, 2]", ("", "", "info", "", "[1, 2]")),
    ],
)
def test_a_line_is_read_in_its_parts(raw: str, expected: tuple[str, str, str, str, str]) -> None:
    (line,) = read_lines("x", [raw])
    at = f"{line.at:%H:%M:%S.%f}"[:-3] if line.at is not None else ""
    assert (at, line.level_word, line.level, line.logger, line.message_alone) == expected
    assert line.raw == raw


def test_several_logs_are_one_by_time_and_what_has_no_time_stays_below_its_line() -> None:
    api = read_log("api", _API)
    postgres = read_log(
        "postgres", "2026-11-26 12:33:44.100 UTC [1] LOG:  first\n\tdetail of it\n2026-11-26 12:33:45.000 UTC [1] LOG:  last"
    )  # fmt: skip
    redis = read_log("redis", "7:M 26 Nov 2026 12:33:44.500 * between")
    merged = list(in_order([api, postgres, redis]))
    assert [line.message_alone for line in merged] == [
        "first", "\tdetail of it", "between", "POST /v1/analyze 200 0.4 ms", "last",
    ]  # fmt: skip
    rows = log_records(merged)
    assert [row.id for row in rows] == ["0", "1", "2", "3", "4"]
    assert [row.cells[0].text for row in rows] == [
        "12:33:44.100",
        "",
        "12:33:44.500",
        "12:33:44.861",
        "12:33:45.000",
    ]
    assert [line.service for line in merged] == ["postgres", "postgres", "redis", "api", "postgres"]
