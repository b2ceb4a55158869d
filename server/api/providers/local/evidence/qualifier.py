"""Words before a property's name with which it is another property."""

from server.api.providers.local.label import Label
from server.api.providers.local.pattern import pattern
from server.api.providers.local.property import Property

_QUALIFIERS = frozenset(
    [
        "list",
        "asking",
        "net",
        "gross",
        "base",
        "market",
        "retail",
        "wholesale",
        "resale",
        "regular",
        "purchase",
        "monthly",
        "yearly",
        "annual",
        "weekly",
        "daily",
        "hourly",
        "max",
        "maximum",
        "min",
        "minimum",
        "old",
        "former",
        "previous",
        "average",
        "estimated",
        "target",
        "expected",
        "original",
        "maximale",
        "alter",
        "alte",
        "ancien",
        "ancienne",
    ]
)  # one list, one line
"""Words before a property's name with which it is another: a maximum price is no price."""
PAST = frozenset(("old", "former", "previous", "original", "alter", "alte", "ancien", "ancienne"))
"""Of these, those beside which another value of the same property is the one of today, or is not."""


def is_qualified(text: str, asked: Property, label: Label, by: frozenset[str] = _QUALIFIERS) -> bool:
    """Whether a word before the label makes another property of it."""
    head = text[max(0, label.start - 24) : label.start].lower()
    word = pattern(r"(\p{L}+)[\s_-]+$").search(head)
    return (
        word is not None
        and word[1] in by
        and word[1] not in asked.words
        and label.phrase.split()[0] != word[1]
    )
