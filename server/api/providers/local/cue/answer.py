"""The answers that cues give to properties that ask for no single figure or text: choices, truths, lists, pairs."""

from collections.abc import Iterator, Sequence
from typing import Any

from server.api.providers.local.coercion import fits
from server.api.providers.local.cue.answers.choices import chosen_by_cues
from server.api.providers.local.cue.answers.labelled_truth import labelled_truth
from server.api.providers.local.cue.answers.truths import truth_by_cues
from server.api.providers.local.cue.answers.worded import worded_choice, worded_truth
from server.api.providers.local.cue.passage import Passage
from server.api.providers.local.cue.rows.lists import listed_by_cues
from server.api.providers.local.cue.rows.maps import pairs_by_cues
from server.api.providers.local.cue.rows.row_members import Teller
from server.api.providers.local.values.leaf import Leaf


def answers_by_cues(
    leaves: Sequence[Leaf], passage: Passage, root: dict[str, Any], told: Teller
) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The places of such properties with what they are answered; ``told`` gives the members of their objects."""
    for leaf in leaves:
        answer = _answer(leaf, passage, root, told)
        if answer is not None and fits(answer, leaf.node):
            yield leaf.path, answer


def _answer(leaf: Leaf, passage: Passage, root: dict[str, Any], told: Teller) -> Any:
    node = leaf.node
    if "const" in node.schema or node.branches:
        return None
    if isinstance(node.schema.get("enum"), list):
        chosen = chosen_by_cues(leaf, passage)
        return chosen if chosen is not None else worded_choice(leaf, passage)
    if node.types == ("boolean",):
        truth = labelled_truth(leaf, passage)
        truth = truth if truth is not None else truth_by_cues(leaf, passage)
        return truth if truth is not None else worded_truth(leaf, passage)
    if node.types == ("array",):
        return listed_by_cues(leaf, passage, root, told)
    if node.types == ("object",) and not node.properties:
        return pairs_by_cues(leaf, passage, root)
    return None
