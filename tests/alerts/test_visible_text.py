"""What a terminal or an eye would obey is written out; everything else stays as it is."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.visible_text import OBEYED, visible_json, visible_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("an ordinary text, ça va? 日本語 🙂", "an ordinary text, ça va? 日本語 🙂"),
        ("two\n\tlines", "two\n\tlines"),
        ("\x1b]52;c;eA==\x07", "\\x1b]52;c;eA==\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("a\u200bb\ufeff", "a\\u200bb\\ufeff"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_controls_are_written_out(text: str, shown: str) -> None:
    assert visible_text(text) == shown


@given(st.text())
def test_nothing_obeyed_is_left(text: str) -> None:
    left = {ord(char) for char in visible_text(text)} & {code for code in OBEYED if chr(code) not in "\t\n"}
    assert left == set()


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_json_document_means_the_same_and_gives_no_orders(text: str) -> None:
    document = json.dumps({"text": text}, ensure_ascii=False)
    shown = visible_json(document)
    assert json.loads(shown) == {"text": text}
    assert {ord(char) for char in shown} & set(OBEYED) == set()
