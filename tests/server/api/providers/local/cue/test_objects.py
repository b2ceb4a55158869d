"""Things, places and names of programs by the words beside them."""

import pytest

from tests.server.api.providers.local.cue.texts_filled import texts_filled


@pytest.mark.parametrize(
    ("prompt", "name", "value"),
    [
        ("Deploy mail-relay v3.1.0 to production.", "service", "mail-relay"),
        ("Deploy mail-relay v3.1.0 to production.", "version", "v3.1.0"),
        ("Backup job weekly-us finished.", "job", "weekly-us"),
        ("Parcel 77 left Gdansk yesterday and is now in Bremen.", "origin", "Gdansk"),
        ("We've since switched to Nova Gas on a fixed tariff.", "current_supplier", "Nova Gas"),
        ("The contract is governed by the laws of Texas.", "governing_law", "Texas"),
        ("It was sent on 3 March 2025 with PostNova.", "carrier", "PostNova"),
        ("Sporting beat Braga 2-0 at home.", "home_team", "Sporting"),
        ("Sporting beat Braga 2-0 at home.", "away_team", "Braga"),
        ("Sporting beat visiting Braga 2-0.", "away_team", "Braga"),
        ("My student ID is K4001.", "student_id", "K4001"),
        ("I lost a scarf on the bus.", "lost_item", "scarf"),
    ],
)
def test_a_thing_is_told_by_what_stands_beside_it(prompt: str, name: str, value: str) -> None:
    assert texts_filled(prompt, name) == {name: value}


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("We almost switched to Nova Gas.", "current_supplier"),
        ("Our neighbours switched to Nova Gas.", "current_supplier"),
        ("I found the solution.", "lost_item"),
        ("We need 3 more days.", "product"),
        ("My brother bought a kettle.", "product"),
        ("The left hinge broke after a week.", "product"),
    ],
)
def test_a_thing_that_is_not_so_is_none(prompt: str, name: str) -> None:
    assert texts_filled(prompt, name) == {}
