"""Facts about what is told apart: things by their number and state, twins, pairs under a label, a year behind a model, legal forms, answers behind a label."""

from typing import Any

import pytest

from server.api.providers.local.fill import fill
from server.api.providers.local.understand import understand

_TEXT = {"type": "string"}
_NUMBER = {"type": "integer"}
_LIST = {"type": "array", "items": _NUMBER}
_TRUTH = {"type": "boolean"}
_SEATS = {"type": "object", "properties": {"row": _TEXT, "seats": _LIST}}
_COUNTS = {"type": "object", "additionalProperties": _NUMBER}
_CAR = {"make": _TEXT, "model": _TEXT, "year": _NUMBER}


def _filled(prompt: str, properties: dict[str, Any]) -> dict[str, Any]:
    return fill({"type": "object", "properties": properties}, prompt, understand(prompt))


@pytest.mark.parametrize(
    ("prompt", "properties", "expected"),
    [
        ("Tank 2: pH 7.4. Tank 1 was empty, so no sample.", {"tank": _NUMBER}, None),
        ("Room 12: 21.5 °C, room 14 was locked.", {"room": _NUMBER}, None),
        ("We meet in room 12.", {"room": _NUMBER}, {"room": 12}),
        ("Fan 3 failed, fans 1, 2 and 4 fine.", {"failed_fans": _LIST}, None),
        ("Final score: Eastleigh Rovers 3, Port Cullen 1.", {"goalsByPlayer": _COUNTS}, None),
        ("I've got two tickets (seats 11 and 12).", {"wanted": _SEATS, "offered": _SEATS}, None),
        ("Currently we're on Basic.", {"chosenPlan": {"type": "string", "enum": ["Basic", "Team"]}}, None),
        ("Hybrid, 3 days in the office.", {"location": _TEXT}, None),
        ("Wir suchen eine Verkäuferin in Teilzeit.", {"location": _TEXT}, None),
        ("my Skoda Fabia 2019 needs a service", _CAR, {"make": "Skoda", "model": "Fabia"}),
        ("Faktura na firmę Zielona Wydma sp. z o.o., Gdynia.", {"companyName": _TEXT}, {"companyName": "Zielona Wydma sp. z o.o."}),
    ],
)  # fmt: skip
def test_what_could_be_anothers_is_nobodys(
    prompt: str, properties: dict[str, Any], expected: dict[str, Any] | None
) -> None:
    found = _filled(prompt, properties)
    assert {name: found.get(name) for name in expected or properties} == (
        expected or dict.fromkeys(properties)
    )


@pytest.mark.parametrize(
    ("said", "expected"),
    [("no", False), ("yes", True), ("not yet", False), ("true", True), ("to be seen", None)],
)
@pytest.mark.parametrize("name", ["Police informed", "Keys returned", "Deposit paid"])
def test_an_answer_behind_a_label_is_the_answer(name: str, said: str, expected: bool | None) -> None:
    property_name = name.lower().replace(" ", "_")
    for prompt in (f"Name: Svetlana Ilic\n{name}: {said}", f"{name}: {said}\nName: Svetlana Ilic"):
        found = _filled(prompt, {property_name: _TRUTH})
        assert found.get(property_name) is expected, prompt
