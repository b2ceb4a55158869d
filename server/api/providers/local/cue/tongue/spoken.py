"""What a prompt in another language words of what a schema asks, for those properties that nothing else fills."""

from collections.abc import Sequence
from typing import Any

from server.api.providers.local.coercion import fits
from server.api.providers.local.cue.passage import Passage
from server.api.providers.local.cue.tongue.cued_figures import cued_figure
from server.api.providers.local.cue.tongue.frames import told_by_frames
from server.api.providers.local.cue.tongue.spoken_choice import spoken_choice, spoken_choices, spoken_truth
from server.api.providers.local.cue.tongue.spoken_count import spoken_count
from server.api.providers.local.cue.tongue.spoken_far import told_afar
from server.api.providers.local.cue.tongue.spoken_rows import spoken_rows
from server.api.providers.local.cue.tongue.spoken_texts import spoken_quantity, spoken_text
from server.api.providers.local.cue.tongue.wordings import tongue_of
from server.api.providers.local.node import node_of
from server.api.providers.local.values.leaf import Leaf


def told_by_tongues(
    unfilled: Sequence[Leaf], leaves: Sequence[Leaf], passage: Passage, root: dict[str, Any]
) -> dict[tuple[str, ...], Any]:
    """The values of those ``unfilled`` of ``leaves`` that a passage in another language than English words."""
    language = tongue_of(passage) if passage.sentences and unfilled else ""
    found: dict[tuple[str, ...], Any] = {}
    for leaf in unfilled if language else ():
        value = _value(leaf, leaves, passage, root, language)
        if value is not None and fits(value, leaf.node):
            found[leaf.path] = value
    left = [leaf for leaf in unfilled if leaf.path not in found] if language else []
    found = {**told_by_frames(left, passage, language), **found}
    left = [leaf for leaf in left if leaf.path not in found]
    return {**told_afar(left, passage, language), **found}


def _value(leaf: Leaf, leaves: Sequence[Leaf], passage: Passage, root: dict[str, Any], language: str) -> Any:
    node = leaf.node
    if "const" in node.schema or node.branches:
        return None
    if isinstance(node.schema.get("enum"), list):
        return spoken_choice(leaf, passage, language)
    if node.types == ("boolean",):
        return spoken_truth(leaf, passage, language)
    if set(node.types) & {"integer", "number"}:
        quantity = spoken_quantity(leaf, leaves, passage, language)
        if quantity is None:
            quantity = spoken_count(leaf, passage, language)
        return quantity if quantity is not None else cued_figure(leaf, leaves, passage, language)
    if node.types in (("string",), ()):
        figure = cued_figure(leaf, leaves, passage, language)
        return figure if figure is not None else spoken_text(leaf, leaves, passage, language)
    if node.types == ("array",):
        items = node_of(root, node.schema.get("items", {}))
        if isinstance(items.schema.get("enum"), list):
            return spoken_choices(leaf, items.schema["enum"], passage, language)
        if items.is_object and items.properties:
            return spoken_rows(items, passage, root, language)
    return None
