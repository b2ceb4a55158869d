"""Facts about measures beside what they measure."""

from typing import Any

import pytest

from tests.server.api.providers.local.cue.filled import filled


@pytest.mark.parametrize(
    ("prompt", "properties", "expected"),
    [
        (
            "She has 7 years of experience in sales.",
            {"years_of_experience": "integer"},
            {"years_of_experience": 7},
        ),
        (
            "The battery lasts 12 hours and it weighs 900 g.",
            {"battery_life_hours": "number", "weight_g": "number"},
            {"battery_life_hours": 12, "weight_g": 900},
        ),
        ("The meeting lasts 45 minutes.", {"duration_minutes": "integer"}, {"duration_minutes": 45}),
        (
            "We ran the workshop for 90 minutes, then a 15-minute break.",
            {"break_minutes": "integer", "workshop_minutes": "integer"},
            {"break_minutes": 15, "workshop_minutes": 90},
        ),
        ("The film runs for 2 hours.", {"duration_minutes": "integer"}, {"duration_minutes": 120}),
        ("The car has 82,000 miles on the clock.", {"mileage": "integer"}, {"mileage": 82000}),
        ("VAT of 20% is included.", {"vat_rate": "number"}, {"vat_rate": 20}),
        (
            "You get a 15% discount on orders above $100.",
            {"discount_percent": "number"},
            {"discount_percent": 15},
        ),
        (
            "The loan runs for 30 years at an interest rate of 4.2%.",
            {"loan_term_years": "integer", "interest_rate": "number"},
            {"loan_term_years": 30, "interest_rate": 4.2},
        ),
        (
            "Preheat the oven to 180 °C and bake for 25 minutes.",
            {"oven_temperature_c": "number", "bake_minutes": "integer"},
            {"oven_temperature_c": 180, "bake_minutes": 25},
        ),
        ("He owns 25% of the company.", {"ownership_percent": "number"}, {"ownership_percent": 25}),
        (
            "The engine delivers 150 hp and a top speed of 210 km/h.",
            {"power_hp": "integer", "top_speed_kmh": "integer"},
            {"power_hp": 150, "top_speed_kmh": 210},
        ),
        (
            "The TV has a 55-inch screen and 4 HDMI ports.",
            {"screen_size_inches": "number", "hdmi_ports": "integer"},
            {"screen_size_inches": 55, "hdmi_ports": 4},
        ),
        (
            "It comes with 16 GB RAM and a 512 GB SSD.",
            {"ram_gb": "integer", "storage_gb": "integer"},
            {"ram_gb": 16, "storage_gb": 512},
        ),
        ("Set the thermostat to 21 degrees Celsius.", {"temperature_c": "number"}, {"temperature_c": 21}),
        ("The project is 60% complete.", {"completion_percent": "number"}, {"completion_percent": 60}),
        (
            "The patient's temperature is 38.2 °C and pulse 96.",
            {"temperature_c": "number", "pulse": "integer"},
            {"temperature_c": 38.2, "pulse": 96},
        ),
        (
            "The desk is 140 cm wide, 70 cm deep and 75 cm tall.",
            {"width_cm": "number", "depth_cm": "number", "height_cm": "number"},
            {"width_cm": 140, "depth_cm": 70, "height_cm": 75},
        ),
    ],
)
def test_a_measure_is_told_by_what_it_measures(
    prompt: str, properties: dict[str, str], expected: dict[str, Any]
) -> None:
    assert expected == filled(prompt, properties)


@pytest.mark.parametrize(
    ("prompt", "properties"),
    [
        ("The battery lasts up to 12 hours.", {"battery_life_hours": "number"}),
        ("The box weighs 3 kg less than the old one.", {"weight_kg": "number"}),
        ("Each bottle holds 750 ml.", {"volume_ml": "number"}),
        ("The warranty expired after two years.", {"warranty_years": "integer"}),
        ("It has no warranty; competitors offer three years.", {"warranty_years": "integer"}),
        ("I have been a nurse for 12 years.", {"years_of_experience": "integer"}),
        ("Our server has 64 GB of RAM but we want 128 GB.", {"ram_gb": "integer"}),
        ("The project is 60% complete.", {"completion_percent": "number", "progress_percent": "number"}),
        (
            "Her blood pressure was 128 over 82 and her temperature 37.4 °C.",
            {"temperature_c": "number", "systolic": "integer"},
        ),
        ("It weighs 70 lb.", {"weight_kg": "number"}),
    ],
)
def test_a_measure_of_something_else_or_not_sure_is_left_out(prompt: str, properties: dict[str, str]) -> None:
    assert filled(prompt, properties) == {}
