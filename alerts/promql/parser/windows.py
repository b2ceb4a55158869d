"""Changes to a syntax tree: other windows; and what a tree says about time."""

from collections.abc import Callable
from dataclasses import replace

from alerts.promql.parser.syntax import (
    Aggregate,
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
    children,
)


def with_windows(node: Expr, change: Callable[[int], int]) -> Expr:
    """The tree with every range in ms changed; a subquery's step shrinks by as much as its range."""
    match node:
        case Matrix():
            return replace(node, range_ms=change(node.range_ms))
        case Subquery():
            range_ms = change(node.range_ms)
            step_ms = node.step_ms and max(1000, node.step_ms * range_ms // node.range_ms)
            return replace(node, expr=with_windows(node.expr, change), range_ms=range_ms, step_ms=step_ms)
        case Paren() | Unary():
            return replace(node, expr=with_windows(node.expr, change))
        case Binary():
            return replace(node, lhs=with_windows(node.lhs, change), rhs=with_windows(node.rhs, change))
        case Aggregate():
            param = with_windows(node.param, change) if node.param is not None else None
            return replace(node, expr=with_windows(node.expr, change), param=param)
        case FunctionCall():
            return replace(node, args=tuple(with_windows(arg, change) for arg in node.args))
        case Number() | String() | Selector():
            return node


def longest_window_ms(node: Expr) -> int:
    """How far back the tree looks: ranges and offsets, nested subqueries added up."""
    own = 0
    match node:
        case Matrix():
            own = node.range_ms
        case Subquery():
            own = node.range_ms + max(node.offset_ms, 0)
        case Selector():
            own = max(node.offset_ms, 0)
    return own + max(map(longest_window_ms, children(node)), default=0)
