"""Facts about the subject of a clause."""

import pytest

from server.api.providers.local.evidence.clause_subject import subject_at


@pytest.mark.parametrize(
    ("said", "head"),
    [
        ("The car is 12", "car"),
        ("The car is red and costs 9", "car"),
        ("The lid of the pot is blue", "lid"),
        ("In Rome the hotel costs 80", "hotel"),
        ("The bill, with the tip, was 9", "bill"),
        ("La caution est de 800", "caution"),
        ("La voiture rouge coûte 800", "voiture"),
        ("L'appartement coûte 800", "appartement"),
        ("Der Deckel des Topfs ist 9", "deckel"),
        ("Samochód ma 7", "samochód"),
        ("The door was closed", "door"),
    ],
)
def test_the_noun_is_found_before_the_verb(said: str, head: str) -> None:
    found = subject_at(said, len(said))
    assert found is not None
    assert found.head == head


@pytest.mark.parametrize(
    ("said", "pronoun"), [("I live in Oslo and am 31", "i"), ("It is 9", "it"), ("Wir sind 4", "wir")]
)
def test_a_pronoun_is_no_noun(said: str, pronoun: str) -> None:
    found = subject_at(said, len(said))
    assert found is not None
    assert (found.head, found.pronoun) == ("", pronoun)


def test_without_a_verb_there_is_none_and_another_sentence_has_its_own() -> None:
    assert subject_at("Total 40", 6) is None
    assert subject_at("The car is red. Total 40", 22) is None
