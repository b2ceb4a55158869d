"""Whether a sentence takes back what stands before it: «Not really.», «Ignore that.», «It isn't.», «Sorry, I meant …»."""

from server.api.providers.local.pattern import pattern

_FIRST = frozenset(
    "nope nah wait correction oops psych haha lol kidding actually wrong false scratch nein nee нет ні nej hayır 不 아니요".split()  # noqa: SIM905  # one list, one line
)
_NO = frozenset("no not non nicht niet nie inte ikke не".split())  # noqa: SIM905  # as above
_THAT = frozenset(
    [
        "that",
        "this",
        "it",
        "these",
        "those",
        "that's",
        "it's",
        "which",
        "all",
        "above",
        "everything",
        "das",
        "dies",
        "es",
        "cela",
        "ça",
        "eso",
        "esto",
        "ciò",
        "questo",
        "isso",
        "dat",
        "dit",
        "это",
    ]
)
_UNTRUE = frozenset(
    "wrong false incorrect untrue joke kidding joking mistake mistaken typo ignore disregard forget cancelled canceled void retracted retract outdated obsolete expired lie nonsense rumour rumor "  # noqa: SIM905  # as above
    "hypothetical falsch ignorieren ignoriere faux falso errado verkeerd fel błąd неверно meant fiction fictional true changed".split()
)
_DENIED = frozenset("not isn't wasn't aren't weren't doesn't don't didn't never no".split())  # noqa: SIM905  # as above
_ANSWER = _NO | frozenset(
    [
        "really",
        "true",
        "so",
        "right",
        "correct",
        "the",
        "case",
        "at",
        "all",
        "any",
        "more",
        "anymore",
        "way",
        "longer",
        "yet",
        "exactly",
        "quite",
        "thanks",
        "valid",
        "it",
        "now",
        "even",
    ]
)
"""Words of which a sentence is made that only denies."""
_SHORT = 4
_SHORT_ANSWER = 6


def takes_it_back(text: str) -> bool:
    """Whether a sentence says of the one before it that it is not so."""
    words = [
        match[0].lower().replace("’", "'")
        for match in pattern(r"[\p{L}\p{M}]+(?:['’][\p{L}\p{M}]+)*").finditer(text[:240])
    ]
    if not words:
        return False
    first = words[0]
    if first in _FIRST or (first in ("sorry", "but") and len(words) > 1 and words[1] in _THAT | {"i", "not"}):
        return True
    if first in _NO and (set(words) <= _ANSWER or text.lstrip()[len(first) : len(first) + 1] in ",.!;:"):
        return True
    if not _THAT.isdisjoint(words[:_SHORT_ANSWER]) and not _UNTRUE.isdisjoint(words):
        return True
    if first not in _THAT or len(words) >= _SHORT_ANSWER or _DENIED.isdisjoint(words):
        return False
    denied = max(at for at, word in enumerate(words) if word in _DENIED)
    return set(words[denied + 1 :]) <= _ANSWER
