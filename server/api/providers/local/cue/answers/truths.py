"""Whether a prompt says that what a property names is so: «with a balcony», «no pets», «the receipt is attached», «breakfast is not needed»."""

from collections.abc import Iterator, Sequence

from server.api.providers.local.cue.answers.asked_truth import (
    ALLOWED,
    GIVEN,
    WISHED,
    AskedTruth,
    asked_of,
    end_of,
    names_of,
    wordings,
)
from server.api.providers.local.cue.answers.verb_truth import own_wordings
from server.api.providers.local.cue.clause import is_simply_so, narrowed
from server.api.providers.local.cue.cue_row import words_match
from server.api.providers.local.cue.figure.counted_nouns import forms
from server.api.providers.local.cue.passage import Passage, PassageToken, Sentence
from server.api.providers.local.cue.settled import clause_of
from server.api.providers.local.cue.unsettling_words import unsettling
from server.api.providers.local.values.leaf import Leaf

_SWITCHED_ON = frozenset({"enabled", "on", "active", "activated"})
_SWITCHED_OFF = frozenset({"disabled", "off", "inactive", "deactivated"})
_HEADS = frozenset({"authentication", "auth", "mode", "option", "support", "feature", "access"})
"""Nouns that a name leaves out."""
_DENYING = frozenset(
    "no not never don't doesn't didn't isn't aren't wasn't weren't won't can't cannot hasn't haven't hadn't without nor neither lacks".split()  # noqa: SIM905  # as above
)
_HAVING = frozenset(
    "with has have includes include including features feature featuring offers offer comes boasts provides provide had got there's plus holds hold owns own contains contain".split()  # noqa: SIM905  # as above
)
_NEEDING = frozenset(
    "need needs require requires want wants wanted request requests requested requesting like love prefer prefers add book please ordering asked asking".split()  # noqa: SIM905  # as above
)
_COPULAS = frozenset(
    [
        "am",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "being",
        "it's",
        "that's",
        "they're",
        "he's",
        "she's",
        "i'm",
        "remains",
        "'s",
        "has",
        "have",
    ]
)
_ADVERBS = frozenset(
    [
        "also",
        "already",
        "now",
        "always",
        "fully",
        "very",
        "all",
        "really",
        "completely",
        "both",
        "still",
        "currently",
        "quite",
        "just",
        "absolutely",
        "a",
        "an",
        "the",
        "100",
        "%",
        "of",
    ]
)
_IN_ROW = frozenset(
    "a an the and & of , own its his our your private large small big free shared full new modern double single two three".split()  # noqa: SIM905  # as above
)
_VERBAL = frozenset(
    "is are was were be been has have had do does did will would can could should must may might i we you they he she it if when who which that to for from at by but or so because not no about around over under into onto near on in against without during after before".split()  # noqa: SIM905  # as above
)
_ENDS = frozenset(
    "and , . ; : ! ) ( – — \n but in on at for with from so as too please thanks now today here overlooking facing plus is are was including via by when since this to of".split()  # noqa: SIM905  # as above
)
_ELSEWHERE = frozenset(
    "next across opposite nearby near seller landlord landlady owner agent kitchen bathroom case box packaging strap door cover lid handle neighbouring neighboring members member customers customer tenant tenants employees students visitors".split()  # noqa: SIM905  # as above
)
"""Words with which a thing stands elsewhere, or is that of a part: «the hotel next to ours has a pool», «the kitchen was renovated»."""
_SOME = frozenset(
    "members children kids students under residents seniors one nobody half some subscribers adults first".split()  # noqa: SIM905  # as above
)
_PRICES = frozenset({"price", "rent", "rate", "fee", "cost", "total", "room"})
_FORBIDDEN = frozenset({"forbidden", "prohibited", "banned"})
_COMING = frozenset({"come", "comes", "came", "equipped", "fitted", "furnished"})
_RATHER = frozenset({"sondern", "sino", "bensì"})
_WOULD_BE = frozenset({"wäre", "serait", "sería", "sarebbe", "zou", "skulle"})
_DENIALS = frozenset(
    {
        "pas",
        "kein",
        "keine",
        "sin",
        "sans",
        "senza",
        "sem",
        "geen",
        "zonder",
        "ohne",
        "ingen",
        "inget",
        "utan",
    }
)
_FEW = 3
_LONGEST_SERIES = 9


def truth_by_cues(leaf: Leaf, passage: Passage) -> bool | None:
    """Whether what the property names is so; None where nothing says it plainly, or where something is said of it both ways."""
    answers: set[bool | None] = set()
    for name in names_of(leaf):
        for said, parts in wordings().get(name, ()):
            answers.update(said for _ in _told(parts, passage))
    own = {said for said, parts in own_wordings(leaf) for _ in _told(parts, passage)}
    if len(own) > 1:
        return None
    answers.update(own)
    if True in answers and False in answers:
        # «not damaged» has «damaged» in it: a denial goes before what it denies.
        answers.discard(True)
    asked = asked_of(leaf)
    if asked is not None:
        for sentence in passage.sentences:
            if not sentence.is_taken_back:
                answers.update(_answers(asked, sentence))
    if own == {False}:
        # What a list of things denies is denied of each: «doesn't allow dogs or cats».
        answers.discard(None)
    return answers.pop() if len(answers) == 1 else None


def _told(parts: tuple[str, ...], passage: Passage) -> Iterator[bool]:
    allowed = frozenset(word for part in parts for word in part.rstrip("?").split("|"))
    is_wished = not {"would", "will", "wouldn't", "i'd"}.isdisjoint(allowed)
    if not is_wished and any(
        not _WOULD_BE.isdisjoint(token.word for token in sentence.tokens) for sentence in passage.wished
    ):
        return
    for sentence in passage.wished if is_wished else passage.sentences:
        if sentence.is_taken_back or _is_saying(sentence):
            continue
        for first, end in words_match(parts, sentence, passage):
            if (
                not _is_label(sentence, end)
                and _RATHER.isdisjoint(token.word for token in sentence.tokens[end : end + 2])
                and not _is_limited(sentence, end)
                and is_simply_so(sentence, first, end, allowed)
            ):
                yield True


def _is_saying(sentence: Sentence) -> bool:
    """Whether a sentence is of the kind of «pas de piscine, pas de vacances»."""
    first = sentence.tokens[0].word if sentence.tokens else ""
    return first in _DENIALS and sum(token.word == first for token in sentence.tokens) > 1


def _is_label(sentence: Sentence, end: int) -> bool:
    return end < len(sentence.tokens) and sentence.tokens[end].text in ":=?"


def _end_of_name(sentence: Sentence, at: int) -> int:
    """Behind the words that go on from ``at`` as the rest of a label may: few, and none that makes a sentence of them."""
    tokens = sentence.tokens
    end = at
    while end < min(at + _FEW, len(tokens)) and tokens[end].is_word and tokens[end].word not in _COPULAS:
        end += 1
    return end if end < len(tokens) else at


def _is_limited(sentence: Sentence, end: int) -> bool:
    """Whether it is so only for some, or for a time: «free for members», «signed by one side»."""
    words = [token.word for token in sentence.tokens[end : end + 3]]
    behind = set(words[1:3])
    return words[:1] in (["until"], ["unless"], ["except"], ["upon"], ["only"]) or (
        words[:1] in (["for"], ["by"]) and not behind.isdisjoint(_SOME)
    )


def _answers(asked: AskedTruth, sentence: Sentence) -> Iterator[bool | None]:
    tokens = sentence.tokens
    shapes = {(*asked.thing[:-1], form) for form in forms(asked.thing[-1])}
    for first in range(len(tokens)):
        end = end_of(tokens, first, shapes)
        if end and _is_label(sentence, _end_of_name(sentence, end)):
            # «Keys returned: no»
            yield None
        elif end:
            answer = _answer(asked, sentence, first, end)
            if answer is not None:
                yield (answer if _is_so(sentence, first, end, answer, _states(asked)) else None)


def _states(asked: AskedTruth) -> frozenset[str]:
    """Words of a name that are states, and do not unsettle where they are what is asked for: «cancelled»."""
    return frozenset(word for word in (*asked.thing, asked.said) if word.endswith("ed"))


def _is_so(sentence: Sentence, first: int, end: int, answer: bool, allowed: frozenset[str]) -> bool:
    """Whether nothing else unsettles the clause; of a denial one word may stand there."""
    start, stop = narrowed(sentence, first, end)
    words = [token.word for token in sentence.tokens[start:stop]]
    denials = [word for word in words if word in _DENYING]
    if _is_limited(sentence, end) or not _ELSEWHERE.isdisjoint(words[: first - start]):
        return False
    if answer:
        return is_simply_so(sentence, first, end, allowed)
    if sentence.tokens[0].word == "no" and sum(token.word == "no" for token in sentence.tokens) > 1:
        # «No wifi, no problem.»
        return False
    return len(denials) <= 1 and is_simply_so(
        sentence, first, end, allowed | frozenset(denials) | {"non", "yet"}
    )


def _answer(asked: AskedTruth, sentence: Sentence, first: int, end: int) -> bool | None:
    """What is said of the thing at one place, its denials counted in; None where nothing is."""
    tokens = sentence.tokens
    start, stop = narrowed(sentence, first, end)
    before = [token.word for token in tokens[start:first]]
    behind = [token.word for token in tokens[end:stop]]
    predicate = list(behind)
    while predicate and (
        tokens[stop - len(predicate)].mention is not None or predicate[0] in _HEADS or predicate[0] == "#"
    ):
        # «invoice 4471 has been paid», «two-factor authentication is on»
        predicate = predicate[1:]
    denied = bool(_DENYING & set(before[-6:]))
    if tokens[first - 1 : first] and tokens[first - 1].text == "-":
        return False if first > 1 and tokens[first - 2].word == "non" else None
    said = _said_behind(asked, predicate)
    if said is not None:
        is_no = "no" in before[-3:]
        return None if is_no and not said else said and not is_no
    if asked.said in ALLOWED:
        if before[-1:] == ["no"] and _ends_here(sentence, end):
            return False
        return not denied if {"allow", "allows", "accept", "accepts", "welcome"} & set(before[-3:]) else None
    if asked.said and asked.said not in GIVEN | WISHED:
        return _of_participle(asked, before, sentence, end, denied)
    if asked.is_wish or asked.said in WISHED:
        wished = bool(_NEEDING & set(before)) and _only_row(before, _NEEDING) and _ends_here(sentence, end)
        return not denied if wished else None
    if not _ends_here(sentence, end):
        return _of_adjective(sentence, first, end, start)
    if before and before[-1] in ("no", "without"):
        return False
    if _HAVING & set(before) and _only_row(before, _HAVING):
        if denied and next(word for word in reversed(before) if word in _HAVING) == "with":
            return None if _COMING.isdisjoint(before) else False
        return not denied
    if _is_in_row(sentence, first, start):
        return True
    if before[:2] in (["there", "is"], ["there", "are"]) and _only_row(before, frozenset({"is", "are"})):
        return not denied
    return _of_adjective(sentence, first, end, start) if asked.said not in GIVEN else None


def _said_behind(asked: AskedTruth, behind: Sequence[str]) -> bool | None:
    """What a predicate behind the thing says of it: «is not included», «are welcome», «included»."""
    wanted = {
        True: WISHED,
        False: ALLOWED
        if asked.said in ALLOWED
        else GIVEN
        if asked.said in GIVEN or not asked.said
        else {asked.said},
    }[asked.is_wish]
    if not asked.said and not asked.is_wish:
        # Of a thing alone it is asked whether there is one, or whether one is wanted.
        wanted = GIVEN | WISHED
    if not wanted.isdisjoint(_SWITCHED_ON) or (not asked.said and not asked.is_wish):
        wanted = wanted | _SWITCHED_ON
    is_denied = False
    for at, word in enumerate(behind[:6]):
        if word in wanted:
            if word == "on" and (not at or _goes_on(behind, at)):
                return None
            if behind[at + 1 : at + 2] == ["in"] and _PRICES.isdisjoint(behind[at + 2 : at + 5]):
                # «not included in the letter»
                return None
            rest = behind[at + 1 : at + 2]
            return (
                None
                if rest in (["upon"], ["only"])
                or behind[at + 1 : at + 3] == ["on", "request"]
                or (rest and rest[0] in unsettling())
                else not is_denied
            )
        if word in _SWITCHED_OFF and not wanted.isdisjoint(_SWITCHED_ON):
            return None if is_denied or not at or _goes_on(behind, at) else False
        if word in _FORBIDDEN and not wanted.isdisjoint(ALLOWED):
            return None if is_denied else False
        if word == "extra" and at and not wanted.isdisjoint(GIVEN):
            return False
        if word in _DENYING:
            if is_denied:
                return None
            is_denied = True
        elif (
            word not in _COPULAS and word not in _ADVERBS and word not in ("-", "turned", "switched", "costs")
        ):
            return None
    return None


def _goes_on(behind: Sequence[str], at: int) -> bool:
    return bool(behind[at + 1 : at + 2]) and behind[at + 1] not in _ENDS


def _of_participle(
    asked: AskedTruth, before: Sequence[str], sentence: Sentence, end: int, denied: bool
) -> bool | None:
    """What is said by the participle before a thing: «I have attached the receipt», «attached is the invoice»."""
    for word in reversed(before[-5:]):
        if word == asked.said:
            return not denied if _ends_here(sentence, end) else None
        if word not in _COPULAS | _ADVERBS | {"my", "our", "please", "find", "you", "'ll"}:
            return None
    return None


def _is_in_series(tokens: Sequence[PassageToken], first: int) -> bool:
    """Whether a word is one of several that are said of one thing: «is organic, gluten-free and vegan»."""
    at, joins = first - 1, 0
    while at >= 0 and first - at <= _LONGEST_SERIES:
        token = tokens[at]
        if token.word in _COPULAS:
            return joins > 0 and token.word not in ("has", "have")
        if token.word in (",", "and"):
            joins += 1
        elif (
            token.word in _DENYING
            or token.unsettles
            or token.word in _VERBAL
            or not (token.is_word or token.text == "-")
        ):
            return False
        at -= 1
    return False


def _is_in_row(sentence: Sentence, first: int, start: int) -> bool:
    """Whether a thing is one of an enumeration behind a word of having: «offers free parking, a gym and a terrace»."""
    tokens = sentence.tokens
    at = first - 1
    while at >= 0 and tokens[at].text not in ".;:\n(":
        word = tokens[at].word
        if word in _HAVING:
            return not any(
                token.unsettles or token.word in _DENYING for token in tokens[max(0, at - _FEW) : first]
            )
        if word in _DENYING or (word in _VERBAL and word not in _IN_ROW):
            return False
        at -= 1
    return False


def _only_row(before: Sequence[str], cues: frozenset[str]) -> bool:
    """Whether between the last of some words and the thing only an enumeration of nouns stands."""
    for word in reversed(before):
        if word in cues:
            return True
        if word in _VERBAL and word not in _IN_ROW and word not in _DENYING:
            return False
    return False


def _ends_here(sentence: Sentence, end: int) -> bool:
    """Whether no other noun follows of which the thing would only be a part: «a parking fee»."""
    tokens = sentence.tokens
    return (
        end >= len(tokens)
        or tokens[end].word in _ENDS
        or not tokens[end].is_word
        or tokens[end].word in ("included", "available")
    )


def _of_adjective(sentence: Sentence, first: int, end: int, start: int) -> bool | None:
    """What a word says that stands as a predicate, alone between commas, or before the noun with which a thing is described."""
    tokens = sentence.tokens
    at, denied = first - 1, 0
    if first and tokens[first - 1].mention is not None:
        return None
    while at >= start and (tokens[at].word in _ADVERBS or tokens[at].word in _DENYING):
        denied += tokens[at].word in _DENYING
        at -= 1
    ends = _ends_here(sentence, end)
    turn = max((place for place in range(start) if tokens[place].word in ("but", ";")), default=0)
    others = any(token.word in _DENYING for token in (*tokens[turn:start], *tokens[first:]))
    if denied > 1 or others:
        return None
    if at > start and tokens[at - 1].mention is not None:
        # «line 3 is running» says nothing of the other lines.
        return None
    if at >= start and tokens[at].word in _COPULAS and (ends or tokens[first - 1].word in ("a", "an")):
        return not denied
    if at >= start and tokens[at].word in ("isn't", "aren't", "wasn't"):
        return False if ends else None
    if not denied and ends and _is_in_series(tokens, first):
        return True
    if at < start and not denied:
        _, stop = clause_of(sentence, first, end)
        rest = [token for token in tokens[end:stop] if token.text not in ".!"]
        parted = start > 0 or stop < len(tokens)
        if not rest and parted and not any(token.word in _DENYING for token in tokens):
            return True
        opened = start > 0 and tokens[start - 1].text == ":" and tokens[first - 1].word in ("a", "an")
        return True if opened else None
    return None
