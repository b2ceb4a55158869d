"""Facts about numbers in words."""

import pytest

from server.api.providers.local.cue.figure.number_words import figures_of
from server.api.providers.local.cue.passage import PassageToken


def _values(text: str) -> list[float | int]:
    tokens = [PassageToken(word, word, at * 10, at * 10 + len(word)) for at, word in enumerate(text.split())]
    return [figure.value for figure in figures_of(tokens)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("twenty - five seats", [25]),
        ("two hundred guests", [200]),
        ("a dozen eggs", [12]),
        ("half a dozen eggs", [6]),
        ("two dozen eggs", [24]),
        ("three to four", [3, 4]),
    ],
)
def test_a_number_in_words_is_one_figure(text: str, expected: list[int]) -> None:
    assert expected == _values(text)
