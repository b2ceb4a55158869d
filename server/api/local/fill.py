"""A caller's schema filled from a prompt; what has no evidence is refused, never invented."""

from typing import Any

from server.api.errors import ApiError
from server.api.schema import CallerSchema
from server.api.wire import Analysis


def fill(schema: CallerSchema, prompt: str, understood: Analysis) -> dict[str, Any]:
    """An object that the schema accepts. Raises ``ApiError`` 422 naming what the prompt does not hold."""
    properties = schema.definition.get("properties", {})
    data = {name: getattr(understood, name) for name in properties if hasattr(understood, name)}
    faults = schema.faults(data)
    if faults:
        raise ApiError(
            "schema_not_fillable", "The prompt does not hold what the schema asks for.", details=faults
        )
    return data
