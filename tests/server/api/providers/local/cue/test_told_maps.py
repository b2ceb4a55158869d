"""Facts about pairs behind a colon."""

from typing import Any

import pytest

from tests.server.api.providers.local.cue.filled import filled_one

_NUMBERS = {"type": "object", "additionalProperties": {"type": "number"}}


@pytest.mark.parametrize(
    ("prompt", "name", "expected"),
    [
        ("Term report: Biology 71, Latin 88.", "marks", {"Biology": 71, "Latin": 88}),
        ("Stock tonight: 15 screws, 30 nails.", "stock", {"screws": 15, "nails": 30}),
        ("Night temperatures: Oslo 3.5 °C, Kiruna -9.5 °C.", "temperatures", {"Oslo": 3.5, "Kiruna": -9.5}),
        ("Reminder: 15 screws, 30 nails.", "prices", None),
    ],
)
def test_pairs_behind_a_colon_are_the_object_of_numbers(prompt: str, name: str, expected: Any) -> None:
    assert filled_one(prompt, name, _NUMBERS) == expected
