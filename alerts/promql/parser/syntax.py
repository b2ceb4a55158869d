"""The syntax tree of PromQL, and the types its nodes have."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from alerts.matcher import Matcher


class Type(Enum):
    """What an expression evaluates to, in Prometheus' words."""

    SCALAR = "scalar"
    STRING = "string"
    VECTOR = "instant vector"
    MATRIX = "range vector"


Cardinality = Literal["one-to-one", "many-to-one", "one-to-many", "many-to-many"]
AtTime = int | Literal["start", "end"] | None


@dataclass(frozen=True, slots=True)
class Matching:
    """How the two sides of a vector operation find each other."""

    card: Cardinality = "one-to-one"
    on: bool = False
    """True where ``labels`` are the ones that count, False where they are the ones that do not."""
    labels: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    """Labels that ``group_left`` or ``group_right`` copies from the one side."""
    explicit: bool = False
    """Whether ``on`` or ``ignoring`` was written."""


@dataclass(frozen=True, slots=True)
class Number:
    value: float
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class String:
    value: str
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Selector:
    """An instant vector selector; ``name`` is also among the matchers."""

    name: str
    matchers: tuple[Matcher, ...]
    offset_ms: int = 0
    at: AtTime = None
    """``@``: a time in ms, or the start or end of the query."""
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Matrix:
    """A range vector selector."""

    selector: Selector
    range_ms: int
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Subquery:
    expr: "Expr"
    range_ms: int
    step_ms: int | None
    """None: the global evaluation interval."""
    offset_ms: int = 0
    at: AtTime = None
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Paren:
    expr: "Expr"
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Unary:
    op: Literal["+", "-"]
    expr: "Expr"
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Binary:
    op: str
    lhs: "Expr"
    rhs: "Expr"
    bool_: bool = False
    matching: Matching = Matching()
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Aggregate:
    op: str
    expr: "Expr"
    param: "Expr | None" = None
    labels: tuple[str, ...] = ()
    without: bool = False
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class FunctionCall:
    name: str
    args: tuple["Expr", ...]
    position: int = field(default=0, compare=False)


Expr = Number | String | Selector | Matrix | Subquery | Paren | Unary | Binary | Aggregate | FunctionCall

SET_OPERATORS = frozenset({"and", "or", "unless"})
COMPARISONS = frozenset({"==", "!=", ">", "<", ">=", "<="})
AGGREGATIONS = frozenset(
    {
        "sum",
        "avg",
        "min",
        "max",
        "count",
        "topk",
        "bottomk",
        "quantile",
        "stddev",
        "stdvar",
        "group",
        "count_values",
    }
)
PARAMETRIC = frozenset({"topk", "bottomk", "quantile", "count_values"})


def children(node: Expr) -> Iterator[Expr]:
    """The direct sub-expressions, in the order they are written."""
    match node:
        case Matrix():
            yield node.selector
        case Subquery() | Paren() | Unary():
            yield node.expr
        case Binary():
            yield node.lhs
            yield node.rhs
        case Aggregate():
            if node.param is not None:
                yield node.param
            yield node.expr
        case FunctionCall():
            yield from node.args


def walk(node: Expr) -> Iterator[Expr]:
    """The node and everything below it."""
    yield node
    for child in children(node):
        yield from walk(child)


def unwrap(node: Expr) -> Expr:
    """The expression inside any parentheses."""
    while isinstance(node, Paren):
        node = node.expr
    return node


def selectors(node: Expr) -> Iterator[Selector]:
    """Every selector below, inside range selectors too."""
    return (n for n in walk(node) if isinstance(n, Selector))
