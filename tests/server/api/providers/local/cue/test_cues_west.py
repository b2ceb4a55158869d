"""Facts about cues in German, French, Spanish, Italian, Portuguese, Dutch and Swedish."""

from typing import Any

import pytest

from tests.server.api.providers.local.cue.filled import filled


@pytest.mark.parametrize(
    ("prompt", "properties", "expected"),
    [
        ("Ich arbeite als Buchhalterin bei der Weber GmbH.", {"job_title": "string"}, {"job_title": "Buchhalterin"}),
        ("Das Seminar wird von Julia Brandt geleitet.", {"instructor": "string"}, {"instructor": "Julia Brandt"}),
        ("Loyer 890 € par mois, avec ascenseur.", {"rent": "number", "elevator": "boolean"}, {"rent": 890, "elevator": True}),
        ("Animaux non acceptés.", {"pets_allowed": "boolean"}, {"pets_allowed": False}),
        ("Piso con 3 habitaciones y 2 baños.", {"bedrooms": "integer", "bathrooms": "integer"}, {"bedrooms": 3, "bathrooms": 2}),
        ("Il corso inizia il 5 maggio 2026.", {"start_date": "string"}, {"start_date": "5 maggio 2026"}),
        ("O apartamento não tem elevador.", {"elevator": "boolean"}, {"elevator": False}),
        ("Ons kantoor telt 25 medewerkers.", {"employees": "integer"}, {"employees": 25}),
        ("Kursen börjar den 7 september 2026.", {"start_date": "string"}, {"start_date": "7 september 2026"}),
    ],
)  # fmt: skip
def test_a_cue_of_a_language_names_its_property(
    prompt: str, properties: dict[str, str], expected: dict[str, Any]
) -> None:
    assert filled(prompt, properties) == expected


@pytest.mark.parametrize(
    ("prompt", "properties"),
    [
        ("Der frühere Geschäftsführer war Klaus Berg.", {"ceo": "string"}),
        ("Mindestens 20 Personen.", {"party_size": "integer"}),
        ("Environ 50 invités sont attendus.", {"guests": "integer"}),
        ("El alquiler podría subir a 900 euros.", {"rent": "number"}),
        ("Mio fratello lavora come cuoco.", {"job_title": "string"}),
        ("A reunião não será no dia 5 de maio de 2026.", {"meeting_date": "string"}),
        ("De huur was vroeger 800 euro.", {"rent": "number"}),
        ("Hyran är inte 8 000 kr.", {"rent": "number"}),
    ],
)
def test_what_is_denied_former_or_uncertain_is_left_out(prompt: str, properties: dict[str, str]) -> None:
    assert filled(prompt, properties) == {}
