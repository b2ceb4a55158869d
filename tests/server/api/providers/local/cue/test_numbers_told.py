"""Facts about numbers, amounts and hours beside verbs and nouns that say what they are."""

from typing import Any

import pytest

from tests.server.api.providers.local.cue.filled import filled


@pytest.mark.parametrize(
    ("prompt", "properties", "expected"),
    [
        ("About the derby: 7,310 fans came.", {"attendance": "integer"}, {"attendance": 7310}),
        ("Sev 3, the queue went down at 04:12.", {"severity": "integer", "started_at": "string"}, {"severity": 3, "started_at": "04:12"}),
        ("60% chance of rain.", {"precipitation_probability": "number"}, {"precipitation_probability": 60}),
        ("The claim: the new door cost 640 EUR, which I want to claim.", {"claimed_amount": "number"}, {"claimed_amount": 640}),
        ("I got the amp at Soundhaus for 310 dollars.", {"price_paid": "number"}, {"price_paid": 310}),
        ("The house is 1,200 euros a month.", {"monthly_rent": "number"}, {"monthly_rent": 1200}),
        ("The hotel has 4 stars.", {"rating": "integer"}, {}),
        ("The fee is $50 for members and $80 for guests.", {"fee": "number"}, {}),
        ("The table for 10 people is 4 m long.", {"guests": "integer"}, {}),
        ("Cash only, please.", {"accepts_card": "boolean"}, {"accepts_card": False}),
        ("He has not been neutered.", {"neutered": "boolean"}, {"neutered": False}),
        ("No user data was lost.", {"data_loss": "boolean"}, {"data_loss": False}),
    ],
)  # fmt: skip
def test_a_number_or_a_truth_is_that_of_the_words_beside_it(
    prompt: str, properties: dict[str, str], expected: dict[str, Any]
) -> None:
    assert filled(prompt, properties) == expected
