"""Facts about objects that clauses and lines tell one behind the other."""

from typing import Any

import pytest

from tests.server.api.providers.local.cue.filled import filled_one


def _rows(prompt: str, name: str, members: dict[str, str]) -> Any:
    properties = {member: {"type": kind} for member, kind in members.items()}
    schema = {"type": "array", "items": {"type": "object", "properties": properties, "required": [*members]}}
    return filled_one(prompt, name, schema)


_PRICED = {"name": "string", "quantity": "integer", "unit_price": "number"}
_TASK = {"owner": "string", "task": "string"}


def test_priced_things_are_rows() -> None:
    found = _rows("We need 3 whiteboards at $89.00 each and 2 flip charts at $45.25 each.", "items", _PRICED)
    assert found == [
        {"name": "whiteboards", "quantity": 3, "unit_price": 89},
        {"name": "flip charts", "quantity": 2, "unit_price": 45.25},
    ]


@pytest.mark.parametrize(
    "prompt",
    [
        "In total we sold 3 chairs for $120 and 2 lamps for $50.",
        "We need 3 whiteboards at $89.00 each or 2 flip charts at $45.25 each.",
    ],
)
def test_a_price_of_several_is_none_of_one(prompt: str) -> None:
    assert _rows(prompt, "items", _PRICED) is None


def test_who_will_do_what_are_rows() -> None:
    found = _rows("Farid will update the landing page and Lena will brief the agency.", "action_items", _TASK)
    assert found == [
        {"owner": "Farid", "task": "update the landing page"},
        {"owner": "Lena", "task": "brief the agency"},
    ]


@pytest.mark.parametrize(
    "prompt",
    [
        "Farid will update the page and Lena will not write.",
        "Mark and Lucy will join us on Monday.",
        "Farid will call Anna and Lena will write.",
    ],
)
def test_tasks_of_which_one_is_open_are_none(prompt: str) -> None:
    assert _rows(prompt, "action_items", _TASK) is None


@pytest.mark.parametrize(
    ("prompt", "members", "found"),
    [
        ("Oat milk        2.19\nRye bread       3.49\n\nTOTAL EUR       5.68", {"name": "string", "price": "number"}, [{"name": "Oat milk", "price": 2.19}, {"name": "Rye bread", "price": 3.49}]),
        ("Standup:\n- Keiko: fix the login test\n- Ben: update the chart", _TASK, [{"owner": "Keiko", "task": "fix the login test"}, {"owner": "Ben", "task": "update the chart"}]),
        ("Flatbreads\n\n300 g flour\n180 ml yogurt\n", {"name": "string", "quantity": "number", "unit": "string"}, [{"name": "flour", "quantity": 300, "unit": "g"}, {"name": "yogurt", "quantity": 180, "unit": "ml"}]),
    ],
)  # fmt: skip
def test_lines_that_are_built_alike_are_rows(
    prompt: str, members: dict[str, str], found: list[dict[str, Any]]
) -> None:
    assert _rows(prompt, "items", members) == found


def test_clauses_that_tell_the_same_members_are_rows() -> None:
    found = _rows(
        "Sonja Brandt teaches Negotiation Basics in Room 204 with 18 places, and Miguel Otero teaches Public Speaking in the Auditorium with 60 places.",
        "workshops",
        {"title": "string", "instructor": "string", "room": "string", "capacity": "integer"},
    )
    assert [row["instructor"] for row in found] == ["Sonja Brandt", "Miguel Otero"]
