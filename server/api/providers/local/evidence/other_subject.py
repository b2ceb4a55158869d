"""What else a clause speaks of than the property's thing: a second person, a second thing, all of a kind, another time, only some."""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise, takewhile
from typing import NamedTuple

from server.api.providers.local.evidence.clause_subject import (
    ClauseSubject,
    subject_at,
    words_before,
    words_in,
)
from server.api.providers.local.lexicon import warrant_words, words_named
from server.api.providers.local.pattern import pattern
from server.api.providers.local.property import Property

_JOINTS = words_named("clause_joints") - {"a", "o", "en", "i", "ou", ":"}
"""What parts clauses and is nothing else in another language."""
_TAIL = r"[.!?;:\n。！？，、]|,\s|\s(?:and|but|und|aber|et|mais|y|pero|e|ma|mas|maar|ale|och|men|и|но)\s"
_FARTHEST = 80
_NEAR = 6
_STEM = 4
_PLACED = frozenset({"order", "invoice", "payment", "purchase", "contract", "bill"})
"""What is placed, made out or signed on another day than that for which it is."""
_THINGS = ("goods", "papers", "events", "meals", "rides", "places", "roles")


class Clause(NamedTuple):
    """The words around a value, in small letters."""

    subject: ClauseSubject | None
    head: Sequence[str]
    """The words of the clause before the value."""
    tail: Sequence[str]
    """The words of the clause behind it."""
    sentence: Sequence[str]
    """All of the sentence before the value."""
    rest: Sequence[str]
    """All of the sentence behind it."""

    @property
    def words(self) -> Sequence[str]:
        """The words of the clause, and of its subject where an earlier clause has it."""
        return [*(self.subject.words if self.subject is not None else ()), *self.head, *self.tail]


def clause_at(masked: str, start: int, end: int, *, called: bool = False) -> Clause:
    """The clause around a value, of the whole sentence before it where no subject is known; what is ``called`` by its name needs none."""
    sentence = words_before(masked, start)
    subject = subject_at(masked, start)
    head = sentence
    if subject is not None or called:
        head = list(takewhile(lambda word: word not in _JOINTS, reversed(sentence)))[::-1]
    behind = masked[end : end + _FARTHEST].lower()
    tail = words_in(str(pattern(_TAIL).sub("\x00", behind)).partition("\x00")[0])
    rest = words_in(str(pattern(r"[.!?]\s|\n").sub("\x00", behind)).partition("\x00")[0])
    return Clause(subject, head, tail, sentence, rest)


def speaks_of_two_persons(clause: Clause) -> bool:
    """Whether a sentence speaks of the speaker and of somebody else («she speaks German and I do not»), or is somebody else's."""
    words = {*clause.sentence, *clause.rest}
    if words & warrant_words("reported"):
        return True
    return bool(words & warrant_words("first_person")) and bool(words & warrant_words("third_person"))


def is_of_second_thing(clause: Clause, asked: Property) -> bool:
    """Whether two things stand in the clause that are not the property's, so that either may have the value."""
    own = own_words(asked)
    if clause.subject is not None and _is_of_own(clause.subject, own):
        return True
    things = _foreign(clause.words, own)
    if asked.kind in ("date", "datetime", "time", "organization"):
        things -= warrant_words("places")
    if len(things) > 1:
        return True
    named = {*asked.words, *map(_single, asked.words)} & _all_things()
    if asked.kind in ("money", "time", "date", "datetime") and named and not asked.generic and things:
        return True
    if asked.words[-1:] and asked.words[-1] in words_named("attributes") - words_named("states"):
        subject = clause.subject
        if (
            subject is not None
            and subject.head
            and not {subject.head, _single(subject.head)} & (own | warrant_words("goods"))
        ):
            return True
        return len(_foreign([*clause.sentence, *clause.rest], own)) > 1
    return asked.kind in ("date", "datetime", "time") and _belongs_to_nearest(clause, own)


def _is_of_own(subject: ClauseSubject, own: frozenset[str]) -> bool:
    """Whether a clause speaks of another thing that only has to do with the property's: «the booking for the flight»."""
    head = {subject.head, _single(subject.head)}
    others = [word for word in subject.words if _single(word) != _single(subject.head)]
    return (
        _is_thing(subject.head)
        and not head & own
        and any(_is_thing(word) and {word, _single(word)} & own for word in others)
    )


def _foreign(words: Sequence[str], own: frozenset[str]) -> frozenset[str]:
    """The things among ``words`` that are not the property's; what only tells that it is asked and ordered is none."""
    things = {_single(word) for word in words if _is_thing(word) and not {word, _single(word)} & own}
    return frozenset(things - warrant_words("telling"))


def _belongs_to_nearest(clause: Clause, own: frozenset[str]) -> bool:
    """Whether a day stands right behind another noun than the property's: «the invoice for the trip on 3 May»."""
    behind_verb = list(takewhile(lambda word: word not in words_named("predicates"), reversed(clause.head)))
    nouns = [word for word in behind_verb if _is_thing(word) and word not in warrant_words("telling") - own]
    return len(nouns) > 1 and not {nouns[0], _single(nouns[0])} & own


def is_beside_the_point(clause: Clause, asked: Property) -> bool:
    """Whether a sentence tells what held at another time, for some only, or of what cannot have it."""
    words, own = {*clause.sentence, *clause.tail}, own_words(asked)
    if asked.words[:1] == ("check",) and not warrant_words("staying") & words:
        return True
    if {*asked.words[:1]} & _PLACED and warrant_words("meant_for") & {*clause.head[-1:]}:
        # «The order for 3 May» was placed on another day.
        return True
    if asked.kind in ("date", "datetime", "time"):
        return not asked.generic and any(
            not _begins_alike(word, own) for word in warrant_words("received") & words
        )
    others = words & warrant_words("roles") - own - words_named("titles")
    if (
        asked.kind in ("age", "city", "country")
        and others
        and {*words, *clause.rest} & warrant_words("first_person")
    ):
        return True
    if asked.kind != "year" and any(map(is_year, words)) and warrant_words("were") & words:
        # «In 2019 we had 12 shops.»
        return True
    if asked.kind == "money":
        # «30 EUR for adults» is no price as such, nor is «the order without the lamp» a whole.
        compound = not asked.known and len(asked.words) > 1
        if (
            compound
            and clause.tail[:1] != []
            and clause.tail[0] in warrant_words("meant_for")
            and _names_thing(clause.tail, own)
        ):
            return True
        if (
            clause.tail[:1] != []
            and clause.tail[0] in warrant_words("together")
            and _names_thing(clause.tail, own)
        ):
            return True
        return bool((words_named("further") | warrant_words("some") | warrant_words("without")) & words - own)
    if asked.kind == "rating":
        # A hotel of four stars is not rated so by whoever writes.
        alone = {word for word in words if word.isalpha()} <= own
        return not alone and "stars" not in asked.words and not warrant_words("rating") & words
    if asked.kind in ("count", ""):
        return _is_room_for(clause, own) or _is_staff_of_others(clause, own)
    if asked.kind in ("email", "phone", "url"):
        return bool(warrant_words("reached") & words)
    if asked.kind == "organization":
        places = [word for word in clause.head if word in warrant_words("places")]
        return (
            asked.generic
            and bool(places)
            and clause.head[-1:] != []
            and clause.head[-1] in warrant_words("of")
        )
    if asked.kind in ("duration", "quantity"):
        return bool(warrant_words("periods") & {*clause.tail[:2]} - own)
    return asked.kind in ("year", "city", "country") and _has_no_subject(clause, asked)


def _begins_alike(word: str, own: frozenset[str]) -> bool:
    return any(word[:_STEM] == other[:_STEM] for other in own)


def is_named_there(masked: str, start: int, end: int, asked: Property) -> bool:
    """Whether the clause of a value holds the word that tells the property from others of its kind."""
    words = {*map(_single, clause_at(masked, start, end).words)}
    return asked.generic or bool({*map(_single, asked.words[:-1])} & words)


def _names_thing(words: Sequence[str], own: frozenset[str]) -> bool:
    return any(_is_thing(word) and not {word, _single(word)} & own for word in words)


def _is_room_for(clause: Clause, own: frozenset[str]) -> bool:
    """Whether so many are only what a thing is for, or has room for: «the box for 6 bottles»."""
    if warrant_words("holding") & set(clause.head[-_NEAR:]) - own or _is_repeated(clause.tail):
        return True
    wanted = ((words_named("requests") | warrant_words("ordering")) - warrant_words("had")) & {*clause.head}
    behind_for = clause.head[-1:] != [] and clause.head[-1] in warrant_words("meant_for")
    return (
        behind_for
        and not wanted
        and any(warrant_words(row) & set(clause.head[-3:-1]) for row in ("goods", "places", "rides"))
    )


def _is_staff_of_others(clause: Clause, own: frozenset[str]) -> bool:
    """Whether a customer's people are counted, or those of some company: «our customer has 40 employees»."""
    if not warrant_words("staff") & own:
        return False
    some = {"a", "an", "ein", "eine", "une", "un", "una", "um", "uma", "een", "en"} & {*clause.sentence[:1]}
    return bool(some) or (clause.subject is not None and clause.subject.head in warrant_words("roles"))


def _is_repeated(tail: Sequence[str]) -> bool:
    """Whether so many are told of each day, week or thing: «2 tablets 3 times a day», «3 chairs per room»."""
    return any(
        (word in warrant_words("periods") and before in warrant_words("each"))
        or (before in ("per", "pro") and _is_thing(word))
        for before, word in pairwise(tail)
    ) or bool(warrant_words("times") & {*tail})


def _has_no_subject(clause: Clause, asked: Property) -> bool:
    subject = clause.subject
    if asked.kind == "year":
        begins = asked.words == ("year",) and len(clause.sentence) == 1
        return begins or (subject is not None and subject.head == "")
    if subject is None:
        return False
    gone = warrant_words("were") & {*clause.head}
    on_the_way = subject.head in warrant_words("journeys") and asked.generic
    return on_the_way or (subject.head == "" and (bool(gone) or subject.pronoun in words_named("it")))


def is_said_of_all(clause: Clause, asked: Property) -> bool:
    """Whether a sentence says what is so of all of a kind: «members have a discount»."""
    subject = clause.subject
    if subject is None or not subject.head.endswith("s") or subject.head in own_words(asked):
        return False
    return list(clause.sentence[:1]) == [subject.head]


def has_two_things(clause: Clause, asked: Property) -> bool:
    """Whether the subject of a clause names two things of which a state may be said: «the payment for the order was sent»."""
    words = clause.subject.words if clause.subject is not None else ()
    things = {_single(word) for word in words if _is_thing(word)}
    return len(things) > 1 and not things & own_words(asked)


def is_part_of_thing(clause: Clause, asked: Property) -> bool:
    """Whether a word is said to be, or not to be, in a thing: «my insurance is not included in the letter»."""
    inside = clause.tail[:1] != [] and any(
        word in words_named("joining") and _names_thing(clause.tail[at:], own_words(asked))
        for at, word in enumerate(clause.tail)
    )
    return inside and bool({"included", "inclusive", "contained", "missing"} & {*clause.tail})


def is_another_kinds_word(clause: Clause, asked: Property) -> bool:
    """Whether a listed value describes a noun that the speaker only has, or that is of another kind: «I have a red car»."""
    if asked.words[-1:] == () or clause.tail[:1] == []:
        return False
    noun, own = clause.tail[0], own_words(asked)
    if noun in words_named("follows") or {noun, _single(noun)} & own:
        return False
    if asked.words[-1] in words_named("attributes") - words_named("states"):
        told = words_named("requests") | warrant_words("buying") | warrant_words("ordering")
        wanted = (told - warrant_words("had")) & set(clause.head)
        return not wanted or not {noun, _single(noun)} & warrant_words("goods")
    return noun in ("job", "jobs", "arbeit", "travail", "trabajo", "lavoro")


def is_year(word: str) -> bool:
    """Whether a word is the number of a year."""
    return word.isdecimal() and len(word) == 4 and word[:2] in ("19", "20")


def own_words(asked: Property) -> frozenset[str]:
    """The words of a property's name, labels, title, description and of the objects in which it stands."""
    said = (asked.name.lower(), *asked.words, *asked.labels, *asked.about)
    return frozenset(word for phrase in said for word in (phrase, *phrase.split()))


def _is_thing(word: str) -> bool:
    return bool({word, _single(word)} & _all_things()) and word not in words_named("titles")


@cache
def _all_things() -> frozenset[str]:
    return frozenset[str]().union(*map(warrant_words, _THINGS))


def _single(word: str) -> str:
    return word.removesuffix("'s").removesuffix("s")
