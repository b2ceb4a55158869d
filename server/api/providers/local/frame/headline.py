"""What a message is about by the noun with which it begins: «Roadmap review, 6 October from 13:00»."""

from collections.abc import Iterator

from server.api.providers.local.frame.argument import Argument, ReadSentence, argument_of
from server.api.providers.local.frame.phrase import phrase_at
from server.api.providers.local.frame.word import words_of_kind

_LOST = frozenset({"lost", "missing", "stolen", "found"})
_TIMES = frozenset({"date", "datetime", "time"})


def headlines(reading: ReadSentence, place: int) -> Iterator[Argument]:
    """What the first words of a message name, where they are no clause."""
    units = reading.units
    if place or len(units) < 3:
        return
    if units[0].word in _LOST and units[1].text == ":":
        thing = phrase_at(units, 2)
        found = (
            argument_of(reading, ("lost",), thing, (2, thing.end), frozenset({units[0].word}))
            if thing is not None
            else None
        )
        yield from (found,) if found is not None else ()
        return
    phrase = phrase_at(units, 0)
    if (
        phrase is None
        or phrase.first
        or phrase.end >= len(units)
        or units[phrase.end - 1].word not in words_of_kind("event")
    ):
        return
    behind = units[phrase.end]
    timed = behind.is_time or (behind.mention is not None and behind.mention.kind in _TIMES)
    if timed or behind.text in ",:" or behind.word in ("on", "at"):
        found = argument_of(reading, ("held",), phrase, (0, phrase.end), frozenset())
        yield from (found,) if found is not None else ()
