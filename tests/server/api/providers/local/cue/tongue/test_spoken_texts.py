"""Facts about towns, writers and counts in prompts of other languages."""

import pytest

from tests.server.api.providers.local.cue.filled import filled_one

TEXT = {"type": "string"}
COUNT = {"type": "integer"}


@pytest.mark.parametrize(
    ("prompt", "value"),
    [("Aluga-se apartamento em Braga, 75 m².", "Braga"), ("Ищу квартиру в Казани.", "Казань")],
)
def test_the_one_town_is_where_it_is(prompt: str, value: str) -> None:
    assert filled_one(prompt, "city", TEXT) == value


@pytest.mark.parametrize("prompt", ["Nie mieszkam w Krakowie.", "Мой брат живёт в Казани."])
def test_a_town_that_is_denied_or_anothers_is_none(prompt: str) -> None:
    assert filled_one(prompt, "city", TEXT) is None


@pytest.mark.parametrize(
    ("prompt", "value"),
    [
        ("Proszę o fakturę do zamówienia. Pozdrawiam, Emilia Kurek", "Emilia Kurek"),
        ("मेरा नाम सुनीता राव है और मुझे टिकट चाहिए।", "सुनीता राव"),
        ("19時に予約をお願いします。佐藤美咲です。", "佐藤美咲"),
    ],
)
def test_who_writes_says_so_or_signs(prompt: str, value: str) -> None:
    assert filled_one(prompt, "customer_name", TEXT) == value


@pytest.mark.parametrize("prompt", ["Ich bin nicht Anna Schmidt.", "Pozdrawiam Emilię Kurek i całą firmę."])
def test_who_does_not_write_is_none(prompt: str) -> None:
    assert filled_one(prompt, "customer_name", TEXT) is None


@pytest.mark.parametrize(
    ("prompt", "name", "value"),
    [
        ("Un aller pour deux adultes et un enfant.", "children", 1),
        ("大人2名と子ども1名です。", "adults", 2),
        ("Potrzebujemy stolika dla siedmiu osób.", "party_size", 7),
        ("Meine Schwester kommt mit 3 Kindern.", "children", None),
        ("W zeszłym roku mieliśmy 14 pracowników.", "employees", None),
    ],
)
def test_a_count_stands_beside_its_noun(prompt: str, name: str, value: int | None) -> None:
    assert filled_one(prompt, name, COUNT) == value
