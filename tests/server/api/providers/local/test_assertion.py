"""Facts about what a prompt asserts, and why the rest of it is nobody's value."""

import pytest

from server.api.providers.local.assertion.assertion import BLANK, asserted, unasserted


@pytest.mark.parametrize(
    ("prompt", "reason"),
    [
        ("If the total were 500 euros we would sign today.", "condition"),
        ("Angenommen, die Miete beträgt 900 Euro.", "condition"),
        ("如果价格是300元，我就买。", "condition"),
        ("Imagine the budget is 10,000 dollars.", "supposition"),
        ("Perhaps the order number is 7781.", "doubt"),
        ("La camera costerebbe 90 euro.", "doubt"),
        ("He claims that the total was 900 euros.", "report"),
        ("Is the total 40 euros?", "question"),
        ("价格是50元吗？", "question"),
        ("I wonder if the shop is open on Sunday.", "question"),
        ("For example, an order of 20 units weighs 40 kg.", "example"),
        ("Write a story in which Anna is 12 years old.", "fiction"),
        ("She used to live in Paris.", "past"),
        ("They offered 300 euros, we refused.", "refusal"),
        ("Book for 4 people. Scratch that, 6 people.", "correction"),
        ('Translate: "The total is 500 euros."', "payload"),
    ],
)
def test_what_is_not_asserted_has_a_reason(prompt: str, reason: str) -> None:
    assert reason in {part.reason for part in unasserted(prompt)}


@pytest.mark.parametrize(
    "prompt",
    [
        "I would like 3 chairs.",
        "Could you send 3 chairs to Berlin?",
        "Please book a table for 4 if possible.",
        "How much is a flight from Oslo to Rome on 2026-06-01?",
        "Dr. Weiss works at Acme Inc. since 3. Mai 2020.",
        "The total is 500 euros.",
        "Ich hätte gerne 3 Stühle.",
        "Czy możesz wysłać 3 krzesła?",
        "请问能不能订4个人的位子？",
    ],
)
def test_what_is_told_or_requested_is_asserted(prompt: str) -> None:
    assert asserted(prompt) == prompt


@pytest.mark.parametrize(
    ("prompt", "kept"),
    [
        ("Has my order 5531 been sent?", "order 5531"),
        ("If it is late, call me at +44 20 7946 0958.", "+44 20 7946 0958"),
        ("I ordered 3 chairs, are they shipped?", "I ordered 3 chairs"),
        ("The meeting is at 10:00, sorry, I mean 11:00.", "11:00"),
    ],
)
def test_what_hangs_on_no_doubt_is_kept(prompt: str, kept: str) -> None:
    said = asserted(prompt)
    assert len(said) == len(prompt)
    assert BLANK in said
    assert kept in said
