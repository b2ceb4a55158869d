"""Facts about ages, ratings, years and numbers beside a name."""

from typing import Any

import pytest

from tests.server.api.providers.local.cue.filled import filled


@pytest.mark.parametrize(
    ("prompt", "properties", "expected"),
    [
        (
            "It was built in 1964 and renovated in 2010.",
            {"year_built": "integer", "year_renovated": "integer"},
            {"year_built": 1964, "year_renovated": 2010},
        ),
        (
            "The company was founded in 2011 by two sisters and employs 85 people.",
            {"founded_year": "integer", "employees": "integer"},
            {"founded_year": 2011, "employees": 85},
        ),
        ("I give this hotel four stars.", {"rating": "number"}, {"rating": 4}),
        ("I'm 34 years old and live in Leeds.", {"age": "integer"}, {"age": 34}),
        ("The patient is a 58-year-old man with a fever of 39 degrees.", {"age": "integer"}, {"age": 58}),
        (
            "The API returned a 503 error after 30 seconds.",
            {"status_code": "integer", "timeout_seconds": "integer"},
            {"status_code": 503},
        ),
        ("The town has a population of 12,400.", {"population": "integer"}, {"population": 12400}),
        ("Rated 4.6 by 2,300 customers.", {"rating": "number", "review_count": "integer"}, {"rating": 4.6}),
    ],
)
def test_a_number_is_told_by_the_name_before_it(
    prompt: str, properties: dict[str, str], expected: dict[str, Any]
) -> None:
    assert expected == filled(prompt, properties)


@pytest.mark.parametrize(
    ("prompt", "properties"),
    [
        ("I ordered 4 lamps but only 3 arrived.", {"quantity": "integer"}),
        ("It is a 4-star hotel.", {"rating": "number"}),
        ("My son is 7 years old.", {"age": "integer"}),
    ],
)
def test_a_number_of_something_else_or_not_sure_is_left_out(prompt: str, properties: dict[str, str]) -> None:
    assert filled(prompt, properties) == {}
