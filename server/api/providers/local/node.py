"""One place of a caller's schema, read: references followed, parts put together, null set apart."""

from typing import Any, NamedTuple

from server.api.schema_budget import pointed_at

_MOST = 20
"""Alternatives or parts that are looked at."""


class Node(NamedTuple):
    """What a value at one place may be."""

    schema: dict[str, Any]
    types: tuple[str, ...]
    """Without null; empty where anything goes."""
    nullable: bool
    branches: tuple["Node", ...]
    """The alternatives of ``oneOf`` or ``anyOf``, where there are several."""

    @property
    def properties(self) -> dict[str, Any]:
        """The node's properties, where it is an object."""
        found = self.schema.get("properties")
        return found if isinstance(found, dict) else {}

    @property
    def required(self) -> tuple[str, ...]:
        """Names of properties that must be there."""
        found = self.schema.get("required")
        return tuple(name for name in found if isinstance(name, str)) if isinstance(found, list) else ()

    @property
    def is_object(self) -> bool:
        """Whether the node is an object with known members."""
        return "object" in self.types or (not self.types and bool(self.properties))


def node_of(root: dict[str, Any], schema: Any, followed: frozenset[str] = frozenset()) -> Node:
    """The place that ``schema``, a part of ``root``, describes; references of ``followed`` lead in a circle and nowhere."""
    merged, followed = _merged(root, schema, followed)
    alternatives = merged.pop("oneOf", None) or merged.pop("anyOf", None)
    types = _types(merged)
    nullable = "null" in types
    branches: list[Node] = []
    for alternative in alternatives[:_MOST] if isinstance(alternatives, list) else ():
        branch = node_of(root, alternative, followed)
        if branch.types == () and branch.nullable and not branch.schema.get("properties"):
            nullable = True
        else:
            branches.append(branch)
            nullable = nullable or branch.nullable
    plain = tuple(kind for kind in types if kind != "null")
    if len(branches) == 1:
        only = branches[0]
        schema_of_both = {
            **only.schema,
            **{key: value for key, value in merged.items() if key not in only.schema},
        }
        return Node(schema_of_both, only.types or plain, nullable, only.branches)
    return Node(merged, plain, nullable, tuple(branches))


def _merged(
    root: dict[str, Any], schema: Any, followed: frozenset[str]
) -> tuple[dict[str, Any], frozenset[str]]:
    """The schema with its references followed and the parts of ``allOf`` laid over each other, and which were followed."""
    if not isinstance(schema, dict):
        return {}, followed
    found = dict(schema)
    while isinstance(reference := found.pop("$ref", None), str) and reference not in followed:
        followed |= {reference}
        target = pointed_at(root, reference)
        found = {**(target if isinstance(target, dict) else {}), **found}
    parts = found.pop("allOf", None)
    for part in parts[:_MOST] if isinstance(parts, list) else ():
        read, _ = _merged(root, part, followed)
        properties = {**_dict(found.get("properties")), **_dict(read.get("properties"))}
        required = [*_list(found.get("required")), *_list(read.get("required"))]
        found = {**read, **found}
        if properties:
            found["properties"] = properties
        if required:
            found["required"] = required
    return found, followed


def _types(schema: dict[str, Any]) -> tuple[str, ...]:
    kind = schema.get("type", ())
    found = (
        (kind,)
        if isinstance(kind, str)
        else tuple(k for k in kind if isinstance(k, str))
        if isinstance(kind, list)
        else ()
    )
    if not found and isinstance(schema.get("enum"), list) and None in schema["enum"]:
        return ("null",)
    return found


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
