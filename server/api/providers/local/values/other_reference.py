"""Days and numbers of another invoice, order or ticket of the same letter: «invoice 11 is open, invoice 10 was paid on 2 April»."""

from collections.abc import Mapping, Sequence
from typing import Any

from server.api.providers.local.mention import Mention
from server.api.providers.local.pattern import pattern
from server.api.providers.local.property import words_of
from server.api.providers.local.values.leaf import Leaf

_NOUNS = "invoice|bill|order|ticket|case|booking|reservation|shipment|parcel|package|contract|policy|claim|payment|delivery|receipt|purchase order|po|quote|quotation|request|subscription|flight|train"
_REFERENCE = rf"\b({_NOUNS})s?,?(?: (?:no|nr|number|id|ref|reference|code)\.?)?\s?#?:?\s?((?:\p{{L}}{{1,6}}[-/]?)?\p{{Nd}}[\p{{L}}\p{{Nd}}/-]*)"
_OTHERS = (
    rf"\b(?:previous|other|last|earlier|prior|old|older|next|all other|remaining|another) (?:{_NOUNS})s?\b"
)
_PARTS = r"[.!?]\s|\n|;\s|,\s(?:but |and |while )?"
_DONE = frozenset({"on", "at", "date", "day"})
_NUMBERS = frozenset({"id", "number", "no", "nr", "ref", "reference", "code", "num"})
_LONG_MONTH = r"^\p{L}+ \p{Nd}"


def is_of_other_reference(
    leaf: Leaf, value: Any, values: Mapping[tuple[str, ...], Any], text: str, named: Sequence[Mention]
) -> bool:
    """Whether a day or a number stands in the clause of one of several numbered things, and that is not the one that is spoken of."""
    words = words_of(leaf.path[-1])
    if not isinstance(value, str) or len(words) < len(("paid", "on")):
        return False
    references = _references(text)
    if words[-1] not in _DONE:
        return False
    days = [mention for mention in named if mention.kind in ("date", "datetime") and mention.value == value]
    own = {told for path, told in values.items() if path != leaf.path and isinstance(told, str)}
    return bool(days) and all(_is_elsewhere(day, references, own, text, words) for day in days)


def is_reference_open(
    leaf: Leaf, value: Any, values: Mapping[tuple[str, ...], Any], text: str, named: Sequence[Mention]
) -> bool:
    """Whether a number is one of two of the same kind of thing, of which nobody says which is meant."""
    words = words_of(leaf.path[-1])
    if not isinstance(value, str) or len(words) < len(("order", "id")) or words[-1] not in _NUMBERS:
        return False
    references = _references(text)
    nouns = {told[0] for told in references if told[1] == value}
    return len({told[1] for told in references if told[0] in nouns}) > 1 and set(words[:-1]) <= nouns


def _references(text: str) -> list[tuple[str, str, int, int]]:
    """The things with a number that a text names: noun, number, place."""
    return [
        (match[1].lower(), match[2].rstrip("-/"), match.start(), match.end())
        for match in pattern(_REFERENCE).finditer(text)
    ]


def _is_elsewhere(
    day: Mention,
    references: Sequence[tuple[str, str, int, int]],
    own: set[str],
    text: str,
    words: Sequence[str],
) -> bool:
    start = max((mark.end() for mark in pattern(_PARTS).finditer(text[: day.start])), default=0)
    other = pattern(_OTHERS).search(text[start : day.start].lower())
    if other is not None and set(words_of(other[0])).isdisjoint(words):
        return True
    inside = [told for told in references if start <= told[2] < day.start]
    if not inside:
        return False
    noun, number, _, _ = inside[-1]
    if number in own:
        return False
    return len({told[1] for told in references if told[0] == noun}) > 1
