"""Tokens to a syntax tree, by precedence climbing."""

from dataclasses import replace

from alerts.duration import parse_duration_ms
from alerts.promql.error import PromQLError
from alerts.promql.parser.functions import GONE_IN_V3, SIGNATURES
from alerts.promql.parser.lexer import Token, tokens
from alerts.promql.parser.selector import parse_braces, selector
from alerts.promql.parser.syntax import (
    AGGREGATIONS,
    COMPARISONS,
    PARAMETRIC,
    SET_OPERATORS,
    Aggregate,
    AtTime,
    Binary,
    Cardinality,
    Expr,
    FunctionCall,
    Matching,
    Matrix,
    Number,
    Paren,
    Selector,
    String,
    Subquery,
    Unary,
)
from alerts.promql.parser.token_stream import TokenStream
from alerts.promql.parser.types import check

_PRECEDENCE = {
    "or": 1,
    "and": 2,
    "unless": 2,
    **dict.fromkeys(COMPARISONS, 3),
    "+": 4,
    "-": 4,
    "*": 5,
    "/": 5,
    "%": 5,
    "atan2": 5,
    "^": 6,
}
_UNARY_PRECEDENCE = 6
_RESERVED = frozenset({"on", "ignoring", "group_left", "group_right", "bool", "atan2"})
_MAX_DEPTH = 100
_MAX_OPERATIONS = 1_000
"""Operators of an expression: each is a level of the tree, and those who walk it call themselves for each."""


def parse(text: str, *, compat: int = 3) -> Expr:
    """The checked syntax tree of an expression. Raises ``PromQLError`` with the place."""
    found = tokens(text)
    underscored = next((one for one in found if one.kind == "number" and "_" in one.text), None)
    if compat < 3 and underscored is not None:
        raise PromQLError(f"bad number or duration syntax: {underscored.text!r}", underscored.position, text)
    parser = _Parser(TokenStream(found, text), v3=compat >= 3)
    try:
        tree = parser.whole()
        check(tree, text)
    except RecursionError as error:
        raise PromQLError("the expression has too many operations within each other", 0, text) from error
    return tree


class _Parser:
    def __init__(self, stream: TokenStream, *, v3: bool) -> None:
        self._stream = stream
        self._modern = v3
        self._depth = 0
        self._operations = 0

    def whole(self) -> Expr:
        if self._stream.ended():
            raise self._stream.error("no expression found in input")
        tree = self._binary(1)
        if not self._stream.ended():
            raise self._stream.unexpected("")
        return tree

    def _binary(self, least: int) -> Expr:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise self._stream.error(f"expression is nested more than {_MAX_DEPTH} levels deep")
        lhs = self._unary()
        while (level := _PRECEDENCE.get(self._stream.operator(), 0)) >= least:
            token = self._stream.take()
            self._operations += 1
            if self._operations > _MAX_OPERATIONS:
                raise self._stream.error(f"expression has more than {_MAX_OPERATIONS} operators", token)
            op = token.text.lower()
            bool_, matching = self._modifiers(op)
            rhs = self._binary(level if op == "^" else level + 1)
            lhs = Binary(op, lhs, rhs, bool_, matching, token.position)
        self._depth -= 1
        return lhs

    def _unary(self) -> Expr:
        token = self._stream.peek
        if token.text not in ("+", "-") or token.kind != "op":
            return self._postfix(self._primary())
        self._stream.take()
        operand = self._binary(_UNARY_PRECEDENCE)
        if isinstance(operand, Number):
            return Number(-operand.value if token.text == "-" else operand.value, token.position)
        return Unary("-" if token.text == "-" else "+", operand, token.position)

    def _modifiers(self, op: str) -> tuple[bool, Matching]:
        bool_ = self._stream.skip_word("bool")
        card: Cardinality = "many-to-many" if op in SET_OPERATORS else "one-to-one"
        word = self._stream.peek.text.lower() if self._stream.peek.kind == "word" else ""
        if word not in ("on", "ignoring"):
            return bool_, Matching(card)
        self._stream.take()
        matching = Matching(card, word == "on", self._labels(), explicit=True)
        side = self._stream.peek.text.lower() if self._stream.peek.kind == "word" else ""
        if side not in ("group_left", "group_right"):
            return bool_, matching
        self._stream.take()
        include = self._labels() if self._stream.at_op("(") else ()
        grouped: Cardinality = "many-to-one" if side == "group_left" else "one-to-many"
        return bool_, replace(matching, card=grouped, include=include)

    def _labels(self) -> tuple[str, ...]:
        self._stream.expect("(")
        names: list[str] = []
        while not self._stream.at_op(")"):
            names.append(self._stream.label_name(quoted=self._modern))
            if not self._stream.skip_op(","):
                break
        self._stream.expect(")")
        return tuple(names)

    def _primary(self) -> Expr:
        token = self._stream.peek
        if token.kind == "number":
            return Number(self._stream.take().number, token.position)
        if token.kind == "duration" and self._modern:
            return Number(parse_duration_ms(self._stream.take().text) / 1000, token.position)
        if token.kind == "string":
            return String(self._stream.take().text, token.position)
        if self._stream.skip_op("("):
            inner = self._binary(1)
            self._stream.expect(")")
            return Paren(inner, token.position)
        if self._stream.at_op("{"):
            return selector("", parse_braces(self._stream, quoted=self._modern), token.position, self._stream)
        if token.kind == "word":
            return self._named()
        raise self._stream.unexpected("")

    def _named(self) -> Expr:
        token = self._stream.take()
        name, lower = token.text, token.text.lower()
        follows = self._stream.peek.text.lower()
        if lower in AGGREGATIONS and (follows == "(" or follows in ("by", "without")):
            return self._aggregate(lower, token)
        if self._stream.at_op("("):
            return self._call(name, token)
        if lower in ("inf", "nan") and not self._stream.at_op("{"):
            return Number(float(lower), token.position)
        if lower in _RESERVED:
            raise PromQLError(f"unexpected <{lower}>", token.position, self._stream.text)
        matchers = parse_braces(self._stream, quoted=self._modern) if self._stream.at_op("{") else ()
        return selector(name, matchers, token.position, self._stream)

    def _aggregate(self, op: str, token: Token) -> Aggregate:
        labels, without, grouped = self._grouping()
        args = self._arguments()
        if not grouped:
            labels, without, _ = self._grouping()
        wanted = 2 if op in PARAMETRIC else 1
        if len(args) != wanted:
            raise PromQLError(
                f"wrong number of arguments for aggregate expression provided, expected {wanted}, got {len(args)}",
                token.position,
                self._stream.text,
            )
        return Aggregate(op, args[-1], args[0] if wanted == 2 else None, labels, without, token.position)

    def _grouping(self) -> tuple[tuple[str, ...], bool, bool]:
        for word in ("by", "without"):
            if self._stream.skip_word(word):
                return self._labels(), word == "without", True
        return (), False, False

    def _arguments(self) -> tuple[Expr, ...]:
        self._stream.expect("(")
        args: list[Expr] = []
        while not self._stream.at_op(")"):
            args.append(self._binary(1))
            if not self._stream.skip_op(","):
                break
            if self._stream.at_op(")"):
                raise self._stream.error("trailing commas not allowed in function call args")
        self._stream.expect(")")
        return tuple(args)

    def _call(self, name: str, token: Token) -> FunctionCall:
        if name not in SIGNATURES or (self._modern and name in GONE_IN_V3):
            raise PromQLError(f"unknown or unsupported function {name!r}", token.position, self._stream.text)
        return FunctionCall(name, self._arguments(), token.position)

    def _postfix(self, node: Expr) -> Expr:
        while True:
            if self._stream.at_op("["):
                node = self._range(node)
            elif self._stream.at_op("@"):
                node = self._at(node)
            elif self._stream.word_is("offset"):
                node = self._offset(node)
            else:
                return node

    def _range(self, node: Expr) -> Expr:
        opening = self._stream.take()
        range_ms = self._positive(self._duration())
        if self._stream.skip_op(":"):
            step = None if self._stream.at_op("]") else self._positive(self._duration())
            self._stream.expect("]")
            return Subquery(node, range_ms, step, position=opening.position)
        self._stream.expect("]")
        if not isinstance(node, Selector):
            raise self._stream.error("ranges only allowed for vector selectors", opening)
        if node.offset_ms or node.at is not None:
            word = "offset" if node.offset_ms else "@"
            raise self._stream.error(f"no {word} modifiers allowed before range", opening)
        return Matrix(node, range_ms, node.position)

    def _positive(self, duration_ms: int) -> int:
        if duration_ms <= 0:
            raise self._stream.error("duration must be greater than 0")
        return duration_ms

    def _duration(self) -> int:
        token = self._stream.take()
        if token.kind == "duration":
            return parse_duration_ms(token.text)
        if token.kind == "number" and self._modern:
            return round(token.number * 1000)
        raise PromQLError(f"unexpected {token.text!r}, expected duration", token.position, self._stream.text)

    def _offset(self, node: Expr) -> Expr:
        token = self._stream.take()
        sign = -1 if self._stream.skip_op("-") else 1
        if sign == 1:
            self._stream.skip_op("+")
        return self._modified(node, token, "offset", offset_ms=sign * self._duration())

    def _at(self, node: Expr) -> Expr:
        token = self._stream.take()
        return self._modified(node, token, "@", at=self._at_time())

    def _at_time(self) -> AtTime:
        for word in ("start", "end"):
            if self._stream.skip_word(word):
                self._stream.expect("(")
                self._stream.expect(")")
                return "start" if word == "start" else "end"
        sign = -1 if self._stream.skip_op("-") else 1
        token = self._stream.take()
        if token.kind == "duration" and self._modern:
            return sign * parse_duration_ms(token.text)
        if token.kind != "number" or abs(token.number) > 2**53:
            raise self._stream.error("timestamp of the @ modifier must be a number", token)
        return sign * round(token.number * 1000)

    def _modified(
        self, node: Expr, token: Token, word: str, *, offset_ms: int | None = None, at: AtTime = None
    ) -> Expr:
        inner = node.selector if isinstance(node, Matrix) else node
        if not isinstance(inner, Selector | Subquery):
            raise self._stream.error(
                f"{word} modifier must be preceded by an instant vector selector or range vector selector or a subquery",
                token,
            )
        if inner.offset_ms if offset_ms is not None else inner.at is not None:
            raise self._stream.error(f"{word} may not be set multiple times", token)
        changed = replace(inner, offset_ms=offset_ms) if offset_ms is not None else replace(inner, at=at)
        if isinstance(node, Matrix) and isinstance(changed, Selector):
            return replace(node, selector=changed)
        return changed
