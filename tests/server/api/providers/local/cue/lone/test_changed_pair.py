"""Facts about what was before and after a change, about the parts of a way, and about what a message begins with."""

from typing import Any

import pytest

from server.api.providers.local.fill import fill
from server.api.providers.local.understand import understand
from tests.server.api.providers.local.cue.filled import filled

_PRICES = {"old_price": "number", "new_price": "number"}
_PLACE = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "date": {"type": "string", "format": "date"}},
}


@pytest.mark.parametrize(
    ("prompt", "properties", "expected"),
    [
        ("The monthly plan goes up from $12 to $15 in June.", _PRICES, {"old_price": 12, "new_price": 15}),
        ("Prices range from $12 to $15.", _PRICES, {}),
        ("The plan will not go up from $12 to $15.", _PRICES, {}),
        ("If the fee rises from $12 to $15 we leave.", _PRICES, {}),
        (
            "Please update redis from 6.2.1 to 7.0.4.",
            {"current_version": "string", "target_version": "string"},
            {"current_version": "6.2.1", "target_version": "7.0.4"},
        ),
        (
            "The lesson was moved from 15:00 to 16:30.",
            {"original_time": "string", "new_time": "string"},
            {"original_time": "15:00", "new_time": "16:30"},
        ),
    ],
)
def test_a_change_has_two_ends(prompt: str, properties: dict[str, str], expected: dict[str, Any]) -> None:
    assert filled(prompt, properties) == expected


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        (
            "Collect the van in Graz on 3 June 2026, drop it off in Linz on 9 June 2026.",
            {
                "pickup": {"city": "Graz", "date": "2026-06-03"},
                "dropoff": {"city": "Linz", "date": "2026-06-09"},
            },
        ),
        ("Pickup in Graz or Linz, return in Bern or Basel.", {}),
        ("Don't pick up the van in Graz, and don't return it in Linz.", {}),
    ],
)
def test_each_part_of_a_way_has_its_place_and_day(prompt: str, expected: dict[str, Any]) -> None:
    schema = {"type": "object", "properties": {"pickup": _PLACE, "dropoff": _PLACE}}
    assert fill(schema, prompt, understand(prompt)) == expected


@pytest.mark.parametrize(
    ("prompt", "name", "expected"),
    [
        ("The Lantern Food Festival is on 3 May 2026.", "event_name", "Lantern Food Festival"),
        ("Pottery workshop at the Mill on 3 May 2026.", "event_title", "Pottery workshop"),
        ("Hotel Bellevue, Ghent: 3 nights, 2 guests.", "hotel_name", "Hotel Bellevue"),
        ("The Brightway V3 torch weighs 90 g.", "model", "Brightway V3"),
        ("Lentil soup: 310 kcal, 14 g protein.", "dish", "Lentil soup"),
        ("Staff Nurse at Oakhill, 30 hours a week.", "employer", "Oakhill"),
        ("The Lantern Food Festival is not on 3 May 2026.", "event_name", None),
        ("Ann Festival wrote to us.", "event_name", None),
    ],
)
def test_a_message_begins_with_what_it_is_about(prompt: str, name: str, expected: str | None) -> None:
    assert filled(prompt, {name: "string"}).get(name) == expected


@pytest.mark.parametrize(
    ("prompt", "name", "expected"),
    [
        ("I would like to see the flat on Monday at 14:15.", "viewing_time", "14:15"),
        ("The visit is on 4 May 2026 at 10:30.", "appointment_time", "10:30"),
        ("The office closes on Monday at 18:00.", "appointment_time", None),
        ("On Monday the train leaves at 18:00.", "meeting_time", None),
        ("The sun sets at 21:10.", "time", None),
    ],
)
def test_an_hour_stands_beside_its_day(prompt: str, name: str, expected: str | None) -> None:
    assert filled(prompt, {name: "string"}).get(name) == expected


def test_a_word_within_a_name_unsettles_nothing() -> None:
    assert filled("The talk is at the Old Mint House.", {"venue": "string"}) == {"venue": "Old Mint House"}
