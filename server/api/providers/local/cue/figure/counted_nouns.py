"""The nouns that a property counts, as one and as several, and what was done with what they name."""

from collections.abc import Mapping, Sequence
from functools import cache

from server.api.providers.local.cue.cue_row import lines_of, one_name
from server.api.providers.local.cue.figure.number_words import Figure
from server.api.providers.local.cue.passage import PassageToken
from server.api.providers.local.values.leaf import Leaf

_ODD = {"child": "children", "person": "people", "foot": "feet", "man": "men", "woman": "women"}
_AFFIXES = frozenset(
    {"number", "num", "no", "count", "of", "total", "qty", "quantity", "the", "counter", "n"}
)
_KEPT_KINDS = ("money", "percentage")


def nouns_of(leaf: Leaf) -> tuple[tuple[tuple[str, ...], ...], str]:
    """The nouns that a property counts, and whether it wants the most or the least of them."""
    words = tuple(word for word in leaf.asked.words if word not in _AFFIXES)
    bound = next((end for end in ("max", "min") if set(words) & {end, end + "imum"}), "")
    words = tuple(word for word in words if word not in ("max", "min", "maximum", "minimum"))
    if not words or len(words) > 3 or leaf.asked.kind in _KEPT_KINDS:
        return (), ""
    if leaf.asked.unit and len(words) > 1:
        return (), ""
    found = {(*words[:-1], form) for form in forms(words[-1])} if words[-1] not in ORDERED else set()
    spoken = " ".join(words)
    for name in {spoken, one_name().get(spoken, spoken)}:
        for noun in _synonyms().get(name, ()):
            found |= {(*noun[:-1], form) for form in forms(noun[-1])}
    if leaf.asked.kind == "count":
        found |= {(label,) for label in leaf.asked.labels if label.isalpha()}
    return tuple(found), bound


ORDERED = frozenset(
    {
        "floor",
        "season",
        "episode",
        "chapter",
        "grade",
        "edition",
        "gate",
        "level",
        "year",
        "age",
        "score",
        "rating",
        "position",
        "rank",
        "place",
        "port",
        "line",
        "version",
    }
)
"""Nouns of which a property has the number of one: the third floor."""


def done_nouns(leaf: Leaf) -> tuple[tuple[str, ...], ...]:
    """What was done with the things that a property counts, and their noun: affected, users; fixed, bugs."""
    words = tuple(word for word in leaf.asked.words if word not in _AFFIXES)
    if len(words) != 2 or leaf.asked.kind in _KEPT_KINDS:
        return ()
    done = next(
        (
            word
            for word in words
            if word.endswith("ed") or word in ("sold", "sent", "lost", "won", "previous")
        ),
        "",
    )
    noun = next((word for word in words if word != done and word.endswith("s")), "")
    return ((done,), (noun,)) if done and noun else ()


def is_done(tokens: Sequence[PassageToken], figure: Figure, end: int, done: str) -> bool:
    """Whether what is said was done stands beside a number of things."""
    stem = done.removesuffix("ed")
    near = [*tokens[max(0, figure.first - 4) : figure.first], *tokens[end : end + 3]]
    return bool(end) and any(
        token.word.removesuffix("s").removesuffix("e").removesuffix("ed") in (stem, done) for token in near
    )


def forms(noun: str) -> set[str]:
    """A noun as one and as several."""
    found = {noun, noun + "s", noun + "es"}
    found |= {many for one, many in _ODD.items() if noun == one} | {
        one for one, many in _ODD.items() if noun == many
    }
    if noun.endswith("s"):
        found.add(noun[:-1])
    if noun.endswith("ies"):
        found.add(noun[:-3] + "y")
    if noun.endswith("es"):
        found.add(noun[:-2])
    if noun.endswith("y"):
        found.add(noun[:-1] + "ies")
    return found


@cache
def _synonyms() -> Mapping[str, tuple[tuple[str, ...], ...]]:
    found: dict[str, tuple[tuple[str, ...], ...]] = {}
    for names, nouns in (line.split("\t") for line in lines_of("counted_nouns")):
        told = tuple(tuple(noun.split("_")) for noun in nouns.split())
        for name in names.split(","):
            found[name] = (*found.get(name, ()), *told)
    return found
