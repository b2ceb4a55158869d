"""Wordings of what a property asks whether it is so that are made of its own name: «can't be stacked» for ``stackable``, «they don't deliver» for ``delivers``."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from server.api.providers.local.cue.stems import stem_of
from server.api.providers.local.property import words_of
from server.api.providers.local.values.leaf import Leaf

_Wording = tuple[bool, tuple[str, ...]]
_ABLE = ("able", "ible")
_FRONT = frozenset({"is", "are", "can", "will", "does", "do", "was", "has"})
_PERMITTED = frozenset({"allowed", "permitted", "welcome", "accepted", "ok", "okay"})
_SWITCHED = frozenset({"enabled", "on", "active", "activated", "mode", "enable", "logging"})
_NO_VERBS = frozenset(
    [
        "includes",
        "details",
        "news",
        "always",
        "has",
        "is",
        "was",
        "does",
        "needs",
        "wants",
        "yes",
        "less",
        "business",
        "access",
        "process",
        "address",
        "express",
        "status",
        "contains",
        "allows",
        "accepts",
        "requires",
    ]
)
_DENY = "don't|doesn't|won't|can't|cannot|didn't|never|not"
_PERMIT = "allow|allows|permit|permits|accept|accepts|tolerate|tolerates"
_GOES_ON = "!the|a|an|to|at|for|of|on|in|this|it|them|us|me|only|if|unless|until"
_SHORTEST = 4
_MOST_WORDS = 3


def own_wordings(leaf: Leaf) -> Sequence[_Wording]:
    """What wordings made of the name of a property say, yes or no."""
    return _of(tuple(words_of(leaf.path[-1])))


@lru_cache(maxsize=128)
def _of(words: tuple[str, ...]) -> tuple[_Wording, ...]:
    while len(words) > 1 and words[0] in _FRONT:
        words = words[1:]
    if not words or len(words) > _MOST_WORDS or not all(map(str.isascii, words)):
        return ()
    found: list[_Wording] = []
    last = words[-1]
    if len(words) == 1 and last.endswith(_ABLE) and len(last) > len("able") + 2:
        found += _able(last)
    elif len(words) == 1 and last.endswith("s") and not last.endswith("ss") and len(last) > _SHORTEST:
        found += _verb(last) if last not in _NO_VERBS else ()
    elif len(words) > 1 and last in _PERMITTED:
        found += _permitted(words[:-1])
    elif len(words) == 1 and last.endswith("ing") and len(last) > len("ing") + 2:
        found += _doing(last)
    if last in _SWITCHED and len(words) > 1:
        found += _switched(words[:-1])
    elif len(words) < _MOST_WORDS and last not in _PERMITTED:
        found += _switched(words)
    if len(words) > 1 and words[0] in ("contains", "includes", "has"):
        found.append((False, ("no", *words[1:], "inside|in|left|included?", _GOES_ON)))
    return tuple(found)


def _forms(stem: str) -> str:
    return "|".join(sorted({stem + "ed", stem + "d", stem + stem[-1] + "ed", stem + "t", stem}))


def _able(word: str) -> Iterator[_Wording]:
    stem = word[: -len("able")]
    done = _forms(stem)
    yield False, ("can't|cannot|mustn't|couldn't", "be", "easily?", done)
    yield False, ("can|must", "not", "be", done)
    yield False, ("not|isn't|aren't|non", "-?", word)
    yield True, ("~not|never", "can", "also|easily|be", "be?", done)
    yield True, ("^", word, "every|each", "time")
    yield True, ("fully|easily|always|consistently", word)


def _verb(word: str) -> Iterator[_Wording]:
    base = word.removesuffix("s")
    bases = "|".join(
        sorted({base, base.removesuffix("e"), base.removesuffix("ie") + "y" if base.endswith("ie") else base})
    )
    yield False, ("don't|doesn't|won't", bases, _GOES_ON)
    yield False, ("do|does|will", "not", bases, _GOES_ON)
    yield (
        True,
        (
            "^",
            "we|they|it|he|she|i",
            "also|do|does?",
            f"{bases}|{word}",
            "!the|a|an|to|it|them|like|only|if|unless|until|as|by",
        ),
    )
    yield True, ("and|also", f"{bases}|{word}", "too|daily|locally|nationwide|free|worldwide")


def _permitted(words: tuple[str, ...]) -> Iterator[_Wording]:
    thing = (*words[:-1], f"{words[-1]}|{words[-1]}s|{words[-1].removesuffix('s')}")
    yield False, (_DENY, _PERMIT, "any?", *thing)
    yield False, (_DENY, _PERMIT, "any?", *thing, "or|nor", "*")
    yield False, (_DENY, _PERMIT, "*", "or|and|nor", *thing)
    yield False, (
        "welcome|allowed|permitted|ok|okay|fine|accepted", ",|;|but|and", "but|and?", *thing, "isn't|aren't|not",
    )  # fmt: skip
    yield (
        False,
        (
            "welcome|allowed|permitted|ok|okay|fine|accepted",
            ",|;|but|and",
            "but|and?",
            *thing,
            "is|are",
            "not",
        ),
    )
    yield False, ("^", "no", "*", ",|or|and|nor", "no?", *thing, "please|allowed|permitted|,|.|in|inside")
    joined = (*tuple(part for word in words[:-1] for part in (word, "-?")), thing[-1])
    held = "lets|stays|rentals|guests|bookings|visitors|access|events|parties?"
    yield (
        True,
        (
            *joined,
            held,
            "are|is",
            "ok|okay|fine|welcome|allowed|permitted|possible",
            "!if|unless|only|upon|with|on|until|in",
        ),
    )
    yield (
        True,
        (
            "we|they|it|landlord|owner|house|place|hotel",
            "allow|allows|accept|accepts|welcome|welcomes",
            *joined,
            "!if|unless|only|upon|on|until|under|up",
        ),
    )


def _doing(word: str) -> Iterator[_Wording]:
    stem = word.removesuffix("ing")
    base = f"{stem}|{stem}e|{stem_of(word)}"
    yield False, ("i|we", "won't|can't|cannot", "be?", f"{word}|{base}", "!the|a|an|it|them|to")
    yield False, ("i'm|we're", "not", word, "!the|a|an|it|them|to|sure")
    yield (
        True,
        ("i'm|we're|i'll|we'll", "be|definitely|happily?", word, "!if|unless|only|the|a|an|to|of|about"),
    )


def _switched(words: tuple[str, ...]) -> Iterator[_Wording]:
    thing = (*words[:-1], words[-1])
    head = "logging|mode|logs|output|notifications|auth|authentication|setting|updates|sync|feature?"
    ends = "!the|to|at|for|of|on|a|an|this|by|only|if|when|during|season|until|unless|from"
    named = tuple(part for word in thing for part in (word, "-?"))
    if len(thing[-1]) < _SHORTEST:
        return
    yield False, ("^", *named, head, "is|are|:?", "off|disabled", ends)
    yield True, ("^", *named, head, "is|are|:?", "on|enabled", ends)
    yield (
        True,
        (
            "~no|not",
            *named,
            head,
            "must|should|has|needs",
            "to?",
            "be",
            "turned|switched?",
            "on|enabled|active",
            ends,
        ),
    )
    yield (
        False,
        (
            "~no|not",
            *named,
            head,
            "must|should|has|needs",
            "to?",
            "be",
            "turned|switched?",
            "off|disabled",
            ends,
        ),
    )
    yield True, ("^", "turn|switch", "on", "the?", *named, head, "!the|to|at|for|of|a|off")
    yield True, ("^", "enable|activate", "the?", *named, head, "!the|to|at|for|of|a|off")
    yield False, ("^", "turn|switch", "off", "the?", *named, head, "!the|to|at|for|of|a|on")
    yield False, ("^", "disable|deactivate", "the?", *named, head, "!the|to|at|for|of|a|on")
