"""Facts about days by what is done on them, and goals by who played at home."""

from typing import Any

import pytest

from server.api.providers.local.fill import fill
from server.api.providers.local.understand import understand
from tests.server.api.providers.local.cue.filled import filled

_DAY = {"type": "string", "format": "date"}


@pytest.mark.parametrize(
    ("prompt", "name", "expected"),
    [
        ("Please wire the money on 6 May 2026.", "execution_date", "2026-05-06"),
        ("I misplaced my umbrella on 3 March 2026.", "lost_on", "2026-03-03"),
        ("We need the desks by 9 June 2026.", "needed_by", "2026-06-09"),
        ("The gauge showed 40 units on 31 March 2026.", "reading_date", "2026-03-31"),
        ("I placed the order on 2 May 2026 and it was paid later.", "payment_date", None),
        ("The trip was paid on 3 May 2026.", "trip_date", None),
        ("My passport is valid until 3 May 2030.", "end_date", None),
        ("The delivery was moved from 2 May 2026 to 9 May 2026.", "delivered_on", None),
    ],
)
def test_a_day_is_that_of_what_its_clause_says_is_done(prompt: str, name: str, expected: str | None) -> None:
    found: dict[str, Any] = fill({"type": "object", "properties": {name: _DAY}}, prompt, understand(prompt))
    assert found.get(name) == expected


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Rovers beat United 4-2 at home.", {"home_goals": 4, "away_goals": 2}),
        ("Rovers beat visiting United 4-2.", {"home_goals": 4, "away_goals": 2}),
        ("Rovers won 4-2 away at United.", {"home_goals": 2, "away_goals": 4}),
        ("Rovers beat United 4-2.", {}),
        ("Rovers did not beat United 4-2 at home.", {}),
    ],
)
def test_goals_are_those_of_the_side_that_played_at_home(prompt: str, expected: dict[str, Any]) -> None:
    assert filled(prompt, {"home_goals": "integer", "away_goals": "integer"}) == expected
