"""Facts about foreign text and short times."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.text.plain import harmless, left, one_line, since, table
from tests.console.builders import NOW


@pytest.mark.parametrize(
    ("hostile", "expected"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]52;c;aGk=\x1b\\after", "after"),
        ("a\x08b\rc\x00", "abc"),
        ("\x9b31mred", "31mred"),
        ("left\u202eright", "leftright"),
    ],
)
def test_sequences_that_a_terminal_would_obey_are_gone(hostile: str, expected: str) -> None:
    assert harmless(hostile) == expected


@given(st.text())
def test_nothing_that_a_terminal_would_obey_is_left(text: str) -> None:
    assert not any(
        c == "\x1b" or (ord(c) < 32 and c not in "\n\t") or 127 <= ord(c) < 160 for c in harmless(text)
    )


@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1


@pytest.mark.parametrize(
    ("seconds", "expected"), [(4, "4s"), (252, "4m12"), (34800, "9h40"), (1036800, "12d")]
)
def test_an_age_is_short(seconds: int, expected: str) -> None:
    assert since(NOW - timedelta(seconds=seconds), NOW) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"), [(348, "05:48"), (-250, "-04:10"), (6720, "1h52"), (-90000, "-25h00")]
)
def test_time_left_turns_over_at_the_deadline(seconds: int, expected: str) -> None:
    assert left(NOW + timedelta(seconds=seconds), NOW) == expected


def test_columns_are_as_wide_as_they_must_be() -> None:
    assert table(("A", "B"), [("long", "x"), ("y", "")]) == ["A     B", "long  x", "y"]


def test_one_long_cell_moves_its_own_line_alone_and_is_whole() -> None:
    lines = table(("A", "B"), [("x" * 300, "b"), ("y", "b")])
    assert lines == ["A".ljust(40) + "  B", "x" * 300 + "  b", "y".ljust(40) + "  b"]
