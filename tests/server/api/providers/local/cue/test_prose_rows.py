"""Objects of a list that running prose tells."""

from typing import Any

import pytest

from server.api.providers.local.fill import fill
from server.api.providers.local.understand import understand

_TEXT = {"type": "string"}
_WHOLE = {"type": "integer"}
_NUMBER = {"type": "number"}
_TRUTH = {"type": "boolean"}
_DAY = {"type": "string", "format": "date"}
_ROOMS = {"room": _TEXT, "capacity": _WHOLE, "has_projector": _TRUTH}
_JOBS = {"title": _TEXT, "company": _TEXT, "start_year": _WHOLE, "end_year": _WHOLE}
_LEGS = {"from": _TEXT, "to": _TEXT, "date": _DAY}
_TEAMS = {"person": _TEXT, "team": _TEXT}
_MEMBERS = {"name": _TEXT, "instrument": _TEXT}
_SALES = {"item": _TEXT, "price": _NUMBER, "sold": _TRUTH}
_SENSORS = {"id": _TEXT, "ph": _NUMBER, "online": _TRUTH}
_CHILDREN = {"name": _TEXT, "age": _WHOLE}
_THINGS = {"name": _TEXT, "count": _WHOLE}


def _rows(prompt: str, name: str, members: dict[str, Any]) -> Any:
    items = {"type": "array", "items": {"type": "object", "properties": members}}
    return fill({"type": "object", "properties": {name: items}}, prompt, understand(prompt)).get(name)


@pytest.mark.parametrize(
    ("prompt", "name", "members", "found"),
    [
        ("Ines leads research, Tomas leads support.", "teams", _TEAMS, [{"person": "Ines", "team": "research"}, {"person": "Tomas", "team": "support"}]),
        ("Room 3 holds 18 people and has a projector, room 5 holds 60.", "rooms", _ROOMS, [{"room": "3", "capacity": 18, "has_projector": True}, {"room": "5", "capacity": 60}]),
        ("Career: 2008-2013 line cook at Casa Verde, 2013-2020 head chef at Fork & Salt.", "jobs", _JOBS, [{"title": "line cook", "company": "Casa Verde", "start_year": 2008, "end_year": 2013}, {"title": "head chef", "company": "Fork & Salt", "start_year": 2013, "end_year": 2020}]),
        ("Oslo to Bergen on 4 June 2025, Bergen to Voss on 8 June 2025.", "legs", _LEGS, [{"from": "Oslo", "to": "Bergen", "date": "2025-06-04"}, {"from": "Bergen", "to": "Voss", "date": "2025-06-08"}]),
        ("The sofa sold for 140 euros. The bench is still available for 60 euros.", "listings", _SALES, [{"item": "sofa", "price": 140, "sold": True}, {"item": "bench", "price": 60, "sold": False}]),
        ("Sensor C is online and reads 6.8 pH; sensor D is offline.", "sensors", _SENSORS, [{"id": "C", "ph": 6.8, "online": True}, {"id": "D", "online": False}]),
        ("Ruth plays the harp and Otto plays the tuba.", "members", _MEMBERS, [{"name": "Ruth", "instrument": "harp"}, {"name": "Otto", "instrument": "tuba"}]),
        ("We need a saw and a chisel; both cost 25 EUR.", "tools", {"name": _TEXT, "price": _NUMBER}, [{"name": "saw", "price": 25}, {"name": "chisel", "price": 25}]),
        ("To pack:\n- stove\n- 3 mugs\n- map", "things", _THINGS, [{"name": "stove"}, {"name": "mugs", "count": 3}, {"name": "map"}]),
        ("Ella got 71 in chemistry, 88 in physics and 94 in art.", "marks", {"subject": _TEXT, "score": _WHOLE}, [{"subject": "chemistry", "score": 71}, {"subject": "physics", "score": 88}, {"subject": "art", "score": 94}]),
        ("Train 60 euros, hostel 95 euros. Total 155 euros.", "expenses", {"category": _TEXT, "amount": _NUMBER}, [{"category": "Train", "amount": 60}, {"category": "hostel", "amount": 95}]),
        ("Jana is vegetarian, Piet isn't vegetarian.", "guests", {"name": _TEXT, "vegetarian": _TRUTH}, [{"name": "Jana", "vegetarian": True}, {"name": "Piet", "vegetarian": False}]),
    ],
)  # fmt: skip
def test_what_prose_tells_of_each_object_is_found(
    prompt: str, name: str, members: dict[str, Any], found: list[dict[str, Any]]
) -> None:
    assert _rows(prompt, name, members) == found


@pytest.mark.parametrize(
    ("prompt", "name", "members"),
    [
        ("Ines leads research, but Tomas no longer leads support.", "teams", _TEAMS),
        ("If Ines leads research, Tomas leads support.", "teams", _TEAMS),
        (
            "Ines leads research, Tomas leads support, and Carl helps with whatever is needed.",
            "teams",
            _TEAMS,
        ),
        ("Neither Ruth plays the harp nor Otto plays the tuba.", "members", _MEMBERS),
        ("Ruth plays the harp, Otto plays the tuba. Zoe plays nothing.", "members", _MEMBERS),
        (
            "We already have a saw for 20 EUR and a chisel for 9 EUR.",
            "tools",
            {"name": _TEXT, "price": _NUMBER},
        ),
        ("Their room 3 holds 18 people, room 5 holds 60.", "rooms", _ROOMS),
        ("Ola, 7, and Finn, 4, are coming; Max, 9, is not.", "children", _CHILDREN),
        (
            "The saw costs 20 EUR or 25 EUR, the chisel costs 9 EUR.",
            "tools",
            {"name": _TEXT, "price": _NUMBER},
        ),
        (
            "Should we send $200 to Mia and $150 to Otto?",
            "transfers",
            {"recipient": _TEXT, "amount": _NUMBER},
        ),
    ],
)
def test_rows_that_are_unsettled_or_not_all_understood_are_left_out(
    prompt: str, name: str, members: dict[str, Any]
) -> None:
    assert _rows(prompt, name, members) is None
