"""A syntax tree back to text, spelled as Prometheus spells it."""

import json

from alerts.duration import format_duration
from alerts.matcher import Matcher
from alerts.promql.number import format_general
from alerts.promql.parser.syntax import (
    Aggregate,
    AtTime,
    Binary,
    Expr,
    FunctionCall,
    Matrix,
    Number,
    Paren,
    Selector,
    String,
    Subquery,
    Unary,
)


def to_text(node: Expr) -> str:
    """The expression in one line; parsing it again gives an equal tree."""
    match node:
        case Number():
            return format_general(node.value)
        case String():
            return _quoted(node.value)
        case Selector():
            return _named(node) + _modifiers(node.at, node.offset_ms)
        case Matrix():
            inner = node.selector
            return f"{_named(inner)}[{_duration(node.range_ms)}]{_modifiers(inner.at, inner.offset_ms)}"
        case Subquery():
            step = _duration(node.step_ms) if node.step_ms is not None else ""
            window = f"[{_duration(node.range_ms)}:{step}]"
            return f"{to_text(node.expr)}{window}{_modifiers(node.at, node.offset_ms)}"
        case Paren():
            return f"({to_text(node.expr)})"
        case Unary():
            return f"{node.op}{to_text(node.expr)}"
        case Binary():
            return f"{to_text(node.lhs)} {node.op}{_matching(node)} {to_text(node.rhs)}"
        case Aggregate():
            param = f"{to_text(node.param)}, " if node.param is not None else ""
            return f"{node.op}{_grouping(node)}({param}{to_text(node.expr)})"
        case FunctionCall():
            return f"{node.name}({', '.join(to_text(arg) for arg in node.args)})"


_BYTES = {code: f"\\x{code - 0xDC00:02x}" for code in range(0xDC80, 0xDD00)}
"""Bytes that are no UTF-8, which the lexer has as surrogates, as Go's ``strconv.Quote`` writes them."""


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).translate(_BYTES)


def _duration(milliseconds: int) -> str:
    return format_duration(milliseconds / 1000)


def _name(label: str) -> str:
    return label if label.isidentifier() and label.isascii() else _quoted(label)


def _matcher(matcher: Matcher) -> str:
    return f"{_name(matcher.name)}{matcher.op}{_quoted(matcher.value)}"


def _named(node: Selector) -> str:
    plain = node.name.replace(":", "_").isidentifier() and node.name.isascii()
    shown = [m for m in node.matchers if not (plain and m.name == "__name__" and m.value == node.name)]
    braces = f"{{{','.join(map(_matcher, shown))}}}" if shown else ""
    return (node.name if plain else "") + braces


def _modifiers(at: AtTime, offset_ms: int) -> str:
    text = ""
    if at is not None:
        text += f" @ {at / 1000:.3f}" if isinstance(at, int) else f" @ {at}()"
    if offset_ms:
        text += f" offset {'-' if offset_ms < 0 else ''}{_duration(abs(offset_ms))}"
    return text


def _grouping(node: Aggregate) -> str:
    if not node.labels and not node.without:
        return ""
    return f" {'without' if node.without else 'by'} ({', '.join(map(_name, node.labels))}) "


def _matching(node: Binary) -> str:
    matching = node.matching
    text = " bool" if node.bool_ else ""
    if matching.explicit:
        text += f" {'on' if matching.on else 'ignoring'} ({', '.join(map(_name, matching.labels))})"
    if matching.card in ("many-to-one", "one-to-many"):
        side = "group_left" if matching.card == "many-to-one" else "group_right"
        text += f" {side} ({', '.join(map(_name, matching.include))})"
    return text
