"""What a caller's schema may cost: its size, its nesting, its references written out, its patterns unrolled."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from alerts.whole_number import parse_whole_number

MAX_BYTES = 50 * 1024
MAX_DEPTH = 10
_MAX_WEIGHT = 50_000
_MAX_PATTERN = 500
_MAX_PATTERNS = 20_000
_CLASS = 4
"""What a class of characters costs beside a single one."""
_EACH = 10
"""What a pattern costs for itself."""
_REPETITION = re.compile(r"\{(\d{1,9})(?:,(\d{0,9}))?\}", re.ASCII)
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_NESTING = frozenset(
    {
        "properties", "patternProperties", "additionalProperties", "items", "prefixItems", "additionalItems",
        "contains", "propertyNames", "unevaluatedProperties", "unevaluatedItems",
    }
)  # fmt: skip
"""Keywords whose schemas stand one level below in the data."""
_MAX_NODES_DEEP = 64


class SchemaCostError(ValueError):
    """The schema costs more than is allowed; the message says what and how much."""


def check_budget(definition: dict[str, Any]) -> None:
    """Raises ``SchemaCostError``."""
    patterns = 0
    for place in _places(definition):
        if place.depth > MAX_DEPTH or place.nodes > _MAX_NODES_DEEP:
            raise SchemaCostError(f"It is nested deeper than {MAX_DEPTH} levels.")
        _check_reference(place.name, place.value)
        for pattern in place.patterns():
            patterns += _cost(pattern)
            if patterns > _MAX_PATTERNS:
                raise SchemaCostError(
                    f"Its patterns, their repetitions written out, are longer than {_MAX_PATTERNS} together."
                )
    try:
        weight = _weight(definition)
    except RecursionError:
        raise SchemaCostError("Its references are chained too deeply.") from None
    if weight > _MAX_WEIGHT:
        raise SchemaCostError(f"Written out, its references make more than {_MAX_WEIGHT} nodes.")


def pointed_at(definition: dict[str, Any], reference: str) -> Any:
    """What a local JSON pointer names; None when it names nothing."""
    node: Any = definition
    for step in reference.lstrip("#").split("/")[1:]:
        name = unquote(step).replace("~1", "/").replace("~0", "~")
        index = parse_whole_number(name)
        if isinstance(node, list) and index is not None and index < len(node):
            node = node[index]
        elif isinstance(node, dict):
            node = node.get(name)
        else:
            return None
    return node


class _Place:
    """One name and value of the schema, with the depth at which it stands."""

    __slots__ = ("depth", "name", "nodes", "value")

    def __init__(self, name: str, value: Any, depth: int, nodes: int) -> None:
        self.name = name
        self.value = value
        self.depth = depth
        """Levels of the data between the outermost and what it describes."""
        self.nodes = nodes
        """JSON nodes above it."""

    def patterns(self) -> Iterator[str]:
        if self.name == "pattern" and isinstance(self.value, str):
            yield self.value
        if self.name == "patternProperties" and isinstance(self.value, dict):
            yield from self.value


def _places(definition: dict[str, Any]) -> Iterator[_Place]:
    waiting: list[tuple[Any, int, int]] = [(definition, 0, 1)]
    while waiting:
        value, depth, nodes = waiting.pop()
        members = value.items() if isinstance(value, dict) else (("", member) for member in value)
        for name, member in members:
            yield _Place(name, member, depth, nodes)
            if isinstance(member, dict | list):
                waiting.append((member, depth + (name in _NESTING), nodes + 1))


def _check_reference(name: str, value: Any) -> None:
    if name in _REFERENCES and isinstance(value, str) and not value.startswith("#"):
        raise SchemaCostError(f"{name} may only point into the schema itself (#/…), not to {value[:100]!r}.")
    if name in ("$anchor", "$dynamicAnchor") and isinstance(value, str):
        raise SchemaCostError("Anchors are not taken; point with #/…")


def _cost(pattern: str) -> int:
    """Its atoms once every counted repetition is written out: those of a repeated group multiply."""
    if len(pattern) > _MAX_PATTERN:
        raise SchemaCostError(f"A pattern is longer than {_MAX_PATTERN} characters.")
    sums, last, at = [0], 0, 0
    while at < len(pattern):
        repeated = _REPETITION.match(pattern, at)
        if repeated is not None:
            times = max(1, min(_MAX_PATTERNS, int(repeated[2] or repeated[1])))
            sums[-1] += last * (times - 1)
            last, at = min(_MAX_PATTERNS, last * times), repeated.end()
            continue
        character, at = pattern[at], _after_atom(pattern, at)
        if character == "(":
            sums.append(0)
        elif character == ")" and len(sums) > 1:
            last = min(_MAX_PATTERNS, sums.pop())
            sums[-1] += last
        elif character not in "*+?|^$":
            last = _CLASS if character in "[\\." else 1
            sums[-1] += last
    return sum(sums) + _EACH


def _after_atom(pattern: str, at: int) -> int:
    """Where the atom that begins at ``at`` ends: a class as a whole, an escape with what it escapes."""
    if pattern[at] == "\\":
        return at + 2
    if pattern[at] == "[":
        end = pattern.find("]", at + 2)
        return len(pattern) if end < 0 else end + 1
    return at + 1


def _weight(definition: dict[str, Any]) -> int:
    """How many nodes it has once every ``$ref`` is written out; a reference into itself counts once.

    A chain of definitions that each use the next one twice is small to send and endless to validate.
    """
    known: dict[int, int] = {}

    def weigh(node: Any) -> int:
        if not isinstance(node, dict | list):
            return 0
        if id(node) in known:
            return known[id(node)]
        known[id(node)] = 1
        members = node.values() if isinstance(node, dict) else node
        total = 1 + sum(map(weigh, members))
        target = node.get("$ref") if isinstance(node, dict) else None
        if isinstance(target, str):
            total += weigh(pointed_at(definition, target))
        known[id(node)] = total
        return total

    return weigh(definition)
