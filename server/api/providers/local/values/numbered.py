"""Numbers of things that are told apart by them: which of two tanks is meant, which of the fans have failed."""

from collections.abc import Iterator, Sequence
from typing import Any

from server.api.providers.local.values.leaf import Leaf

_AROUND = ".,:;()[]#!?\n"
_BETWEEN = frozenset({"no", "no.", "number", "nr", "nr.", "#", "n°", "nº"})
_TOWARDS = frozenset({"to", "now", "instead", "into", "nach", "auf", "jetzt", "à", "vers", "a", "al"})
"""What stands before the one that holds from now on."""
_PLAIN = frozenset({"number", "numbers", "no", "id", "ids", "list", "all", "the", "of", "nr", "index"})
_FEW, _STEM = 3, 4
_BREAKS = ".;\n"


def is_one_of_two(leaf: Leaf, value: Any, text: str) -> bool:
    """Whether the text numbers two things of the kind that a property names: «Tank 2: pH 7.4. Tank 1 was empty.»"""
    if isinstance(value, bool) or not (
        isinstance(value, int) or (isinstance(value, str) and value.isdecimal())
    ):
        return False
    nouns = {word for word in leaf.asked.words if word not in _PLAIN and len(word) >= _FEW}
    told = dict(_numbered(nouns, text))
    return len(told) > 1 and str(value) in told and not told[str(value)]


def is_of_other_state(leaf: Leaf, value: Any, text: str) -> bool:
    """Whether a list of numbers is of things that a clause says something else of: «fan 3 failed, fans 1, 2 and 4 fine»."""
    if not (isinstance(value, list) and value and all(type(one) is int for one in value)):
        return False
    words = [word for word in leaf.asked.words if word not in _PLAIN]
    low = text.lower()
    nouns = [word for word in words if len(word) >= _FEW and word[: max(_FEW, len(word) - 1)] in low]
    states = [word for word in words if word not in nouns[-1:]]
    if len(words) < 2 or not nouns or not states:
        return False
    return not any(word[:_STEM] in clause for clause in _clauses(low, value) for word in states)


def _numbered(nouns: set[str], text: str) -> Iterator[tuple[str, bool]]:
    """The numbers that stand behind one of ``nouns``, each with whether it is where things go to."""
    words = text.lower().split()
    for at, word in enumerate(words[:-1]):
        if word.strip(_AROUND) in nouns:
            behind = words[at + 1 : at + 3]
            number = behind[1] if len(behind) > 1 and behind[0] in _BETWEEN else behind[0]
            bare = number.strip(_AROUND)
            if bare.isdecimal():
                yield bare, not _TOWARDS.isdisjoint(words[max(0, at - 2) : at])


def _clauses(low: str, numbers: Sequence[int]) -> Iterator[str]:
    """The pieces of a text, between commas that are no commas of a row of numbers, that have all of ``numbers``."""
    pieces = [""]
    for at, char in enumerate(low):
        row = (
            char == ","
            and low[at + 1 : at + 3].strip()[:1].isdecimal()
            and low[max(0, at - 1) : at].isdecimal()
        )
        if char in _BREAKS or (char == "," and not row):
            pieces.append("")
        else:
            pieces[-1] += char
    for piece in pieces:
        told = {word.strip(_AROUND) for word in piece.replace(",", " ").split()}
        if all(str(number) in told for number in numbers):
            yield piece
