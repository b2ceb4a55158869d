"""Numbers as the tokens of a sentence write them: 25, «twenty-five», «a dozen», «two hundred»."""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from server.api.providers.local.cue.passage import PassageToken, number_of
from server.api.providers.local.mention import Mention

_TEENS = "thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_TIMES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_DOZEN = frozenset({"dozen", "dozens"})
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth "
    "seventeenth eighteenth nineteenth twentieth"
)
_MOST_FIGURES = 24
_ENDINGS = frozenset({"st", "nd", "rd", "th"})


class Figure(NamedTuple):
    """One number of a sentence."""

    value: float | int
    first: int
    """The token with which it begins."""
    end: int
    """The token behind it."""
    mention: Mention | None = None


def figures_of(tokens: Sequence[PassageToken]) -> list[Figure]:
    """The numbers of a sentence, in its order; none where there are so many that it is no sentence."""
    found: list[Figure] = []
    at = 0
    while at < len(tokens):
        figure = figure_at(tokens, at)
        if figure is not None:
            found.append(figure)
        at = max(at + 1, figure.end if figure is not None else 0)
    return found if len(found) <= _MOST_FIGURES else []


def figure_at(tokens: Sequence[PassageToken], at: int) -> Figure | None:
    """The number that begins at a token."""
    token = tokens[at]
    if token.mention is not None:
        number = number_of(token)
        return Figure(number, at, at + 1, token.mention) if number is not None else None
    word, after = token.word, _word(tokens, at + 1)
    if word in ("a", "half", "one") and after in ("dozen", "a"):
        if word != "half" and after == "dozen":
            return Figure(12, at, at + 2)
        if word == "half" and "dozen" in (after, _word(tokens, at + 2)):
            return Figure(6, at, at + (2 if after == "dozen" else 3))
    value: float | int | None = _small().get(word)
    if value is None:
        value = number_of(token)
    if value is None:
        return None
    end = at + 1
    if value in range(20, 100, 10):
        joined = end + (_word(tokens, end) == "-")
        unit = _small().get(
            _word(tokens, joined), number_of(tokens[joined]) if joined < len(tokens) else None
        )
        if unit is not None and 0 < unit < 10 and tokens[joined].mention is None:
            value, end = value + unit, joined + 1
    while _word(tokens, end) in _TIMES:
        value, end = value * _TIMES[_word(tokens, end)], end + 1
    if _word(tokens, end) in _DOZEN:
        value, end = value * 12, end + 1
    return Figure(value, at, end)


def ordinal_at(tokens: Sequence[PassageToken], at: int) -> Figure | None:
    """The place in a row that begins at a token: «third», «3rd»."""
    token = tokens[at]
    place = _ordinals().get(token.word) if token.mention is None else None
    if place is not None:
        return Figure(place, at, at + 1)
    number = number_of(token) if token.mention is not None else None
    if number is None and token.text.isdecimal() and len(token.text) < 5:
        number = int(token.text)
    follows = at + 1 < len(tokens) and tokens[at + 1].word in _ENDINGS and tokens[at + 1].start == token.end
    return Figure(number, at, at + 2, token.mention) if number is not None and follows else None


def _word(tokens: Sequence[PassageToken], at: int) -> str:
    return tokens[at].word if at < len(tokens) else ""


@cache
def _small() -> dict[str, int]:
    teens = {word: 13 + place for place, word in enumerate(_TEENS.split())}
    return teens | {word: 20 + 10 * place for place, word in enumerate(_TENS.split())}


@cache
def _ordinals() -> dict[str, int]:
    return {word: 1 + place for place, word in enumerate(_ORDINALS.split())}
