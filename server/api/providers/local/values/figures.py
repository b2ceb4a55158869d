"""The values of properties that one group of figures gives together: sides, coordinates, the ends of a range."""

from collections.abc import Sequence
from typing import Any

from server.api.providers.local.coercion import NOTHING, coerced
from server.api.providers.local.evidence.evidence import Evidence
from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.label import labels_in
from server.api.providers.local.numeral import Separators
from server.api.providers.local.property import property_of
from server.api.providers.local.structure.figure_group import coordinates, ends, range_of, sides
from server.api.providers.local.values.leaf import Leaf


def figures_for(
    leaves: Sequence[Leaf], evidence: Evidence, separators: Separators
) -> dict[tuple[str, ...], Any]:
    """The values of properties that one group of figures gives together."""
    numeric = [leaf for leaf in leaves if set(leaf.node.types) & {"integer", "number"}]
    groups: dict[tuple[str, ...], list[Leaf]] = {}
    for leaf in numeric:
        groups.setdefault(leaf.path[:-1], []).append(leaf)
    found: dict[tuple[str, ...], Any] = {}
    for group in groups.values():
        names = [leaf.path[-1] for leaf in group]
        said = evidence.said
        given = {
            **sides(said, names, separators),
            **coordinates(said, names),
            **_ranges(names, evidence),
        }
        for leaf in group:
            value = coerced(Value(given.get(leaf.path[-1])), leaf.asked, leaf.node)
            if value is not NOTHING:
                found[leaf.path] = value
    return found


def _ranges(names: Sequence[str], evidence: Evidence) -> dict[str, float | int]:
    """The ends of ranges for names such as salary_min and salary_max."""
    found: dict[str, float | int] = {}
    by_thing: dict[str, dict[str, str]] = {}
    for name in names:
        thing, end = range_of(name)
        if thing:
            by_thing.setdefault(thing, {})[end] = name
    for thing, pair in by_thing.items():
        text = evidence.text
        labels = labels_in(text, property_of(thing.replace(" ", "_"), {}).labels) if len(pair) > 1 else []
        both = ends(text, evidence.named, [label.end for label in labels])
        if both is not None:
            found |= {pair["min"]: both[0], pair["max"]: both[1]}
    return found
