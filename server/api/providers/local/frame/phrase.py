"""Noun phrases cut whole: the words of a noun with what stands before it, whoever owns it, and the name that stands behind it."""

from collections.abc import Sequence
from typing import NamedTuple

from server.api.providers.local.cue.text.nouns import _ENDS_NOUN as ENDS_NOUN
from server.api.providers.local.frame.unit import SentenceUnit
from server.api.providers.local.frame.word import words_of_kind

_LONGEST = 7
_CONTAINER_OF = 2


class Phrase(NamedTuple):
    """One noun phrase by the places of its units."""

    start: int
    first: int
    """Its first unit behind articles, owners and numbers."""
    end: int
    owner: str = ""
    """«my», «Dana's»."""
    determiner: str = ""
    is_shared: bool = False
    """Whether «and» or «or» joins another to it."""
    is_open: bool = False
    """Whether «of» goes on behind it."""


def phrase_at(units: Sequence[SentenceUnit], at: int, stop: int | None = None) -> Phrase | None:
    """The noun phrase that begins at a unit, before the verb at ``stop``."""
    first, owner, determiner = at, "", ""
    while first < len(units):
        unit = units[first]
        if unit.word in words_of_kind("possessive") or unit.is_owner:
            owner = unit.word
        elif unit.word in words_of_kind("determiner"):
            determiner = unit.word
        elif not (unit.is_number or _is_measure(unit)) or first + 1 >= len(units):
            break
        first += 1
    if first > at and _is_of(units, first) and _is_measure(units[first - 1]):
        inner = phrase_at(units, first + 1, stop)
        return inner._replace(start=at) if inner is not None else None
    end = _body_end(units[:stop] if stop is not None else units, first)
    if end == first:
        return None
    if units[end - 1].word in words_of_kind("container") and _is_of(units, end):
        inner = phrase_at(units, end + 1, stop)
        return inner._replace(start=at) if inner is not None else None
    is_open = _is_of(units, end)
    phrase = Phrase(at, first, end, owner, determiner, False, is_open)
    return phrase._replace(is_shared=_is_shared(units, phrase))


def phrase_before(units: Sequence[SentenceUnit], end: int) -> Phrase | None:
    """The longest noun phrase that ends before a unit."""
    found = None
    for start in range(end - 1, max(-1, end - _LONGEST - 3), -1):
        unit = units[start]
        if not (unit.is_word or unit.is_number or unit.is_quoted or unit.text == "&" or _is_measure(unit)):
            break
        phrase = phrase_at(units, start, end)
        if phrase is not None and phrase.end == end:
            found = phrase
    return found


def _is_measure(unit: SentenceUnit) -> bool:
    return unit.mention is not None and unit.mention.kind in ("quantity", "number")


def _is_of(units: Sequence[SentenceUnit], at: int) -> bool:
    return at < len(units) and units[at].word == "of"


def _body_end(units: Sequence[SentenceUnit], first: int) -> int:
    end = first
    while end < len(units) and end - first < _LONGEST:
        unit = units[end]
        if unit.is_quoted:
            return end + 1
        if unit.word in ("&", "of", "de", "van", "von", "du", "the", "del") and _links(units, first, end):
            end += 1 + (unit.word == "of" and units[end + 1].word == "the")
            continue
        if end > first and unit.is_number and units[end - 1].is_word and not _counts(units, end):
            end += 1
            continue
        if not unit.is_word or _ends(units, first, end):
            break
        end += 1
    return end


def _counts(units: Sequence[SentenceUnit], at: int) -> bool:
    """Whether a number counts what stands behind it, and is no part of a name before it."""
    if units[at].text[:1].isdecimal() and units[at - 1].word in words_of_kind("spot"):
        return False
    return not units[at].text[:1].isdecimal() or (
        at + 1 < len(units)
        and units[at + 1].is_word
        and not units[at + 1].is_capital
        and units[at + 1].word not in ENDS_NOUN
    )


def _links(units: Sequence[SentenceUnit], first: int, at: int) -> bool:
    """Whether a small word joins two parts of one name."""
    then = (
        at + 2 if units[at].word == "of" and at + 1 < len(units) and units[at + 1].word == "the" else at + 1
    )
    return (
        at > first
        and units[at - 1].is_capital
        and then < len(units)
        and units[then].is_capital
        and not units[then].is_time
    )


def _ends(units: Sequence[SentenceUnit], first: int, end: int) -> bool:
    unit = units[end]
    if unit.is_time or unit.word in words_of_kind("pronoun") or unit.word in words_of_kind("adverb"):
        return True
    if unit.word in ENDS_NOUN and not (unit.is_capital and end > first):
        return True
    if unit.is_owner or (end == first and unit.word in words_of_kind("starter") and not unit.is_capital):
        return True
    if unit.is_capital:
        return False
    if unit.word.endswith("ly") and end > first:
        return True
    if end > first and _is_verb_behind(units, first, end):
        return True
    if end > first and unit.word in words_of_kind("behind"):
        return True
    follows = units[end + 1] if end + 1 < len(units) else None
    goes_on = follows is not None and follows.is_word and follows.word not in ENDS_NOUN
    return (
        end > first
        and unit.word.endswith("ed")
        and (not goes_on or units[end - 1].is_capital or units[end - 1].is_code)
    )


def _is_verb_behind(units: Sequence[SentenceUnit], first: int, at: int) -> bool:
    """Whether a word in small letters is a verb of which the noun before it is the subject: «Orbit AG came»."""
    from server.api.providers.local.frame.verb import is_finite, verbs_at

    if is_finite(units[at].word):
        return True
    then = units[at + 1] if at + 1 < len(units) else None
    opens = then is not None and (
        then.is_number
        or then.mention is not None
        or then.word in words_of_kind("determiner") | words_of_kind("possessive")
    )
    if opens and any(set(form.forms) & {"d", "s"} for form in verbs_at(units, at)):
        return True
    is_bare = (
        first == 0
        or not units[first - 1].is_word
        or units[first - 1].word not in words_of_kind("determiner") | words_of_kind("possessive")
    )
    after_name = units[at - 1].is_capital or units[at - 1].is_code
    return after_name and is_bare and any(set(form.forms) & {"d", "s"} for form in verbs_at(units, at))


def _is_shared(units: Sequence[SentenceUnit], phrase: Phrase) -> bool:
    at = phrase.end
    if at + 1 >= len(units):
        return _is_after_joint(units, phrase)
    if units[at].word in ("and", "or", "&", "/", "plus", "nor"):
        return units[at + 1].word in words_of_kind("preposition") or not _says_anew(units, at + 1)
    if units[at].text == ",":
        begins = at + 1 + (units[at + 1].word in ("and", "or"))
        behind = phrase_at(units, begins) if begins < len(units) else None
        if behind is not None and not _says_anew(units, begins):
            if begins > at + 1:
                return True
            then = units[behind.end].word if behind.end < len(units) else ""
            if then in ("and", "or", "&"):
                return not _says_anew(units, behind.end + 1)
    return _is_after_joint(units, phrase)


def _is_after_joint(units: Sequence[SentenceUnit], phrase: Phrase) -> bool:
    """Whether the phrase is itself the last of several: «Anna and Ben ordered»."""
    at = phrase.start
    return at > 1 and units[at - 1].word in ("or", "&", "nor")


def _says_anew(units: Sequence[SentenceUnit], at: int) -> bool:
    """Whether a new clause begins there."""
    from server.api.providers.local.frame.verb import is_finite, verbs_at

    if at >= len(units):
        return True
    unit = units[at]
    if (
        unit.word in words_of_kind("pronoun")
        or unit.word in words_of_kind("anew")
        or unit.word in words_of_kind("adverb")
    ):
        return True
    if verbs_at(units, at) and not unit.is_capital:
        return True
    phrase = phrase_at(units, at)
    if phrase is None:
        return unit.word in ENDS_NOUN
    then = phrase.end
    # «and the lid broke»
    inside = any(verbs_at(units, place) for place in range(phrase.first + 1, phrase.end))
    return inside or (
        then < len(units)
        and (
            units[then].word in words_of_kind("be")
            or is_finite(units[then].word)
            or _is_past_form(units, then)
        )
    )


def _is_past_form(units: Sequence[SentenceUnit], at: int) -> bool:
    from server.api.providers.local.frame.verb import verbs_at

    return any("d" in form.forms for form in verbs_at(units, at))
