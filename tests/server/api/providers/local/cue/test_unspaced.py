"""Facts about the words of text that is written without blanks."""

import pytest

from server.api.providers.local.cue.unspaced import pieces


@pytest.mark.parametrize(
    ("run", "words"),
    [
        ("预算为", ["预算", "为"]),
        ("田中太郎と申します", ["田中太郎", "と申します"]),
        ("配送先", ["配送先"]),
        ("예산은", ["예산", "은"]),
        ("김민수입니다", ["김민수", "입니다"]),
        ("وأسكن", ["و", "أسكن"]),
        ("budget", ["budget"]),
        ("两件", ["两", "件"]),
    ],
)
def test_what_a_table_knows_is_a_word_of_its_own(run: str, words: list[str]) -> None:
    assert [run[first:last] for first, last in pieces(run)] == words


def test_the_pieces_of_a_run_leave_nothing_out() -> None:
    run = "请将订单送到上海市浦东新区收货人李雷" * 20
    assert "".join(run[first:last] for first, last in pieces(run)) == run
