"""Texts with which a prompt fills properties."""

from typing import Any

from server.api.providers.local.fill import fill
from server.api.providers.local.understand import understand


def texts_filled(prompt: str, *names: str, form: str = "") -> dict[str, Any]:
    """What ``prompt`` gives of properties that ask for a text, of a ``format`` where one is named."""
    kind = {"type": "string", **({"format": form} if form else {})}
    return fill({"type": "object", "properties": dict.fromkeys(names, kind)}, prompt, understand(prompt))
