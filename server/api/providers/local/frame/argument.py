"""One argument of a verb or a noun: what may have which roles, where it stands, and whether nothing unsettles it."""

from collections.abc import Sequence
from typing import NamedTuple

from server.api.providers.local.cue.passage import Passage, Sentence
from server.api.providers.local.cue.settled import is_settled
from server.api.providers.local.frame.kind import PERSON, QUOTED, SEVERAL, THING, kind_of
from server.api.providers.local.frame.phrase import Phrase
from server.api.providers.local.frame.unit import SentenceUnit
from server.api.providers.local.frame.word import words_of_kind

_STRIPPED = frozenset({"mr", "mrs", "ms", "miss", "mx", "sir", "madam", "mr.", "mrs.", "ms."})


_WHOSE = frozenset({"his", "her", "their", "double"})
"""Owners who in a clause with a subject are the subject; «a double room»."""
_KINDS_OF_NAMES = frozenset({"column", "table", "folder", "file", "branch", "repo", "repository", "service", "server", "host", "database", "bucket", "variable", "function", "project", "channel", "group", "directory", "field", "job", "queue", "cluster", "namespace"})  # fmt: skip
"""Nouns behind which a name stands that is the thing's own."""
_SHOWN = frozenset({"samples", "sample", "templates", "template", "lost", "missing", "double"})
"""Words that unsettle a clause, and no noun of which they are part."""


def is_version(unit: SentenceUnit) -> bool:
    """Whether a unit is the version of something: «v2.8.1», «4.2»."""
    text = unit.text.removeprefix("v").removeprefix("V")
    return "." in text and text[:1].isdecimal() and text[-1].isalnum()


class Argument(NamedTuple):
    """What a clause says of one thing."""

    roles: Sequence[str]
    """Names of roles, each with the kinds that fit it: «recipient[PF]»."""
    kind: str
    text: str
    start: int
    """Where it stands in the prompt."""
    end: int
    owner: str = ""
    """Whose it is: «my», «Dana's»."""


class ReadSentence(NamedTuple):
    """One sentence as its clauses are read."""

    units: Sequence[SentenceUnit]
    sentence: Sentence
    passage: Passage


def argument_of(
    reading: ReadSentence,
    roles: Sequence[str],
    phrase: Phrase,
    around: tuple[int, int],
    allowed: frozenset[str],
) -> Argument | None:
    """The argument that a phrase is, if it is one thing, and nothing unsettles it with the units ``around`` it."""
    units, sentence, passage = reading
    if phrase.end - phrase.first > 1 and is_version(units[phrase.end - 1]):
        phrase = phrase._replace(end=phrase.end - 1)
    if phrase.is_open or phrase.determiner in ("no", "any", "each", "every", "some", "another"):
        return None
    first = units[min(phrase.start, around[0])].first
    end = units[max(phrase.end, around[1]) - 1].end
    own = frozenset(unit.word for unit in units[phrase.first : phrase.end] if unit.word in _SHOWN)
    if not is_settled(sentence, first, end, allowed | own | _WHOSE) or _is_led_astray(reading, first):
        return None
    if any(unit.word in words_of_kind("supposing") for unit in units[: phrase.start]):
        return None
    if phrase.is_shared:
        return Argument(roles, SEVERAL, "", sentence.tokens[units[phrase.first].first].start, 0)
    kind = kind_of(units, phrase, sentence, passage)
    start = phrase.first
    tail = next((at for at in range(phrase.first, phrase.end) if units[at].is_capital and at), phrase.first)
    if kind == THING and tail > phrase.first and units[phrase.end - 1].is_capital:
        name = phrase._replace(start=tail, first=tail)
        of_name = kind_of(units, name, sentence, passage)
        if units[tail - 1].word in words_of_kind("human") | _KINDS_OF_NAMES:
            kind, start = of_name, tail
        elif of_name == PERSON:
            return None
    while start + 1 < phrase.end and units[start].word in words_of_kind("leading") and kind == THING:
        start += 1
    if kind == PERSON and units[start].word in _STRIPPED and phrase.end - start > 1:
        start += 1
    tokens = sentence.tokens
    if kind == QUOTED:
        unit = units[phrase.end - 1]
        return Argument(
            roles, kind, unit.text, tokens[unit.first].start, tokens[unit.end - 1].end, phrase.owner
        )
    one, last = tokens[units[start].first], tokens[units[phrase.end - 1].end - 1]
    return Argument(roles, kind, passage.written(one, last), one.start, last.end, phrase.owner)


def _is_led_astray(reading: ReadSentence, first: int) -> bool:
    """Whether what stands before a colon says that what follows is not so: «Previous owner: …, city Bergen»."""
    tokens = reading.sentence.tokens
    colon = next((at for at in range(first - 1, 0, -1) if tokens[at].text == ":"), 0)
    return any(token.unsettles for token in tokens[:colon])
