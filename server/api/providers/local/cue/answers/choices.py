"""The one value of a list of choices that a prompt names beside what it is a choice of: «a twin room», «billed annually», «by company card»."""

from collections.abc import Sequence
from typing import Any

from server.api.providers.local.cue.answers.choice import (
    ChoiceKind,
    ChoicePlace,
    is_common,
    kind_of,
    places_of,
)
from server.api.providers.local.cue.answers.sentiment import sentiment_of
from server.api.providers.local.cue.clause import is_simply_so, narrowed
from server.api.providers.local.cue.passage import Passage, PassageToken, Sentence
from server.api.providers.local.cue.settled import clause_of, is_settled
from server.api.providers.local.property import words_of
from server.api.providers.local.values.leaf import Leaf

_MOST_VALUES = 60
_EVERYDAY = frozenset(
    "open free light basic a an the in on at to by of or and all any none one two other full go can may will us it me yes no time man business team pro active good fair double single "  # noqa: SIM905  # one list, one line
    "return window minor fix test post get put delete patch head home house work study contract service hr sales support marketing finance engineering legal bug feature question request "
    "error info user admin order billing account technical product phone mail email web app stage review".split()
)
"""Values that beside another one are most often no value but a word of the sentence."""
_SMALL = frozenset(
    "a an the by with in on to as is are was were be been of my our your their his her via using very fully it for from has now all get have please per at : = \" ' - “ « ’s 's ein eine einen einem der die das den dem mit un une le la avec el una con il lo o um uma com een de het met en ett med ist est es è é är als in im".split()  # noqa: SIM905  # as above
)
_CHAIN = frozenset(
    "is are was were be been being has have now currently already still remains remain marked as listed it's that's this's i'm 's very really extremely quite fully just pretty so rather "  # noqa: SIM905  # as above
    "super absolutely therefore thus hence also a an the ist sind wurde wurden war jetzt bereits nun bleibt est été sont a était déjà reste es está fue sido ha han son ya è stato stata sono stati già "
    "é foi está são foram já estão is zijn werd wordt reeds nu al är har blev blivit nu redan sehr très muy molto muito zeer mycket als".split()
)
_COPULAS = frozenset(
    [
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "it's",
        "that's",
        "i'm",
        "he's",
        "she's",
        "remains",
        "remain",
        "'s",
        "ist",
        "sind",
        "wurde",
        "wurden",
        "war",
        "bleibt",
        "est",
        "été",
        "sont",
        "était",
        "es",
        "está",
        "fue",
        "sido",
        "son",
        "è",
        "stato",
        "stata",
        "sono",
        "stati",
        "é",
        "foi",
        "são",
        "foram",
        "estão",
        "zijn",
        "werd",
        "wordt",
        "är",
        "blev",
        "blivit",
    ]
)
_LEADS = frozenset(
    [
        "a",
        "an",
        "the",
        "my",
        "our",
        "your",
        "this",
        "all",
        "fully",
        "very",
        "only",
        "and",
        "with",
        "in",
        "ein",
        "eine",
        "un",
        "une",
        "una",
        "uno",
        "um",
        "uma",
        "een",
        "en",
        "ett",
        "mit",
        "avec",
        "con",
        "com",
        "met",
        "med",
    ]
)
_ENDS = frozenset(
    "and for since as at in on by to from with because until till now today please so when of that , . ; : ! ) – —".split()  # noqa: SIM905  # as above
)
_PREPOSITIONS = frozenset("of for with at on in by from to about behind near under over next beside".split())  # noqa: SIM905  # as above
_IT = frozenset({"it", "this", "that", "it's", "that's", "which"})
_FROM_WORDS = frozenset({"current", "old", "previous", "from", "source", "former", "existing"})
_TO_WORDS = frozenset({"new", "target", "to", "destination", "requested", "desired"})
_INSTEAD = (("rather", "than"), ("instead", "of"), ("and", "not"), ("not",))
_CHOSEN = frozenset({"delivery", "plan", "billing", "class", "payment"})
_TELLING = frozenset("costs cost takes is are was were will starts has includes comes offers gives".split())  # noqa: SIM905  # as above
_ACTS = frozenset("failed passed succeeded shipped arrived expired completed started ended crashed".split())  # noqa: SIM905  # as above
_WELCOME = frozenset("fine ok okay enough preferred good great perfect".split())  # noqa: SIM905  # as above
_REACH = 4
_LEAST_PARTS = 2


def chosen_by_cues(leaf: Leaf, passage: Passage) -> Any:
    """The value of a list that is named beside what it is a choice of; None where none is, or two are."""
    listed = [value for value in leaf.node.schema["enum"] if isinstance(value, str) and value]
    if "sentiment" in leaf.asked.words:
        return sentiment_of(listed, passage)
    if not listed or len(listed) > _MOST_VALUES:
        return None
    places = [place for place in places_of(listed, passage) if not (_is_of_now(leaf) and _is_past(place))]
    changed = _changed(leaf, places)
    if changed is not None:
        return changed
    kind = kind_of(leaf)
    settled = [place for place in places if not place.sentence.is_taken_back and _is_settled(place, places)]
    supported = [place for place in settled if _is_supported(place, kind, passage, leaf)]
    values = list(dict.fromkeys(place.value for place in supported))
    if len(values) != 1:
        return None
    open_others = {
        place.value
        for place in settled
        if place.value != values[0] and str(place.value).lower() not in _EVERYDAY
    }
    denied = any(
        place.value == values[0] and place not in settled and not is_common(place.value) for place in places
    )
    return None if open_others or denied else values[0]


def _is_of_now(leaf: Leaf) -> bool:
    """Whether a property asks what is so now: by its name, or by its description."""
    said = {*leaf.asked.words, *words_of(str(leaf.node.schema.get("description", ""))[:200])}
    return not said.isdisjoint(_NOW)


def _is_past(place: ChoicePlace) -> bool:
    """Whether the sentence of a value tells of another time."""
    words = [token.word for token in place.sentence.tokens]
    return any(
        word in _THEN
        or word.removeprefix("last ") in _TIMES_AGO - {word}
        or (word == "last" and words[at + 1 : at + 2] != [] and words[at + 1] in _TIMES_AGO)
        for at, word in enumerate(words)
    )


_NOW = frozenset({"now", "current", "currently", "today", "present", "presently"})
_THEN = frozenset({"ago", "formerly", "previously", "yesterday", "back", "once", "used"})
_TIMES_AGO = frozenset(
    [
        "year",
        "month",
        "week",
        "time",
        "season",
        "summer",
        "winter",
        "spring",
        "autumn",
        "fall",
        "night",
        "term",
        "semester",
    ]
)


def every_choice_by_cues(leaf: Leaf, listed: Sequence[Any], passage: Passage) -> list[Any]:
    """The values of a list of which several may be chosen, in the order in which they are named."""
    values = [value for value in listed if isinstance(value, str) and value]
    places = places_of(values, passage) if len(values) <= _MOST_VALUES else []
    kind = kind_of(leaf)
    settled = [place for place in places if not place.sentence.is_taken_back and _is_settled(place, places)]
    found = [place for place in settled if _is_supported(place, kind, passage, leaf)]
    for place in settled:
        # What stands in one enumeration with a value that is chosen is chosen too.
        if place not in found and any(_is_enumerated(place, other) for other in found):
            found.append(place)
    if {place.value for place in settled} != {place.value for place in found}:
        return []
    denied = {place.value for place in places if place not in settled}
    ordered = sorted(found, key=lambda place: place.sentence.tokens[place.first].start)
    chosen = list(dict.fromkeys(place.value for place in ordered))
    return chosen if denied.isdisjoint(chosen) else []


def _is_enumerated(place: ChoicePlace, other: ChoicePlace) -> bool:
    if place.sentence is not other.sentence:
        return False
    first, last = sorted((place, other), key=lambda one: one.first)
    between = place.sentence.tokens[first.end : last.first]
    return all(token.word in (",", "and", "&") or len(between) <= 1 for token in between) and bool(between)


def _is_settled(place: ChoicePlace, places: Sequence[ChoicePlace]) -> bool:
    """Whether a value is simply so; what stands behind «rather than» and «instead of» is not, and unsettles nothing before it."""
    sentence, tokens = place.sentence, place.sentence.tokens
    start, stop = narrowed(sentence, place.first, place.end)
    others = [other.first for other in places if other.sentence is sentence and other.value != place.value]
    stop_at = None
    for at in range(max(start - 2, 0), stop):
        length = next((len(words) for words in _INSTEAD if _words(tokens, at, len(words)) == words), 0)
        if length and at >= place.end and any(at < other < stop for other in others):
            stop_at = at
            break
        if length and at < place.first and place.first - at - length <= _REACH:
            return False
    if any(
        _is_joined(tokens, place, other)
        for other in places
        if other.sentence is sentence and other.value != place.value
    ):
        return False
    allowed = frozenset(
        token.word for one in places if one.sentence is sentence for token in tokens[one.first : one.end]
    )
    return is_simply_so(sentence, place.first, place.end, allowed, stop_at)


def _is_joined(tokens: Sequence[PassageToken], one: ChoicePlace, other: ChoicePlace) -> bool:
    """Whether two values are a range, a choice or a change: «low to medium», «red/blue»."""
    first, last = sorted((one, other), key=lambda place: place.first)
    between = [token.word for token in tokens[first.end : last.first]]
    return 0 < len(between) <= 2 and between[0] in ("to", "or", "-", "–", "/", "into", "nor")


def _words(tokens: Sequence[PassageToken], at: int, count: int) -> tuple[str, ...]:
    return tuple(token.word for token in tokens[at : at + count])


def _is_supported(place: ChoicePlace, kind: ChoiceKind, passage: Passage, leaf: Leaf) -> bool:
    if _is_in_name(place):
        return False
    return (
        _is_marked(place, leaf)
        or _is_beside_noun(place, kind)
        or _is_behind_cue(place, kind)
        or _is_predicate(place, kind)
        or (not is_common(place.value) and (_is_fragment(place, passage) or _is_proper(place, kind)))
        or (bool(kind.subjects) and _is_fragment(place, passage) and _names_own_kind(place, kind))
    )


def _is_marked(place: ChoicePlace, leaf: Leaf) -> bool:
    """Whether a value stands where only such a value stands: «GET /orders», «feat(auth): …» at the very beginning."""
    tokens = place.sentence.tokens
    behind = tokens[place.end].text if place.end < len(tokens) else ""
    if {"method", "verb"} & set(leaf.asked.words) and tokens[place.first].text == str(place.value).upper():
        return behind == "/"
    return "type" in leaf.asked.words and tokens[place.first].start == 0 and behind in ("(", ":", "!")


def _names_own_kind(place: ChoicePlace, kind: ChoiceKind) -> bool:
    return str(place.value).lower() in ("manual", "automatic", "urgent", "pending", "completed") and bool(
        kind.nouns
    )


def _is_in_name(place: ChoicePlace) -> bool:
    """Whether a value is one word of a longer name: «Express Newspapers», «Red Cross»."""
    tokens = place.sentence.tokens
    token = tokens[place.first]
    if not token.is_capital or token.text.isupper() or place.first == 0:
        behind = tokens[place.end] if place.end < len(tokens) else None
        return bool(
            place.first == 0
            and token.is_capital
            and behind is not None
            and behind.is_capital
            and not behind.text.isupper()
        )
    behind = tokens[place.end] if place.end < len(tokens) else None
    return behind is not None and behind.is_capital and token.text != str(place.value)


def _is_beside_noun(place: ChoicePlace, kind: ChoiceKind) -> bool:
    """Whether the noun of the choice follows, with one word between at most."""
    tokens = place.sentence.tokens
    if "plan" in kind.nouns and any(
        token.word in ("in", "of") for token in tokens[max(place.first - 2, 0) : place.first]
    ):
        return False
    for at in range(place.end, min(place.end + 3, len(tokens))):
        token = tokens[at]
        if token.word in kind.nouns or token.word.removesuffix("s") in kind.nouns:
            behind = tokens[at + 1].word if at + 1 < len(tokens) and tokens[at + 1].is_word else ""
            glued = tokens[at - 1].text == "-"
            if _is_offered(place, kind, at + 1) or (is_common(place.value) and _is_only_part(behind, kind)):
                return False
            return not (glued and behind and behind not in kind.subjects | _ENDS | _SMALL)
        joins = (
            token.text == "-"
            or token.word in ("size", "sized")
            or (token.mention is not None and token.mention.kind in ("number", "quantity"))
        )
        if joins:
            continue
        if not token.is_word or token.word in _SMALL | _ENDS or token.unsettles or at > place.end:
            return False
    return False


def _is_only_part(behind: str, kind: ChoiceKind) -> bool:
    """Whether the noun of a choice is itself before a noun: «the active user count»."""
    plain = _ENDS | _SMALL | _COPULAS | kind.subjects | kind.nouns
    return bool(behind) and behind not in plain and not behind.endswith(("ed", "ly"))


def _is_offered(place: ChoicePlace, kind: ChoiceKind, behind: int) -> bool:
    """Whether a sentence only tells of an offer: «express delivery costs $9»."""
    tokens = place.sentence.tokens
    start, _ = clause_of(place.sentence, place.first, place.end)
    begins = place.first - start <= 1
    if not begins or behind >= len(tokens) or kind.nouns.isdisjoint(_CHOSEN):
        return False
    following = {token.word for token in tokens[behind + 1 : behind + 3]}
    return tokens[behind].word in _TELLING and following.isdisjoint(_WELCOME)


def _is_behind_cue(place: ChoicePlace, kind: ChoiceKind) -> bool:
    """Whether a word of the choice stands before, with nothing but small words between."""
    tokens = place.sentence.tokens
    for at in range(place.first - 1, max(place.first - 1 - _REACH - 1, -1), -1):
        token = tokens[at]
        if token.word in kind.before:
            return _ends_well(place)
        if token.word not in _SMALL and token.word not in _COPULAS and token.mention is None:
            return False
    return False


def _ends_well(place: ChoicePlace) -> bool:
    """Whether no noun follows of which the value would only be a part."""
    tokens = place.sentence.tokens
    if place.end >= len(tokens):
        return True
    token = tokens[place.end]
    if is_common(place.value) and token.word in ("to", "of", "about"):
        return False
    if place.first and tokens[place.first].is_capital and not token.is_capital and not is_common(place.value):
        return True
    return (
        not token.is_word
        or token.word in _ENDS
        or token.unsettles
        or (token.word not in _SMALL and token.word.endswith("ly"))
        or (
            not is_common(place.value)
            and token.word
            in _SMALL
            | {
                "rather",
                "instead",
                "delivery",
                "or",
                "if",
                "plan",
                "after",
                "before",
                "once",
                "within",
                "this",
                "only",
                "where",
                "which",
            }
        )
    )


def _is_predicate(place: ChoicePlace, kind: ChoiceKind) -> bool:
    """Whether a value is said of the thing that the choice belongs to: «the appointment has been confirmed»."""
    tokens = place.sentence.tokens
    start, _ = narrowed(place.sentence, place.first, place.end)
    at = place.first - 1
    while at >= start and tokens[at].word in _CHAIN:
        at -= 1
    chain = {token.word for token in tokens[at + 1 : place.first]}
    acts = not chain and tokens[place.first].word in _ACTS
    if not (chain & _COPULAS or acts) or not _ends_well(place) or not kind.subjects:
        return False
    subject = [token.word for token in tokens[start : at + 1]]
    head = next((place for place, word in enumerate(subject) if word in _PREPOSITIONS), len(subject))
    if "*" in kind.subjects and (subject in (["this"], ["it"], ["that"]) or (not subject and chain & _IT)):
        return not is_common(place.value) or bool(chain & _COPULAS)
    if not subject:
        return False
    nouns = kind.subjects | {noun + "s" for noun in kind.subjects}
    return not nouns.isdisjoint(subject[: min(head, 4)]) and nouns.isdisjoint(subject[head:])


def _is_fragment(place: ChoicePlace, passage: Passage) -> bool:
    """Whether a value is all that stands between two commas, as in a list of what a thing is."""
    tokens = place.sentence.tokens
    start, stop = clause_of(place.sentence, place.first, place.end)
    rest = [
        token.word
        for token in (*tokens[start : place.first], *tokens[place.end : stop])
        if token.text.strip(". !") and token.word not in ("please", "preferably", "ideally")
    ]
    parted = (start > 0 and tokens[start - 1].text in ",;\n(") or (
        stop < len(tokens) and tokens[stop].text in ",;\n" and start == 0
    )
    if len(rest) > 1 and rest[-2] in ("in", "from") and stop - place.end >= 2 and tokens[stop - 1].is_capital:
        # «hybrid in Munich»
        rest = rest[:-2]
    return parted and len(rest) <= 1 and all(word in _LEADS for word in rest)


def _is_proper(place: ChoicePlace, kind: ChoiceKind) -> bool:
    """Whether a value is a name that stands behind a word with which things are used, or before the noun of its kind."""
    tokens, value = place.sentence.tokens, str(place.value)
    first = tokens[place.first]
    same = first.text == value and value != value.lower()
    if not same and not (first.is_capital and place.first and not tokens[place.first - 1].text.endswith(".")):
        return False
    before = tokens[place.first - 1].word if place.first else ""
    return bool(kind.nouns) and before in ("on", "via", "using", "use", "uses", "with") and _ends_well(place)


def _changed(leaf: Leaf, places: Sequence[ChoicePlace]) -> Any:
    """Of «from Starter to Business» the half that the property asks for; None where nothing is changed."""
    asked = set(leaf.asked.words)
    if not asked & (_FROM_WORDS | _TO_WORDS):
        return None
    found = set()
    for one in places:
        for two in places:
            if one.sentence is not two.sentence or not 0 < two.first - one.end <= 2 or not one.first:
                continue
            tokens = one.sentence.tokens
            between = [token.word for token in tokens[one.end : two.first]]
            if tokens[one.first - 1].word == "from" and between[0] == "to":
                start, stop = clause_of(one.sentence, one.first, two.end)
                if is_settled(Sentence(tokens[start:stop]), one.first - start, two.end - start):
                    found.add(one.value if asked & _FROM_WORDS else two.value)
    return found.pop() if len(found) == 1 else None
