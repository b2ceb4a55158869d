"""Days, times and amounts by the words beside them in western languages; and those that belong to something else."""

from typing import Any

import pytest

from server.api.providers.local.fill import fill
from server.api.providers.local.understand import understand

_DAY = {"type": "string", "format": "date"}
_NUMBER = {"type": "number"}
_TEXT = {"type": "string"}
_COUNT = {"type": "integer"}


def _filled(prompt: str, properties: dict[str, Any]) -> dict[str, Any]:
    return fill({"type": "object", "properties": properties}, prompt, understand(prompt))


@pytest.mark.parametrize(
    ("prompt", "properties", "expected"),
    [
        ("Die Wohnung ist ab 1. März 2026 frei, Kaltmiete 780 Euro, Kaution 1.560 Euro.", {"available_from": _DAY, "rent": _NUMBER, "deposit": _NUMBER}, {"available_from": "2026-03-01", "rent": 780, "deposit": 1560}),
        ("El curso empieza el 3 de febrero de 2026 y termina el 27 de marzo de 2026.", {"start_date": _DAY, "end_date": _DAY}, {"start_date": "2026-02-03", "end_date": "2026-03-27"}),
        ("Koncert se koná 14. června 2026, vstupné 350 Kč.", {"date": _DAY, "price": _NUMBER}, {"date": "2026-06-14", "price": 350}),
        ("Le train part de Lyon à 8h15 et arrive à Paris à 10h10.", {"departure_time": _TEXT, "arrival_time": _TEXT}, {"departure_time": "8h15", "arrival_time": "10h10"}),
        ("La empresa tiene 45 empleados y 3 oficinas.", {"employees": _COUNT, "branches": _COUNT}, {"employees": 45, "branches": 3}),
        ("Dom ma 5 pokoi i dwie łazienki.", {"rooms": _COUNT, "bathrooms": _COUNT}, {"rooms": 5, "bathrooms": 2}),
    ],
)  # fmt: skip
def test_a_figure_is_told_by_the_word_of_its_clause(
    prompt: str, properties: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert _filled(prompt, properties) == expected


@pytest.mark.parametrize(
    ("prompt", "properties"),
    [
        ("Der Termin am 4. Mai 2026 wurde abgesagt.", {"date": _DAY}),
        ("Nacida el 2 de agosto de 1990, Laura Vidal solicita plaza.", {"date": _DAY}),
        ("Je suis née le 4 mai 1988 et j'aimerais un rendez-vous.", {"appointment_date": _DAY}),
        ("Versandkosten 5,90 Euro, der Rest ist bezahlt.", {"price": _NUMBER}),
        ("El precio podría ser de 300 euros.", {"price": _NUMBER}),
        ("am 3. und 4. Mai 2024", {"date": _DAY}),
    ],
)
def test_a_figure_of_something_else_is_none(prompt: str, properties: dict[str, Any]) -> None:
    assert _filled(prompt, properties) == {}
