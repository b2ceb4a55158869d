"""Facts about what elsewhere in a sentence turns the value beside a cue."""

from typing import Any

import pytest

from tests.server.api.providers.local.cue.filled import filled


@pytest.mark.parametrize(
    ("prompt", "properties"),
    [
        ("The address you have, 9 Park Lane, is wrong.", {"address": "string"}),
        ("The last customer ordered 12 chairs; I only want the catalogue.", {"quantity": "integer"}),
        ("Never again, last time we paid 300 euros a night.", {"price_per_night": "number"}),
        ("The car was red before it was repainted silver.", {"color": "string"}),
        ("For comparison, the Canon costs 799 dollars. Ours is cheaper.", {"price": "number"}),
        ("The house next door has five bedrooms.", {"bedrooms": "integer"}),
        ("As opposed to theirs, the old plan cost 12 euros.", {"price": "number"}),
        ("Please don't mix this up with order number 88231.", {"order_number": "string"}),
        ("Ich glaube nicht, dass der Preis 90 Euro beträgt.", {"price": "number"}),
        ("Our competitor's flat has four bedrooms and a balcony.", {"has_balcony": "boolean"}),
    ],
)
def test_what_is_wrong_or_was_so_is_no_value(prompt: str, properties: dict[str, str]) -> None:
    assert filled(prompt, properties) == {}


@pytest.mark.parametrize(
    ("prompt", "properties"),
    [
        ("Paul owes 40 euros, Anna 60.", {"amount": "number"}),
        ("The train leaves at 9:10, the bus at 9:40.", {"departure_time": "string"}),
    ],
)
def test_of_two_things_with_a_figure_each_neither_is_meant(prompt: str, properties: dict[str, str]) -> None:
    assert filled(prompt, properties) == {}


@pytest.mark.parametrize(
    ("prompt", "properties", "expected"),
    [
        ("The house has four bedrooms and a garage.", {"bedrooms": "integer"}, {"bedrooms": 4}),
        ("The villa has four bedrooms, two bathrooms.", {"bedrooms": "integer"}, {"bedrooms": 4}),
        (
            "The train leaves at 9:10 from platform 4.",
            {"departure_time": "string"},
            {"departure_time": "9:10"},
        ),
    ],
)
def test_what_stands_beside_it_of_other_kinds_changes_nothing(
    prompt: str, properties: dict[str, str], expected: dict[str, Any]
) -> None:
    assert filled(prompt, properties) == expected
