"""Facts about choices that cues name."""

from collections.abc import Sequence

import pytest

from tests.server.api.providers.local.cue.filled import filled_one


@pytest.mark.parametrize(
    ("prompt", "name", "listed", "value"),
    [
        ("I'd like to reserve a twin room at the Seaview Inn for two adults.", "room_type", ["single", "double", "twin"], "twin"),
        ("Please upgrade our account to the Team plan, billed annually.", "billing_cycle", ["monthly", "annual"], "annual"),
        ("I'd prefer a refund rather than a replacement.", "resolution", ["refund", "replacement"], "refund"),
        ("I took two clients to lunch and paid 126.40 pounds with the company card.", "payment_method", ["cash", "company_card"], "company_card"),
        ("Skoda Octavia estate, diesel, manual gearbox, 118,000 km.", "fuel", ["petrol", "diesel"], "diesel"),
        ("Skoda Octavia estate, diesel, manual gearbox, 118,000 km.", "transmission", ["manual", "automatic"], "manual"),
        ("The role is part-time, 24 hours a week.", "employment_type", ["full_time", "part_time"], "part_time"),
        ("Your appointment with Dr. Reyes has been confirmed for 2025-08-19.", "status", ["requested", "confirmed"], "confirmed"),
        ("He asked for express delivery.", "shipping_speed", ["standard", "express"], "express"),
        ("Please upgrade us from Starter to Business with 25 seats.", "current_plan", ["starter", "business"], "starter"),
        ("Please upgrade us from Starter to Business with 25 seats.", "new_plan", ["starter", "business"], "business"),
        ("It's been sitting in the QA column for a week.", "column", ["Backlog", "QA", "Done"], "QA"),
        ("feat(auth)!: drop support for API keys", "type", ["feat", "fix"], "feat"),
        ("The code is hosted on GitLab.", "code_hosting", ["GitHub", "GitLab"], "GitLab"),
    ],
)  # fmt: skip
def test_a_value_beside_what_it_is_a_choice_of_is_chosen(
    prompt: str, name: str, listed: Sequence[str], value: str
) -> None:
    assert filled_one(prompt, name, {"type": "string", "enum": list(listed)}) == value


@pytest.mark.parametrize(
    ("prompt", "name", "listed"),
    [
        ("The manual says the battery is removable.", "transmission", ["manual", "automatic"]),
        ("The high ceilings and low energy costs make it a normal office.", "priority", ["low", "normal", "high"]),
        ("The doctor confirmed that I need a rest.", "status", ["confirmed", "pending"]),
        ("Express delivery costs $9 extra.", "shipping_method", ["standard", "express"]),
        ("Anja sold her diesel car.", "fuel", ["petrol", "diesel"]),
        ("Our old plan was Basic.", "plan", ["basic", "pro"]),
        ("Change the color from red to blue.", "color", ["red", "blue"]),
        ("Nobody has confirmed the booking so far.", "booking_status", ["confirmed", "pending"]),
        ("5 of our guests paid by card.", "payment_method", ["cash", "card"]),
        ("The payment for the order was sent.", "order_status", ["sent", "open"]),
        ("Either the red or the blue version would be fine.", "color", ["red", "blue"]),
        ("The event is open to the public.", "status", ["open", "closed"]),
    ],
)  # fmt: skip
def test_a_value_of_something_else_is_not_chosen(prompt: str, name: str, listed: Sequence[str]) -> None:
    assert filled_one(prompt, name, {"type": "string", "enum": list(listed)}) is None


def test_values_enumerated_together_are_all_chosen() -> None:
    listed = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
    schema = {"type": "array", "items": {"enum": listed}}
    assert filled_one("We are open Monday, Wednesday and Friday.", "open_days", schema) == [
        "Monday",
        "Wednesday",
        "Friday",
    ]
