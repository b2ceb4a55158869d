"""A configuration file as YAML with its lines: every fault is collected with its place and with what would be right."""

import msgspec
import yaml

from alerts.duration import DurationError, parse_duration_ms
from alerts.yaml_document import YamlError, compose_yaml, doubled_key

_SHOWN = 60
"""Characters of a value that a fault repeats."""


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong with a file."""

    line: int | None
    """From 1; None where it has no place."""
    message: str
    """What is wrong, and what would be right."""

    def __str__(self) -> str:
        return self.message if self.line is None else f"line {self.line}: {self.message}"


class DocumentError(ValueError):
    """A file that cannot be used; ``faults`` are all that was found in it, in the order of their lines."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        super().__init__("; ".join(map(str, faults)))


class CheckedDocument:
    """Reads the values of one document; what is wrong is noted and the reading goes on, so that all is told at once."""

    def __init__(self, text: str) -> None:
        """Raises ``DocumentError`` for what is no YAML at all."""
        try:
            self.root = compose_yaml(text)
        except YamlError as error:
            raise DocumentError((Fault(line=error.line, message=error.reason),)) from error
        self._faults: list[Fault] = []

    def fault(self, node: yaml.Node | None, message: str) -> None:
        """Notes what is wrong where ``node`` begins."""
        self._faults.append(
            Fault(line=node.start_mark.line + 1 if node is not None else None, message=message)
        )

    def finish(self) -> None:
        """Raises ``DocumentError`` where anything was noted."""
        if self._faults:
            raise DocumentError(tuple(sorted(self._faults, key=lambda fault: fault.line or 0)))

    def fields(
        self, node: yaml.Node | None, what: str, required: tuple[str, ...], optional: tuple[str, ...] = ()
    ) -> dict[str, yaml.Node]:
        """The values of a mapping by key; keys that are missing, unknown or doubled are noted."""
        if not isinstance(node, yaml.MappingNode):
            self.fault(node, f"{what} has the keys {', '.join((*required, *optional))}; it is {_kind(node)}")
            return {}
        doubled = doubled_key(node)
        if doubled is not None:
            self._faults.append(Fault(line=doubled.line, message=doubled.reason))
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
            if name in (*required, *optional):
                found[name] = value
            else:
                self.fault(key, f"{what} knows no {name!r}; it has {', '.join((*required, *optional))}")
        for name in required:
            if name not in found:
                self.fault(node, f"{what} has no {name!r}")
        return found

    def items(self, node: yaml.Node | None, what: str) -> list[yaml.Node]:
        """The items of a list."""
        if isinstance(node, yaml.SequenceNode):
            return list(node.value)
        self.fault(node, f"{what} is a list, one item behind each dash; it is {_kind(node)}")
        return []

    def texts(self, node: yaml.Node | None, what: str) -> list[tuple[str, yaml.Node]]:
        """A word, or a list of words, each with its place."""
        if isinstance(node, yaml.ScalarNode) and node.value:
            return [(str(node.value), node)]
        if not isinstance(node, yaml.SequenceNode):
            self.fault(node, f"{what} is a word or a list of words; it is {_kind(node)}")
            return []
        return [(self.text(item, what), item) for item in node.value]

    def text(self, node: yaml.Node | None, what: str) -> str:
        """A word; empty where it is none, which is noted."""
        if isinstance(node, yaml.ScalarNode) and node.value:
            return str(node.value)
        self.fault(node, f"{what} is a word; it is {_kind(node)}")
        return ""

    def switch(self, node: yaml.Node | None, what: str) -> bool:
        """``true`` or ``false``."""
        word = self.text(node, what)
        if word not in ("", "true", "false"):
            self.fault(node, f"{what} is true or false; it is {word[:_SHOWN]!r}")
        return word == "true"

    def duration_s(self, node: yaml.Node | None, what: str) -> float:
        """Seconds of a duration such as ``5m``; 0 where it is none, which is noted."""
        word = self.text(node, what)
        try:
            return parse_duration_ms(word) / 1000 if word else 0
        except DurationError as error:
            self.fault(node, f"{what} is a duration such as 5m: {error}")
            return 0


def _kind(node: yaml.Node | None) -> str:
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    return "empty" if node is None or not node.value else f"the word {str(node.value)[:_SHOWN]!r}"
