"""Clauses that are a label and its value: «applicant Grace Obi, annual income $62,000», as forms are dictated.

One such clause may be anything («order books»); two or more in one sentence are a list of labelled values. They are read as if each
had its colon, whatever the sentence around them says.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from server.api.providers.local.assertion.assertion import BLANK, sentences_of
from server.api.providers.local.lexicon import words_named
from server.api.providers.local.pattern import pattern

_FEWEST = 2
"""Labelled clauses that make a list."""
_LONGEST = 5
"""Words of a value."""
_LONGEST_FIGURE = 3
"""Words of a value that begins with a digit."""
_MOST = 200
"""Sentences that are looked at."""
_PARTS = r",\s+|，|、|;\s+|；|\s\|\s|\s[–—]\s|:\s+|\.\s*$"
_OPENING = r"^\s*(?:and |with |und |mit |et |avec |y |con |e |com |met |en |i |z |och |med |и |с |the |my |our |der |die |das |mein |meine |le |la |el |il |o |a |mi |il mio |meu |minha )*"
_SMALL = words_named("small_labels")
_OPEN = r"^(?:of|per|for|from|to|in|on|at|by|and|or|is|are|was|were|will|has|have|not|no|than|that|which|von|für|pro|und|oder|ist|war|nicht|kein\p{L}*|de|du|des|par|et|ou|est|pas|por|y|o|es|no|di|per|e|è|non|do|em|é|não|van|voor|en|of|niet|z|i|lub|nie|och|eller|är|inte|и|или|не|на|в|с)\s|^\W*$"
_CHOICE = r"\s(?:or|oder|ou|o|lub|of|eller|или|veya|but|aber|mais|pero|ma|mas|if|unless|not|nicht|pas|non|não|niet|nie|inte|не)\s"


class _Clause(NamedTuple):
    start: int
    colon: int
    """Where the blank between its label and its value stands."""
    end: int


def labelled_clauses(said: str, labels: Sequence[str]) -> list[tuple[int, int, int]]:
    """Start, place of the blank behind the label, and end of every clause in a list of such clauses."""
    ordered = sorted((label for label in set(labels) if _is_label(label)), key=len, reverse=True)
    found: list[tuple[int, int, int]] = []
    for sentence in sentences_of(said)[:_MOST]:
        clauses = list(_clauses(sentence.text, sentence.start, ordered)) if " " in sentence.text else []
        names = [
            sentence.text[clause.start - sentence.start : clause.colon - sentence.start] for clause in clauses
        ]
        # One label twice is said of two things.
        if len(clauses) >= _FEWEST and len({name.lower() for name in names}) == len(names):
            found += clauses
    return found


def with_colons(said: str, clauses: Sequence[tuple[int, int, int]]) -> str:
    """``said`` with a colon for the blank behind each clause's label; nothing else moves."""
    characters = list(said)
    for _, colon, _ in clauses:
        characters[colon] = ":"
    return "".join(characters)


def with_clauses(plain: str, said: str, clauses: Sequence[tuple[int, int, int]]) -> str:
    """``plain`` with the clauses of ``said`` in their places."""
    for start, _, end in clauses:
        plain = plain[:start] + said[start:end] + plain[end:]
    return plain


def _is_label(label: str) -> bool:
    return len(label) > 1 and label not in _SMALL and label not in words_named("gap")


def _clauses(text: str, offset: int, labels: Sequence[str]) -> Iterator[_Clause]:
    at = 0
    ends = [(match.start(), match.end()) for match in pattern(_PARTS).finditer(text)]
    for end, following in [*ends, (len(text), len(text))]:
        opening = pattern(_OPENING).match(text[at:end])
        start = at + (opening.end() if opening is not None else 0)
        lowered = text[start:end].lower()
        label = next((label for label in labels if lowered.startswith(label + " ")), None)
        if label is None and text[end:following].strip() == ":" and lowered in labels:
            behind = next((place for place, _ in ends if place >= following), len(text))
            if _is_value(text[following:behind].strip()):
                yield _Clause(offset + start, offset + end, offset + behind)
        elif label is not None and len(lowered) == end - start:
            value = text[start + len(label) + 1 : end].strip()
            if _is_value(value):
                yield _Clause(offset + start, offset + start + len(label), offset + end)
        at = following


def _is_value(value: str) -> bool:
    if value[:1].isdigit() and len(value.split()) > _LONGEST_FIGURE:
        return False
    return (
        bool(value)
        and BLANK not in value
        and len(value.split()) <= _LONGEST
        and pattern(_OPEN).search(value + " ") is None
        and pattern(_CHOICE).search(f" {value} ") is None
        and "?" not in value
    )
