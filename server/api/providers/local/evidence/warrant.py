"""Whether a value without a label of its own is the property's by all that its clause says: what is not understood warrants nothing.

The rules of ``ownership.py`` know of what a clause may speak instead. Here it is the other way round: each word of the clause around a value,
and of the subject of its verb, is one with which such a value is told (rows of ``warrant_words.tsv``), or one of the property's own.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from server.api.providers.local.evidence.clause_subject import subject_at, words_before, words_in
from server.api.providers.local.lexicon import (
    currencies_behind,
    months,
    number_words,
    plain_words,
    warrant_words,
    words_named,
)
from server.api.providers.local.mention import Mention, joins
from server.api.providers.local.pattern import pattern
from server.api.providers.local.property import Property, all_labels

_KINDS: Mapping[str, tuple[str, ...]] = {
    "email": ("contacting", "papers"),
    "phone": ("contacting", "papers"),
    "url": ("contacting", "papers"),
    "person": ("contacting", "roles"),
    "first_name": ("contacting", "roles"),
    "last_name": ("contacting", "roles"),
    "organization": ("working", "papers", "places"),
    "city": ("living", "places", "events", "roles", "telling"),
    "country": ("living", "places", "events", "roles", "telling"),
    "age": ("living", "roles"),
    "date": ("events", "papers", "telling", "seating", "coming"),
    "datetime": ("events", "papers", "telling", "seating", "coming"),
    "time": ("events", "papers", "telling", "seating", "coming"),
    "money": ("goods", "papers", "events", "places", "telling"),
    "count": ("goods", "papers", "events", "places", "working", "telling", "seating"),
    "duration": ("events", "telling"),
    "rating": ("goods", "places", "events", "telling", "rating"),
    "language": ("living", "roles", "papers", "telling"),
}
"""Rows of words with which values of a kind are told."""
_EVERY = ("goods", "papers", "events", "places", "roles", "living", "working", "telling")
_NAMED = frozenset({"person", "organization", "city", "country", "language"})
_COVER = "_"
_JOINTS = words_named("clause_joints") - {"a", "o", "en", "i", "ou", ":"}
"""What parts clauses and is nothing else in another language."""
_TAIL = r"[.!?;:\n。！？，、]|,\s|\s(?:and|but|und|aber|et|mais|y|pero|e|ma|mas|maar|ale|och|men|и|но)\s"
_FARTHEST = 80
_LONGEST_PART = 8
_NEAR = 5
_FIRST_PERSON = frozenset(
    "i i'm i've i'd my me we we're we've our us ich mein meine wir unser je j'ai mon ma nous notre yo mi io mio mia eu meu minha ik mijn ja mój moja я мой моя jag min".split()  # noqa: SIM905  # one list, one line
)
_THIRD_PERSON = frozenset(
    "he he's she she's they they're his her their er sie seine ihre il elle ils elles él ella lui lei ele ela hij zij ona oni он она они han hon".split()  # noqa: SIM905  # as above
)
_ROMANCE_ARTICLE = frozenset({"il", "ma", "er", "sie", "mi", "ja", "min"})
"""Words of these lists that are something else in another language."""


def covered(text: str, named: Sequence[Mention]) -> str:
    """``text`` with marks in the place of what is named in it; a mere capital names nothing that is understood."""
    parts, at = [], 0
    for mention in named:
        if mention.kind == "number" and _is_year(mention.text):
            continue
        relative = mention.kind in ("date", "datetime", "duration") and _is_of_another_time(mention.text)
        if mention.start >= at and mention.kind != "name" and not relative:
            parts += [text[at : mention.start], _COVER * (mention.end - mention.start)]
            at = mention.end
    return "".join([*parts, text[at:]])


def _is_of_another_time(text: str) -> bool:
    """Whether a time is told as gone or to come: «last year»."""
    return bool(warrant_words("never") & set(words_in(text.lower())))


def is_warranted(masked: str, start: int, end: int, asked: Property, *, called: bool = False) -> bool:
    """Whether all around a value is understood; ``masked`` is the text as ``covered`` gives it.

    A value that is ``called`` by its own name needs no subject: «Anna Lee is 30, total $5».
    """
    if _speaks_of_two(masked, start, end):
        return False
    words = [*words_before(masked, start), *_tail(masked, end)]
    if not _is_told_as_such(asked, words, masked, start):
        return False
    vocabulary = _vocabulary(_rows_of(asked))
    return not any(_unknown(list(_around(masked, start, end, called=called)), _own(asked), vocabulary))


def _is_told_as_such(asked: Property, words: Sequence[str], masked: str, start: int) -> bool:
    """Whether a sentence tells what holds now, of whom or what may have it."""
    dated = asked.kind in ("date", "datetime", "time", "year")
    if not dated and any(map(_is_year, words)) and warrant_words("were") & set(words):
        # «In 2019 we had 12 shops.»
        return False
    if asked.kind == "rating" and "stars" not in asked.words:
        # A hotel of four stars is not rated so by whoever writes.
        return bool(warrant_words("rating") & set(words))
    if asked.kind == "year":
        subject = subject_at(masked, start)
        return subject is None or subject.head != ""
    if asked.kind in ("city", "country"):
        subject = subject_at(masked, start)
        return subject is None or subject.head != "" or subject.pronoun not in words_named("it")
    return True


def _is_year(word: str) -> bool:
    return word.isdigit() and len(word) == 4 and word[:2] in ("19", "20")


def is_warranted_word(masked: str, start: int, end: int, asked: Property) -> bool:
    """The same of a word that is said to be so, or of a listed value."""
    if _speaks_of_two(masked, start, end):
        return False
    vocabulary = _vocabulary(_rows_of_word(asked))
    return not any(_unknown(list(_around(masked, start, end)), _own(asked), vocabulary))


def _rows_of_word(asked: Property) -> tuple[str, ...]:
    last = asked.words[-1] if asked.words else ""
    if last in words_named("attributes") and last not in words_named("states"):
        return ("goods", "telling")
    if last in words_named("personal_qualities"):
        return ("roles", "living", "working")
    return ("goods", "papers", "events", "places", "roles", "living", "working", "telling", "cases")


def is_measured_there(masked: str, start: int, end: int, unit: str) -> bool:
    """Whether a measure is told with a verb or noun of measuring, or of lasting, or before what happens: «a 3-hour workshop»."""
    words = {*words_before(masked, start)[-_NEAR:], *_tail(masked, end)[:2]}
    lasting = unit in ("second", "minute", "hour", "day", "week", "month", "year")
    if lasting and warrant_words("events") & set(_tail(masked, end)[:1]):
        return True
    return bool(words & warrant_words("lasting" if lasting else "measuring"))


def _rows_of(asked: Property) -> tuple[str, ...]:
    if asked.kind == "quantity":
        lasting = asked.unit in ("second", "minute", "hour", "day", "week", "month", "year")
        return (
            ("events", "telling", "lasting")
            if lasting
            else ("goods", "papers", "places", "roles", "measuring", "telling")
        )
    return _KINDS.get(asked.kind, _EVERY)


def _around(masked: str, start: int, end: int, *, called: bool = False) -> Iterator[str]:
    """The words of a clause but its value, and of its subject where an earlier clause has it."""
    head = words_before(masked, start)
    subject = subject_at(masked, start)
    if subject is not None:
        yield from subject.words
    if subject is not None or called:
        last = [at for at, word in enumerate(head) if word in _JOINTS]
        head = head[last[-1] + 1 :] if last else head
    yield from head
    yield from _tail(masked, end)


def _tail(masked: str, end: int) -> list[str]:
    rest = pattern(_TAIL).sub("\x00", masked[end : end + _FARTHEST].lower())
    return words_in(str(rest).partition("\x00")[0])


def _unknown(words: Sequence[str], own: frozenset[str], vocabulary: frozenset[str]) -> Iterator[str]:
    for said in words:
        word = said.removesuffix("'s").removesuffix("'")
        if not word[:1].isalpha() or word.endswith("n't") or (len(word) == 1 and not joins(word)):
            continue
        if joins(word[0]):
            if not _in_parts(word, own, vocabulary):
                yield word
        elif not (
            {word, said, word.removesuffix("s"), word + "s"} & own
            or {word, word.removesuffix("s")} & vocabulary
        ):
            yield word


def _in_parts(text: str, own: frozenset[str], vocabulary: frozenset[str]) -> bool:
    """Whether a text without blanks is made of known parts, the longest first."""
    at = 0
    while at < len(text):
        ends = range(min(len(text), at + _LONGEST_PART), at, -1)
        end = next((end for end in ends if text[at:end] in own or text[at:end] in vocabulary), None)
        if end is None:
            return False
        at = end
    return True


def _speaks_of_two(masked: str, start: int, end: int) -> bool:
    """Whether a sentence speaks of the speaker and of somebody else: «she speaks German and I do not»."""
    rest = str(pattern(r"[.!?]\s|\n").sub("\x00", masked[end : end + _FARTHEST].lower())).partition("\x00")[0]
    words = {*words_before(masked, start), *words_in(rest)} - _ROMANCE_ARTICLE
    return bool(words & _FIRST_PERSON) and bool(words & _THIRD_PERSON)


def _own(asked: Property) -> frozenset[str]:
    said = (asked.name.lower(), *asked.words, *asked.labels, *asked.about)
    return frozenset(word for phrase in said for word in (phrase, *phrase.split()))


@cache
def _vocabulary(rows: tuple[str, ...]) -> frozenset[str]:
    return _small().union(*map(warrant_words, rows))


@cache
def _small() -> frozenset[str]:
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
    found |= {word for label in all_labels() for word in label.split()} - _not_siblings()
    return (frozenset(found - plain_words("doubtful")) | warrant_words("small")) - warrant_words("never")


@cache
def _not_siblings() -> frozenset[str]:
    """Labels that are also things of which something is said."""
    return frozenset({"table", "bank", "host", "place", "local", "model", "brand", "sink"})
