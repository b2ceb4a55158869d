"""Facts about things that a prompt enumerates."""

from collections.abc import Sequence

import pytest

from tests.server.api.providers.local.cue.filled import filled_one


@pytest.mark.parametrize(
    ("prompt", "name", "value"),
    [
        ("The villa comes with a heated pool, a sauna and a fully equipped kitchen.", "amenities", ["heated pool", "sauna", "fully equipped kitchen"]),
        ("Notes from Monday: Present were Lena, Tobias and Farid.", "attendees", ["Lena", "Tobias", "Farid"]),
        ("She is allergic to penicillin and takes ramipril and metformin daily.", "allergies", ["penicillin"]),
        ("She is allergic to penicillin and takes ramipril and metformin daily.", "medications", ["ramipril", "metformin"]),
        ("She came in complaining of dizziness and shortness of breath.", "symptoms", ["dizziness", "shortness of breath"]),
        ("You know Python, dbt and Airflow.", "required_skills", ["Python", "dbt", "Airflow"]),
        ("The company was founded in 2014 by Hanna Virtanen and Leo Park.", "founders", ["Hanna Virtanen", "Leo Park"]),
        ("She speaks Spanish, Portuguese and some French.", "languages", ["Spanish", "Portuguese", "French"]),
    ],
)  # fmt: skip
def test_what_is_enumerated_behind_a_cue_is_a_list(prompt: str, name: str, value: Sequence[str]) -> None:
    assert filled_one(prompt, name, {"type": "array", "items": {"type": "string"}}) == value


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("My son Leon is allergic to peanuts and soy.", "allergies"),
        ("She is not allergic to penicillin.", "allergies"),
        ("I met Ana and Luis in Peru.", "attendees"),
        ("He used to take ramipril.", "medications"),
    ],
)
def test_what_is_anothers_or_denied_is_no_list(prompt: str, name: str) -> None:
    assert filled_one(prompt, name, {"type": "array", "items": {"type": "string"}}) is None


def test_figures_behind_their_verb_are_a_list() -> None:
    schema = {"type": "array", "items": {"type": "integer"}}
    assert filled_one("Alice scored 91, 87 and 95 in the three rounds.", "scores", schema) == [91, 87, 95]
