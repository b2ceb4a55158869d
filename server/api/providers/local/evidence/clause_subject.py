"""Of what the clause around a place speaks: «the car» in «the car is red and costs 900 EUR»."""

from collections.abc import Sequence
from itertools import pairwise, takewhile
from typing import NamedTuple

from server.api.providers.local.lexicon import words_named
from server.api.providers.local.pattern import pattern

_WORD = r"[\p{L}\p{M}]+(?:['’-][\p{L}\p{M}]+)*['’]?|\p{Nd}+|[,;:–—]"
_SENTENCE_ENDS = r"(?:[^\p{Nd}]\.|[!?！？])\s|\n|。"
_FARTHEST = 160
"""Characters before a place that are looked at."""
_WISHED = frozenset({"like", "love", "prefer"})
"""Verbs behind «would», which are no nouns."""
_ELIDED = r"^(?:l|d|j|qu|dell|nell|all|un|s|m)['’]"


class ClauseSubject(NamedTuple):
    """The words before the verb of a clause, without articles."""

    head: str
    """The noun itself: «lid» of «the lid of the pot»; empty where it is a pronoun."""
    words: tuple[str, ...]
    """Every word of it, in small letters."""
    pronoun: str = ""
    """«I», «it», «she», where that is all."""


def subject_at(text: str, place: int) -> ClauseSubject | None:
    """The subject of the last verb before ``place``, from an earlier verb of the sentence where that has none of its own; None without one."""
    tokens = words_before(text, place)
    verbs = [at for at in range(1, len(tokens)) if _is_verb(tokens, at)]
    for before, verb in reversed(list(pairwise([-1, *verbs]))):
        since = tokens[before + 1 : verb]
        span = list(takewhile(lambda token: token not in words_named("clause_joints"), reversed(since)))[::-1]
        found = _read(span)
        if found is None and since[-1:] == [","]:
            # «the bill, with the tip, was»: what stands between commas is said of what stands before them.
            found = _read(list(takewhile(lambda token: token not in words_named("clause_joints"), since)))
        if found is not None:
            return found
    return None


def _is_verb(tokens: Sequence[str], at: int) -> bool:
    return tokens[at] in words_named("predicates") or (tokens[at] == "am" and tokens[at - 1] == "i")


def words_before(text: str, place: int) -> list[str]:
    """The words and commas of the sentence of a place that stand before it, in small letters."""
    head = text[max(0, place - _FARTHEST) : place].lower().replace("’", "'")
    last = str(pattern(_SENTENCE_ENDS).sub("\x00", head)).rsplit("\x00", 1)[-1]
    return words_in(last)


def words_in(text: str) -> list[str]:
    """The words and commas of a text in small letters, without articles that have run into them."""
    return [_whole(word[0]) for word in pattern(_WORD).finditer(text.replace("’", "'"))]


def _whole(word: str) -> str:
    """A word without the article or pronoun that has run into it: «l'appartement»."""
    if word in words_named("predicates") or word in words_named("in_persons"):
        return word
    return str(pattern(_ELIDED).sub("", word))


def _read(span: Sequence[str]) -> ClauseSubject | None:
    persons = [word for word in span if word in words_named("in_persons")]
    said = _nouns(span)
    if not said:
        pronouns = [*persons, *(word for word in span if word in words_named("it"))]
        return ClauseSubject("", tuple(span), pronouns[-1]) if pronouns else None
    noun = _from_noun(span)
    articles = list(takewhile(lambda word: word in words_named("determined"), noun))
    first = noun[len(articles) :][: 1 if articles else 0]
    behind = takewhile(lambda word: word not in words_named("joining"), noun[len(articles) + len(first) :])
    near = [*articles, *first, *behind]
    nouns = _nouns(near)
    if not nouns:
        return ClauseSubject("", tuple(span), persons[-1]) if persons else None
    romance = any(word in words_named("romance") for word in near)
    return ClauseSubject((nouns[0] if romance else nouns[-1]).removesuffix("'s"), tuple(said))


def _nouns(span: Sequence[str]) -> list[str]:
    """The words that may be nouns; what follows an article is one, whatever it is elsewhere: «the door» is no Dutch preposition."""
    return [
        word
        for before, word in pairwise(["", *span])
        if not _is_small(word)
        or (before in words_named("determined") and word in words_named("follows") and word == span[-1])
    ]


def _from_noun(span: Sequence[str]) -> Sequence[str]:
    """What begins with the noun of a subject: «in Rome the hotel» begins with «the hotel»."""
    if span and span[0] in words_named("joining") and span[0] not in words_named("determined"):
        articles = [at for at, word in enumerate(span) if word in words_named("determined")]
        return span[articles[-1] :] if articles else span[1:]
    return span


def _is_small(word: str) -> bool:
    return (
        len(word) == 1
        or word in words_named("determined")
        or word in words_named("adverb")
        or word in words_named("in_persons")
        or word in words_named("it")
        or word in words_named("follows")
        or word in words_named("not")
        or word in _WISHED
        or word.isdecimal()
    )
