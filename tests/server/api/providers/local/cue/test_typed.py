"""Facts about names that say what they are, words that are a value, and addresses."""

import pytest

from tests.server.api.providers.local.cue.texts_filled import texts_filled


@pytest.mark.parametrize(
    ("prompt", "name", "value"),
    [
        ("Come to the Northgate Dental Clinic at noon.", "clinic", "Northgate Dental Clinic"),
        ("We met at the University of Coimbra.", "university", "University of Coimbra"),
        ("It has a matte black body and a long cable.", "color", "matte black"),
        ("It has a body of brushed aluminium.", "material", "aluminium"),
        ("Selling my 2017 Skoda Octavia estate.", "make", "Skoda"),
        ("Selling my 2017 Skoda Octavia estate.", "model", "Octavia"),
        ("The house at 15 Larkspur Lane sold last week.", "address", "15 Larkspur Lane"),
        ("Have them delivered to 48 Harbour Street, Bristol.", "delivery_address", "48 Harbour Street, Bristol"),
    ],
)  # fmt: skip
def test_what_says_what_it_is_needs_no_other_cue(prompt: str, name: str, value: str) -> None:
    assert texts_filled(prompt, name) == {name: value}


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("Not this one: color red.", "color"),
        ("I no longer live at 9 Elm Court.", "address"),
        ("The red one and the blue one are gone.", "color"),
        ("We compared the Seaview Inn with the Harbour Inn.", "hotel"),
    ],
)
def test_of_two_and_of_what_is_denied_none_is_taken(prompt: str, name: str) -> None:
    assert texts_filled(prompt, name) == {}
