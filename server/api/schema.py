"""Caller schemas, which are hostile until shown otherwise: bounded, local, compiled once."""

import hashlib
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import jsonschema_rs
import msgspec

from server.api.errors import ApiError

MAX_BYTES = 50 * 1024
MAX_DEPTH = 10
_MAX_PATTERN = 500
_MAX_WEIGHT = 50_000
_SHELF = 512


class CallerSchema:
    """A checked JSON Schema with its validator."""

    __slots__ = ("_validator", "definition", "digest")

    def __init__(self, definition: dict[str, Any], digest: str, validator: Any) -> None:
        self.definition = definition
        self.digest = digest
        self._validator = validator

    def faults(self, value: Any, limit: int = 10) -> list[str]:
        """What is wrong with ``value``, each fault with its place; none when it is valid."""
        found = []
        for error in self._validator.iter_errors(value):
            place = "/".join(str(step) for step in error.instance_path)
            found.append(f"{place or 'the whole'}: {error.message}"[:500])
            if len(found) >= limit:
                break
        return found


class SchemaShelf:
    """Compiled schemas by their digest."""

    def __init__(self) -> None:
        self._compiled: OrderedDict[str, CallerSchema] = OrderedDict()

    def compiled(self, definition: dict[str, Any]) -> CallerSchema:
        """``definition``, checked and compiled. Raises ``ApiError`` 422."""
        encoded = msgspec.json.encode(definition, order="sorted")
        if len(encoded) > MAX_BYTES:
            raise _fault(f"It is {len(encoded)} bytes long; at most {MAX_BYTES} are taken.")
        digest = hashlib.sha256(encoded).hexdigest()
        known = self._compiled.get(digest)
        if known is None:
            _check(definition)
            known = self._compiled[digest] = CallerSchema(definition, digest, _compile(definition))
            if len(self._compiled) > _SHELF:
                self._compiled.popitem(last=False)
        return known


def _compile(definition: dict[str, Any]) -> Any:
    try:
        return jsonschema_rs.validator_for(
            definition,
            validate_formats=True,
            pattern_options=jsonschema_rs.RegexOptions(size_limit=1_000_000, dfa_size_limit=1_000_000),
            offline=True,
        )
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError, TypeError) as error:
        raise _fault(f"It is no valid JSON Schema: {str(error).splitlines()[0][:300]}") from None


def _check(definition: dict[str, Any]) -> None:
    for depth, name, value in _walk(definition):
        if depth > MAX_DEPTH:
            raise _fault(f"It is nested deeper than {MAX_DEPTH} levels.")
        if (
            name in ("$ref", "$dynamicRef", "$recursiveRef")
            and isinstance(value, str)
            and not value.startswith("#")
        ):
            raise _fault(f"{name} may only point into the schema itself (#/…), not to {value[:100]!r}.")
        if name in ("$anchor", "$dynamicAnchor") and isinstance(value, str):
            raise _fault("Anchors are not taken; point with #/…")
        if name == "pattern" and isinstance(value, str) and len(value) > _MAX_PATTERN:
            raise _fault(f"A pattern is longer than {_MAX_PATTERN} characters.")
    try:
        weight = _weight(definition)
    except RecursionError:
        raise _fault("Its references are chained too deeply.") from None
    if weight > _MAX_WEIGHT:
        raise _fault(f"Written out, its references make more than {_MAX_WEIGHT} nodes.")


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


def pointed_at(definition: dict[str, Any], reference: str) -> Any:
    """What a local JSON pointer names; None when it names nothing."""
    node: Any = definition
    for step in reference.lstrip("#").split("/")[1:]:
        name = unquote(step).replace("~1", "/").replace("~0", "~")
        if isinstance(node, list) and name.isdigit() and int(name) < len(node):
            node = node[int(name)]
        elif isinstance(node, dict):
            node = node.get(name)
        else:
            return None
    return node


def _walk(definition: dict[str, Any]) -> Iterator[tuple[int, str, Any]]:
    """Every name and value in it with the depth at which it stands."""
    waiting: list[tuple[int, Any]] = [(1, definition)]
    while waiting:
        depth, value = waiting.pop()
        members = value.items() if isinstance(value, dict) else (("", member) for member in value)
        for name, member in members:
            yield depth, name, member
            if isinstance(member, dict | list):
                waiting.append((depth + isinstance(member, dict), member))


def _fault(message: str) -> ApiError:
    return ApiError("validation_error", message, field="schema_definition")
