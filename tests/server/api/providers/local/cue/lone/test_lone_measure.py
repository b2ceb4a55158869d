"""Facts about the one measure of a passage, and lengths of time of several parts."""

from typing import Any

import pytest

from tests.server.api.providers.local.cue.filled import filled


@pytest.mark.parametrize(
    ("prompt", "properties", "expected"),
    [
        ("The trail to the lake is 9 km with 400 m of ascent.", {"distance_km": "number", "ascent_m": "integer"}, {"distance_km": 9, "ascent_m": 400}),
        ("The export finished, 212 GB in 2 h 5 min.", {"size_gb": "number", "duration_minutes": "integer"}, {"size_gb": 212, "duration_minutes": 125}),
        ("It took two and a half hours.", {"duration_hours": "number"}, {"duration_hours": 2.5}),
        ("The tour lasts an hour and a half.", {"duration_minutes": "integer"}, {"duration_minutes": 90}),
        ("She swam for 40 minutes.", {"duration_minutes": "integer"}, {"duration_minutes": 40}),
        ("The probe read -4.5 °C.", {"temperature_c": "number"}, {"temperature_c": -4.5}),
    ],
)  # fmt: skip
def test_one_measure_of_a_unit_is_that_of_the_one_property_with_it(
    prompt: str, properties: dict[str, str], expected: dict[str, Any]
) -> None:
    assert filled(prompt, properties) == expected


@pytest.mark.parametrize(
    ("prompt", "properties"),
    [
        ("Buy 10 kg of flour.", {"weight_kg": "number"}),
        ("The bag holds 12 kg.", {"weight_kg": "number"}),
        ("The train leaves in 20 minutes.", {"duration_minutes": "integer"}),
        ("We have been waiting for 3 hours.", {"duration_hours": "number"}),
        ("The bus takes 40 minutes.", {"meeting_minutes": "integer"}),
        ("5 kg 300 g", {"weight_kg": "number"}),
        ("The lamp is 40 cm and the desk is 120 cm.", {"size_cm": "number"}),
    ],
)
def test_a_measure_of_something_else_is_not_taken(prompt: str, properties: dict[str, str]) -> None:
    assert filled(prompt, properties) == {}
