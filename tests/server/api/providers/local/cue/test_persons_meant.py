"""Whom a property means: the writer, or whom a prompt is about."""

import pytest

from server.api.providers.local.fill import fill
from server.api.providers.local.understand import understand
from tests.server.api.providers.local.cue.texts_filled import texts_filled


@pytest.mark.parametrize(
    ("prompt", "name", "value"),
    [
        ("Hello, this is Marek Novak, policy HP-2201. The cellar is wet.", "customer_name", "Marek Novak"),
        ("Paula Jensen here. The scanner jams.", "reporter", "Paula Jensen"),
        ("Please enrol me (Ivan Petrov, student ID C3004) in Greek.", "student_name", "Ivan Petrov"),
        ("Sign up Martin Frost, born 3 May 1990, for the yoga plan.", "member", "Martin Frost"),
        ("Helena Brandt, seen at noon. Pulse 70.", "patient_name", "Helena Brandt"),
        ("Parcel from Martin Frost to Helena Brandt via UPS.", "sender", "Martin Frost"),
        ("Parcel from Martin Frost to Helena Brandt via UPS.", "recipient", "Helena Brandt"),
        ("Our cat Misty is a tabby.", "pet_name", "Misty"),
        ("In an emergency call her brother Karl Frost, 0161 555 0170.", "emergency_contact", "Karl Frost"),
        ("Osman covers for me.", "substitute", "Osman"),
        ("Changed by Petra under OPS-12.", "changed_by", "Petra"),
    ],
)
def test_a_person_is_told_by_what_stands_beside_the_name(prompt: str, name: str, value: str) -> None:
    assert texts_filled(prompt, name) == {name: value}


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("This is Anna Weber from Acme Support. Your order 4417 has shipped.", "customer"),
        ("My colleague Dana Ruiz is on holiday.", "affected_user"),
        ("Our old dog Rex died last year.", "pet_name"),
        ("If Jamal covers for me I can go.", "substitute"),
        ("Do not transfer 200 euros to Clara Frei.", "payee"),
        ("Don't sign up Theo Marsh.", "member"),
    ],
)
def test_whoever_is_another_or_not_so_is_nobody(prompt: str, name: str) -> None:
    assert texts_filled(prompt, name) == {}


def test_a_description_tells_who_is_meant() -> None:
    schema = {
        "type": "object",
        "properties": {"who": {"type": "string", "description": "Person who opened the ticket"}},
    }
    prompt = "The ticket was raised by Paula Jensen."
    assert fill(schema, prompt, understand(prompt)) == {"who": "Paula Jensen"}
