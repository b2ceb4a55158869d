"""What schemas of plain properties are filled with."""

from typing import Any

from server.api.providers.local.fill import fill
from server.api.providers.local.understand import understand


def filled(prompt: str, properties: dict[str, str]) -> dict[str, Any]:
    """What ``prompt`` gives of ``properties``, names with the types of their values."""
    schema = {name: {"type": kind} for name, kind in properties.items()}
    return fill({"type": "object", "properties": schema}, prompt, understand(prompt))


def filled_one(prompt: str, name: str, schema: dict[str, Any]) -> Any:
    """What ``name`` is filled with; None where it is left out."""
    definition = {"type": "object", "properties": {name: schema}}
    return fill(definition, prompt, understand(prompt)).get(name)
