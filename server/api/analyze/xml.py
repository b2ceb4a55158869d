"""JSON as XML: names become elements where XML allows them, lists become repeated ``item`` elements."""

import re
from typing import Any
from xml.sax.saxutils import escape, quoteattr

_NAME = re.compile(r"(?!(?i:xml))[A-Za-z_][\w.-]*", re.ASCII)
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_of(value: dict[str, Any], root: str = "response") -> bytes:
    """The document; characters that XML cannot hold become U+FFFD."""
    parts = ['<?xml version="1.0" encoding="UTF-8"?>\n']
    _element(parts, root, value)
    return "".join(parts).encode()


def _element(parts: list[str], name: str, value: Any) -> None:
    tag, attribute = (name, "") if _NAME.fullmatch(name) else ("entry", f" name={quoteattr(_clean(name))}")
    if value is None:
        parts.append(f'<{tag}{attribute} nil="true"/>')
        return
    parts.append(f"<{tag}{attribute}>")
    if isinstance(value, dict):
        for key, member in value.items():
            _element(parts, key, member)
    elif isinstance(value, list):
        for member in value:
            _element(parts, "item", member)
    else:
        parts.append(_text(value))
    parts.append(f"</{tag}>")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(_clean(str(value)))


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
