"""Conditions that say that nothing happens: of those a part of the window is enough to say that they no longer hold."""

from alerts.promql.parser.syntax import Aggregate, Binary, Expr, FunctionCall, Number, unwrap

_COUNTED = frozenset({"rate", "increase"})
_SUMS = frozenset({"sum", "max"})


def activity_in(expr: Expr) -> Expr | None:
    """What must be zero for the expression to give anything: counted events of a window, or sums of them.

    Once it is more than zero over a part of the window it is so over all of it. None for any other expression.
    """
    node = unwrap(expr)
    if not isinstance(node, Binary):
        return None
    if node.op == "and":
        return activity_in(node.lhs) or activity_in(node.rhs)
    is_zero = isinstance(node.rhs, Number) and node.rhs.value == 0
    return node.lhs if node.op in ("==", "<=") and not node.bool_ and is_zero and _counts(node.lhs) else None


def _counts(expr: Expr) -> bool:
    node = unwrap(expr)
    if isinstance(node, FunctionCall):
        return node.name in _COUNTED
    return isinstance(node, Aggregate) and node.op in _SUMS and _counts(node.expr)
