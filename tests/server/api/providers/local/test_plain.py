"""Facts about which sentences plainly say that something is so, and that values come from no others."""

from typing import Any

import pytest

from server.api.providers.local.assertion.assertion import BLANK, asserted
from server.api.providers.local.assertion.plain import plainly
from server.api.providers.local.assertion.schema_vocabulary import SchemaVocabulary
from server.api.providers.local.entities import named_in
from server.api.providers.local.fill import fill
from server.api.providers.local.language import language_of
from server.api.providers.local.understand import understand

_NUMBER = {"type": "number"}
_TEXT = {"type": "string"}
_COLOR = {"enum": ["red", "black", "blue"]}


def _filled(prompt: str, **properties: Any) -> dict[str, Any]:
    return fill({"type": "object", "properties": properties}, prompt, understand(prompt))


def _left(prompt: str, *, persons: bool = False) -> str:
    said = asserted(prompt)
    vocabulary = SchemaVocabulary(frozenset(), frozenset(), persons=persons)
    return plainly(prompt, said, named_in(said, language_of(prompt)), vocabulary)


@pytest.mark.parametrize(
    "prompt",
    [
        "The price is 40 EUR.",
        "Der Preis beträgt 40 €.",
        "Le prix est de 40 euros.",
        "El precio es de 40 euros.",
        "Il prezzo è di 40 euro.",
        "O preço é 40 euros.",
        "De prijs is 40 euro.",
        "Cena wynosi 40 zł.",
        "Цена составляет 40 рублей.",
        "Ціна: 40 гривень",
        "Fiyat: 40 TL",
        "السعر: 40 ريال",
        "कीमत: 40 रुपये",
        "价格：40元",
        "価格：40円",
        "가격: 40원",
        "My name is Maria Lopez and I live in Madrid.",
        "item | quantity\nlamp | 2",
    ],
)
def test_a_sentence_of_known_words_and_a_labelled_value_are_plain(prompt: str) -> None:
    assert _left(prompt) == prompt


@pytest.mark.parametrize(
    "prompt",
    [
        "The price skyrocketed to 40 EUR.",
        "Angeblich beträgt der Preis 40 €.",
        "Podobno cena wynosi 40 zł.",
        "Кажуть, що квиток коштує 40 гривень.",
        "सुना है कि कीमत 40 रुपये है।",
        "値段は40円だそうです。",
        "가격이 40원이래요.",
        "The price is 40 EUR too high.",
        "Last year: 40 EUR",
    ],
)
def test_a_word_that_is_not_known_leaves_its_sentence_out(prompt: str) -> None:
    assert set(_left(prompt)) <= {BLANK, ".", "。"}, _left(prompt)


def test_what_is_taken_back_or_said_in_turn_is_not_plain() -> None:
    assert "40" not in _left("The price is 40 EUR. Just kidding.")
    assert "40" not in _left("The price is 40 EUR. Not.")
    assert "40" not in _left("ana: the total is 40 EUR\nben: haha, dream on")


def test_a_noun_that_may_be_somebody_else_counts_where_no_person_is_asked_for() -> None:
    assert "40" in _left("The widget costs 40 EUR.")
    assert "Rome" not in _left("The widget lives in Rome.", persons=True)


def test_a_value_of_a_list_is_said_of_something() -> None:
    assert _filled("The car is red.", color=_COLOR) == {"color": "red"}
    assert _filled("A red herring, nothing more.", color=_COLOR) == {}
    assert _filled("We are in the black again this quarter.", color=_COLOR) == {}
    assert _filled("The car is red hot.", color=_COLOR) == {}


def test_what_is_not_plain_is_still_another_candidate() -> None:
    assert _filled("I live in Rome.", city=_TEXT) == {"city": "Rome"}
    assert _filled("I live in Rome. Or Oslo, depending on the season.", city=_TEXT) == {}


def test_the_second_of_a_kind_without_a_word_of_its_own_leaves_both_out() -> None:
    date = {"type": "string", "format": "date"}
    twice = "The course starts on 4 May 2026 for you, on 6 May 2026 for me."
    assert _filled(twice, start_date=date) == {}
    assert "9:00" not in _left("The store opens at 9:00 and the pharmacy at 8:00.")
    assert "9:00" in _left("The store opens at 9:00 and closes at 18:00.")
    assert _filled("The course starts on 4 May 2026.", start_date=date) == {"start_date": "2026-05-04"}


def test_a_remark_behind_a_labelled_figure_leaves_it_out() -> None:
    assert _filled("Total: 40 EUR", total=_NUMBER) == {"total": 40}
    assert _filled("Total: 40 EUR when Bob last looked", total=_NUMBER) == {}


def test_of_very_many_sentences_those_behind_the_first_hundreds_are_left_out() -> None:
    prompt = "It is. " * 400 + "The total is 40 EUR."
    assert "40" not in _left(prompt)
