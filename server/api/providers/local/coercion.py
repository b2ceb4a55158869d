"""What was found in a prompt, as the type and the bounds of a schema want it; what does not fit is left out."""

from math import inf
from typing import Any

import re2

from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.node import Node
from server.api.providers.local.pattern import pattern
from server.api.providers.local.property import Property

NOTHING = object()
"""Stands for a value that is not there."""
_ISO_ASKED = ("iso", "yyyy-mm-dd")
_CODES = ("code", "iso", "4217", "three-letter", "3-letter")


def coerced(value: Value | None, asked: Property, node: Node) -> Any:
    """The value in the first type of ``node`` that it fits; ``NOTHING`` where it fits none."""
    if value is None or value.value is None or value.value == "":
        return NOTHING
    for kind in node.types or ("string",):
        for candidate in _candidates(value, asked, kind, node):
            if candidate is not NOTHING and fits(candidate, node):
                return candidate
    return NOTHING


def fits(value: Any, node: Node) -> bool:
    """Whether ``value`` keeps within the bounds of ``node`` that a word can break; the rest is checked apart."""
    schema = node.schema
    listed = schema.get("enum")
    if isinstance(listed, list) and value not in listed:
        return False
    if isinstance(value, str):
        return _length_fits(value, schema) and _pattern_fits(value, schema.get("pattern"))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _bounds_fit(value, schema)
    return True


def _candidates(value: Value, asked: Property, kind: str, node: Node) -> list[Any]:
    mention = value.mention
    if kind in ("integer", "number"):
        return [_number(value, asked, node, whole=kind == "integer")]
    if kind != "string":
        return [NOTHING]
    if mention is not None and mention.kind in ("date", "datetime"):
        return _dates(value, node)
    if node.schema.get("format") == "duration":
        return [_iso_duration(value)]
    if mention is not None and mention.kind == "time":
        return (
            [_full_time(mention.value), NOTHING]
            if node.schema.get("format") == "time"
            else [mention.text.strip(), mention.value]
        )
    if (
        mention is not None
        and mention.kind in ("money", "percentage", "quantity", "duration", "number")
        and asked.kind != "code"
    ):
        return [mention.text]
    return [str(value.value)]


def _full_time(value: Any) -> Any:
    """A time as RFC 3339 has it, which ``format: time`` means: «10:45» is 10:45:00Z, whatever place it is of."""
    return f"{value}:00Z" if isinstance(value, str) and value.count(":") == 1 else value


_ISO_DURATION = r"P(?:\d+[YMWD]){0,4}(?:T(?:\d+(?:\.\d+)?[HMS]){1,3})?"
_ISO_UNITS = {
    "second": "PT{}S",
    "minute": "PT{}M",
    "hour": "PT{}H",
    "day": "P{}D",
    "week": "P{}W",
    "month": "P{}M",
    "year": "P{}Y",
}


def _iso_duration(value: Value) -> Any:
    """A duration as ISO 8601 writes it; ``NOTHING`` where it is none."""
    mention = value.mention
    if mention is not None and mention.kind == "duration" and isinstance(value.value, int):
        return _ISO_UNITS[mention.unit].format(value.value) if mention.unit in _ISO_UNITS else NOTHING
    said = str(value.value).strip()
    whole = len(said) > 2 and pattern(_ISO_DURATION, ignore_case=False).fullmatch(said) is not None
    return said if whole else NOTHING


def _number(value: Value, asked: Property, node: Node, *, whole: bool) -> Any:
    found = value.value
    if (
        asked.kind == "code"
        and isinstance(found, str)
        and found.isascii()
        and found.isdecimal()
        and len(found) < 16
    ):
        found = int(found)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return NOTHING
    highest = node.schema.get("maximum", node.schema.get("exclusiveMaximum"))
    if asked.kind == "percentage" and isinstance(highest, int | float) and highest <= 1 < found:
        found = found / 100
    if whole:
        return int(found) if float(found).is_integer() else NOTHING
    return found


def _dates(value: Value, node: Node) -> list[Any]:
    mention = value.mention
    assert mention is not None
    iso = mention.value if isinstance(mention.value, str) else NOTHING
    form = node.schema.get("format")
    if form == "date":
        return [iso]
    if form == "date-time":
        stamp = mention.text.replace(" ", "T", 1)
        return [stamp if mention.kind == "datetime" and len(stamp) >= 20 else NOTHING]
    described = str(node.schema.get("description", "")).lower()
    if node.schema.get("pattern") or any(word in described for word in _ISO_ASKED):
        return [iso, mention.text]
    return [mention.text]


def _length_fits(value: str, schema: dict[str, Any]) -> bool:
    low, high = schema.get("minLength"), schema.get("maxLength")
    return not (isinstance(low, int) and len(value) < low) and not (
        isinstance(high, int) and len(value) > high
    )


def _pattern_fits(value: str, expression: Any) -> bool:
    """Whether the caller's pattern finds the value; where RE2 does not know the pattern the schema's own check decides."""
    if not isinstance(expression, str):
        return True
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    try:
        return re2.compile(expression, options).search(value) is not None
    except re2.error:
        return True


def _bounds_fit(value: float, schema: dict[str, Any]) -> bool:
    low, high = _number_or(schema.get("minimum"), -inf), _number_or(schema.get("maximum"), inf)
    above, below = (
        _number_or(schema.get("exclusiveMinimum"), -inf),
        _number_or(schema.get("exclusiveMaximum"), inf),
    )
    return low <= value <= high and above < value < below


def _number_or(value: Any, otherwise: float) -> float:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else otherwise
