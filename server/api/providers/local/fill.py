"""A caller's schema filled from a prompt; what has no evidence in it is refused, never invented."""

from typing import Any

from server.api.errors import ApiError
from server.api.providers.local.evidence import Evidence
from server.api.schema import SchemaFault
from server.api.schema_budget import pointed_at
from server.api.wire import Analysis

_NOTHING = object()
_DEPTH = 6


def fill(definition: dict[str, Any], prompt: str, understood: Analysis) -> dict[str, Any]:
    """What the prompt holds of what the schema asks for; it need not be all that the schema requires."""
    return _Filler(definition, Evidence(prompt, understood)).object(definition, 0)


def not_fillable(definition: dict[str, Any], data: dict[str, Any], faults: list[SchemaFault]) -> ApiError:
    """The refusal that names what the prompt does not hold."""
    required = definition.get("required")
    missing = [name for name in required if name not in data] if isinstance(required, list) else []
    return ApiError(
        "schema_not_fillable",
        "The prompt does not hold what the schema asks for"
        + (f": {', '.join(map(str, missing))[:300]}." if missing else "."),
        field="schema_definition",
        details=[str(fault) for fault in faults],
    )


def pruned(data: dict[str, Any], faults: list[SchemaFault]) -> bool:
    """Take out of ``data`` the values that the schema does not accept; whether there was one."""
    changed = False
    for fault in faults:
        holder: Any = data
        for step in fault.path[:-1]:
            holder = holder[step] if _holds(holder, step) else None
        if fault.path and isinstance(holder, dict) and fault.path[-1] in holder:
            del holder[fault.path[-1]]
            changed = True
    return changed


def _holds(holder: Any, step: str | int) -> bool:
    if isinstance(holder, list):
        return isinstance(step, int) and step < len(holder)
    return isinstance(holder, dict) and step in holder


class _Filler:
    """Fills the properties of objects, one level after the other."""

    def __init__(self, root: dict[str, Any], evidence: Evidence) -> None:
        self._root = root
        self._evidence = evidence

    def object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        """The properties for which there is evidence; required ones that may be null are null without it."""
        found: dict[str, Any] = {}
        properties = schema.get("properties")
        required = schema.get("required") or ()
        for name, member in properties.items() if isinstance(properties, dict) else ():
            member = self._resolved(member)
            value = self._value(name, member, depth)
            if value is not _NOTHING:
                found[name] = value
            elif name in required and "null" in _types(member):
                found[name] = None
        return found

    def _value(self, name: str, schema: dict[str, Any], depth: int) -> Any:
        if "const" in schema:
            return schema["const"]
        if isinstance(schema.get("enum"), list):
            return _or_nothing(self._evidence.one_of(name, schema["enum"]))
        for kind in _types(schema) or ("string",):
            value = self._typed(name, kind, schema, depth)
            if value is not _NOTHING:
                return value
        return _NOTHING

    def _typed(self, name: str, kind: str, schema: dict[str, Any], depth: int) -> Any:
        if kind == "object":
            inner = self.object(schema, depth + 1) if depth < _DEPTH else {}
            return inner or _NOTHING
        if kind == "array":
            return self._array(name, self._resolved(schema.get("items", {})))
        if kind in ("integer", "number"):
            return _or_nothing(self._evidence.number(name, whole=kind == "integer"))
        if kind == "boolean":
            return _or_nothing(self._evidence.truth(name))
        if kind == "string":
            return _or_nothing(self._evidence.text(name, str(schema.get("format", ""))))
        return _NOTHING

    def _array(self, name: str, items: dict[str, Any]) -> Any:
        if isinstance(items.get("enum"), list):
            return self._evidence.all_of(items["enum"]) or _NOTHING
        kinds = _types(items)
        if "integer" in kinds or "number" in kinds:
            return self._evidence.numbers(whole="number" not in kinds) or _NOTHING
        return self._evidence.texts(name, str(items.get("format", ""))) or _NOTHING

    def _resolved(self, schema: Any) -> dict[str, Any]:
        for _ in range(_DEPTH):
            if not isinstance(schema, dict):
                return {}
            reference = schema.get("$ref")
            if not isinstance(reference, str):
                return schema
            schema = pointed_at(self._root, reference)
        return {}


def _types(schema: dict[str, Any]) -> tuple[str, ...]:
    kind = schema.get("type", ())
    return (kind,) if isinstance(kind, str) else tuple(kind)


def _or_nothing(value: Any) -> Any:
    return _NOTHING if value is None else value
