"""Facts about the one link or address of a passage, values with their units, and yes and no behind a name."""

from typing import Any

import pytest

from server.api.providers.local.fill import fill
from server.api.providers.local.understand import understand
from tests.server.api.providers.local.cue.filled import filled, filled_one

_MEASURED = {
    "type": "object",
    "properties": {
        "weight": {
            "type": "object",
            "properties": {"value": {"type": "number"}, "unit": {"type": "string"}},
        }
    },
}


@pytest.mark.parametrize(
    ("prompt", "name", "schema", "expected"),
    [
        ("Block 203.0.113.9 on the firewall.", "ip", {"type": "string", "format": "ipv4"}, "203.0.113.9"),
        ("Episode 4 is out: https://cast.example/4.mp3", "audio_url", {"type": "string", "format": "uri"}, "https://cast.example/4.mp3"),
        ("Allow 10.0.0.1 and 10.0.0.2.", "ip", {"type": "string", "format": "ipv4"}, None),
        ("Our supplier's site is https://parts.example.", "website", {"type": "string", "format": "uri"}, None),
    ],
)  # fmt: skip
def test_one_address_is_that_of_the_one_property(
    prompt: str, name: str, schema: dict[str, Any], expected: Any
) -> None:
    assert filled_one(prompt, name, schema) == expected


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("The crate weighs 4.5 kg.", {"weight": {"value": 4.5, "unit": "kg"}}),
        ("One box weighs 4 kg and the other 5 kg.", {}),
        ("It is not 4 kg.", {}),
    ],
)
def test_a_value_has_the_unit_of_its_measure(prompt: str, expected: dict[str, Any]) -> None:
    assert fill(_MEASURED, prompt, understand(prompt)) == expected


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Smoker: yes\nLift: no", {"is_smoker": True, "has_lift": False}),
        ("Two rooms, lift no, 60 m2.", {"has_lift": False}),
        ("Lift no. 2 is broken.", {}),
    ],
)
def test_yes_or_no_behind_a_name_is_its_truth(prompt: str, expected: dict[str, Any]) -> None:
    assert filled(prompt, {"is_smoker": "boolean", "has_lift": "boolean"}) == expected
