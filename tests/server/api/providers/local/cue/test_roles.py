"""Facts about who has a role: its nouns and verbs name the one, and nobody beside it."""

import pytest

from tests.server.api.providers.local.cue.filled import filled
from tests.server.api.providers.local.cue.texts_filled import texts_filled


@pytest.mark.parametrize(
    ("prompt", "name", "value"),
    [
        ("The dinner is hosted by Ingrid Solheim.", "host", "Ingrid Solheim"),
        ("Ingrid Solheim will host the dinner.", "host", "Ingrid Solheim"),
        ("Our host, Ingrid Solheim, waits at the gate.", "host", "Ingrid Solheim"),
        ("Ingrid Solheim is the host.", "host", "Ingrid Solheim"),
        ("It was founded in 2012 by Jonas Weber.", "founder", "Jonas Weber"),
        ("The course is taught by Dr. T. J. Olsson.", "instructor", "T. J. Olsson"),
        ("The report was written by Ana Cruz and reviewed by Ben Holt.", "reviewer", "Ben Holt"),
        ("Not Paula but Martin will host the webinar.", "host", "Martin"),
        ("The tender was won by Saint-Clair Packaging.", "winner", "Saint-Clair Packaging"),
    ],
)
def test_a_role_is_named_by_its_nouns_and_verbs(prompt: str, name: str, value: str) -> None:
    assert texts_filled(prompt, name) == {name: value}


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("Anna or Ben will host the dinner.", "host"),
        ("It is hosted by Anna Berg and Tom Reed.", "host"),
        ("If Carla hosts it, we need a bigger room.", "host"),
        ("The assistant manager Tom Reed will call you.", "manager"),
        ("John Smith is the manager of Anna Lee.", "manager"),
        ("It was formerly hosted by Anna Berg.", "host"),
        ("It was not written by Anna Berg.", "author"),
        ("Alice Moreau wrote to Bob Stein about it.", "author"),
        ("Unlike the one designed by Max Roth, this chair is cheap.", "designer"),
    ],
)
def test_who_does_not_have_it_for_certain_is_not_named(prompt: str, name: str) -> None:
    assert texts_filled(prompt, name) == {}


@pytest.mark.parametrize(
    ("prompt", "name", "expected"),
    [
        ("The spare key is with Olaf Berg.", "key_holder", "Olaf Berg"),
        ("Sample Q-4, collected by Mora.", "sampler", "Mora"),
        ("Keys were with Olaf Berg before.", "key_holder", None),
        ("The head of sales, Ann Lee, called.", "principal", None),
    ],
)
def test_further_roles_are_told_by_their_nouns(prompt: str, name: str, expected: str | None) -> None:
    assert filled(prompt, {name: "string"}).get(name) == expected
