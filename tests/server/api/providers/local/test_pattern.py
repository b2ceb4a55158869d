"""Matches are those that RE2's own Python interface tells, in any text."""

from typing import Any

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from server.api.providers.local.pattern import Pattern, PatternMatch

_EXPRESSIONS = [
    r"a", r"(a)|(b)", r"(?:x|é)*", r"(é)(ü)?", r"\b", r"^", r"$", r"(..)", r"[a-zé]+(\d+)?", r"(\pL+) (\pL+)", r"日本|(語)",
    r"", r"(a*)(b*)", r"(?i)ß|ss",
]  # fmt: skip
_TEXTS = st.text(alphabet="aAbB xéüÉß1 2日本語😀\n", max_size=24)


def _told(found: Any) -> tuple[Any, ...] | None:
    if found is None:
        return None
    groups = len(found.groups())
    places = tuple((found.start(g), found.end(g)) for g in range(groups + 1))
    return (found[0], found.groups(), places)


@pytest.mark.lengthy
@pytest.mark.parametrize("expression", _EXPRESSIONS)
@given(text=_TEXTS)
def test_a_match_is_the_librarys_own(expression: str, text: str) -> None:
    options = re2.Options()
    options.dot_nl = True
    theirs, ours = re2.compile(expression, options), Pattern(expression, ignore_case=False)
    assert _told(ours.match(text)) == _told(theirs.match(text))
    assert _told(ours.search(text)) == _told(theirs.search(text))
    assert _told(ours.fullmatch(text)) == _told(theirs.fullmatch(text))
    assert [_told(found) for found in ours.finditer(text)] == [
        _told(found) for found in theirs.finditer(text)
    ]
    assert ours.sub("-", text) == theirs.sub("-", text)


def test_what_must_not_follow_is_looked_for_where_group_1_begins() -> None:
    assert [found.start() for found in Pattern(r"é(\d)", unless="2").finditer("é1 é2 é3")] == [0, 6]
    assert [found.start() for found in Pattern(r"é", unless=r"\d").finditer("éa é2 é")] == [0, 6]
    assert Pattern(r"é", unless=r"\d").match("é1") is None


def test_a_group_that_took_no_part_is_nowhere() -> None:
    found = Pattern(r"(a)|(é)").search("xé")
    assert isinstance(found, PatternMatch)
    assert (found[1], found[2], found.start(1), found.end(1), found.start(2)) == (None, "é", -1, -1, 1)
