"""The number of a thing without the words around it, and whole: «framework agreement FA-77» is FA-77, «4B7» of «4B7 2291» is cut."""

from typing import Any

from server.api.providers.local.pattern import pattern
from server.api.providers.local.property import words_of
from server.api.providers.local.values.leaf import Leaf

_HEADS = frozenset({"id", "number", "no", "nr", "num", "code", "ref", "reference", "sku"})
_WRITTEN = frozenset({"plate", "spz", "vin", "iban", "postcode", "zip", "serial", "registration", "kennzeichen", "meter"})  # fmt: skip
"""Names of what is written in letters and figures."""
_NO_TOKEN = frozenset({"phone", "mobile", "telephone", "house", "room", "fax", "country", "currency", "language", "of", "area", "dial", "promo", "coupon", "discount", "voucher", "dress", "error", "status", "color", "colour", "access", "postal", "zip", "iso", "airport"})  # fmt: skip
"""Words of names whose number or code may be a word, or is told in another way."""
_WRITTEN_AS = r"^[\p{L}\p{Nd}#][\p{L}\p{Nd}#/._-]*$"
_GROUP = r"^ ((?:[A-Z0-9]{2,}-?)+)(?:[\s.,;:!?)]|$)"
_GROWN = 4
"""Groups of a number that are added to the first."""
_LONGEST = 40


def identified(leaf: Leaf, value: Any, text: str) -> Any:
    """``value`` as the number that it is; None where it is none."""
    words = words_of(leaf.path[-1])
    is_number = len(words) > 1 and words[-1] in _HEADS and _NO_TOKEN.isdisjoint(words)
    is_written = is_number or not _WRITTEN.isdisjoint(words)
    if (
        not isinstance(value, str)
        or not is_written
        or "enum" in leaf.node.schema
        or "format" in leaf.node.schema
    ):
        return value
    if is_number and any(map(str.islower, value)) and (" " in value or not any(map(str.isdecimal, value))):
        tokens = [token.strip(".,;:()") for token in value.split()]
        found = [token for token in tokens if _is_number(token)]
        if len(found) == 1 and value in text:
            return found[0]
        return None if " " in value or words[-1] in ("id", "number", "no", "nr") else value
    return _whole(value, text)


def _is_number(token: str) -> bool:
    has_figure = any(map(str.isdecimal, token))
    return has_figure and len(token) > 1 and pattern(_WRITTEN_AS).search(token) is not None


def _whole(value: str, text: str) -> str:
    """A number with the groups that follow it at every place where it stands."""
    if not any(map(str.isdecimal, value)) or any(map(str.islower, value)):
        return value
    for _ in range(_GROWN):
        at = text.find(value)
        behind = (
            pattern(_GROUP, ignore_case=False).search(text[at + len(value) : at + len(value) + _LONGEST])
            if at >= 0
            else None
        )
        if behind is None or not _is_group(behind[1], value):
            return value
        value = f"{value} {behind[1]}"
    return value


def _is_group(group: str, value: str) -> bool:
    """Whether a group of letters and figures goes on with a number, and does not count what follows."""
    mixed = any(map(str.isdecimal, group))
    if not mixed:
        return len(group) <= len("UVB") and " " not in value
    return len(group) > len("12") or any(map(str.isalpha, group)) or " " in value
