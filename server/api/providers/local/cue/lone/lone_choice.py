"""The one value of a list that a passage names, for properties of which a bare mention tells it: a species, a carrier, an action that is asked for."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from server.api.providers.local.coercion import fits
from server.api.providers.local.cue.answers.choice import ChoicePlace, places_of
from server.api.providers.local.cue.answers.worded import is_in_name
from server.api.providers.local.cue.clause import is_simply_so
from server.api.providers.local.cue.cue_row import lines_of
from server.api.providers.local.cue.figure.measured import measures_of, units
from server.api.providers.local.cue.lone.asked_action import action_asked, is_action
from server.api.providers.local.cue.passage import Passage
from server.api.providers.local.values.leaf import Leaf

_MOST_VALUES = 40
_LEAST_VALUES = 2
_ACTIONS = frozenset("action intent operation command op task request verb intention act".split())  # noqa: SIM905
_UNITS = frozenset({"unit", "units"})
_CHANGED = frozenset(
    {"current", "old", "previous", "from", "source", "former", "new", "target", "to", "desired"}
)
_OTHERS = frozenset(
    "last yesterday former formerly ex previous another other others else elsewhere besides instead unlike compared than like similar used if would "  # noqa: SIM905  # one list, one line
    "neighbour's neighbor's neighbour neighbor friend's hate hates hated afraid scared allergic allergy between or not no never without except nor neither".split()
)
"""Words before a value in its sentence with which it is not the thing's of which the passage is."""
_GLUED = frozenset("-_/.@#&")


def lone_choices(
    leaves: Sequence[Leaf], passage: Passage, answered: frozenset[tuple[str, ...]]
) -> dict[tuple[str, ...], Any]:
    """The values of those properties with a list of choices that are not ``answered`` and of which the passage names one."""
    found: dict[tuple[str, ...], Any] = {}
    asking = [leaf for leaf in leaves if _listed(leaf)]
    for leaf in asking:
        if leaf.path in answered or _has_rival(leaf, asking):
            continue
        value = _chosen(leaf, passage)
        if value is not None and fits(value, leaf.node):
            found[leaf.path] = value
    return found


def _listed(leaf: Leaf) -> list[str]:
    listed = leaf.node.schema.get("enum")
    if not isinstance(listed, list) or leaf.node.branches or "const" in leaf.node.schema:
        return []
    values = [value for value in listed if isinstance(value, str) and value]
    return values if _LEAST_VALUES <= len(values) <= _MOST_VALUES else []


def _has_rival(leaf: Leaf, asking: Sequence[Leaf]) -> bool:
    """Whether another property chooses among the same values."""
    own = {value.lower() for value in _listed(leaf)}
    return any(
        other.path != leaf.path and not own.isdisjoint(value.lower() for value in _listed(other))
        for other in asking
    )


def _chosen(leaf: Leaf, passage: Passage) -> Any:
    words = set(leaf.asked.words)
    listed = _listed(leaf)
    if words & _ACTIONS:
        return action_asked(listed, passage)
    if leaf.asked.words[-1:] and leaf.asked.words[-1] in _UNITS:
        return _unit(listed, passage)
    if words & _CHANGED or not words & bare_heads():
        return None
    places = places_of(listed, passage)
    if len({place.value for place in places}) != 1 or not any(_is_so(place) for place in places):
        return None
    return places[0].value if all(_is_so(place) for place in places) else None


def _is_so(place: ChoicePlace) -> bool:
    """Whether a value is named of the thing of which the passage is, and as a word of its own."""
    tokens = place.sentence.tokens
    if place.sentence.is_taken_back or is_in_name(tokens, place.first, place.end):
        return False
    if not _OTHERS.isdisjoint(token.word for token in tokens[: place.end]):
        return False
    led = [token.word for token in tokens[max(0, place.first - 2) : place.first]]
    if "by" in led and led[-1] in ("by", "a", "an", "the"):
        # «bitten by a dog»
        return False
    behind = tokens[place.end] if place.end < len(tokens) else None
    if behind is not None and behind.start == tokens[place.end - 1].end and behind.text in _GLUED - {"."}:
        return False
    allowed = frozenset({tokens[0].word} if is_action(tokens[0].word) else ())
    return is_simply_so(place.sentence, place.first, place.end, allowed)


def _unit(listed: Sequence[str], passage: Passage) -> Any:
    """The one of some units in which the passage measures."""
    asked = {units()[value.lower()]: value for value in reversed(listed) if value.lower() in units()}
    told = {
        measure.unit
        for sentence in passage.sentences
        for measure in measures_of(sentence.tokens)
        if measure.unit in asked
    }
    return asked[told.pop()] if len(told) == 1 and not _is_twice(listed) else None


def _is_twice(listed: Sequence[str]) -> bool:
    """Whether two of some values are one unit."""
    known = [units()[value.lower()] for value in listed if value.lower() in units()]
    return len(known) != len(set(known))


@cache
def bare_heads() -> frozenset[str]:
    """Words of names of properties of which a bare mention tells the value."""
    return frozenset(word for line in lines_of("bare_choices") for word in line.split())
