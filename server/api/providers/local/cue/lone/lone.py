"""What a passage has one of, for the properties for which nothing beside it tells more."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from server.api.providers.local.coercion import NOTHING, coerced
from server.api.providers.local.cue.cue_row import Cued
from server.api.providers.local.cue.lone.changed_pair import changed_pairs
from server.api.providers.local.cue.lone.lone_address import lone_addresses
from server.api.providers.local.cue.lone.lone_day import lone_days
from server.api.providers.local.cue.lone.lone_measure import lone_measures
from server.api.providers.local.cue.lone.match_score import match_goals
from server.api.providers.local.cue.lone.moment import moments
from server.api.providers.local.cue.lone.parts import parts_told
from server.api.providers.local.cue.lone.topic import topics
from server.api.providers.local.cue.lone.valued_unit import valued_units
from server.api.providers.local.cue.passage import Passage
from server.api.providers.local.values.leaf import Leaf

_Finder = Callable[[Sequence[Leaf], Passage], Iterator[tuple[Leaf, Cued]]]
_FINDERS: Sequence[_Finder] = (
    changed_pairs, parts_told, lone_measures, lone_days, match_goals, lone_addresses, valued_units, moments, topics,
)  # fmt: skip


def lone_told(
    unfilled: Sequence[Leaf], leaves: Sequence[Leaf], passage: Passage, taken: frozenset[int]
) -> dict[tuple[str, ...], Any]:
    """The values of those ``unfilled`` of ``leaves`` for which a passage has one thing; none that stands at a place that is ``taken``."""
    scalars = [leaf for leaf in leaves if _is_scalar(leaf)]
    open_paths = {leaf.path for leaf in unfilled}
    found: dict[tuple[str, ...], tuple[Any, int]] = {}
    for finder in _FINDERS:
        for leaf, answer in finder(scalars, passage):
            is_open = leaf.path in open_paths and answer.start not in taken
            value = coerced(answer.value, leaf.asked, leaf.node) if is_open else NOTHING
            if value is not NOTHING:
                found.setdefault(leaf.path, (value, answer.start))
    claims = Counter(start for _, start in found.values())
    return {path: value for path, (value, start) in found.items() if claims[start] == 1}


def _is_scalar(leaf: Leaf) -> bool:
    schema = leaf.node.schema
    return not ("enum" in schema or "const" in schema or leaf.node.branches)
