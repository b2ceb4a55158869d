"""Who ordered what, at which firm, for whom and why, in western languages; and what is denied, former or another's."""

from typing import Any

import pytest

from tests.server.api.providers.local.cue.filled import filled


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Markus Weber hat bei Conrad einen Lötkolben bestellt.", {"customer": "Markus Weber", "shop": "Conrad"}),
        ("Ana Souza comprou uma cafeteira na Magazine Luiza.", {"customer": "Ana Souza", "item": "cafeteira"}),
        ("Lucía Prieto trabaja como enfermera en Clínica Santa Elena.", {"name": "Lucía Prieto", "job": "enfermera"}),
        ("Giulia Ferri lavora come architetta presso Studio Marani.", {"name": "Giulia Ferri", "employer": "Studio Marani"}),
        ("Sofie de Vries werkt als verpleegkundige bij UMC Utrecht.", {"job_title": "verpleegkundige", "employer": "UMC Utrecht"}),
        ("Piotr Zieliński pracuje jako programista w firmie Softeo.", {"name": "Piotr Zieliński", "company": "Softeo"}),
        ("Eva Horáková pracuje jako účetní ve firmě Danex.", {"position": "účetní", "company": "Danex"}),
        ("Matti Virtanen työskentelee insinöörinä yrityksessä Nordtek.", {"name": "Matti Virtanen", "company": "Nordtek"}),
        ("Bitte liefern Sie das Paket an Frau Jutta Brandt.", {"recipient": "Jutta Brandt"}),
        ("Hyresgästen Lars Holm flyttar in i morgon.", {"tenant": "Lars Holm"}),
        ("Opettaja Sari Laine pitää kurssin.", {"teacher": "Sari Laine"}),
        ("L'exposition se tient au musée Fabre.", {"venue": "musée Fabre"}),
        ("La caldera no enciende desde ayer.", {"device": "caldera"}),
        ("Notre chien Rex a mordu le facteur.", {"pet_name": "Rex"}),
        ("Romanen är skriven av Kerstin Ek.", {"author": "Kerstin Ek"}),
        ("Un cappotto rosso, taglia 44.", {"color": "rosso"}),
    ],
)  # fmt: skip
def test_a_frame_tells_its_property(prompt: str, expected: dict[str, Any]) -> None:
    assert filled(prompt, dict.fromkeys(expected, "string")) == expected


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("Ich arbeite nicht mehr bei Bosch.", "employer"),
        ("J'ai travaillé chez Renault avant, maintenant je cherche.", "employer"),
        ("Mi hermano trabaja como cocinero en Casa Lucio.", "job"),
        ("Forse Anna Neri ha comprato una lampada da Ikea.", "customer"),
        ("Hat Max Weber das Buch bei Thalia gekauft?", "customer"),
        ("De klant is niet Jan de Boer.", "customer"),
        ("Die Straße heißt Anna Schmidt.", "name"),
        ("Mein Name ist Paula Stern, ich schreibe im Auftrag von Herrn Otto Lang.", "customer"),
        ("Escribo en nombre de mi madre, Carmen Soto. Saludos, Laura Gil", "patient"),
        ("Der rote Koffer ist weg, der schwarze ist da.", "color"),
    ],
)
def test_what_is_denied_former_or_of_another_is_none(prompt: str, name: str) -> None:
    assert filled(prompt, {name: "string"}) == {}
