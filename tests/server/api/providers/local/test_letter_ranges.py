"""Facts about letters by ranges: every letter is one, and no digit, no currency and no punctuation is."""

import unicodedata

import pytest
import re2

from server.api.providers.local.letter_ranges import with_letter_ranges


def _is_letter(char: str) -> bool:
    return re2.compile(with_letter_ranges(r"\p{L}")).fullmatch(char) is not None


@pytest.mark.lengthy
def test_every_letter_of_the_first_plane_is_one_and_nothing_that_stands_beside_letters_is() -> None:
    for code in range(0x10000):
        kind = unicodedata.category(chr(code))
        if kind == "Cs":
            continue
        if kind[0] == "L":
            assert _is_letter(chr(code)), hex(code)
        elif kind[0] not in "MC":
            assert not _is_letter(chr(code)), hex(code)


@pytest.mark.parametrize("char", ["𠮷", "𝒜", "🔥", "€", "٣", "。"])
def test_other_planes_and_odd_ones(char: str) -> None:
    assert _is_letter(char) is (char in "𠮷𝒜")


@pytest.mark.parametrize(
    ("expression", "fits", "fails"),
    [
        (r"\p{L}+", "Straße", "a1"),
        (r"[^\p{L}]+", "1 €", "1a"),
        (r"[]\p{L}]+", "a]b", "a[b"),
        (r"[^]\p{L}]+", "1-2", "1]"),
        (r"\[\p{L}\]", "[é]", "[1]"),
        (r"[\]\p{L}_-]+", "a]_-é", "a b"),
        (r"[\p{L}\p{Nd}]+\s\p{Lu}", "a1 B", "a1 b"),
    ],
)
def test_what_stands_around_it_means_what_it_meant(expression: str, fits: str, fails: str) -> None:
    for written in (expression, with_letter_ranges(expression)):
        assert re2.compile(written).fullmatch(fits), written
        assert not re2.compile(written).fullmatch(fails), written
