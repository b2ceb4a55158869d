"""Facts about the one choice that a passage names, and the action that it asks for."""

import pytest

from tests.server.api.providers.local.cue.filled import filled_one


@pytest.mark.parametrize(
    ("prompt", "name", "values", "expected"),
    [
        ("Please register our puppy Milo.", "species", ["dog", "cat"], "dog"),
        ("Can you drop the 3 pm call with Ines?", "action", ["create", "delete", "update"], "delete"),
        ("Hi Sam, could you please push my dentist visit to Friday?", "intent", ["book", "reschedule", "cancel"], "reschedule"),
        ("Deny UDP traffic from the guest network.", "protocol", ["tcp", "udp"], "udp"),
        ("The box is 30 cm wide.", "unit", ["mm", "cm", "in"], "cm"),
        ("Please fix this asap.", "priority", ["low", "normal", "high", "urgent"], "urgent"),
        ("We hire a part-time cook.", "employment_type", ["full_time", "part_time"], "part_time"),
        ("Blood type: A-", "blood_type", ["A+", "A-", "B+"], "A-"),
    ],
)  # fmt: skip
def test_one_choice_that_is_named_is_taken(prompt: str, name: str, values: list[str], expected: str) -> None:
    assert filled_one(prompt, name, {"type": "string", "enum": values}) == expected


@pytest.mark.parametrize(
    ("prompt", "name", "values"),
    [
        ("My cat is afraid of my neighbour's dog.", "species", ["dog", "rabbit"]),
        ("Add milk and delete the eggs. Delete the bread.", "action", ["add", "delete"]),
        ("Don't cancel my order.", "action", ["cancel", "update"]),
        ("The tcp or the udp port is open.", "protocol", ["tcp", "udp"]),
        ("Dinner at the Dog & Duck.", "species", ["dog", "cat"]),
        ("The card machine is broken.", "payment_method", ["card", "cash"]),
    ],
)
def test_a_choice_of_something_else_or_one_of_two_is_not_taken(
    prompt: str, name: str, values: list[str]
) -> None:
    assert filled_one(prompt, name, {"type": "string", "enum": values}) is None
