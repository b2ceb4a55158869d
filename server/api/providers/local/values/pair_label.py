"""Pairs that stand behind a label of their own: «Final score: Rovers 3, Cullen 1» are no goals of players."""

from typing import Any

from server.api.providers.local.values.leaf import Leaf

_LONGEST_LABEL = 30
_STEM = 4
_BREAKS = ".;\n,!?"


def is_under_other_label(leaf: Leaf, value: Any, text: str) -> bool:
    """Whether the first pair of a map stands right behind a label that has no word in common with the map's name."""
    if not isinstance(value, dict) or not value:
        return False
    at = text.find(str(next(iter(value))))
    before = text[:at].rstrip() if at > 0 else ""
    if not before.endswith(":"):
        return False
    label = before[:-1][-_LONGEST_LABEL:].lower()
    for mark in _BREAKS:
        label = label.rpartition(mark)[2]
    said = label.split()
    return (
        0 < len(said) <= 3
        and "by" in leaf.asked.words
        and not any(word[:_STEM] == other[:_STEM] for word in said for other in leaf.asked.words)
    )
