"""Units of a sentence: words with all that is glued to them, names in quotation marks, figures and days as one."""

from collections.abc import Sequence
from typing import NamedTuple

from server.api.providers.local.assertion.assertion import BLANK
from server.api.providers.local.cue.passage import Passage, PassageToken, Sentence, number_of
from server.api.providers.local.lexicon import months
from server.api.providers.local.mention import Mention

_GLUE = frozenset("-_./&'’+@#‑")
_QUOTES = {'"': '"', "“": "”", "„": "“", "«": "»"}
_LONGEST_QUOTED = 24
_LOOSE = frozenset({"number", "code", "quantity"})
"""Kinds of mentions to which letters may be glued: «web-2», «nightly-eu»."""
_TITLES = frozenset({"mr", "mrs", "ms", "dr", "prof", "st", "mt"})
_WEEKDAYS = frozenset({"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "mon", "tue", "wed", "thu", "fri", "sat", "sun"})  # fmt: skip


class SentenceUnit(NamedTuple):
    """One word, name in quotation marks, figure or mark."""

    text: str
    word: str
    """In small letters."""
    first: int
    """Its first token in the sentence."""
    end: int
    """The token behind its last."""
    mention: Mention | None = None
    is_quoted: bool = False
    is_number: bool = False

    @property
    def is_word(self) -> bool:
        """Whether the unit is made of letters, or of letters and figures."""
        if self.mention is not None or self.is_quoted or self.is_number:
            return False
        return self.text[:1].isalnum() and any(map(str.isalpha, self.text))

    @property
    def is_capital(self) -> bool:
        """Whether the unit begins with a capital letter, or has one within: «iPhone»."""
        return self.is_word and any(map(str.isupper, self.text))

    @property
    def is_code(self) -> bool:
        """Whether figures or marks make it the name of a machine, a file, a thing with a number."""
        return self.is_word and (
            any(map(str.isdecimal, self.text)) or any(map(self.text.__contains__, "_./"))
        )

    @property
    def is_owner(self) -> bool:
        """Whether the unit is a noun that owns what stands behind it: «Dana's»."""
        return self.is_word and self.word.endswith("'s") and self.word not in _CONTRACTED

    @property
    def is_time(self) -> bool:
        """Whether the unit is a day of the week or a month."""
        return self.is_capital and (self.word in _WEEKDAYS or self.word in months())


_CONTRACTED = frozenset({"it's", "that's", "here's", "what's", "let's", "there's", "he's", "she's", "who's"})


def units_of(sentence: Sentence, passage: Passage) -> Sequence[SentenceUnit]:
    """The units of a sentence in their order."""
    tokens = sentence.tokens
    found: list[SentenceUnit] = []
    at = 0
    while at < len(tokens):
        end = _quoted_end(tokens, at) or _end(tokens, at)
        found.append(_unit(tokens, at, end, passage))
        at = end
    return found


def _quoted_end(tokens: Sequence[PassageToken], at: int) -> int:
    closing = _QUOTES.get(tokens[at].text)
    for end in range(at + 1, min(at + _LONGEST_QUOTED, len(tokens))) if closing else ():
        if tokens[end].text.startswith(BLANK):
            return 0
        if tokens[end].text == closing:
            return end + 1 if end > at + 1 else 0
    return 0


def _end(tokens: Sequence[PassageToken], at: int) -> int:
    end = at + 1
    if not _may_be_glued(tokens[at]):
        return end
    while end < len(tokens) and tokens[end].start == tokens[end - 1].end:
        if _may_be_glued(tokens[end]):
            end += 1
        elif (
            tokens[end].text in _GLUE
            and end + 1 < len(tokens)
            and tokens[end + 1].start == tokens[end].end
            and _may_be_glued(tokens[end + 1])
        ):
            end += 2
        else:
            break
    initial = end == at + 1 and (tokens[at].word in _TITLES or _is_initial(tokens, at))
    return end + 1 if initial and end < len(tokens) and tokens[end].text == "." else end


def _is_initial(tokens: Sequence[PassageToken], at: int) -> bool:
    return (
        len(tokens[at].text) == 1
        and tokens[at].is_capital
        and at + 2 < len(tokens)
        and tokens[at + 2].is_capital
    )


def _may_be_glued(token: PassageToken) -> bool:
    if token.mention is not None:
        return token.mention.kind in _LOOSE and " " not in token.text
    return token.text[:1].isalnum()


def _unit(tokens: Sequence[PassageToken], at: int, end: int, passage: Passage) -> SentenceUnit:
    text = passage.written(tokens[at], tokens[end - 1])
    if end - at > 1 and tokens[at].text in _QUOTES and tokens[end - 1].text == _QUOTES[tokens[at].text]:
        inner = passage.written(tokens[at + 1], tokens[end - 2]).rstrip(",")
        return SentenceUnit(inner, inner.lower(), at, end, None, True)
    only = tokens[at] if end - at == 1 else None
    mention = only.mention if only is not None else None
    if mention is not None and mention.kind == "code" and any(map(str.isalpha, text)):
        mention = None
    is_number = only is not None and number_of(only) is not None
    return SentenceUnit(text, text.lower().replace("’", "'"), at, end, mention, False, is_number)
