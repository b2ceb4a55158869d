"""Members of a schema's object, read from what names each of its values: the cells of a record, the members of JSON."""

from collections.abc import Mapping, Sequence
from typing import Any

from server.api.providers.local.coercion import NOTHING, coerced, fits
from server.api.providers.local.entities import named_in
from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.evidence.placeholder import is_nothing
from server.api.providers.local.lexicon import words_named
from server.api.providers.local.node import Node, node_of
from server.api.providers.local.property import property_of, words_of
from server.api.providers.local.record import nullable_of

_DEEPEST = 6
_YES = words_named("cell_yes")
_NO = words_named("cell_no")


def records_of(
    root: dict[str, Any], items: Node, groups: Sequence[Sequence[Mapping[str, str]]], language: str
) -> list[dict[str, Any]]:
    """The objects that the one fitting group of records makes; nothing unless every record makes one."""
    found = [made for group in groups if (made := _made(root, items, group, language))]
    return found[0] if len(found) == 1 else []


def _made(
    root: dict[str, Any], items: Node, group: Sequence[Mapping[str, str]], language: str
) -> list[dict[str, Any]]:
    made = []
    for record in group:
        keys = {key: name for key in record if (name := member_named(key, items)) is not None}
        if len(keys) < min(2, len(items.properties)) or len(set(keys.values())) != len(keys):
            return []
        row = {name: _cell(root, items, name, record[key], language) for key, name in keys.items()}
        kept = {name: value for name, value in row.items() if value is not NOTHING}
        if kept:
            kept = {**dict.fromkeys(nullable_of(root, items)), **kept}
        if not kept or set(items.required) - set(kept):
            return []
        made.append(kept)
    return made


def member_named(key: str, node: Node) -> str | None:
    """The one property of ``node`` that ``key`` names: by its words, else by a label of its own."""
    words = words_of(key)
    exact = [name for name in node.properties if words_of(name) == words]
    if exact:
        return exact[0] if len(exact) == 1 else None
    spoken = " ".join(words)
    labelled = [
        name
        for name, schema in node.properties.items()
        if {spoken, key.lower().rstrip(".")}
        & set(property_of(name, schema if isinstance(schema, dict) else {}).labels)
    ]
    return labelled[0] if len(labelled) == 1 else None


def _cell(root: dict[str, Any], items: Node, name: str, said: str, language: str) -> Any:
    node = node_of(root, items.properties[name])
    if is_nothing(said) or not said:
        return NOTHING
    listed = node.schema.get("enum")
    if isinstance(listed, list):
        same = [value for value in listed if _plain(str(value)) == _plain(said) and value is not None]
        return same[0] if len(same) == 1 else NOTHING
    if node.types == ("boolean",):
        low = said.lower()
        return True if low in _YES else False if low in _NO else NOTHING
    asked = property_of(name, node.schema)
    whole = [mention for mention in named_in(said, language) if mention.text.strip() == said.strip()]
    if whole and (set(node.types) & {"integer", "number"} or "format" in node.schema):
        only = whole[0]
        return coerced(Value(only.value if only.value is not None else only.text, only), asked, node)
    return _text(said, node)


def _text(said: str, node: Node) -> Any:
    return said if "string" in (node.types or ("string",)) and fits(said, node) else NOTHING


def _plain(text: str) -> str:
    return " ".join(text.lower().replace("_", " ").replace("-", " ").split())


def json_members(
    root: dict[str, Any], node: Node, value: Any, path: tuple[str, ...] = ()
) -> dict[tuple[str, ...], Any]:
    """What JSON holds of the members of ``node`` under their names, by their paths."""
    found: dict[tuple[str, ...], Any] = {}
    if not isinstance(value, dict) or len(path) >= _DEEPEST:
        return found
    for key, member in value.items():
        name = member_named(key, node)
        if name is None:
            continue
        inner = node_of(root, node.properties[name])
        place = (*path, name)
        if inner.is_object and inner.properties and not inner.branches:
            found.update(json_members(root, inner, member, place))
        elif (given := _given(root, inner, member)) is not NOTHING:
            found[place] = given
    return found


def _given(root: dict[str, Any], node: Node, value: Any) -> Any:
    """A member's value as it stands, where the schema takes it; numbers and texts are not made into each other."""
    if node.branches or value is None:
        return NOTHING
    if isinstance(value, list):
        return _list(root, node, value)
    if isinstance(value, dict):
        plain = "object" in node.types and all(isinstance(part, str | int | float) for part in value.values())
        return value if plain else NOTHING
    kind = {bool: "boolean", int: "integer", float: "number", str: "string"}[type(value)]
    taken = not node.types or kind in node.types or (kind == "integer" and "number" in node.types)
    return value if taken and fits(value, node) else NOTHING


def _list(root: dict[str, Any], node: Node, value: list[Any]) -> Any:
    if "array" not in node.types:
        return NOTHING
    items = node_of(root, node.schema.get("items", {}))
    if items.is_object and items.properties:
        return listed_objects(root, items, value) or NOTHING
    parts = [_given(root, items, part) for part in value]
    return parts if parts and NOTHING not in parts else NOTHING


def listed_objects(root: dict[str, Any], items: Node, value: list[Any]) -> list[dict[str, Any]]:
    """The objects of a list in JSON; none unless each has what is required of it."""
    rows = []
    for member in value:
        found = json_members(root, items, member)
        row = {path[0]: part for path, part in found.items() if len(path) == 1}
        row = {**dict.fromkeys(nullable_of(root, items)), **row} if row else row
        if not row or set(items.required) - set(row):
            return []
        rows.append(row)
    return rows
