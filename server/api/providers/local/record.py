"""One object of an enumeration: what a row that counts something holds, and the other half of a pair."""

from typing import Any

from server.api.providers.local.coercion import NOTHING, coerced
from server.api.providers.local.evidence.evidence import Evidence, read_number
from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.node import Node, node_of
from server.api.providers.local.numeral import Separators
from server.api.providers.local.pattern import pattern
from server.api.providers.local.property import property_of
from server.api.providers.local.rows import Row

_PRICES = frozenset("price unit_price cost price_each price_per_unit amount".split())  # noqa: SIM905  # as above


def counted_row(
    root: dict[str, Any], items: Node, row: Row, thing: str, found: dict[str, Any], evidence: Evidence
) -> dict[str, Any]:
    found[thing] = row.name
    for name, member in items.properties.items():
        node = node_of(root, member)
        asked = property_of(name, node.schema)
        if (
            asked.kind == "count"
            and asked.words[0] in ("quantity", "qty", "count", "units")
            and row.quantity is not None
        ):
            if isinstance(row.quantity, int) or "number" in node.types:
                found[name] = row.quantity
        elif name in _PRICES:
            found.pop(name, None)
            amounts = [mention for mention in evidence.named if mention.kind == "money"]
            each = (
                row.each
                or row.quantity == 1
                or pattern(r"\bat\b|@|\bà\b|\bzu je\b").search(row.text) is not None
            )
            if len(amounts) == 1 and each and amounts[0].value is not None:
                found[name] = coerced(Value(amounts[0].value, amounts[0]), asked, node)
    return {name: value for name, value in found.items() if value is not NOTHING}


def value_of_pair(
    root: dict[str, Any], separators: Separators, items: Node, text: str, key: str, found: dict[str, Any]
) -> None:
    """The other half of a pair: «Anna: 90», «Anna (engineer)»."""
    rest = [name for name in items.properties if name != key and name not in found]
    if len(rest) != 1:
        return
    node = node_of(root, items.properties[rest[0]])
    tail = pattern(r"^[^<(:=–]{2,60}?\s*(?:[:=–]\s*|\()([^()]{1,60})\)?$").match(text)
    if tail is None:
        return
    number = read_number(tail[1], separators)
    if set(node.types) & {"integer", "number"} and number is not None:
        found[rest[0]] = number
    elif "string" in node.types and "enum" not in node.schema:
        found[rest[0]] = tail[1].strip()
