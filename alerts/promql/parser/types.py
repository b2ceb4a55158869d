"""Whether a syntax tree makes sense: the types of arguments and operands, and which modifiers go together."""

from dataclasses import dataclass

from alerts.promql.error import PromQLError
from alerts.promql.parser.functions import SIGNATURES
from alerts.promql.parser.syntax import (
    COMPARISONS,
    SET_OPERATORS,
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
    Type,
    Unary,
    walk,
)


def type_of(node: Expr) -> Type:
    """What the expression evaluates to."""
    match node:
        case Number():
            return Type.SCALAR
        case String():
            return Type.STRING
        case Matrix() | Subquery():
            return Type.MATRIX
        case Paren() | Unary():
            return type_of(node.expr)
        case FunctionCall():
            return SIGNATURES[node.name].gives
        case Binary():
            both = type_of(node.lhs) is Type.SCALAR and type_of(node.rhs) is Type.SCALAR
            return Type.SCALAR if both else Type.VECTOR
        case Selector() | Aggregate():
            return Type.VECTOR


def check(tree: Expr, text: str) -> None:
    """Raises ``PromQLError`` at the first node that makes no sense."""
    checker = _Checker(text)
    for node in walk(tree):
        match node:
            case FunctionCall():
                checker.call(node)
            case Aggregate():
                checker.aggregate(node)
            case Binary():
                checker.binary(node)
            case Unary():
                checker.unary(node)
            case Subquery():
                checker.subquery(node)


@dataclass(frozen=True, slots=True)
class _Checker:
    text: str

    def call(self, node: FunctionCall) -> None:
        face = SIGNATURES[node.name]
        most = len(node.args) if face.optional < 0 else len(face.args)
        if not face.least <= len(node.args) <= most:
            wanted = f"{face.least}" if face.least == most else f"{face.least} to {most}"
            raise self._error(
                f"expected {wanted} argument(s) in call to {node.name!r}, got {len(node.args)}", node.position
            )
        for index, arg in enumerate(node.args):
            self._expect(arg, face.type_at(index), f"call to function {node.name!r}")

    def aggregate(self, node: Aggregate) -> None:
        self._expect(node.expr, Type.VECTOR, "aggregation expression")
        if node.param is not None:
            wanted = Type.STRING if node.op == "count_values" else Type.SCALAR
            self._expect(node.param, wanted, "aggregation parameter")

    def binary(self, node: Binary) -> None:
        sides = (type_of(node.lhs), type_of(node.rhs))
        if any(side not in (Type.SCALAR, Type.VECTOR) for side in sides):
            raise self._error(
                "binary expression must contain only scalar and instant vector types", node.position
            )
        scalars = sides.count(Type.SCALAR)
        if node.bool_ and node.op not in COMPARISONS:
            raise self._error("bool modifier can only be used on comparison operators", node.position)
        if scalars == 2 and node.op in COMPARISONS and not node.bool_:
            raise self._error("comparisons between scalars must use BOOL modifier", node.position)
        if scalars and node.op in SET_OPERATORS:
            raise self._error(
                f"set operator {node.op!r} not allowed in binary scalar expression", node.position
            )
        if scalars and node.matching.explicit:
            raise self._error("vector matching only allowed between instant vectors", node.position)
        self._matching(node)

    def _matching(self, node: Binary) -> None:
        matching = node.matching
        if matching.card in ("many-to-one", "one-to-many") and node.op in SET_OPERATORS:
            raise self._error(f"no grouping allowed for {node.op!r} operation", node.position)
        twice = set(matching.labels) & set(matching.include) if matching.on else set()
        if twice:
            raise self._error(
                f"label {min(twice)!r} must not occur in ON and GROUP clause at once", node.position
            )

    def unary(self, node: Unary) -> None:
        if type_of(node.expr) not in (Type.SCALAR, Type.VECTOR):
            raise self._error(
                f"unary expression only allowed on expressions of type scalar or instant vector, got {type_of(node.expr).value!r}",
                node.position,
            )

    def subquery(self, node: Subquery) -> None:
        if type_of(node.expr) is not Type.VECTOR:
            raise self._error(
                f"subquery is only allowed on instant vector, got {type_of(node.expr).value} instead",
                node.position,
            )

    def _expect(self, node: Expr, wanted: Type, place: str) -> None:
        if type_of(node) is not wanted:
            raise self._error(
                f"expected type {wanted.value} in {place}, got {type_of(node).value}", node.position
            )

    def _error(self, reason: str, position: int) -> PromQLError:
        return PromQLError(reason, position, self.text)
