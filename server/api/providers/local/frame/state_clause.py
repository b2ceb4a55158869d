"""What is said of a thing by «is»: where it is, what it is called, that it is out of order, how long or heavy it is."""

from collections.abc import Iterator, Sequence

from server.api.providers.local.cue.text.nouns import is_job
from server.api.providers.local.frame.argument import Argument, ReadSentence, argument_of
from server.api.providers.local.frame.kind import HUMAN, NAME, PERSON, PLACE, QUOTED, kind_of
from server.api.providers.local.frame.phrase import Phrase, phrase_at, phrase_before
from server.api.providers.local.frame.unit import SentenceUnit
from server.api.providers.local.frame.verb_clause import subject_before
from server.api.providers.local.frame.word import words_of_kind

_OUT = ({"out", "of", "order"}, {"out", "of", "service"}, {"on", "fire"})
_NOW = frozenset({"now", "currently", "still", "already"})
_HOUSES = frozenset({"place", "house", "flat", "home", "apartment", "office", "garden"})
_FIGURES = frozenset({"quantity", "money", "percentage", "duration"})


def state_clauses(reading: ReadSentence) -> Iterator[Argument]:
    """What the clauses of a sentence with «is» tell, and the places that it names."""
    told: list[Argument | None] = []
    units = reading.units
    for at, unit in enumerate(units):
        if unit.word in ("is", "are", "was", "were", "been"):
            told += _states(reading, at)
        elif unit.word in words_of_kind("unable") and at + 1 < len(units):
            told += _failures(reading, at)
        elif unit.word in ("v", "v.", "vs", "vs.") and 0 < at < len(units) - 1:
            told += _parties(reading, at)
        elif unit.word in ("in", "at", "on") and at + 1 < len(units):
            told += _places(reading, at)
        elif unit.is_owner and unit.is_capital and at + 1 < len(units) and units[at + 1].word in _HOUSES:
            told.append(_host(reading, at))
    yield from (argument for argument in told if argument is not None)


def _states(reading: ReadSentence, at: int) -> Iterator[Argument | None]:
    units = reading.units
    subject, _ = subject_before(units, at)
    behind = at + 1
    is_now = behind < len(units) and units[behind].word in _NOW
    while behind < len(units) and units[behind].word in _NOW | words_of_kind("adverb"):
        behind += 1
    if subject is None or behind >= len(units):
        return
    yield from _posts(reading, subject, at, behind)
    word = units[behind].word
    span = (at, behind + 1)
    if word in ("called", "named") and (name := phrase_at(units, behind + 1)) is not None:
        noun = units[subject.end - 1].word
        if not subject.is_shared and subject.determiner + subject.owner:
            yield argument_of(
                reading,
                (
                    f"~{noun}",
                    *(
                        ("pet",)
                        if noun
                        in ("dog", "cat", "puppy", "kitten", "horse", "rabbit", "hamster", "parrot", "pony")
                        else ()
                    ),
                ),
                name,
                (subject.start, name.end),
                frozenset(),
            )
    elif word in ("in", "at") and (place := phrase_at(units, behind + 1)) is not None:
        if units[at].word in ("is", "are"):
            kind = kind_of(units, place, reading.sentence, reading.passage)
            if kind in (PLACE, NAME) and is_now:
                yield argument_of(
                    reading, ("current_location",), place, (subject.start, place.end), frozenset()
                )
    elif _is_broken(units, behind) and units[at].word != "were":
        yield argument_of(
            reading, ("broken", "service"), subject, span, frozenset({"down", "out", "again", "broken"})
        )
    elif (figure := units[behind].mention) is not None and figure.kind in _FIGURES:
        yield argument_of(reading, ("measured",), subject, span, frozenset())


def _is_broken(units: Sequence[SentenceUnit], at: int) -> bool:
    words = {unit.word for unit in units[at : at + 3]}
    if any(out <= words for out in _OUT) or units[at].word in words_of_kind("broken") - {"down"}:
        return True
    ends = (
        at + 1 >= len(units)
        or not units[at + 1].is_word
        or units[at + 1].word in ("since", "again", "for", "because", "due", "after", "and")
    )
    return units[at].word == "down" and ends


def _failures(reading: ReadSentence, at: int) -> Iterator[Argument | None]:
    """What does not work: «the laptop won't start»."""
    units = reading.units
    subject, start = subject_before(units, at)
    is_own = subject is not None and bool(subject.determiner or subject.owner in ("my", "our"))
    if subject is not None and is_own and units[at + 1].word in words_of_kind("function"):
        harmless = frozenset({units[at].word, "last", "since"})
        yield argument_of(reading, ("broken", "service"), subject, (start, at + 2), harmless)


def _posts(reading: ReadSentence, subject: Phrase, at: int, behind: int) -> Iterator[Argument | None]:
    """Who has which job where: «Ruth Calder is the new head of logistics at Fennick Group»."""
    units, sentence, passage = reading
    post = phrase_at(units, behind)
    if (
        post is None
        or post.is_shared
        or kind_of(units, subject, sentence, passage) != PERSON
        or units[at].word != "is"
    ):
        return
    inner = phrase_at(units, post.end + 1) if post.is_open else None
    whole = (
        post._replace(end=inner.end, is_open=inner.is_open, is_shared=inner.is_shared)
        if inner is not None
        else post
    )
    found = argument_of(reading, ("job",), whole, (at, whole.end), frozenset())
    if (
        found is None
        or not is_job(found.text)
        or units[whole.first].is_capital != units[whole.end - 1].is_capital
    ):
        return
    yield found._replace(kind=HUMAN)
    yield argument_of(reading, ("employee",), subject, (at, whole.end), frozenset())
    if whole.end < len(units) and units[whole.end].word == "at":
        firm = phrase_at(units, whole.end + 1)
        if firm is not None:
            yield argument_of(reading, ("employer",), firm, (at, firm.end), frozenset())


def _parties(reading: ReadSentence, at: int) -> Iterator[Argument | None]:
    """The two sides of a case: «Hartwell v. Pine Ridge Estates»."""
    units = reading.units
    then = at + 1 + (units[at + 1].text == ".")
    one, two = phrase_before(units, at), phrase_at(units, then)
    if one is not None and two is not None and units[one.first].is_capital and units[two.first].is_capital:
        yield argument_of(reading, ("plaintiff",), one, (at, two.end), frozenset({"v", "vs"}))
        yield argument_of(reading, ("defendant",), two, (at, two.end), frozenset({"v", "vs"}))


def _places(reading: ReadSentence, at: int) -> Iterator[Argument | None]:
    units = reading.units
    place = phrase_at(units, at + 1)
    if place is not None:
        yield argument_of(reading, ("spot[S]",), place, (at, place.end), frozenset())


def _host(reading: ReadSentence, at: int) -> Argument | None:
    units = reading.units
    if at == 0 or units[at - 1].word != "at":
        return None
    found = argument_of(
        reading, ("organizer", "house_of"), Phrase(at, at, at + 1), (at - 1, at + 2), frozenset()
    )
    if found is None or found.kind not in (PERSON, NAME, HUMAN, QUOTED):
        return None
    return found._replace(kind=PERSON, text=found.text[:-2], end=found.end - 2)
