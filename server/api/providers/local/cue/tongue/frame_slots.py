"""What may fill a place in a frame of a western language: a person, a firm, a venue, a thing, a job, a reason, a room."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache

from server.api.providers.local.assertion.assertion import BLANK
from server.api.providers.local.cue.passage import Passage, PassageToken
from server.api.providers.local.cue.tongue.spoken_rows import number_at
from server.api.providers.local.cue.tongue.wordings import is_word, words_of_row
from server.api.providers.local.lexicon import first_names, months

_WORDS = "frame_words_west.tsv"
_STOPS = "frame_stops_west.tsv"
_PARTICLES = frozenset({"de", "di", "da", "do", "dos", "van", "von", "der", "den", "del", "la", "le", "du", "des", "della", "y", "e", "af", "av", "ter", "ten"})  # fmt: skip
_BETWEEN = frozenset({"&", "-", "'", "+"})
_LONGEST_PERSON = 4
_LONGEST_NAME = 5
_LONGEST_THING = 5
_LONGEST_REASON = 8
_LONGEST_JOB = 3
_OF = frozenset({"de", "di", "da", "do", "d", "des", "du", "del", "della", "dei", "à", "para", "per"})
_BENT = frozenset({"pl", "cs", "fi"})


def bare(token: PassageToken) -> str:
    """The text of a token without an article that is written onto it: «l'atelier»."""
    head, mark, rest = token.text.replace("’", "'").partition("'")
    return rest if mark and rest and head.lower() in _ONTO else token.text


_ONTO = frozenset({"l", "d", "un", "all", "dell", "nell", "dall", "sull", "qu", "quest"})


def _is_stop(token: PassageToken, language: str) -> bool:
    """Whether a word is part of no thing: a verb, a preposition, an adverb."""
    return any(is_word(token.word, phrase[0], language) for phrase in words_of_row(_STOPS, language)["stop"])


def _is_no_name(word: str, language: str) -> bool:
    return (word in months() and word not in _first_names()) or any(
        is_word(word, phrase[0], language) for phrase in words_of_row(_STOPS, language)["no name"]
    )


def _is_big(token: PassageToken) -> bool:
    return token.mention is None and bare(token)[:1].isupper()


@lru_cache(maxsize=10)
def _titles(language: str) -> frozenset[str]:
    rows = words_of_row(_WORDS, language).get("title", ())
    return frozenset(phrase[0] for phrase in rows if len(phrase) == 1)


@lru_cache(maxsize=10)
def _posts(language: str) -> frozenset[str]:
    """Nouns for what a person is, with which a sentence may begin."""
    rows = words_of_row("frame_roles_west.tsv", language).values()
    return frozenset(phrase[0] for phrases in rows for phrase in phrases if len(phrase) == 1)


def _after_titles(tokens: Sequence[PassageToken], at: int, language: str) -> int:
    titles = _titles(language)
    first = at
    while first < len(tokens) and (
        tokens[first].word in titles or (first == 0 and tokens[first].word in _posts(language))
    ):
        first += 1
        if first < len(tokens) and tokens[first].text == ".":
            first += 1
    return first


def person_span(tokens: Sequence[PassageToken], at: int, language: str) -> tuple[int, int] | None:
    """The tokens of a person's name, without a title before it."""
    first = _after_titles(tokens, at, language)
    end = _capitals(tokens, first, language, _LONGEST_PERSON)
    if end == first or tokens[first].mention is not None:
        return None
    known = tokens[first].word in _first_names()
    is_titled = first > at or (at > 0 and tokens[at - 1].word in _titles(language))
    if not is_titled and not known and (end - first < 2 or language == "de"):
        return None
    return (first, end) if _is_whole(tokens, end) else None


def told_person_span(tokens: Sequence[PassageToken], at: int, language: str) -> tuple[int, int] | None:
    """The tokens of a name behind a word that says that it is one."""
    first = _after_titles(tokens, at, language)
    end = _capitals(tokens, first, language, _LONGEST_PERSON)
    return (first, end) if end > first and _is_whole(tokens, end) else None


@cache
def _first_names() -> frozenset[str]:
    return frozenset(name.lower() for name in first_names())


def _capitals(tokens: Sequence[PassageToken], first: int, language: str, most: int) -> int:
    """The end of the words with capitals from a token on."""
    end = first
    while end < len(tokens) and end - first < most:
        token = tokens[end]
        small = token.word in _PARTICLES and end > first
        if small:
            ahead = end + 1
            while ahead < len(tokens) and tokens[ahead].word in _PARTICLES:
                ahead += 1
            if ahead >= len(tokens) or not _is_big(tokens[ahead]) or ahead - end > 1:
                break
            end = ahead
            continue
        if not _is_big(token) or _is_no_name(token.word, language):
            break
        end += 1
    return end


def _is_whole(tokens: Sequence[PassageToken], end: int) -> bool:
    """Whether a name goes on in no way behind its end."""
    behind = tokens[end] if end < len(tokens) else None
    if behind is not None and behind.text == "." and len(tokens[end - 1].text) == 1:
        # An initial, or a form of firms that goes on.
        return False
    return behind is None or not (
        behind.text in ("&", "/", "+")
        or behind.text.startswith(BLANK)
        or (behind.text == "-" and behind.start == tokens[end - 1].end)
        or (behind.is_capital and behind.word not in months() and not behind.word.isdecimal())
    )


def firm_span(tokens: Sequence[PassageToken], at: int, language: str) -> tuple[int, int] | None:
    """The tokens of a firm's or another proper name."""
    end = at
    while end < len(tokens) and end - at <= _LONGEST_NAME:
        token = tokens[end]
        joins = (
            end > at
            and (token.text in _BETWEEN or token.word in _PARTICLES)
            and end + 1 < len(tokens)
            and _is_big(tokens[end + 1])
        )
        if joins:
            end += 2
            continue
        if not _is_big(token) or _is_no_name(token.word, language):
            break
        end += 1
        if end < len(tokens) and tokens[end].text == "." and _is_form(tokens, end):
            end = _form_end(tokens, end)
    if end == at or not _is_whole(tokens, end):
        return None
    if end - at == 1 and (len(bare(tokens[at])) < 2 or tokens[at].word in _first_names()):
        return None
    return at, end


def _is_form(tokens: Sequence[PassageToken], end: int) -> bool:
    """Whether a dot belongs to a form of firms: «S.r.l.», «s.r.o.», «S.L.»."""
    return len(tokens[end - 1].text) == 1 and end + 1 < len(tokens) and len(tokens[end + 1].text) == 1


def _form_end(tokens: Sequence[PassageToken], end: int) -> int:
    while end + 1 < len(tokens) and tokens[end].text == "." and len(tokens[end + 1].text) == 1:
        end += 2
    return end + 1 if end < len(tokens) and tokens[end].text == "." else end


def venue_span(tokens: Sequence[PassageToken], at: int, language: str) -> tuple[int, int] | None:
    """The tokens of a venue: its noun, with its name behind or before it."""
    return _with_noun("venue", tokens, at, language)


def university_span(tokens: Sequence[PassageToken], at: int, language: str) -> tuple[int, int] | None:
    """The tokens of a university: its noun, with its name behind it."""
    return _with_noun("university", tokens, at, language)


def _with_noun(row: str, tokens: Sequence[PassageToken], at: int, language: str) -> tuple[int, int] | None:
    if at >= len(tokens):
        return None
    nouns = words_of_row(_WORDS, language).get(row, ())
    is_noun = any(is_word(tokens[at].word, phrase[0], language) for phrase in nouns)
    end = at + 1
    if not is_noun:
        return None
    while end < len(tokens) and end - at <= _LONGEST_NAME:
        if _is_big(tokens[end]) and not _is_no_name(tokens[end].word, language):
            end += 1
        elif tokens[end].word in _PARTICLES and end + 1 < len(tokens) and _is_big(tokens[end + 1]):
            end += 2
        else:
            break
    is_named = end > at + 1 or (_is_big(tokens[at]) and (language == "de" or at > 0))
    return (at, end) if is_named and _is_whole(tokens, end) else None


def thing_span(tokens: Sequence[PassageToken], at: int, language: str) -> tuple[int, int] | None:
    """The tokens of a thing: its words up to a preposition, a verb or a mark."""
    end = at
    while end < len(tokens) and end - at < _LONGEST_THING:
        token = tokens[end]
        if token.mention is not None or not (token.is_word or token.text.isdecimal()):
            break
        if token.word in _OF and end > at and end + 1 < len(tokens) and tokens[end + 1].is_word:
            if _is_stop(tokens[end + 1], language):
                break
            end += 2
            continue
        if _is_stop(token, language) or (end == at and number_at(tokens, at, language) is not None):
            break
        end += 1
    if end == at or not _ends_plainly(tokens, end, language):
        return None
    if language == "de" and not tokens[end - 1].text[:1].isupper():
        return None
    if end - at == 1 and len(bare(tokens[at])) < 3:
        return None
    return at, end


def _ends_plainly(tokens: Sequence[PassageToken], end: int, language: str) -> bool:
    """Whether a thing ends where it seems to: at a mark, or at a word that is part of none."""
    if end >= len(tokens):
        return True
    token = tokens[end]
    if token.text in ("-", "/", "&") or token.text.startswith(BLANK) or token.word in ("und", "et", "y", "e", "ed", "en", "i", "och", "a", "ja", "oder", "ou", "o", "u", "of", "eller", "nebo", "lub", "tai"):  # fmt: skip
        return False
    return not token.is_word or _is_stop(token, language)


def job_span(tokens: Sequence[PassageToken], at: int, language: str) -> tuple[int, int] | None:
    """The tokens of a job: one to three words up to a preposition or a mark."""
    first = at
    if first < len(tokens) and tokens[first].word in ("une", "un", "una", "uma", "um", "een", "en"):
        first += 1
    span = thing_span(tokens, first, language)
    return span if span is not None and span[1] - span[0] <= _LONGEST_JOB else None


def reason_span(tokens: Sequence[PassageToken], at: int, language: str) -> tuple[int, int] | None:
    """The tokens up to the end of a clause, where a conjunction ends it too."""
    end = at
    while end < len(tokens) and end - at < _LONGEST_REASON:
        token = tokens[end]
        if not token.is_word or token.word in ("und", "et", "y", "e", "ed", "en", "i", "och", "a", "ja"):
            break
        end += 1
    return (at, end) if end > at and (end == len(tokens) or tokens[end].text not in ("-", "/")) else None


def room_span(tokens: Sequence[PassageToken], at: int, language: str) -> tuple[int, int] | None:
    """The tokens of a room's number or name: «B2.14», «Turia»."""
    if at >= len(tokens):
        return None
    token = tokens[at]
    end = at + 1
    if token.mention is None and token.is_capital and not _is_no_name(token.word, language):
        end = _capitals(tokens, at, language, 3)
        if end == at or (language == "de" and end - at > 1):
            return None
    elif (token.mention is not None and token.mention.kind not in ("number", "code")) or (
        token.mention is None and not token.text.isdecimal()
    ):
        return None
    while end < len(tokens) and tokens[end].start == tokens[end - 1].end and _goes_on(tokens, end):
        end += 1
    return at, end


def _goes_on(tokens: Sequence[PassageToken], end: int) -> bool:
    text = tokens[end].text
    return text.isalnum() or (
        text in ".-/"
        and end + 1 < len(tokens)
        and tokens[end + 1].start == tokens[end].end
        and tokens[end + 1].text.isalnum()
    )


def word_span(tokens: Sequence[PassageToken], at: int, language: str) -> tuple[int, int] | None:
    """The one word of a department."""
    if at >= len(tokens) or not tokens[at].is_word or len(tokens[at].text) < 2:
        return None
    if _is_stop(tokens[at], language) or _is_no_name(tokens[at].word, language):
        return None
    if not tokens[at].is_capital and language not in ("cs", "pl"):
        return None
    return (at, at + 1) if _ends_plainly(tokens, at + 1, language) else None


def town_span(tokens: Sequence[PassageToken], at: int, language: str) -> tuple[int, int] | None:
    """The tokens of a town's name where its language bends none."""
    if language in _BENT:
        return None
    end = _capitals(tokens, at, language, 3)
    return (at, end) if end > at and _is_whole(tokens, end) else None


SLOTS: Mapping[str, Callable[[Sequence[PassageToken], int, str], tuple[int, int] | None]] = {
    "P": person_span,
    "PP": told_person_span,
    "N": firm_span,
    "V": venue_span,
    "U": university_span,
    "X": thing_span,
    "J": job_span,
    "R": reason_span,
    "K": room_span,
    "W": word_span,
    "C": town_span,
}
"""Where a value ends, by the letter for it in a frame."""


def written(span: tuple[int, int], tokens: Sequence[PassageToken], passage: Passage) -> str:
    """The text of a span, without an article that is written onto its first word."""
    text = passage.written(tokens[span[0]], tokens[span[1] - 1])
    return bare(tokens[span[0]]) + text[len(tokens[span[0]].text) :]
