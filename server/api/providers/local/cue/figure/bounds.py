"""Words before the least and the most of something."""

from collections.abc import Mapping

BOUNDS: Mapping[str, frozenset[str]] = {
    "max": frozenset({"up", "maximum", "max", "most", "limited", "limit", "to"}),
    "min": frozenset({"least", "minimum", "min"}),
}
BOUND_WORDS = frozenset(
    [
        "up",
        "maximum",
        "max",
        "minimum",
        "min",
        "at",
        "most",
        "least",
        "no",
        "not",
        "more",
        "than",
        "fewer",
        "less",
        "limited",
        "limit",
        "to",
        "a",
        "of",
    ]
)
