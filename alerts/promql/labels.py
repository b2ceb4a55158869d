"""A set of labels as a sorted tuple of pairs: hashable, and ordered as Prometheus orders series."""

from collections.abc import Collection, Mapping

Labels = tuple[tuple[str, str], ...]

NAME = "__name__"


def from_mapping(labels: Mapping[str, str]) -> Labels:
    """The labels of a mapping, empty values dropped."""
    return tuple(sorted((name, value) for name, value in labels.items() if value))


def without_name(labels: Labels) -> Labels:
    """The labels but the metric's name."""
    # Upper-case names sort before "__name__", so that it is first in all but rare cases.
    if labels and labels[0][0] == NAME:
        return labels[1:]
    return tuple(pair for pair in labels if pair[0] != NAME)


def only(labels: Labels, names: Collection[str]) -> Labels:
    """The labels with one of these names."""
    return tuple(pair for pair in labels if pair[0] in names)


def without(labels: Labels, names: Collection[str]) -> Labels:
    """The labels with none of these names."""
    return tuple(pair for pair in labels if pair[0] not in names)


def get(labels: Labels, name: str) -> str:
    """A label's value, empty where there is none."""
    for key, value in labels:
        if key == name:
            return value
    return ""


def having(labels: Labels, changes: Mapping[str, str]) -> Labels:
    """The labels with some set, or removed where the new value is empty."""
    return from_mapping({**dict(labels), **changes})


def whole_characters(text: str) -> str:
    """A text of a string literal as a label may hold it: bytes that are no UTF-8 are U+FFFD, as Go's JSON has them."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def to_text(labels: Labels) -> str:
    """The braces of an exposition: ``{a="b", c="d"}``."""
    return "{" + ", ".join(f'{name}="{value}"' for name, value in labels) + "}"
