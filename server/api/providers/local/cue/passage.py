"""What a prompt asserts, in sentences and tokens: a word, a mark, or a figure, day, amount or contact as one token."""

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from server.api.providers.local.assertion.assertion import BLANK, sentences_of
from server.api.providers.local.assertion.plain import is_talk
from server.api.providers.local.cue.taken_back import takes_it_back
from server.api.providers.local.cue.text.first_day import with_first_days
from server.api.providers.local.cue.unsettling_words import unsettling
from server.api.providers.local.cue.unspaced import pieces
from server.api.providers.local.lexicon import number_words
from server.api.providers.local.mention import Mention
from server.api.providers.local.numeral import Separators
from server.api.providers.local.pattern import pattern

LONGEST = 2_000
"""Characters up to which a prompt is read for cues; more would hold the loop."""
_MOST_SENTENCES = 60
_PIECE = r"\x00+|[\p{L}\p{M}]+(?:['’][\p{L}\p{M}]+)*|\p{N}+|\n|[^\s\p{L}\p{M}\p{N}]"
_WHOLE = frozenset(
    {"email", "url", "phone", "date", "datetime", "time", "money", "percentage", "quantity", "duration", "iban", "uuid", "ipv4", "number", "code"}
)  # fmt: skip
"""Kinds of mentions that are one token; names are put together from words where a cue asks for one."""


class PassageToken(NamedTuple):
    """One piece of a sentence."""

    text: str
    word: str
    """In small letters, with straight apostrophes."""
    start: int
    """Where it stands in the prompt."""
    end: int
    mention: Mention | None = None
    """What it is, where it is a figure, a day, an amount, a contact."""
    unsettles: bool = False
    """Whether it is a word with which what stands beside it is not so, in the language of its prompt."""

    @property
    def is_word(self) -> bool:
        """Whether the token is made of letters."""
        return self.mention is None and self.text[:1].isalpha()

    @property
    def is_capital(self) -> bool:
        """Whether the token is a word that begins with a capital letter."""
        return self.mention is None and self.text[:1].isupper()


class Sentence(NamedTuple):
    """The tokens of one sentence."""

    tokens: Sequence[PassageToken]
    is_taken_back: bool = False
    """Whether the next sentence says that it is not so."""
    asked: frozenset[str] = frozenset()
    """Words of what the schema itself asks: that a payment was declined takes nothing back where this is asked."""


class Passage(NamedTuple):
    """A prompt as cues are looked for in it."""

    text: str
    """What is asserted of the prompt, the rest blanked in its place."""
    sentences: Sequence[Sentence]
    named: Sequence[Mention]
    separators: Separators
    wished: Sequence[Sentence] = ()
    """The sentences with what is wished or would be done left in."""
    prompt: str = ""
    """The whole prompt, with what stands in quotation marks."""

    def written(self, first: PassageToken, last: PassageToken) -> str:
        """The text from one token to another as the prompt writes it."""
        return self.text[first.start : last.end]


def passage_of(
    prompt: str, said: str, named: Sequence[Mention], separators: Separators, language: str = ""
) -> Passage:
    """``prompt``, of which ``said`` is asserted; without a sentence where it is too long, or talk between several."""
    if len(prompt) > LONGEST or is_talk(prompt):
        return Passage(said, (), named, separators)
    parts = [part for part in sentences_of(prompt)[:_MOST_SENTENCES] if any(map(str.isalnum, part.text))]
    whole = [mention for mention in named if mention.kind in _WHOLE]
    found = []
    for place, part in enumerate(parts):
        after = parts[place + 1].text if place + 1 < len(parts) else ""
        tokens = _tokens(said, part.start, part.end, whole, unsettling(language))
        found.append(Sentence(tokens, bool(after) and takes_it_back(after)))
    return Passage(said, found, named, separators, prompt=prompt)


def number_of(token: PassageToken) -> float | int | None:
    """The number that a token is, in figures or as a word."""
    if token.mention is not None:
        value = token.mention.value
        return value if token.mention.kind == "number" and isinstance(value, int | float) else None
    return _numbers().get(token.word)


_FAR_NUMBERS = {
    "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10, "두": 2, "세": 3, "네": 4, "다섯": 5, "여섯": 6,
    "ثلاث": 3, "ثلاثة": 3, "أربع": 4, "أربعة": 4, "خمس": 5, "خمسة": 5, "ست": 6, "ستة": 6, "سبع": 7, "سبعة": 7, "ثماني": 8, "ثمانية": 8, "تسع": 9, "عشرة": 10, "عشر": 10,
    "दो": 2, "तीन": 3, "चार": 4, "पांच": 5, "पाँच": 5, "छह": 6, "सात": 7, "आठ": 8, "नौ": 9, "दस": 10, "дві": 2, "три": 3, "чотири": 4, "п'ять": 5,
    "двое": 2, "трое": 3, "четверо": 4, "двух": 2, "трёх": 3, "трех": 3, "dvě": 2, "tři": 3, "pět": 5, "šest": 6,
}  # fmt: skip
"""Small numbers in words that count what stands behind them."""


@cache
def _numbers() -> dict[str, int]:
    found = {word: number for word, number in number_words().items() if word not in ("a", "an", "to")}
    return {**found, **_FAR_NUMBERS}


def _tokens(
    text: str, start: int, end: int, named: Sequence[Mention], unsettling_words: frozenset[str]
) -> list[PassageToken]:
    inside = {mention.start: mention for mention in named if start <= mention.start < end}
    found: list[PassageToken] = []
    at = start
    for match in pattern(_PIECE).finditer(text[start:end]):
        begin = max(at, start + match.start())
        for first, last in pieces(text[begin : start + match.end()]) if begin < start + match.end() else ():
            if begin + first < at:
                continue
            found.append(_token(text, begin + first, begin + last, inside, unsettling_words))
            at = found[-1].end
    return with_first_days(_with_names(_with_pairs(found, unsettling_words)))


_IN_NAMES = frozenset({"old", "older", "original", "former", "half", "lost", "double", "above", "under"})
"""Words that unsettle a clause, and nothing where they are a part of a name."""


def _with_names(tokens: list[PassageToken]) -> list[PassageToken]:
    """The tokens, of which those in the middle of a name unsettle nothing: «at the Old Customs House»."""
    for at in range(1, len(tokens) - 1):
        token = tokens[at]
        if token.unsettles and token.word in _IN_NAMES and token.is_capital and tokens[at + 1].is_capital:
            tokens[at] = token._replace(unsettles=tokens[at - 1].text in ".:!?\n")
    return tokens


def _with_pairs(tokens: list[PassageToken], unsettling_words: frozenset[str]) -> list[PassageToken]:
    """The tokens, of which the second of two that together unsettle does so: «en lugar»."""
    for at, (one, two) in enumerate(pairwise(tokens)):
        if f"{one.word}_{two.word}" in unsettling_words:
            tokens[at + 1] = two._replace(unsettles=True)
    return tokens


def _token(
    text: str, first: int, last: int, inside: Mapping[int, Mention], unsettling_words: frozenset[str]
) -> PassageToken:
    mention = inside.get(first)
    if mention is None or BLANK in text[mention.start : mention.end]:
        word = text[first:last].lower().replace("’", "'")
        return PassageToken(text[first:last], word, first, last, None, word in unsettling_words)
    last = mention.start + len(mention.text.rstrip())
    return PassageToken(text[first:last], mention.text.lower(), first, last, mention)
