"""Facts about lines of logs: each in its parts, several logs in one order."""

import pytest

from console.text.records.logs import in_order, read_line, read_log

_API = '{"level":"INFO","message":"INFO POST /v1/analyze 200 request_id: 01a2 0.4 ms","timestamp":"2026-11-26T12:33:44.861Z","request_id":"01a2"}'


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (_API, ("12:33:44.861", "INFO", "", "POST /v1/analyze 200 0.4 ms")),
        (
            "2026-11-26 12:33:47,011 INFO server.evaluator.rule_runner is pending",
            ("12:33:47.011", "INFO", "server.evaluator.rule_runner", "is pending"),
        ),
        (
            "2026-11-26 12:33:30.027 UTC [7402] LOG:  database system was shut down",
            ("12:33:30.027", "LOG", "", "database system was shut down"),
        ),
        (
            "7387:M 26 Nov 2026 12:33:29.932 # Out of memory",
            ("12:33:29.932", "WARNING", "", "Out of memory"),
        ),
        ("  at some place", ("", "", "", "  at some place")),
        ('{"level": ["x"', ("", "", "", '{"level": ["x"')),
        ("[1, 2]", ("", "", "", "[1, 2]")),
    ],
)
def test_a_line_is_read_in_its_parts(raw: str, expected: tuple[str, str, str, str]) -> None:
    line = read_line(0, raw)
    assert (line.time, line.level, line.logger, line.message) == expected
    assert line.raw == raw


def test_several_logs_are_one_by_time_and_what_has_no_time_stays_below_its_line() -> None:
    api = read_log("api", _API)
    postgres = read_log(
        "postgres", "2026-11-26 12:33:44.100 UTC [1] LOG:  first\n\tdetail of it\n2026-11-26 12:33:45.000 UTC [1] LOG:  last"
    )  # fmt: skip
    redis = read_log("redis", "7:M 26 Nov 2026 12:33:44.500 * between")
    merged = in_order([api, postgres, redis])
    assert [line.message for line in merged] == [
        "first", "\tdetail of it", "between", "POST /v1/analyze 200 0.4 ms", "last",
    ]  # fmt: skip
    assert [line.number for line in merged] == list(range(5))
    assert [line.service for line in merged] == ["postgres", "postgres", "redis", "api", "postgres"]
