"""Facts about amounts beside what they are."""

from typing import Any

import pytest

from tests.server.api.providers.local.cue.filled import filled


@pytest.mark.parametrize(
    ("prompt", "properties", "expected"),
    [
        ("The plan costs €29 a month.", {"monthly_price": "number"}, {"monthly_price": 29}),
        ("I charge 85 dollars an hour.", {"hourly_rate": "number"}, {"hourly_rate": 85}),
        (
            "The monthly rent is £950 and the deposit is £1,200.",
            {"monthly_rent": "number", "deposit": "number"},
            {"monthly_rent": 950, "deposit": 1200},
        ),
        (
            "A deposit of €300 is required, plus a €45 cleaning fee.",
            {"deposit": "number", "cleaning_fee": "number"},
            {"deposit": 300, "cleaning_fee": 45},
        ),
        ("I earn $72,000 a year.", {"salary": "number"}, {"salary": 72000}),
        ("Tickets cost $25 each.", {"ticket_price": "number"}, {"ticket_price": 25}),
        (
            "Her salary expectation is 55,000 EUR.",
            {"salary_expectation": "number"},
            {"salary_expectation": 55000},
        ),
        (
            "The hotel costs 120 EUR per night for three nights.",
            {"price_per_night": "number", "nights": "integer"},
            {"price_per_night": 120, "nights": 3},
        ),
        ("We raised $4 million in seed funding.", {"funding_amount": "number"}, {"funding_amount": 4000000}),
        ("Shipping costs €6.", {"price": "number", "shipping_cost": "number"}, {"shipping_cost": 6}),
        ("I was charged $49.99 twice.", {"amount": "number"}, {"amount": 49.99}),
        (
            "Revenue was $2.1 million, compared with $1.8 million a year earlier.",
            {"revenue": "number"},
            {"revenue": 2100000},
        ),
        (
            "The startup raised $5 million at a valuation of $40 million.",
            {"funding_amount": "number", "valuation": "number"},
            {"funding_amount": 5000000, "valuation": 40000000},
        ),
        (
            "I bought it for $300 in 2015, and I'm now selling it for $180.",
            {"price": "number", "purchase_price": "number", "year": "integer"},
            {"purchase_price": 300},
        ),
    ],
)
def test_an_amount_is_told_by_what_it_is_for(
    prompt: str, properties: dict[str, str], expected: dict[str, Any]
) -> None:
    assert expected == filled(prompt, properties)


@pytest.mark.parametrize(
    ("prompt", "properties"),
    [
        ("The rent was £900 but is now £950 a month.", {"monthly_rent": "number"}),
        ("The deposit is not £1,200.", {"deposit": "number"}),
        ("My wife earns $72,000 a year.", {"salary": "number"}),
        ("The total before tax is $40.", {"tax": "number"}),
        ("The neighbour paid $300.", {"amount": "number"}),
        ("I was charged $49.99 instead of $39.99.", {"amount": "number"}),
        ("The price dropped from $500 to $420.", {"price": "number"}),
        ("The price is $420, down from $500.", {"price": "number"}),
        ("The fee is $50 for members and $80 for guests.", {"fee": "number"}),
    ],
)
def test_an_amount_of_something_else_or_not_sure_is_left_out(prompt: str, properties: dict[str, str]) -> None:
    assert filled(prompt, properties) == {}
