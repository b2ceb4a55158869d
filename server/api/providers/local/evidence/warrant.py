"""Whether a value without a label of its own is the property's by all that its clause says: what is not understood warrants nothing.

The rules of ``ownership.py`` know of what a clause may speak instead. Here it is the other way round: each word of the clause around a value,
and of the subject of its verb, is one with which such a value is told (rows of ``warrant_words.tsv``), or one of the property's own.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from server.api.providers.local.evidence.clause_subject import words_in
from server.api.providers.local.evidence.other_subject import (
    clause_at,
    has_two_things,
    is_another_kinds_word,
    is_beside_the_point,
    is_of_second_thing,
    is_part_of_thing,
    is_said_of_all,
    is_year,
    own_words,
    speaks_of_two_persons,
)
from server.api.providers.local.evidence.ownership import is_total
from server.api.providers.local.lexicon import (
    currencies_behind,
    months,
    number_words,
    plain_words,
    warrant_words,
    words_named,
)
from server.api.providers.local.mention import Mention, joins
from server.api.providers.local.pattern import Pattern, pattern
from server.api.providers.local.property import Property, all_labels

_KINDS: Mapping[str, tuple[str, ...]] = {
    "email": ("contacting", "papers"),
    "phone": ("contacting", "papers"),
    "url": ("contacting", "papers"),
    "person": ("contacting", "roles", "greeted"),
    "first_name": ("contacting", "roles"),
    "last_name": ("contacting", "roles"),
    "organization": ("working", "papers", "places"),
    "city": ("living", "working", "places", "events", "roles", "telling"),
    "country": ("living", "working", "places", "events", "roles", "telling"),
    "age": ("living", "roles"),
    "date": ("events", "meals", "rides", "papers", "telling", "seating", "coming"),
    "datetime": ("events", "meals", "rides", "papers", "telling", "seating", "coming"),
    "time": ("events", "meals", "rides", "papers", "telling", "seating", "coming"),
    "money": ("goods", "papers", "events", "telling"),
    "count": ("goods", "papers", "events", "meals", "places", "working", "telling", "seating"),
    "duration": ("events", "meals", "rides", "telling"),
    "rating": ("goods", "places", "events", "telling", "rating"),
    "language": ("living", "roles", "papers", "telling"),
}
"""Rows of words with which values of a kind are told."""
_EVERY = ("goods", "papers", "events", "meals", "rides", "places", "roles", "living", "working", "telling")
_NAMED = frozenset({"person", "organization", "city", "country", "language"})
_COVER = "_"
_CODE = r"\b\p{Lu}{2,3}\s?\p{Nd}{1,4}\b|\b(?:by|via|per|mit|par|por|con)\s\p{Lu}{2,5}\b"
"""What numbers flights and trains, and who carries: «LH 1142», «by DHL»."""
_SHORTENED = r"\b(?:nr|no|dr|mr|mrs|ms|prof|st|ref|r|tel)\."
"""Shortened words, behind which the sentence goes on."""
_WAYS = frozenset({"method", "methode", "méthode", "método", "metodo"})
"""Last words of the names of how something is paid or sent."""
_GRADES = frozenset(
    {
        "priority",
        "severity",
        "urgency",
        "priorität",
        "dringlichkeit",
        "priorité",
        "prioridad",
        "priorità",
        "prioridade",
        "prioriteit",
    }
)
"""Names of how urgent or grave a case is."""
_SHORTEST_TOTAL = 4
_LONGEST_PART = 8
_NEAR = 5
_TIMES = frozenset({"second", "minute", "hour", "day", "week", "month", "year"})


def covered(text: str, named: Sequence[Mention]) -> str:
    """``text`` with marks in the place of what is named in it; a mere capital names nothing that is understood."""
    text = _replaced(text, pattern(_CODE, ignore_case=False), _COVER)
    text = _replaced(text, pattern(_SHORTENED), " ")
    parts, at = [], 0
    for mention in named:
        if mention.kind == "number" and is_year(mention.text):
            continue
        relative = mention.kind in ("date", "datetime", "duration") and _is_of_another_time(mention.text)
        understood = mention.kind != "name" or (" " in mention.text and mention.start > 0)
        if mention.start >= at and understood and not relative:
            parts += [text[at : mention.start], _COVER * (mention.end - mention.start)]
            at = mention.end
    return "".join([*parts, text[at:]])


def _replaced(text: str, met: Pattern, mark: str) -> str:
    """``text`` with a mark for each character of what is met but its letters where the mark is a blank."""
    parts, at = [], 0
    for found in met.finditer(text):
        kept = found[0][:-1] if mark == " " else ""
        parts += [text[at : found.start()], kept, mark * (len(found[0]) - len(kept))]
        at = found.end()
    return "".join([*parts, text[at:]])


def _is_of_another_time(text: str) -> bool:
    """Whether a time is told as gone or to come: «last year»."""
    return bool(warrant_words("never") & set(words_in(text.lower())))


def is_warranted(masked: str, start: int, end: int, asked: Property, *, called: bool = False) -> bool:
    """Whether all around a value is understood; ``masked`` is the text as ``covered`` gives it.

    A value that is ``called`` by its own name needs no subject: «Anna Lee is 30, total $5».
    """
    clause = clause_at(masked, start, end, called=called)
    if (
        speaks_of_two_persons(clause)
        or is_of_second_thing(clause, asked)
        or is_beside_the_point(clause, asked)
    ):
        return False
    # Who has an address is told by its clause: what a supplier has is nobody else's.
    vocabulary = _vocabulary(_rows_of(asked), labels=asked.kind not in ("email", "phone", "url"))
    return not any(_unknown(clause.words, own_words(asked), vocabulary))


def is_warranted_word(masked: str, start: int, end: int, asked: Property) -> bool:
    """The same of a word that is said to be so, or of a listed value."""
    clause = clause_at(masked, start, end)
    if (
        speaks_of_two_persons(clause)
        or is_of_second_thing(clause, asked)
        or is_said_of_all(clause, asked)
        or is_part_of_thing(clause, asked)
        or has_two_things(clause, asked)
        or is_another_kinds_word(clause, asked)
    ):
        return False
    vocabulary = _vocabulary(_rows_of_word(asked), labels=False)
    return not any(_unknown(clause.words, own_words(asked), vocabulary))


def is_amount_told(masked: str, start: int, end: int, asked: Property) -> bool:
    """Whether the only amount of a text is told as what is asked for: paid, the price of a thing, the total of an order."""
    clause = clause_at(masked, start, end)
    words = [*clause.sentence, *clause.tail]
    subject = clause.subject
    if is_total(asked):
        wholes = words_named("wholes")
        called = {word for word in own_words(asked) if len(word) > _SHORTEST_TOTAL or joins(word[:1] or " ")}
        if _says(words, frozenset(called)):
            return True
        return bool({subject.head, subject.pronoun} & wholes) if subject is not None else _says(words, wholes)
    if (
        asked.words[-1:]
        and asked.words[-1] in words_named("price_nouns") | {"value", "sum"}
        and asked.generic
    ):
        if subject is not None:
            goods = warrant_words("goods") | own_words(asked) | words_named("price_nouns")
            thing = subject.head in goods or (
                not subject.head and subject.pronoun in words_named("it") - {"to"}
            )
            return thing or _says(words, warrant_words("buying"))
        return not words_named("predicates") & {*words}
    if asked.generic or asked.words in (("payment",), ("amount", "due")):
        return _says(words, warrant_words("paying") | own_words(asked))
    return True


def _says(words: Sequence[str], known: frozenset[str]) -> bool:
    """Whether one of the known words is among ``words``, or part of one that is written without blanks."""
    return any(
        word in known or (joins(word[0]) and any(part in word for part in known if joins(part[0])))
        for word in words
    )


def is_measured_there(masked: str, start: int, end: int, unit: str) -> bool:
    """Whether a measure is told with a verb or noun of measuring, or of lasting, or before what happens: «a 3-hour workshop»."""
    clause = clause_at(masked, start, end)
    words = {*clause.sentence[-_NEAR:], *clause.tail[:2]}
    if unit in _TIMES and warrant_words("events") & {*clause.tail[:1], *clause.head[-2:-1]}:
        # «A 3-hour workshop», «a meeting of 45 minutes».
        return True
    if unit in _TIMES and warrant_words("meant_for") & set(clause.head[-1:]):
        return any(warrant_words(row) & set(clause.words) for row in ("events", "papers"))
    return bool(words & warrant_words("lasting" if unit in _TIMES else "measuring"))


def _rows_of(asked: Property) -> tuple[str, ...]:
    if asked.kind == "quantity" and asked.unit in _TIMES:
        return ("events", "rides", "meals", "telling", "lasting")
    if asked.kind == "quantity":
        return ("goods", "papers", "places", "roles", "measuring", "telling")
    if (asked.kind == "person" or asked.kind == "money") and not asked.generic:
        return _EVERY
    return _KINDS.get(asked.kind, _EVERY)


def _rows_of_word(asked: Property) -> tuple[str, ...]:
    last = asked.words[-1] if asked.words else ""
    if last in _GRADES:
        return ("papers", "cases", "telling")
    if last in words_named("attributes") - words_named("states"):
        return ("goods", "telling")
    if last in _WAYS:
        return ("goods", "papers", "telling", "paying", "buying")
    if last in words_named("personal_qualities"):
        return ("roles", "living", "working")
    if last in words_named("states"):
        return ("goods", "papers", "events", "cases", "telling")
    return (*_EVERY, "cases")


class _Vocabulary:
    """Words of several rows; the rows are shared, for a set of its own for each kind of value would take megabytes."""

    def __init__(self, *rows: frozenset[str]) -> None:
        self._rows = rows

    def __contains__(self, word: str) -> bool:
        return any(word in row for row in self._rows)


def _unknown(words: Sequence[str], own: frozenset[str], vocabulary: _Vocabulary) -> Iterator[str]:
    for said in words:
        word = said.removesuffix("'s").removesuffix("'")
        if not word[:1].isalpha() or word.endswith("n't") or (len(word) == 1 and not joins(word)):
            continue
        if joins(word[0]):
            if not _in_parts(word, own, vocabulary):
                yield word
        elif not (
            {word, said, word.removesuffix("s"), word + "s"} & own
            or word in vocabulary
            or word.removesuffix("s") in vocabulary
        ):
            yield word


def _in_parts(text: str, own: frozenset[str], vocabulary: _Vocabulary) -> bool:
    """Whether a text without blanks is made of known parts, the longest first."""
    at = 0
    while at < len(text):
        ends = range(min(len(text), at + _LONGEST_PART), at, -1)
        end = next((end for end in ends if text[at:end] in own or text[at:end] in vocabulary), None)
        if end is None:
            return False
        at = end
    return True


@cache
def _vocabulary(rows: tuple[str, ...], *, labels: bool = True) -> _Vocabulary:
    return _Vocabulary(_small(labels=labels), *map(warrant_words, rows))


@cache
def _small(*, labels: bool) -> frozenset[str]:
    """Words that may stand around every value; the ``labels`` of other properties where these may stand beside it."""
    rows = (
        "gap",
        "determined",
        "joining",
        "in_persons",
        "it",
        "follows",
        "adverb",
        "copula",
        "having",
        "determiners",
        "articles",
        "links",
        "titles",
        "from",
        "to",
        "not",
        "offered",
    )
    found = {word for row in rows for word in words_named(row)}
    found |= {*currencies_behind(), *months(), *number_words()}
    spoken = ("pl", "ru", "uk", "tr", "ar", "hi", "sv", "cs", "fi", "zh", "ja", "ko", "de", "fr", "es", "it", "pt", "nl")  # fmt: skip
    found |= {word for language in spoken for word in plain_words(language)}
    if labels:
        found |= {word for label in all_labels() for word in label.split()} - _not_siblings()
    return (frozenset(found - plain_words("doubtful")) | warrant_words("small")) - warrant_words("never")


@cache
def _not_siblings() -> frozenset[str]:
    """Labels that are also things of which something is said."""
    return frozenset({"table", "bank", "host", "place", "local", "model", "brand", "sink"})
