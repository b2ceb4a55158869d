"""Facts about whole numbers from outside."""

import pytest

from alerts.whole_number import parse_whole_number


@pytest.mark.parametrize(("text", "expected"), [("0", 0), ("042", 42), ("9" * 18, 10**18 - 1)])
def test_digits_are_a_number(text: str, expected: int) -> None:
    assert parse_whole_number(text) == expected


@pytest.mark.parametrize("text", ["", "-1", "--1", "+1", " 1", "1.0", "1_0", "²", "٣", "9" * 19, "9" * 5_000])
def test_anything_else_is_none(text: str) -> None:
    assert parse_whole_number(text) is None
