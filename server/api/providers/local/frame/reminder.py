"""What somebody is to be reminded of: «remind me to water the tomatoes every other day»."""

from collections.abc import Iterator

from server.api.providers.local.cue.settled import is_settled
from server.api.providers.local.frame.argument import Argument, ReadSentence
from server.api.providers.local.frame.kind import THING
from server.api.providers.local.frame.word import words_of_kind

_LEADS = ({"remind", "me", "to"}, {"remind", "us", "to"}, {"need", "to", "remember"}, {"reminder", ":", "to"})
_NOUNS = frozenset({"task", "reminder", "todo", "to-do"})
_LONGEST = 12


def reminders(reading: ReadSentence) -> Iterator[Argument]:
    """The task of a sentence that asks for a reminder."""
    units, sentence, passage = reading
    for at in range(len(units) - 3):
        is_noun = units[at + 1].word in _NOUNS and units[at].word in ("a", "the", "new", "another")
        is_lead = {unit.word for unit in units[at : at + 3]} in _LEADS
        if not (is_lead or is_noun) or units[at + 2].word != "to":
            continue
        end = at + 3
        while end < len(units) and end - at < _LONGEST:
            unit = units[end]
            is_day = unit.is_time or (
                unit.mention is not None and unit.mention.kind in ("date", "datetime", "time", "duration")
            )
            if (
                is_day
                or (is_noun and unit.word == "for")
                or unit.word in words_of_kind("after_task")
                or unit.text in ",;:.!?()–—\n"
            ):
                break
            end += 1
        while end > at + 3 and units[end - 1].word in words_of_kind("before_time"):
            end -= 1
        if end < at + 5 or not is_settled(
            sentence, units[at].first, units[end - 1].end, frozenset({"other"})
        ):
            continue
        first, last = sentence.tokens[units[at + 3].first], sentence.tokens[units[end - 1].end - 1]
        yield Argument(("reminder",), THING, passage.written(first, last), first.start, last.end)
