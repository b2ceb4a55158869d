"""Whether a figure is simply so: what unsettles a clause, less what unsettles only something else in it."""

from itertools import pairwise

from server.api.providers.local.cue.passage import Sentence
from server.api.providers.local.cue.settled import clause_of, is_settled
from server.api.providers.local.cue.unsettling_words import words_by

_NEAR_BEFORE = 4
_NEAR_BEHIND = 1
_LACKING = frozenset({"no", "without", "except", "excluding", "none", "unless", "up", "ago"})
"""Words that behind a figure deny what follows them, and not the figure."""
_FORESEEN = frozenset(
    {
        "expects",
        "expected",
        "forecast",
        "forecasts",
        "projected",
        "estimated",
        "estimates",
        "aims",
        "hopes",
        "targets",
    }
)
_WRONG = frozenset({"wrong", "incorrect", "invalid", "false", "mistaken", "old", "outdated"})
_SEEN = frozenset({"looked", "checked", "asked", "heard"})
_COMPANY = frozenset({"with", "and", "for"})
_OWN = frozenset({"my", "our", "a", "two", "some"})


def is_certain(sentence: Sentence, first: int, end: int, allowed: frozenset[str] = frozenset()) -> bool:
    """Whether nothing unsettles the figure in the tokens from ``first`` to ``end``."""
    start, stop = clause_of(sentence, first, end)
    tokens = sentence.tokens
    if any(token.text == ":" for token in tokens[:first]):
        head = {token.word for token in tokens[:first]}
        if not head.isdisjoint(_WRONG):
            return False
    if any(token.word in _FORESEEN for token in tokens[max(start, first - _NEAR_BEFORE) : first]):
        return False
    words = [token.word for token in tokens[end:]]
    if ("not", "for", "this") in zip(words, words[1:], words[2:], strict=False):
        # «The limit of 50 is for the other one, not for this one.»
        return False
    if any(one == "last" and then in _SEEN for one, then in pairwise(words)):
        return False
    near = {token.word for token in tokens[max(start, first - _NEAR_BEFORE) : min(stop, end + _NEAR_BEHIND)]}
    before = {token.word for token in tokens[start:first]}
    harmless = set(words_by(frozenset({"compared"})) - near)
    if any(
        tokens[at].word == "old" and _is_of_years(tokens[at - 1].text) for at in range(max(1, start), stop)
    ):
        harmless.add("old")
    for at in range(end, stop):
        word, following = tokens[at].word, tokens[at + 1].word if at + 1 < len(tokens) else ""
        if word in _LACKING - before and following not in ("longer", "more"):
            harmless.add(word)
        if word in ("once", "twice") and following in ("a", "daily", "per", "every", "weekly"):
            harmless.add(word)
        if word in ("if", "when") and following in ("possible", "needed", "necessary"):
            harmless.add(word)
    harmless |= {tokens[at].word for at in range(start, stop) if _is_company(sentence, at, first)}
    return is_settled(sentence, first, end, allowed | harmless)


def _is_of_years(text: str) -> bool:
    return text.lower().endswith(("year", "years", "months", "weeks", "-"))


def _is_company(sentence: Sentence, at: int, first: int) -> bool:
    """Whether somebody else only comes along: «with my husband»."""
    tokens = sentence.tokens
    if tokens[at].word not in words_by(frozenset({"others"})) or at < 2 or tokens[at - 1].word not in _OWN:
        return False
    return tokens[at - 2].word in _COMPANY or (tokens[at - 2].word == "me" and at < first)
