"""Clauses around their verbs: who does it, to what, and what prepositions add; in active and passive, as a request and as a wish."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from server.api.providers.local.frame.argument import Argument, ReadSentence, argument_of
from server.api.providers.local.frame.kind import NAME, PERSON, kind_of
from server.api.providers.local.frame.phrase import Phrase, phrase_at, phrase_before
from server.api.providers.local.frame.unit import SentenceUnit
from server.api.providers.local.frame.verb import VerbForm, VerbFrame, frame_of, is_finite, verbs_at
from server.api.providers.local.frame.word import words_of_kind

_MULTIWORD = {
    ("because", "of"): "because_of",
    ("due", "to"): "due_to",
    ("caused", "by"): "because_of",
    ("owing", "to"): "due_to",
    ("in", "front"): "near",
    ("on", "behalf"): "behalf",
    ("out", "of"): "from",
}
_MARKS = frozenset(",;:()–—\n.!?-")
_MOST_PARTS = 12
_WRITER = frozenset({"i", "we", "i'm", "i'd", "i've", "i'll", "we're", "we'd", "we've", "we'll"})
_THEY = frozenset({"he", "she", "it", "they", "you", "he's", "she's", "it's", "they're", "you're"})


class _Use(NamedTuple):
    """How a verb stands in its clause."""

    voice: str
    """a active, p passive."""
    subject: Phrase | None
    start: int
    """The first unit of the clause that belongs to the verb."""


def verb_clauses(reading: ReadSentence) -> Iterator[Argument]:
    """What the clauses around the verbs of a sentence tell."""
    before: Phrase | None = None
    for at in range(len(reading.units)):
        for form in verbs_at(reading.units, at):
            end = _after_particle(reading.units, at, form)
            if not end:
                continue
            frame = frame_of(form.base)
            use = _use(reading.units, at, form, frame, before)
            if use is None or ("p" in frame.flags and _is_past(reading.units, at, form, use)):
                continue
            if "w" in frame.flags and not _is_somebody(reading, use):
                continue
            before = use.subject or before
            yield from _arguments(reading, at, end, form, frame, use)


def _is_somebody(reading: ReadSentence, use: _Use) -> bool:
    """Whether the clause is of one person who is named, or of the writer."""
    if use.subject is None:
        return reading.units[use.start].word in _WRITER or reading.units[use.start - 1].word in ("and", "but")
    kind = kind_of(reading.units, use.subject, reading.sentence, reading.passage)
    owned = bool(use.subject.owner or use.subject.is_open or use.subject.is_shared)
    return kind in (PERSON, NAME) and not owned


def _is_past(units: Sequence[SentenceUnit], at: int, form: VerbForm, use: _Use) -> bool:
    return "d" in form.forms and not any(
        unit.word in words_of_kind("have") or unit.word in words_of_kind("be")
        for unit in units[use.start : at]
    )


def _after_particle(units: Sequence[SentenceUnit], at: int, form: VerbForm) -> int:
    particles = form.base.split(" ")[1:]
    if not particles:
        return at + 1
    then = at + 1
    while then < len(units) and then - at <= _FARTHEST_PARTICLE:
        if units[then].word == particles[0] or (particles[0] == "working" and units[then].word == "working"):
            return at + 1 if then > at + 1 else then + 1
        if units[then].text in _MARKS or units[then].word in words_of_kind("preposition"):
            return 0
        then += 1
    return 0


_FARTHEST_PARTICLE = 4


def _use(
    units: Sequence[SentenceUnit], at: int, form: VerbForm, frame: VerbFrame, before: Phrase | None
) -> _Use | None:
    """How the verb at a unit stands; none where it is a noun, or nobody can say."""
    place = at - 1
    while place >= 0 and (
        units[place].word in words_of_kind("adverb")
        or (units[place].word.endswith("ly") and units[place].is_word)
    ):
        place -= 1
    previous = units[place] if place >= 0 else None
    word = previous.word if previous is not None else ""
    forms = set(form.forms)
    if word in words_of_kind("be") or word.endswith(("'re", "'m")) or word in ("he's", "she's", "it's"):
        if "g" in forms:
            return _Use("a", *_subject(units, place + 1))
        return _Use("p", *_subject(units, place + 1)) if "n" in forms else None
    if word in words_of_kind("have") or word.endswith("'ve"):
        return _Use("a", *_subject(units, place + 1)) if "n" in forms else None
    if word in words_of_kind("modal") or word.endswith(("'ll", "'d")):
        return _Use("a", *_subject(units, place + 1)) if "b" in forms else None
    if word == "to" and "b" in forms:
        return _wished(units, place)
    if word in _WRITER | _THEY | {"who", "which"}:
        finite = forms & {"b", "s", "d"}
        return _Use("a", *_subject(units, place + 1)) if finite else None
    if previous is not None and previous.text == "," and forms & {"s", "d"}:
        told = _behind_aside(units, place)
        if told is not None:
            return _Use("a", told, told.start)
    begins = previous is None or word in words_of_kind("polite") or previous.text in _MARKS
    if begins:
        return _beginning(units, at, form, frame, place, before)
    if (
        previous is not None
        and (previous.is_word or previous.is_quoted or previous.is_number)
        and forms & {"s", "d", "n"}
    ):
        return _finite(units, at, form, frame, place)
    return None


def _behind_aside(units: Sequence[SentenceUnit], comma: int) -> Phrase | None:
    """The subject before what is said of it between commas: «Anna Berg, who works at Siemens, ordered»."""
    for at in range(comma - 1, 0, -1):
        if units[at].text == ",":
            opens = units[at + 1].word in ("who", "which", "a", "an", "our", "the", "my")
            return phrase_before(units, at) if opens else None
    return None


def _beginning(
    units: Sequence[SentenceUnit],
    at: int,
    form: VerbForm,
    frame: VerbFrame,
    place: int,
    before: Phrase | None,
) -> _Use | None:
    """A verb with which a clause begins: a request, a plan, or one that goes on for the same subject."""
    following = units[at + 1] if at + 1 < len(units) else None
    if following is None:
        return None
    joined = place >= 0 and units[place].word in ("and", "then", "but")
    if "b" in form.forms:
        opens = _opens_object(following) or _is_asked_for(units, at)
        noun = following.is_word and following.word not in words_of_kind("preposition") | words_of_kind(
            "be"
        ) | words_of_kind("modal")
        fits = opens if "n" in frame.flags else opens or noun
        goes_on = "i" in frame.flags and following.word in words_of_kind("preposition") and joined
        to_name = following.word == "to" and place < 0 and at + 2 < len(units) and units[at + 2].is_capital
        goes_on = goes_on or (
            to_name and form.base in ("ship", "bill", "deliver", "send", "invoice", "dispatch")
        )
        return _Use("a", None, at) if fits or goes_on else None
    if "g" in form.forms and (place < 0 or units[place].text in "\n.!?"):
        return _Use("a", None, at)
    if "d" in form.forms and joined and before is not None:
        return _Use("a", before, at)
    if "n" in form.forms and following.word in ("by", "at", "from", "in", "to", "on") and not joined:
        return _Use("p", None, at)
    if "d" in form.forms and _opens_object(following) and place < 0:
        return _Use("a", None, at)
    return None


def _is_asked_for(units: Sequence[SentenceUnit], at: int) -> bool:
    """Whether a request stands before the verb at a unit."""
    return any(unit.word in ("please", "kindly") for unit in units[max(0, at - 2) : at])


def _opens_object(unit: SentenceUnit) -> bool:
    """Whether an article, a number, a pronoun or a name begins there."""
    return (
        unit.word in words_of_kind("determiner")
        or unit.word in words_of_kind("possessive")
        or unit.is_number
        or unit.is_quoted
        or (unit.mention is not None and unit.mention.kind in ("quantity", "money", "number"))
        or unit.word in ("me", "us", "him", "her", "them")
        or unit.is_capital
        or unit.is_code
        or unit.is_owner
    )


def _finite(
    units: Sequence[SentenceUnit], at: int, form: VerbForm, frame: VerbFrame, place: int
) -> _Use | None:
    """A verb behind a noun: what somebody does, or behind the noun to which it is done."""
    following = units[at + 1] if at + 1 < len(units) else None
    subject = phrase_before(units, place + 1)
    if subject is None:
        return None
    if following is not None and following.word == "by" and "n" in form.forms:
        return _Use("p", subject, subject.start)
    takes = following is not None and (
        _opens_object(following)
        or (
            following.is_word
            and following.word not in words_of_kind("preposition")
            and phrase_at(units, at + 1) is not None
        )
    )
    is_name = units[subject.end - 1].is_capital
    outer = _outer(units, subject)[0] or subject
    if form.forms == "s" or "d" not in form.forms:
        if "s" not in form.forms:
            return (
                _Use("p", subject, subject.start)
                if following is not None and following.word in ("by", "from", "to", "at")
                else None
            )
        sure = (
            (is_name and units[at].text.islower())
            or (outer.determiner + outer.owner and following is not None and _opens_object(following))
            or is_finite(units[at].word)
        )
        return _Use("a", *_outer(units, subject)) if sure and (takes or "i" in frame.flags) else None
    if takes or "i" in frame.flags or form.forms == "d":
        return _Use("a", *_outer(units, subject))
    if is_name and units[at].text.islower():
        return _Use("a", *_outer(units, subject))
    return None


def subject_before(units: Sequence[SentenceUnit], end: int) -> tuple[Phrase | None, int]:
    """The subject before a verb and its auxiliaries, and where it begins."""
    return _subject(units, end)


def _subject(units: Sequence[SentenceUnit], end: int) -> tuple[Phrase | None, int]:
    """The subject before auxiliaries and adverbs, and where it begins."""
    at = end - 1
    while at >= 0 and (
        units[at].word in words_of_kind("be")
        or units[at].word in words_of_kind("have")
        or units[at].word in words_of_kind("modal")
        or units[at].word in words_of_kind("adverb")
        or units[at].word in ("not", "to")
    ):
        at -= 1
    if at < 0:
        return None, 0
    word = units[at].word
    if word in ("who", "which"):
        then = at - (at > 0 and units[at - 1].text == ",")
        found = phrase_before(units, then)
        return (found, found.start) if found is not None else (None, at)
    if word in _WRITER | _THEY:
        return None, at
    found = phrase_before(units, at + 1)
    if found is None:
        return None, at + 1
    return _outer(units, found)


def _outer(units: Sequence[SentenceUnit], phrase: Phrase) -> tuple[Phrase | None, int]:
    """The subject itself, where a phrase belongs to it: «the meter in the cellar»."""
    at = phrase.start
    while at > 0 and units[at - 1].word in words_of_kind("preposition"):
        outer = phrase_before(units, at - 1)
        if outer is None:
            return None, at
        phrase, at = outer, outer.start
    if at > 0 and units[at - 1].text == ",":
        # «The landlord, Mr. Pruitt, …»: what stands before the comma may be the subject as well.
        return phrase._replace(is_shared=phrase.is_shared or _is_listed(units, at - 1)), at
    if (
        at > 0
        and units[at - 1].word in ("and", "or", "&")
        and at > 1
        and (units[at - 2].is_capital or units[at - 2].is_quoted)
        and units[phrase.end - 1].is_capital
    ):
        return None, at
    return phrase, at


def _is_listed(units: Sequence[SentenceUnit], comma: int) -> bool:
    return comma > 0 and units[comma - 1].is_capital


def _wished(units: Sequence[SentenceUnit], to: int) -> _Use | None:
    """What somebody would like, needs or is going to do, where it is the writer's wish or is settled."""
    place = to - 1
    while place >= 0 and units[place].word in words_of_kind("adverb"):
        place -= 1
    word = units[place].word if place >= 0 else ""
    if word in ("remind", "me", "us") and place >= 0:
        return _Use("a", None, to)
    if word not in words_of_kind("control"):
        return None
    subject, start = _subject(units, place)
    lead = [unit.word for unit in units[start:place]]
    own = bool(lead) and (lead[0] in _WRITER or any(item in ("i", "we") for item in lead))
    likes = word in ("like", "love") and any(item.endswith("'d") or item == "would" for item in lead)
    if units[place].word in ("hoping", "try", "wish") and not own:
        return None
    if word == "going" and any(item in ("was", "were") for item in lead):
        return None
    if word == "able" and not own:
        return None
    if not own and not likes and word not in ("going", "needs", "need", "has", "have"):
        return None
    return _Use("a", subject, start)


def _arguments(
    reading: ReadSentence, at: int, end: int, form: VerbForm, frame: VerbFrame, use: _Use
) -> Iterator[Argument]:
    units = reading.units
    allowed = frozenset({units[at].word, form.base, "like", "would"})
    told: list[Argument | None] = []
    parts = list(_parts(units, end, use.voice))
    complete = (
        "i" in frame.flags
        or use.voice == "p"
        or any(key == "o" for key, _ in parts)
        or _has_amount(units, end)
    )
    if use.subject is not None and complete:
        key = "o" if use.voice == "p" else "s"
        told.append(_argument(reading, frame, key, use.subject, (at, at + 1), allowed))
    objects = 0
    if (
        not any(key == "o" for key, _ in parts)
        and use.voice == "a"
        and (thing := _antecedent(units, use, at)) is not None
    ):
        between = reading.sentence.tokens[units[thing.start].first : units[at].end]
        harmless = (
            frozenset(token.word for token in reading.sentence.tokens)
            if not any(token.unsettles for token in between)
            else allowed
        )
        told.append(_argument(reading, frame, "o", thing, (at, at + 1), harmless))
    for key, phrase in parts:
        if use.voice == "p" and key == "by":
            roles_of_agent = "s" if "by" not in frame.arguments else "by"
            told.append(_argument(reading, frame, roles_of_agent, phrase, (at, at + 1), allowed))
            continue
        name = key
        if key == "o":
            objects += 1
            name = "o" if objects == 1 else "o2"
            name = "om" if "om" in frame.arguments and _is_dose(units, phrase) else name
        told.append(_argument(reading, frame, name, phrase, (at, at + 1), allowed))
    yield from (argument for argument in told if argument is not None)


def _antecedent(units: Sequence[SentenceUnit], use: _Use, at: int) -> Phrase | None:
    """The thing of which a clause without «that» is told: «the headphones I bought»."""
    start = use.start
    if use.subject is not None or start < 1 or units[start].word not in _WRITER:
        return None
    before = start - (units[start - 1].word in ("that", "which"))
    thing = phrase_before(units, before)
    if thing is None or not thing.determiner + thing.owner or units[thing.end - 1].is_time:
        return None
    return thing


def _has_amount(units: Sequence[SentenceUnit], at: int) -> bool:
    """Whether a sum of money is the object of a verb."""
    mention = units[at].mention if at < len(units) else None
    return mention is not None and mention.kind in ("money", "number", "quantity")


def _is_dose(units: Sequence[SentenceUnit], phrase: Phrase) -> bool:
    """Whether a thing is measured as medicine is: «20 mg of», «one tablet of»."""
    return any(
        unit.word in ("tablet", "tablets", "capsule", "capsules", "drops", "pill", "pills", "puffs")
        or (
            unit.mention is not None
            and unit.mention.kind == "quantity"
            and unit.mention.unit in ("mg", "ml", "mcg", "µg")
        )
        for unit in units[phrase.start : phrase.end]
    )


def _argument(
    reading: ReadSentence,
    frame: VerbFrame,
    key: str,
    phrase: Phrase,
    around: tuple[int, int],
    allowed: frozenset[str],
) -> Argument | None:
    roles = frame.arguments.get(key)
    return argument_of(reading, roles, phrase, around, allowed) if roles else None


def parts_behind(units: Sequence[SentenceUnit], at: int) -> Iterator[tuple[str, Phrase]]:
    """The phrases behind the prepositions that stand behind a noun."""
    yield from _parts(units, at, "p")


def _parts(units: Sequence[SentenceUnit], at: int, voice: str) -> Iterator[tuple[str, Phrase]]:
    """The object and the phrases behind prepositions, up to where something is said anew."""
    may_be_object = voice == "a"
    for _ in range(_MOST_PARTS):
        if at >= len(units):
            return
        unit = units[at]
        two = (unit.word, units[at + 1].word if at + 1 < len(units) else "")
        if unit.text == "(":
            at = _behind_bracket(units, at)
            continue
        if two in _MULTIWORD or unit.word in words_of_kind("preposition"):
            key = _MULTIWORD.get(two, unit.word)
            at += 2 if two in _MULTIWORD else 1
            may_be_object = False
        elif (
            unit.text == ","
            and at + 1 < len(units)
            and units[at + 1].word in ("from", "to", "by", "via", "at", "with", "in")
        ):
            at += 1
            continue
        elif (
            unit.word in words_of_kind("adverb")
            or unit.word in ("back", "up", "out", "off", "over", "down")
            or unit.mention is not None
            or unit.is_time
        ):
            if (
                unit.mention is not None
                and unit.mention.kind == "quantity"
                and may_be_object
                and phrase_at(units, at) is not None
            ):
                phrase = phrase_at(units, at)
                assert phrase is not None
                yield "o", phrase
                at, may_be_object = phrase.end, False
                continue
            if unit.is_number and may_be_object and (phrase := phrase_at(units, at)) is not None:
                yield "o", phrase
                at = phrase.end
                continue
            at += 1
            continue
        elif (
            may_be_object
            and unit.word in ("me", "us", "him", "her", "them", "you", "it", "this")
            and (unit.word not in ("this", "her") or phrase_at(units, at) is None)
        ):
            at += 1
            continue
        elif unit.word == "that" and at + 1 < len(units) and _opens_object(units[at + 1]):
            # «reported that the lamp …» tells of another clause.
            return
        elif may_be_object:
            key = "o"
        else:
            return
        phrase = phrase_at(units, at)
        if phrase is None:
            if key == "o" or at >= len(units):
                return
            if units[at].mention is not None or units[at].is_time or units[at].is_number:
                at += 1
                continue
            return
        yield key, phrase
        at = phrase.end
        while phrase.is_shared and at < len(units) and units[at].word in ("and", "or", "&", ",", "/"):
            further = phrase_at(
                units, at + 1 + (units[at + 1 : at + 2] != [] and units[at + 1].word in ("and", "or"))
            )
            if further is None:
                return
            at = further.end


def _behind_bracket(units: Sequence[SentenceUnit], at: int) -> int:
    for end in range(at + 1, len(units)):
        if units[end].text == ")":
            return end + 1
    return len(units)
