"""Facts about what a prompt says to be so."""

import pytest

from tests.server.api.providers.local.cue.filled import filled_one


@pytest.mark.parametrize(
    ("prompt", "name", "value"),
    [
        ("A flat of 74 square metres, with a balcony and one bathroom.", "balcony", True),
        ("The rent is £1,150 a month. Sorry, no pets.", "pets_allowed", False),
        ("Pets are not allowed.", "pets_allowed", False),
        ("She does not smoke.", "smoker", False),
        ("The receipt is attached.", "receipt_attached", True),
        ("Asking 8,750 euros, negotiable.", "negotiable", True),
        ("The role is part-time and can be done remotely.", "remote", True),
        ("Breakfast is not needed.", "breakfast", False),
        ("It has no touchscreen.", "touchscreen", False),
        ("It has been discontinued and is no longer sold.", "discontinued", True),
        ("Great place. Would recommend to a friend.", "would_recommend", True),
        ("New lead: Bruno Tavares, wants a demo.", "wants_demo", True),
        ("The hotel has a pool and no parking.", "pool", True),
        ("The hotel has a pool and no parking.", "parking", False),
        ("The product is organic, gluten-free and made from oats.", "gluten_free", True),
        ("Invoice 4471 has been paid.", "invoice_paid", True),
        ("Backups are enabled and monitoring is disabled.", "monitoring_enabled", False),
        ("The villa offers free parking, a gym, and a terrace.", "gym", True),
        ("No prior experience is required.", "experience_required", False),
    ],
)  # fmt: skip
def test_a_thing_is_so_or_not(prompt: str, name: str, value: bool) -> None:
    assert filled_one(prompt, name, {"type": "boolean"}) is value


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("The hotel next to ours has a pool.", "pool"),
        ("The office has a garden, the flat has none.", "garden"),
        ("The delivery is free for members.", "free"),
        ("The first 3 days are free.", "free"),
        ("My insurance is not included in the letter.", "insurance_included"),
        ("It was urgent yesterday, but is no longer.", "urgent"),
        ("No wifi, no problem.", "wifi"),
        ("I have a question about parking.", "parking"),
        ("The contract is signed by one side.", "signed"),
        ("Line 3 is running, line 4 stopped.", "running"),
        ("Only the first floor is heated.", "heated"),
        ("Is the case waterproof too?", "waterproof"),
        ("Her sister is a vegan.", "vegan"),
        ("The seller has a garage.", "garage"),
        ("Our flat has a garage. The kitchen was renovated in 2021.", "renovated"),
        ("The other apartment had a balcony.", "balcony"),
        ("Parking: 3 euros per hour.", "parking"),
    ],
)
def test_what_is_so_only_by_part_or_elsewhere_is_open(prompt: str, name: str) -> None:
    assert filled_one(prompt, name, {"type": "boolean"}) is None
