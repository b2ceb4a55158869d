"""Facts about numbers beside the noun that they count."""

from typing import Any

import pytest

from tests.server.api.providers.local.cue.filled import filled


@pytest.mark.parametrize(
    ("prompt", "properties", "expected"),
    [
        ("Our family of five is flying to Lisbon.", {"travelers": "integer"}, {"travelers": 5}),
        ("The bug affects 340 users.", {"affected_users": "integer"}, {"affected_users": 340}),
        (
            "The API allows 100 requests per minute.",
            {"requests_per_minute": "integer"},
            {"requests_per_minute": 100},
        ),
        (
            "The workshop is limited to 20 participants.",
            {"max_participants": "integer"},
            {"max_participants": 20},
        ),
        (
            "The flat has 3 bedrooms and no garage.",
            {"bedrooms": "integer", "garages": "integer"},
            {"bedrooms": 3},
        ),
        ("It used to have 5 rooms but now it has 6 rooms.", {"rooms": "integer"}, {"rooms": 6}),
        (
            "We would like to book a table for 8 people on Friday.",
            {"party_size": "integer"},
            {"party_size": 8},
        ),
        ("Dinner for twelve at Mario's, please.", {"guests": "integer"}, {"guests": 12}),
        ("The venue can hold 300 people.", {"capacity": "integer"}, {"capacity": 300}),
        ("The room has a capacity of 40.", {"capacity": "integer"}, {"capacity": 40}),
        (
            "Three adults and two children are coming.",
            {"adults": "integer", "children": "integer"},
            {"adults": 3, "children": 2},
        ),
        ("The 20-page contract must be signed.", {"pages": "integer"}, {"pages": 20}),
        ("The hotel has 120 rooms and a pool.", {"rooms": "integer"}, {"rooms": 120}),
        (
            "We need 3 rooms for 2 nights.",
            {"rooms": "integer", "nights": "integer"},
            {"rooms": 3, "nights": 2},
        ),
        ("He scored 2 goals in the first half.", {"goals": "integer"}, {"goals": 2}),
        ("We are a party of five.", {"party_size": "integer"}, {"party_size": 5}),
        ("There will be six of us.", {"party_size": "integer"}, {"party_size": 6}),
        ("The flight has one stop.", {"stops": "integer"}, {"stops": 1}),
        ("I have two suitcases to check in.", {"bags": "integer"}, {"bags": 2}),
        (
            "Season 2 has 8 episodes.",
            {"season": "integer", "episodes": "integer"},
            {"season": 2, "episodes": 8},
        ),
        ("Die Wohnung hat 3 Zimmer und kostet 950 Euro.", {"zimmer": "integer"}, {"zimmer": 3}),
        ("Wir sind 4 Personen.", {"personen": "integer"}, {"personen": 4}),
    ],
)
def test_a_number_of_a_thing_is_told_by_its_noun(
    prompt: str, properties: dict[str, str], expected: dict[str, Any]
) -> None:
    assert expected == filled(prompt, properties)


@pytest.mark.parametrize(
    ("prompt", "properties"),
    [
        ("We don't need 4 bedrooms, 2 are enough.", {"bedrooms": "integer"}),
        ("My brother's flat has 4 bedrooms.", {"bedrooms": "integer"}),
        ("Our rival employs 85 people.", {"employees": "integer"}),
        ("Is it for three adults?", {"adults": "integer"}),
        ("If we take four seats it gets cheaper.", {"seats": "integer"}),
        ("Someone said the house has 5 bedrooms.", {"bedrooms": "integer"}),
        ("The conference expects 500 attendees.", {"attendees": "integer"}),
        ("About 200 people came.", {"attendees": "integer"}),
        ("The team won by 3 goals.", {"goals": "integer"}),
        ("The house has 3 bedrooms or 4 if you count the study.", {"bedrooms": "integer"}),
        ("The old house had 3 bedrooms. The new one has 5.", {"bedrooms": "integer"}),
        ('The quote says "we offer 40 seats".', {"seats": "integer"}),
    ],
)
def test_a_number_of_something_else_or_not_sure_is_left_out(prompt: str, properties: dict[str, str]) -> None:
    assert filled(prompt, properties) == {}
