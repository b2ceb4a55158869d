"""Facts about the log's lines."""

import os

import pytest

from server.api.telemetry.log import Log
from server.api.telemetry.metrics import ApiMetrics


def test_lines_that_nobody_takes_are_counted() -> None:
    readable, writable = os.pipe()
    os.close(readable)
    log = Log(descriptor=writable)
    for n in range(7):
        log.event("INFO", "thing", str(n))
    log.close()
    os.close(writable)
    metrics = ApiMetrics(version="0", environment="test", lines_lost=lambda: log.dropped)
    assert metrics.totals("log_lines_dropped_total") == [7.0]


def test_lines_that_find_no_room_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Log, "_write_all", lambda _log: None)
    log = Log(descriptor=-1)
    for n in range(20_005):
        log.event("INFO", "thing", str(n))
    log.close()
    assert log.dropped == 5
