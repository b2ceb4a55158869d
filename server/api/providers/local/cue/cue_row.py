"""Cues as rows of ``cues.tsv``: words with a slot between, and the properties whose value stands in the slot."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

from server.api.providers.local.assertion.assertion import BLANK
from server.api.providers.local.cue.beside import is_joined, is_others
from server.api.providers.local.cue.certain import is_certain
from server.api.providers.local.cue.passage import Passage, PassageToken, Sentence, number_of
from server.api.providers.local.cue.settled import (
    CLAUSE_MARKS,
    is_called_off,
    is_led_astray,
    is_number_settled,
    is_settled,
)
from server.api.providers.local.cue.text.names import NAME_SLOTS, ends_of, written
from server.api.providers.local.cue.unspaced import is_unspaced
from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.language import language_of
from server.api.providers.local.mention import Mention

_NOBODY: frozenset[str] = frozenset()
_GAP = 3
"""Words that may stand in a gap."""
_WIDE_GAP = 6
"""Words and figures that may stand in a wide gap (``**``)."""
_LONGEST_NAME = 6
_LONGEST_NOUN = 4
_LONGEST_CODE = 7
_FEWEST_FIGURES = 4
"""Figures of a number of a thing that stands before a noun: fewer count what the noun names."""
_MOST_STEPS = 4_000
"""Attempts at one passage for one property."""
_OF_FIGURES = frozenset({"N", "M", "U", "Q", "P", "UY", "QA"})
"""Slots for figures."""
_OF_KIND: Mapping[str, frozenset[str]] = {
    "D": frozenset({"date", "datetime"}), "T": frozenset({"time"}), "M": frozenset({"money"}), "U": frozenset({"duration"}), "Q": frozenset({"quantity"}),
    "P": frozenset({"percentage"}), "E": frozenset({"email"}), "F": frozenset({"phone"}), "L": frozenset({"url"}), "I": frozenset({"iban"}),
}  # fmt: skip
"""Kinds of mentions by the letter of their slot."""
_JOINING = frozenset("of the de van von der da del la le du and & to y e et und for at ' - .".split())  # noqa: SIM905  # one list, one line
"""What may stand within a name, between two words of it."""
_NO_NAME = frozenset(
    "i i'm i'd i'll i've the we my our it he she they if not no a an this that please hi hello dear thanks your".split()  # noqa: SIM905  # one list, one line
)
_NO_NOUN = frozenset(
    "a an the and or but nor is are am was were be been being has have had do does did to of in on at for from by with without as into onto not no never it its he she "  # noqa: SIM905  # as above
    "they we you i me us him them his her their my our your this that these those if when while which who whom whose what where than then so because until till since will would "
    "could should may might can must shall only also very too just please thanks there here under over between about around up down off out per each every".split()
)
_NUMBERED = frozenset({"№", "#", "nr", "numer", "č", "号"})
_LABELLED = frozenset({"pl", "cs", "ru", "uk", "tr", "ko", "ar", "hi", "zh", "ja"})
_HARMLESS: Mapping[str, frozenset[str]] = {
    "tr": frozenset({"son", "her", "o"}),
    "cs": frozenset({"se", "si", "o"}),
    "pl": frozenset({"o"}),
}
"""Words that unsettle a clause in another language only."""
_CODE_OF_LANGUAGE = 2
_AREAS = frozenset({"sqm", "m2", "m²", "㎡"})
_IN_PASSING = frozenset({"code", "email"})
"""Kinds of things that may stand in a gap."""
_NUMBER_SLOTS = frozenset({"K", "FL", "R"})
"""What holds of a thing whatever is denied of it."""
_IN_ONE_LANGUAGE = frozenset({"no", "o", "se", "om", "of", "si", "non", "men", "als", "ou"})
"""Words of a cue in one language that unsettle in another: a cue has them only where it is written with them."""
_GLUE = frozenset("-/.#_")


class CueRow(NamedTuple):
    """One cue."""

    names: frozenset[str]
    parts: tuple[str, ...]
    """Words (``a|b``, ``word?``), ``*`` for a gap, slots (``{D}``); ``{=D}`` is the slot whose value is taken where there are several;
    ``^`` the beginning of a clause, ``!a|b`` no such word behind, ``~a|b`` none before."""


class Cued(NamedTuple):
    """What a cue gives."""

    value: Value
    start: int
    end: int


def cued(names: frozenset[str], passage: Passage) -> list[Cued]:
    """What the cues of a property with these ``names`` give, in the order of the text."""
    return cued_by(rows_for(names, passage), passage)


def rows_for(names: frozenset[str], passage: Passage) -> list[CueRow]:
    """The rows of the tables for every language and for the one in which the passage is written."""
    language = _language(passage.text)
    return [row for one in ("", language) for name in names for row in rows_named(one, name)]


@lru_cache(maxsize=8)
def _language(text: str) -> str:
    return language_of(text.replace(BLANK, " "))


def cued_by(every: Sequence[CueRow], passage: Passage) -> list[Cued]:
    """What these rows give, in the order of the text."""
    found: list[Cued] = []
    steps = [0]
    rows = {row.parts: row for row in every}
    for place, sentence in enumerate(passage.sentences if rows else ()):
        if sentence.is_taken_back or (
            place
            and (is_led_astray(passage.sentences[place - 1]) or is_called_off(passage.sentences[place - 1]))
        ):
            continue
        words = {token.word for token in sentence.tokens}
        if _language(passage.text) == "cs" and any(map(is_czech_denial, words)):
            continue
        for row in rows.values():
            if all(_may_stand(part, words) for part in row.parts):
                found += _matches(row, sentence, passage, steps)
    return found


def is_czech_denial(word: str) -> bool:
    """Whether a word is a Czech verb with its denial: «nebydlím»."""
    return (
        word.startswith("ne")
        and not word.startswith(("nej", "neděl", "nemocnic", "nebo", "nech"))
        and word.endswith(("m", "me", "š", "te", "í", "e", "á", "l", "la", "li", "lo"))
        and len(word) > _SHORTEST_DENIAL
    )


_SHORTEST_DENIAL = 4


def _may_stand(part: str, words: set[str]) -> bool:
    return part[0] in "{!~^" or part[-1] in "?*" or not words.isdisjoint(_alternatives(part))


@lru_cache(maxsize=1_000)
def _alternatives(part: str) -> frozenset[str]:
    """The words that a part of a cue may be."""
    return frozenset(part.rstrip("?").lstrip("!~").split("|"))


def _matches(row: CueRow, sentence: Sentence, passage: Passage, steps: list[int]) -> Iterator[Cued]:
    tokens = sentence.tokens
    at = 0
    says = any(part.startswith("is|") for part in row.parts)
    first_words = (
        _alternatives(row.parts[0]) if row.parts[0][0] not in "{!~^*" and row.parts[0][-1] != "?" else None
    )
    by_name = row.parts[0].strip("{=}") in NAME_SLOTS
    while at < len(tokens):
        if (first_words is not None and tokens[at].word not in first_words) or is_others(
            tokens, at, by_name, says
        ):
            at += 1
            continue
        spans = next(_from(row.parts, tokens, at, passage, steps), None)
        if spans is None:
            at += 1
            continue
        taken = next((span for part, span in spans if "=" in part), None)
        taken = taken or next((span for part, span in spans if part[0] == "{"), None)
        end = max(last for _, (_, last) in spans)
        allowed = frozenset[str]().union(*map(_alternatives, row.parts))
        allowed |= _HARMLESS.get(_language(passage.text), frozenset())
        allowed -= _IN_ONE_LANGUAGE - {token.word for token in tokens[at:end]}
        if any(part == "{R}" for part, _ in spans):
            # What a reason denies is part of the reason.
            allowed |= {
                token.word for part, (first, last) in spans if part == "{R}" for token in tokens[first:last]
            }
        slot = next((part for part, span in spans if span == taken), "")
        settles = (
            is_number_settled
            if slot.strip("{=}") in _NUMBER_SLOTS
            else is_certain
            if _is_of_figures(row.parts)
            else is_settled
        )
        if taken is not None and is_joined(tokens, taken[1], end, _language(passage.text) in _LABELLED):
            taken = None
        if taken is not None and settles(sentence, at, end, allowed):
            value = _value(tokens, taken, passage, next(part for part, span in spans if span == taken))
            if value is not None:
                yield Cued(value, tokens[taken[0]].start, tokens[taken[1] - 1].end)
        at = max(end, at + 1)


def _is_of_figures(parts: Sequence[str]) -> bool:
    return any(part[0] == "{" and part.strip("{=}") in _OF_FIGURES for part in parts)


def words_match(parts: tuple[str, ...], sentence: Sentence, passage: Passage) -> Iterator[tuple[int, int]]:
    """Where the words of a row without slots stand in a sentence."""
    words = {token.word for token in sentence.tokens}
    if not all(_may_stand(part, words) for part in parts):
        return
    steps = [0]
    for at in range(len(sentence.tokens)):
        spans = next(_from(parts, sentence.tokens, at, passage, steps), None)
        if spans:
            yield at, max(last for _, (_, last) in spans)


_Span = tuple[str, tuple[int, int]]


def _from(
    parts: Sequence[str], tokens: Sequence[PassageToken], at: int, passage: Passage, steps: list[int]
) -> Iterator[list[_Span]]:
    """Each way in which the parts stand one behind the other from a token on."""
    steps[0] += 1
    if steps[0] > _MOST_STEPS:
        return
    if not parts:
        yield []
        return
    part, rest = parts[0], parts[1:]
    for end in _ends(part, tokens, at, passage):
        for spans in _from(rest, tokens, end, passage, steps):
            yield [(part, (at, end)), *spans] if end > at else spans


def _ends(part: str, tokens: Sequence[PassageToken], at: int, passage: Passage) -> Iterator[int]:
    """Where a part may end that begins at a token; the ends that are tried first come first."""
    if part[0] == "{":
        yield from slot_ends(part.strip("{=}"), tokens, at, passage)
        return
    if part[0] in "!~^":
        if _stands_clear(part, tokens, at):
            yield at
        return
    if part in ("*", "**"):
        yield at
        for end in range(at, min(at + (_GAP if part == "*" else _WIDE_GAP), len(tokens))):
            token = tokens[end]
            mention = token.mention
            passes = mention is not None and (
                part == "**" or mention.kind in _IN_PASSING or mention.value is None
            )
            if not (token.is_word or passes) or (token.unsettles and token.word != "up"):
                return
            yield end + 1
        return
    if at < len(tokens) and tokens[at].mention is None and tokens[at].word in _alternatives(part):
        yield at + 1
    if part[-1] == "?":
        yield at


def _stands_clear(part: str, tokens: Sequence[PassageToken], at: int) -> bool:
    """Whether a place begins a clause (``^``), or has none of some words behind (``!a|b``) or before it (``~a|b``)."""
    if part == "^":
        return at == 0 or tokens[at - 1].text in CLAUSE_MARKS
    words = _alternatives(part)
    if part[0] == "!":
        return at >= len(tokens) or tokens[at].word not in words
    return at == 0 or tokens[at - 1].word not in words


def slot_ends(slot: str, tokens: Sequence[PassageToken], at: int, passage: Passage) -> Iterator[int]:
    """Where what a slot asks for ends, if it begins at a token; the longest first."""
    if at >= len(tokens):
        return
    token = tokens[at]
    kinds = _OF_KIND.get(slot)
    if kinds is not None:
        if slot == "D" and _is_weekday_before(tokens, at):
            yield at + (3 if tokens[at + 1].text == "," else 2)
        elif token.mention is not None and token.mention.kind in kinds:
            yield at + 1
    elif slot == "QA":
        if token.mention is not None and token.mention.kind == "quantity" and token.mention.unit in _AREAS:
            yield at + 1
    elif slot == "UY":
        if token.mention is not None and token.mention.kind == "duration" and token.mention.unit == "year":
            yield at + 1
    elif slot == "N":
        if number_of(token) is not None:
            yield at + 1
    elif slot == "K":
        end = code_end(tokens, at)
        if end:
            yield end
    elif slot == "X":
        yield from reversed(_name_ends(tokens, at))
    elif slot == "W":
        yield from reversed(_noun_ends(tokens, at))
    elif slot in NAME_SLOTS:
        yield from ends_of(slot, tokens, at, passage)


def _is_rest_of_plate(tokens: Sequence[PassageToken], end: int) -> bool:
    """Whether the letters that end a number plate stand behind a blank: «AB21 CDE»."""
    head, rest = tokens[end - 1].text, tokens[end].text
    return (
        rest.isalpha()
        and rest.isupper()
        and len(rest) == _PLATE_LETTERS
        and head[:2].isalpha()
        and head.isupper()
        and head[2:].isdecimal()
    )


_PLATE_LETTERS = 3


def _is_weekday_before(tokens: Sequence[PassageToken], at: int) -> bool:
    """Whether a day of the week stands there with its day behind it, or behind a comma."""
    then = at + 2 if at + 1 < len(tokens) and tokens[at + 1].text == "," else at + 1
    first, day = tokens[at].mention, tokens[then].mention if then < len(tokens) else None
    is_weekday = tokens[at].word in _WEEKDAYS or (
        first is not None and first.kind == "date" and first.value is None
    )
    return is_weekday and day is not None and day.kind in ("date", "datetime")


_WEEKDAYS = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun montag dienstag mittwoch donnerstag freitag samstag sonntag lundi mardi mercredi jeudi vendredi samedi dimanche "  # noqa: SIM905  # as above
    "lunes martes miércoles jueves viernes sábado domingo lunedì martedì mercoledì giovedì venerdì sabato domenica segunda terça quarta quinta sexta maandag dinsdag woensdag donderdag "
    "vrijdag zaterdag zondag måndag tisdag onsdag torsdag fredag lördag söndag måndagen tisdagen onsdagen torsdagen fredagen lördagen söndagen".split()  # one list, one line
)


def code_end(tokens: Sequence[PassageToken], at: int) -> int:
    """The end of a number of letters, figures and joining marks; 0 where none begins."""
    end = at
    if tokens[at].text in _GLUE:
        return 0
    while (
        end < len(tokens)
        and end - at < _LONGEST_CODE
        and (end == at or tokens[end].start == tokens[end - 1].end)
    ):
        token = tokens[end]
        if is_unspaced(token.text[0]) and token.mention is None:
            break
        if not (
            token.text.isalnum()
            or token.text in _GLUE
            or (token.mention is not None and token.mention.kind in ("number", "code", "phone"))
        ):
            break
        end += 1
    while end > at and tokens[end - 1].text in _GLUE:
        end -= 1
    if end < len(tokens) and _is_rest_of_plate(tokens, end):
        return end + 1
    code = "".join(token.text for token in tokens[at:end])
    if code.isdecimal() and len(code) < _FEWEST_FIGURES and end < len(tokens):
        numbered = at > 0 and tokens[at - 1].word in _NUMBERED
        counts = tokens[end].is_word and tokens[end].word not in _NO_NOUN and not numbered
        return 0 if counts else end
    return end if any(map(str.isdecimal, code)) else 0


def _name_ends(tokens: Sequence[PassageToken], at: int) -> list[int]:
    """Ends of names that begin at a token: words with capitals, and what joins them."""
    if not tokens[at].is_capital or tokens[at].word in _NO_NAME:
        return []
    ends = [at + 1]
    end = at + 1
    while end < len(tokens) and end - at < _LONGEST_NAME:
        token = tokens[end]
        if token.is_capital or (
            token.mention is not None
            and token.mention.kind in ("number", "code")
            and not token.text[:1].islower()
        ):
            ends.append(end + 1)
        elif token.word not in _JOINING:
            break
        end += 1
    return ends


def _noun_ends(tokens: Sequence[PassageToken], at: int) -> list[int]:
    """Ends of a noun with what stands before it."""
    ends: list[int] = []
    for end in range(at, min(at + _LONGEST_NOUN, len(tokens))):
        token = tokens[end]
        glued = token.text == "-" and end > at
        if not glued and (not token.is_word or token.word in _NO_NOUN or token.unsettles):
            break
        if not glued:
            ends.append(end + 1)
    return ends


def _value(
    tokens: Sequence[PassageToken], span: tuple[int, int], passage: Passage, part: str
) -> Value | None:
    first, last = tokens[span[0]], tokens[span[1] - 1]
    slot = part.strip("{=}")
    if slot == "N":
        number = number_of(first)
        return Value(number, first.mention) if number is not None else None
    if slot in _OF_KIND or slot in ("QA", "UY"):
        mention = last.mention
        if mention is not None and mention.value is None and mention.text.endswith("."):
            mention = mention._replace(text=mention.text[:-1], end=mention.end - 1)
        return (
            Value(mention.value if mention.value is not None else mention.text, mention)
            if mention is not None
            else None
        )
    text = written(slot, tokens, *span, passage) if slot in NAME_SLOTS else passage.written(first, last)
    text = text.strip(" )#") if slot == "K" else text
    return Value(text, Mention("text", first.start, last.end, text)) if text.strip() else None


@lru_cache(maxsize=256)
def rows_named(language: str, name: str) -> tuple[CueRow, ...]:
    """The cues of a name for all languages (``""``) or for one, read from their lines when they are asked for: all of them together are large."""
    return tuple(CueRow(_NOBODY, tuple(words.split())) for words in _words_named(language).get(name, ()))


@lru_cache(maxsize=4)
def _words_named(language: str) -> Mapping[str, tuple[str, ...]]:
    """The words of the cues of a language, or of those that are kept for all, by each name that they have."""
    found: dict[str, tuple[str, ...]] = {}
    own = f"cues_{language}.tsv"
    every = [name for name in tables("cues") if not _is_of_language(name)]
    for table in [own] * (own in tables("cues")) if language else every:
        for line in text_of(table):
            names, words = line.split("\t")
            for name in {name.strip() for name in names.split(",")}:
                found[name] = (*found.get(name, ()), words)
    return found


def _is_of_language(table: str) -> bool:
    """Whether a table is of one language: ``cues_pl.tsv``."""
    return len(table.removeprefix("cues_").removesuffix(".tsv")) == _CODE_OF_LANGUAGE and "_" in table


@cache
def tables(beginning: str) -> tuple[str, ...]:
    """The tables of this folder whose names begin so, in their order."""
    folder = resources.files("server.api.providers.local.cue")
    return tuple(
        name for name in sorted(entry.name for entry in folder.iterdir()) if name.startswith(beginning)
    )


@cache
def one_name() -> Mapping[str, str]:
    """The first name of a row of the tables ``cue_names*.tsv`` by each of its names."""
    return {
        name.strip(): names[0].strip()
        for table in tables("cue_names")
        for names in (line.split(",") for line in text_of(table))
        for name in names
    }


def lines_of(beginning: str) -> Iterator[str]:
    """The lines of every table of this folder that has such a name, alone or with another behind it: ``roles.tsv``, ``roles_west.tsv``."""
    for table in tables(beginning):
        if table[len(beginning)] in "._" and table.endswith(".tsv"):
            yield from text_of(table)


def text_of(name: str) -> Iterator[str]:
    """The lines of a table of this folder without its remarks."""
    text = (resources.files("server.api.providers.local.cue") / name).read_text(encoding="utf-8")
    return (line for line in text.splitlines() if line and not line.startswith("#"))
