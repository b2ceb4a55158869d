"""What a process says of its own health, as lines of plain text."""

from collections.abc import Iterator, Mapping
from typing import Any

from console.text.plain import one_line

_INDENT = "  "


def health_lines(said: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    """A line each of what it says, with what is inside of it below."""
    for name, value in said.items():
        if isinstance(value, Mapping) and value:
            yield f"{indent}{one_line(name)}:"
            yield from health_lines(value, indent + _INDENT)
        elif isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
            yield f"{indent}{one_line(name)}:"
            for one in value:
                yield f"{indent}{_INDENT}- {_in_words(one)}"
        else:
            yield f"{indent}{one_line(name)}: {_in_words(value)}"


def _in_words(value: Any) -> str:
    if value is None or value in ([], {}, ""):
        return "none"
    match value:
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:,.3f}".rstrip("0").rstrip(".")
        case list():
            return ", ".join(map(_in_words, value))
        case dict():
            return ", ".join(f"{one_line(name)} {_in_words(one)}" for name, one in value.items())
        case _:
            return one_line(str(value))
