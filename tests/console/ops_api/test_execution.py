"""How the end of an execution is put into words."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from console.ops_api.execution import result_line, shows_trouble, verdict_word
from console.text.records.runs import Runs, run_records
from runbooks.wire import ExecutionView, Verification
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


@pytest.mark.parametrize(
    ("fields", "word", "trouble"),
    [
        ({}, "", False),
        ({"verdict": "healthy"}, "healthy", False),
        ({"verdict": "unhealthy"}, "unhealthy", True),
        ({"verification": {"query": "up", "passed": True}}, "verified", False),
        ({"verification": {"query": "up", "passed": False}}, "not verified", True),
        ({"verification": {"query": "up", "passed": None}}, "not measured", False),
    ],
)
def test_a_run_has_one_word_for_what_looking_at_its_effect_says(
    fields: dict[str, Any], word: str, trouble: bool
) -> None:
    if "verification" in fields:
        fields = {"verification": msgspec.convert(fields["verification"], Verification)}
    run = ended(state="succeeded", **fields)
    assert (verdict_word(run), shows_trouble(run)) == (word, trouble)


def test_a_change_that_did_not_do_what_it_is_for_stands_out_among_the_runs() -> None:
    run = ended(state="succeeded", verification=Verification(query="up", passed=False))
    (_, record) = run_records(Runs(executions=(run,)), datetime(2026, 1, 2, tzinfo=UTC))
    assert (record.cells[-1].text, record.cells[-1].tone) == ("not verified: Look", "critical")
