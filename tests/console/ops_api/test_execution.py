"""How the end of an execution is put into words."""

from datetime import UTC, datetime
from typing import Any

import pytest

from console.ops_api.execution import result_line
from runbooks.wire import ExecutionView
from tests.console.model.test_record_filter import execution


def ended(**fields: Any) -> ExecutionView:
    return execution(title="Look", started_at=None, finished_at=datetime(2026, 1, 2, tzinfo=UTC), **fields)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": "failed", "exit_code": 3}, "Look: failed with exit code 3"),
        ({"state": "failed", "signal": 11}, "Look: failed: ended by SIGSEGV"),
        ({"state": "failed", "signal": 60}, "Look: failed: ended by signal 60"),
        ({"state": "failed", "reason": "nothing has run: x"}, "Look: failed (nothing has run: x)"),
        ({"state": "unknown", "reason": "it may have run: y"}, "Look: nobody knows how it ended (it may have run: y)"),
    ],
)  # fmt: skip
def test_an_end_says_how_it_came(fields: dict[str, Any], words: str) -> None:
    assert result_line(ended(**fields)) == words
