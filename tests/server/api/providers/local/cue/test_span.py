"""Facts about the ends of ranges."""

from typing import Any

import pytest

from tests.server.api.providers.local.cue.filled import filled


@pytest.mark.parametrize(
    ("prompt", "properties", "expected"),
    [
        (
            "Our budget is between $5,000 and $8,000.",
            {"budget_min": "number", "budget_max": "number"},
            {"budget_min": 5000, "budget_max": 8000},
        ),
        (
            "Our budget is up to $8,000.",
            {"budget_min": "number", "budget_max": "number"},
            {"budget_max": 8000},
        ),
    ],
)
def test_an_end_of_a_range_is_told_by_its_name(
    prompt: str, properties: dict[str, str], expected: dict[str, Any]
) -> None:
    assert expected == filled(prompt, properties)
