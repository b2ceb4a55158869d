"""What a schema does not accept of what was found, and the refusal where too little is left."""

from typing import Any

from server.api.errors import ApiError
from server.api.providers.local.node import node_of
from server.api.schema import SchemaFault


def not_fillable(definition: dict[str, Any], data: dict[str, Any], faults: list[SchemaFault]) -> ApiError:
    """The refusal that names what the prompt does not hold."""
    missing = [name for name in node_of(definition, definition).required if name not in data]
    return ApiError(
        "schema_not_fillable",
        "The prompt does not hold what the schema asks for"
        + (f": {', '.join(missing)[:300]}." if missing else "."),
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
