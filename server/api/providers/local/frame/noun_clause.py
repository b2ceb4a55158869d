"""Nouns with what stands beside them: «order from Corvid Print», «our dog Biscuit», «vacation request: Dmitri Sokolov»."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from server.api.providers.local.frame.argument import Argument, ReadSentence, argument_of, is_version
from server.api.providers.local.frame.kind import CODE, FIRM, NAME, PERSON, PLACE, QUOTED, kind_of
from server.api.providers.local.frame.phrase import Phrase, phrase_at
from server.api.providers.local.frame.unit import SentenceUnit
from server.api.providers.local.frame.verb import read_arguments, verbs_at
from server.api.providers.local.frame.verb_clause import parts_behind
from server.api.providers.local.frame.word import lines_of, words_of_kind

_CALLED = frozenset({"called", "named", "titled", "entitled"})
_NAMES = frozenset({PERSON, FIRM, PLACE, NAME, CODE, QUOTED})
_TITLED = {
    "judge": ("judge",),
    "dr": ("doctor",),
    "dr.": ("doctor",),
    "professor": ("teacher",),
    "prof.": ("teacher",),
}
_AWAY = frozenset({"from", "than", "not", "near", "opposite", "behind", "unlike", "like", "except"})
_BY = ("author", "artist[PFN]", "director")


def noun_clauses(reading: ReadSentence) -> Iterator[Argument]:
    """What nouns of a sentence tell with the names and prepositions beside them."""
    told: list[Argument | None] = []
    units = reading.units
    at = 0
    while at < len(units):
        phrase = phrase_at(units, at)
        if phrase is None:
            at += 1
            continue
        told += [_version(reading, phrase), *_beside(reading, phrase), *_named(reading, phrase)]
        at = phrase.end
    yield from (argument for argument in told if argument is not None)


def _version(reading: ReadSentence, phrase: Phrase) -> Argument | None:
    last = phrase.end - 1
    if last == phrase.first or not is_version(reading.units[last]):
        return None
    found = argument_of(
        reading, ("version",), Phrase(last, last, phrase.end), (phrase.start, phrase.end), frozenset()
    )
    return found._replace(kind="V") if found is not None else None


def _beside(reading: ReadSentence, phrase: Phrase) -> Iterator[Argument | None]:
    """What prepositions and a colon behind a noun tell."""
    units = reading.units
    head = _noun_end(units, phrase)
    if units[phrase.end - 1].is_quoted:
        yield from _works(reading, phrase)
    arguments = _arguments_of(units, phrase.first, head)
    if not arguments or head < phrase.end:
        return
    for key, part in parts_behind(units, phrase.end):
        if roles := arguments.get(key):
            yield argument_of(
                reading, roles, part, (phrase.start, phrase.end), frozenset({units[head - 1].word, "cancel"})
            )
    behind = phrase_at(units, head + 1) if head < len(units) and units[head].text == ":" else None
    if behind is not None and ":" in arguments:
        yield argument_of(reading, arguments[":"], behind, (behind.start, behind.end), frozenset())


def _works(reading: ReadSentence, phrase: Phrase) -> Iterator[Argument | None]:
    units = reading.units
    if phrase.end < len(units) and units[phrase.end].word == "by":
        maker = phrase_at(units, phrase.end + 1)
        if maker is not None and kind_of(units, maker, reading.sentence, reading.passage) == PERSON:
            yield argument_of(reading, _BY, maker, (phrase.start, phrase.end), frozenset())
            yield argument_of(reading, ("work",), phrase, (phrase.start, maker.end), frozenset())


def _named(reading: ReadSentence, phrase: Phrase) -> Iterator[Argument | None]:
    """The name that stands behind a noun: «our dog Biscuit», «the landlord, Mr. Pruitt,», «a dog called Rex»."""
    units = reading.units
    if phrase.start and units[phrase.start - 1].word in _AWAY:
        return
    if (
        phrase.start > 1
        and units[phrase.start - 1].word in ("to", "by")
        and units[phrase.start - 2].word in ("next", "close", "opposed", "compared")
    ):
        return
    end = _noun_end(units, phrase)
    title = units[phrase.first].word
    if title in _TITLED and phrase.end - phrase.first > 1 and units[phrase.first].is_capital:
        yield argument_of(reading, _TITLED[title], phrase, (phrase.start, phrase.end), frozenset())
        return
    name = _name_behind(units, phrase, end)
    if name is None or end == phrase.first:
        return
    kind = kind_of(units, name, reading.sentence, reading.passage)
    noun = units[end - 1].word
    lesser = end - 1 > phrase.first and units[end - 2].word in words_of_kind("lesser")
    if phrase.owner in ("his", "her", "their") or lesser:
        return
    is_number = units[name.first].is_number or units[name.first].text[:1].isdecimal()
    if is_number and noun not in words_of_kind("numbered"):
        return
    if noun in words_of_kind("quality") or (
        verbs_at(units, end - 1)
        and end - 1 == phrase.first
        and noun not in _nouns()
        and noun not in words_of_kind("numbered")
    ):
        return
    living = noun in words_of_kind("living") or noun in words_of_kind("human")
    if kind not in _NAMES or (kind == PERSON and not living) or (not living and _goes_on(units, name.end)):
        return
    mapped = _arguments_of(units, phrase.first, end).get("=", ())
    roles = (f"~{noun}", *mapped)
    around = (phrase.start, end) if name.start < phrase.end else (name.start, name.end)
    yield argument_of(reading, roles, name, around, frozenset())


def _noun_end(units: Sequence[SentenceUnit], phrase: Phrase) -> int:
    """Where the nouns of a phrase end, and a name begins."""
    end = phrase.first
    while end < phrase.end and not units[end].is_quoted and not units[end].is_number:
        unit = units[end]
        begins = end == phrase.first and unit.first == 0
        if (unit.is_capital or unit.is_code) and not begins:
            break
        if (
            unit.is_capital
            and begins
            and not (
                unit.word in _nouns() or unit.word in words_of_kind("numbered") or _is_compound(units, end)
            )
        ):
            break
        end += 1
    return end


def _is_compound(units: Sequence[SentenceUnit], at: int) -> bool:
    return at + 1 < len(units) and f"{units[at].word}_{units[at + 1].word}" in _nouns()


def _name_behind(units: Sequence[SentenceUnit], phrase: Phrase, end: int) -> Phrase | None:
    if end < phrase.end:
        return Phrase(end, end, phrase.end, "", "", phrase.is_shared, phrase.is_open)
    if end >= len(units):
        return None
    if units[end].word in _CALLED:
        return phrase_at(units, end + 1)
    noun = units[end - 1].word
    if units[end].is_number and noun in words_of_kind("numbered"):
        return Phrase(end, end, end + 1)
    if units[end].text == "," and phrase.determiner + phrase.owner:
        found = phrase_at(units, end + 1)
        closed = found is not None and found.end < len(units) and units[found.end].text == ","
        return found if found is not None and closed and not found.is_shared else None
    return None


def _goes_on(units: Sequence[SentenceUnit], at: int) -> bool:
    """Whether a verb stands there that the name before it may be the subject of: «the dress Anna bought»."""
    return at < len(units) and bool(verbs_at(units, at)) and not units[at].is_capital


def _arguments_of(units: Sequence[SentenceUnit], first: int, end: int) -> Mapping[str, Sequence[str]]:
    if end <= first:
        return {}
    word = units[end - 1].word
    both = f"{units[end - 2].word}_{word}" if end - first > 1 else ""
    line = _nouns().get(both) or _nouns().get(word)
    return read_arguments(line) if line else {}


@cache
def _nouns() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for line in lines_of("nouns.tsv"):
        nouns, arguments = line.split("\t")
        for noun in nouns.split():
            found[noun] = arguments
    return found
