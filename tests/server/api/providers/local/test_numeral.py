"""Facts about figures as people write them."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.api.providers.local.inventory import mentions
from server.api.providers.local.numeral import separators_of, value_of


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("1,234.50", "de", 1234.5), ("1.234,50", "en", 1234.5), ("12,50", "en", 12.5), ("1.500", "de", 1500), ("1,500", "en", 1500),
        ("1,500", "de", None), ("3.141", "en", 3.141), ("1 234,5", "fr", 1234.5), ("2,50,000", "hi", 250000), ("1'234.50", "de", 1234.5),
        ("١٬٢٣٤٫٥", "ar", 1234.5), ("५००", "hi", 500), ("-5", "en", -5), ("1.2.3", "en", None), ("0.500", "de", 0.5), ("1,2,3", "en", None),
    ],
)  # fmt: skip
def test_a_figure_is_read_as_its_language_writes_it(text: str, language: str, value: float | None) -> None:
    assert value_of(text, separators_of(language)) == value


def test_an_amount_that_could_be_two_has_no_value() -> None:
    (found,) = mentions("a total of 1.500 EUR", separators_of("en"))
    assert (found.text, found.value) == ("1.500 EUR", None)


@given(st.text(max_size=200))
def test_mentions_are_parts_of_the_text_and_never_overlap(text: str) -> None:
    found = mentions(text, separators_of("en"))
    assert all(text[mention.start : mention.end] == mention.text for mention in found)
    assert all(left.end <= right.start for left, right in pairwise(found))
