"""One object of an enumeration: what a row that counts something holds, and the other half of a pair."""

from typing import Any

from server.api.providers.local.coercion import NOTHING, coerced, fits
from server.api.providers.local.evidence.evidence import Evidence, read_number
from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.lexicon import words_named
from server.api.providers.local.node import Node, node_of
from server.api.providers.local.numeral import Separators
from server.api.providers.local.pattern import pattern
from server.api.providers.local.property import Property, property_of, words_of
from server.api.providers.local.rows import Row

_LONGEST_THING = 41
"""Characters of what is measured."""
_UNITS = (
    ["unit"],
    ["units"],
    ["uom"],
    ["einheit"],
    ["unité"],
    ["unite"],
    ["unidad"],
    ["unità"],
    ["unita"],
    ["unidade"],
    ["eenheid"],
    ["jednostka"],
    ["enhet"],
    ["birim"],
    ["单位"],
    ["単位"],
    ["단위"],
)
_PRICES = frozenset("price unit_price cost price_each price_per_unit amount".split())  # noqa: SIM905  # as above


def counted_row(
    root: dict[str, Any], items: Node, row: Row, thing: str, found: dict[str, Any], evidence: Evidence
) -> dict[str, Any]:
    found[thing] = row.name
    for name, member in items.properties.items():
        node = node_of(root, member)
        asked = property_of(name, node.schema)
        if _is_quantity(asked) or (row.unit and name == "amount" and set(node.types) & {"integer", "number"}):
            found.pop(name, None)
            if row.quantity is not None and (isinstance(row.quantity, int) or "number" in node.types):
                found[name] = row.quantity
        elif list(asked.words) in _UNITS:
            found.pop(name, None)
            if row.unit and "string" in node.types and fits(row.unit, node):
                found[name] = row.unit
        elif name in _PRICES or asked.kind == "money":
            found.pop(name, None)
            amounts = [mention for mention in evidence.named if mention.kind == "money"]
            each = (
                row.each
                or row.quantity == 1
                or pattern(r"\bat\b|@|\bà\b|\bzu je\b").search(row.text) is not None
            )
            if len(amounts) == 1 and each and amounts[0].value is not None:
                found[name] = coerced(Value(amounts[0].value, amounts[0]), asked, node)
    kept = {name: value for name, value in found.items() if value is not NOTHING}
    return {**dict.fromkeys(nullable_of(root, items)), **kept}


def nullable_of(root: dict[str, Any], items: Node) -> list[str]:
    """The members that an object must have and that may be null."""
    return [
        name
        for name in items.required
        if name in items.properties and node_of(root, items.properties[name]).nullable
    ]


def thing_of(items: Node) -> str | None:
    """The one property that names the thing which a row describes."""
    texts = [
        name
        for name, member in items.properties.items()
        if isinstance(member, dict)
        and "string" in str(member.get("type", ""))
        and not {"enum", "format"} & set(member)
    ]
    named = [name for name in texts if words_named("things") & {name.lower(), " ".join(words_of(name))}]
    if len(named) == 1:
        return named[0]
    others = [name for name in texts if words_of(name)[:1] not in _UNITS]
    return others[0] if not named and len(others) == 1 else None


def measured_row(
    root: dict[str, Any], evidence: Evidence, separators: Separators, items: Node, text: str, thing: str
) -> dict[str, Any] | None:
    """A row that is a thing, a figure and perhaps its unit: «glucose 92 mg/dL»."""
    measured = pattern(r"^(\p{L}[^\p{N}:=]+?)\s(\p{Nd}[\p{Nd}.,]*)\s?([^\p{N}\s]{1,10})?$").match(
        text.strip()
    )
    if measured is not None and len(measured[1]) > _LONGEST_THING:
        measured = None
    figures = [
        name
        for name, member in items.properties.items()
        if set(node_of(root, member).types) & {"integer", "number"}
    ]
    units = [name for name in items.properties if words_of(name)[:1] in _UNITS]
    number = read_number(measured[2], separators) if measured is not None else None
    if measured is None or number is None or len(figures) != 1 or len(units) > 1:
        return None
    asked = property_of(figures[0], items.properties[figures[0]])
    if (asked.kind in ("money", "age", "year") and asked.words != ("value",)) or (measured[3] and not units):
        return None
    read = coerced(Value(number), asked, node_of(root, items.properties[figures[0]]))
    if read is NOTHING:
        return None
    unit = {units[0]: measured[3]} if units and measured[3] else {}
    return {**dict.fromkeys(nullable_of(root, items)), thing: measured[1].strip(), figures[0]: read, **unit}


def _is_quantity(asked: Property) -> bool:
    return asked.kind == "count" and "quantity" in asked.labels


def value_of_pair(
    root: dict[str, Any],
    evidence: Evidence,
    separators: Separators,
    items: Node,
    text: str,
    key: str,
    found: dict[str, Any],
) -> None:
    """The other half of a pair: «Anna: 90», «Anna (engineer)»."""
    rest = [name for name in items.properties if name != key and name not in found]
    if len(rest) != 1:
        return
    node = node_of(root, items.properties[rest[0]])
    tail = pattern(r"^[^<(:=–]{2,60}?\s*(?:[:=–]\s*|\()([^()]{1,60})\)?$").match(text) or pattern(
        r"^[^<(:=–,]{2,60},\s([^(),:;]{2,40})$"
    ).match(text)
    if tail is None:
        return
    number = read_number(tail[1], separators)
    if set(node.types) & {"integer", "number"}:
        whole = [mention for mention in evidence.named if mention.text.strip() == tail[1].strip(" .")]
        value = Value(number) if number is not None else Value(whole[0].value, whole[0]) if whole else None
        read = coerced(value, property_of(rest[0], node.schema), node)
        if read is not NOTHING:
            found[rest[0]] = read
    elif "string" in node.types and "enum" not in node.schema:
        found[rest[0]] = tail[1].strip()
