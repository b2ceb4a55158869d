"""Cells of a terminal: as Rich counts them, which draws the full screen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from console.text.plain import cell_width, cut_to, one_line, table

_WRITTEN = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs", "Mn")), max_size=40)


@pytest.mark.parametrize(
    ("text", "cells"),
    [("abc", 3), ("漢字", 4), ("e\u0301", 1), ("ｆｕｌｌ", 8), ("", 0), ("Grüße", 5), ("🔥", 2)],
)
def test_a_text_is_as_wide_as_a_terminal_shows_it(text: str, cells: int) -> None:
    assert (cell_width(text), cell_len(text)) == (cells, cells)


@pytest.mark.lengthy
@given(_WRITTEN, st.integers(1, 50))
def test_a_cut_text_fits_and_says_that_it_was_cut(text: str, cells: int) -> None:
    cut = cut_to(text, cells)
    assert cell_width(cut) <= cells
    assert cut == text or (cut.endswith("…") and cell_width(text) > cells)


def test_columns_stand_under_each_other_whatever_is_in_them() -> None:
    lines = table(("A", "B"), [("漢字", "x"), ("ab", "x"), ("e\u0301", "x")])
    assert [cell_width(line[: line.rindex("x" if n else "B")]) for n, line in enumerate(lines)] == [
        6,
        6,
        6,
        6,
    ]


@given(st.lists(_WRITTEN, min_size=1, max_size=4))
def test_a_row_is_one_line(words: list[str]) -> None:
    assert all("\n" not in one_line(word) for word in words)
