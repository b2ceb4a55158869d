"""docker-compose.yml as the tests read it."""

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
_VARIABLE = re.compile(r"\$\{([A-Z_]+)(?::?([-?])([^}]*))?\}")


class ComposeFile:
    """One compose file, its variables at their defaults."""

    def __init__(self, path: Path) -> None:
        self.text = path.read_text()
        self.document: dict[str, Any] = yaml.safe_load(self.text)
        self.services: dict[str, dict[str, Any]] = self.document["services"]

    @property
    def variables(self) -> dict[str, str]:
        """Every variable that the file takes from ``.env``, with its default."""
        return {name: default for name, _, default in _VARIABLE.findall(self.text)}

    def environment(self, service: str) -> dict[str, str]:
        """What the service's process sees when ``.env`` says nothing."""
        given = self.services[service].get("environment", {})
        return {name: at_default(str(value)) for name, value in given.items()}

    def published(self, service: str) -> dict[int, str]:
        """Port in the container to the address at which this machine reaches it."""
        found = {}
        for port in self.services[service].get("ports", []):
            address, _, inside = at_default(port).rpartition(":")
            found[int(inside)] = address
        return found

    def networks(self, service: str) -> set[str]:
        """The networks that the service is on."""
        return set(self.services[service]["networks"])


def at_default(text: str) -> str:
    """The text with every variable at its default."""
    return _VARIABLE.sub(lambda match: match.group(3), text)


COMPOSE = ComposeFile(ROOT / "docker-compose.yml")
OWN = {"api": "server", "ops": "server.ops", "status": "server.status"}
"""Our own processes there, and the module that each of them is."""
