"""``label_replace`` and ``label_join``."""

import re
from collections.abc import Sequence
from typing import Any

from alerts.pattern import compile_pattern
from alerts.promql.engine.frame import Frame
from alerts.promql.error import PromQLError
from alerts.promql.labels import Labels, get, having, whole_characters
from alerts.promql.pattern import check_pattern
from alerts.whole_number import parse_whole_number

_REFERENCE = re.compile(r"\$(?:\$|(\w+)|\{(\w+)\})", re.ASCII)
_LABEL_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


def label_replace(frame: Frame, args: Sequence[str], *, v3: bool) -> Frame:
    """Sets a label from a match on another one: destination, replacement, source, expression."""
    destination, replacement, source, pattern = args
    check_name(destination, "label_replace", v3=v3)
    check_pattern(pattern, 0, pattern)
    regex = compile_pattern(pattern, dot_all=True)

    def change(labels: Labels) -> Labels:
        found = regex.fullmatch(get(labels, source))
        return labels if found is None else _with(labels, destination, expand(replacement, found))

    return frame.relabelled(change)


def label_join(frame: Frame, args: Sequence[str], *, v3: bool) -> Frame:
    """Sets a label to the values of others: destination, separator, sources."""
    destination, separator, *sources = args
    for name in (destination, *sources):
        check_name(name, "label_join", v3=v3)
    return frame.relabelled(
        lambda labels: _with(labels, destination, separator.join(get(labels, name) for name in sources))
    )


def _with(labels: Labels, name: str, value: str) -> Labels:
    return having(labels, {name: whole_characters(value)})


def expand(template: str, match: Any) -> str:
    """Go's ``Regexp.Expand``: ``$1``, ``${1}`` and ``$name``; a group that is not there is empty."""

    def value(reference: re.Match[str]) -> str:
        name = reference.group(1) or reference.group(2)
        if name is None:
            return "$"
        try:
            return match.group(name if (number := parse_whole_number(name)) is None else number) or ""
        except (IndexError, KeyError):
            return ""

    return _REFERENCE.sub(value, template)


def check_name(name: str, function: str, *, v3: bool) -> None:
    """Raises ``PromQLError`` for what cannot be a label's name; Prometheus 3 takes any text but the empty one."""
    # Bytes that are no UTF-8 arrive from the lexer as surrogates.
    bad = any("\ud800" <= char <= "\udfff" for char in name) if v3 else not _LABEL_NAME.fullmatch(name)
    if not name or bad:
        raise PromQLError(f"invalid label name in {function}(): {name!r}")
