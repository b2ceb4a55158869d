"""Tokens to the tree of a template, by the grammar of Go's text/template/parse."""

from collections.abc import Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from alerts.template.constant import character, number, unquote
from alerts.template.error import TemplateError
from alerts.template.execution import DEFINED_VARIABLES, Template
from alerts.template.functions import FUNCTIONS
from alerts.template.lexer import TemplateToken, tokens
from alerts.template.syntax import (
    Chain,
    Command,
    Dot,
    Fields,
    Identifier,
    If,
    Include,
    Leave,
    Nil,
    Node,
    NumberConstant,
    Operand,
    Pipeline,
    Print,
    Range,
    Text,
    Tree,
    Truth,
    Variable,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEEPEST = 50
"""Structures and parentheses within each other."""
_CONSTANTS = (Truth, Dot, Nil, NumberConstant, Text)


def parse_template(text: str) -> Template:
    """The template of an annotation or label. Raises ``TemplateError`` for all that Go would refuse at load."""
    if "{{" not in text:
        return Template((text,), {})
    return _Parser(text).whole()


class _Parser:
    """The place within the tokens, and the variables in scope there."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._tokens: Sequence[TemplateToken] = list(tokens(source))
        self._at = 0
        self._variables = ["$", *DEFINED_VARIABLES]
        self._depth = 0
        self._ranges = 0
        self._tree = Tree()

    def whole(self) -> Template:
        body, ended_by = self._list(top=True)
        if ended_by is not None:
            raise TemplateError(f"unexpected {{{{{ended_by}}}}}")
        return Template(body, self._tree.defined)

    def _peek(self) -> TemplateToken:
        if self._at < len(self._tokens):
            return self._tokens[self._at]
        return TemplateToken("eof", "", len(self._source))

    def _next(self) -> TemplateToken:
        token = self._peek()
        self._at += 1
        return token

    def _skip_spaces(self) -> TemplateToken:
        while self._peek().kind == "space":
            self._at += 1
        return self._peek()

    def _close(self, context: str) -> None:
        token = self._skip_spaces()
        if token.kind != "close":
            raise _unexpected(token, context)
        self._at += 1

    @contextmanager
    def _nested(self) -> "Iterator[None]":
        self._depth += 1
        if self._depth > _DEEPEST:
            raise TemplateError(f"nested more than {_DEEPEST} deep")
        yield
        self._depth -= 1

    def _list(self, *, top: bool = False) -> tuple[tuple[Node, ...], str | None]:
        """Nodes up to ``end`` or ``else``, and which of the two it was; None at the end of the text."""
        nodes: list[Node] = []
        while self._peek().kind != "eof":
            token = self._next()
            if token.kind == "text":
                nodes += [token.text] if token.text else []
                continue
            self._at -= 1
            word = self._skip_spaces().kind
            if word in ("end", "else"):
                self._at += 1
                return tuple(nodes), word
            if word == "define":
                if not top:
                    raise TemplateError("unexpected {{define}}")
                self._define()
                continue
            nodes.append(self._node(word))
        return tuple(nodes), None

    def _node(self, word: str) -> Node:
        if word not in ("if", "with", "range", "template", "block", "break", "continue"):
            return Print(self._pipeline("command", "close"))
        self._at += 1
        with self._nested():
            if word in ("if", "with"):
                return self._if(word)
            if word == "range":
                return self._range()
            if word in ("break", "continue"):
                if not self._ranges:
                    raise TemplateError(f"{{{{{word}}}}} outside {{{{range}}}}")
                self._close(word)
                return Leave(word)
            return self._include() if word == "template" else self._block()

    def _body(self, context: str) -> tuple[tuple[Node, ...], str]:
        body, ended_by = self._list()
        if ended_by is None:
            raise TemplateError(f"unexpected EOF in {context}")
        return body, ended_by

    def _if(self, word: str) -> If:
        scope = len(self._variables)
        test = self._pipeline(word, "close")
        body, ended_by = self._body(word)
        other: tuple[Node, ...] = ()
        if ended_by == "else" and word == "if" and self._skip_spaces().kind == "if":
            # An else-if has no end of its own: it shares this one's.
            self._at += 1
            with self._nested():
                other = (self._if("if"),)
        else:
            other = self._ending(word, ended_by)
        del self._variables[scope:]
        return If(test, body, other, binds=word == "with")

    def _ending(self, context: str, ended_by: str) -> tuple[Node, ...]:
        """What stands between ``else`` and ``end``, where there is an ``else``."""
        self._close(ended_by)
        if ended_by == "end":
            return ()
        other, last = self._body(context)
        if last != "end":
            raise TemplateError(f"expected end; found {{{{{last}}}}}")
        self._close("end")
        return other

    def _range(self) -> Range:
        scope = len(self._variables)
        over = self._pipeline("range", "close")
        self._ranges += 1
        body, ended_by = self._body("range")
        self._ranges -= 1
        other = self._ending("range", ended_by)
        del self._variables[scope:]
        return Range(over, body, other)

    def _name(self, context: str) -> str:
        token = self._skip_spaces()
        if token.kind not in ("string", "raw"):
            raise _unexpected(token, context)
        self._at += 1
        return unquote(token.text)

    def _include(self) -> Include:
        name = self._name("template clause")
        if self._skip_spaces().kind == "close":
            self._at += 1
            return Include(name, None)
        return Include(name, self._pipeline("template clause", "close"))

    def _block(self) -> Include:
        name = self._name("block clause")
        argument = self._pipeline("block clause", "close")
        self._tree.defined[name] = self._definition("block clause")
        return Include(name, argument)

    def _define(self) -> None:
        self._at += 1
        name = self._name("define clause")
        self._close("define clause")
        body = self._definition("define clause")
        if name in self._tree.defined and body:
            raise TemplateError(f"template: multiple definition of template {name!r}")
        self._tree.defined[name] = body

    def _definition(self, context: str) -> tuple[Node, ...]:
        """The body of a template within the template: it sees no variable but ``$``."""
        outer, self._variables, ranges, self._ranges = self._variables, ["$"], self._ranges, 0
        body, ended_by = self._body(context)
        if ended_by != "end":
            raise TemplateError(f"unexpected {{{{else}}}} in {context}")
        self._close(context)
        self._variables, self._ranges = outer, ranges
        return body

    def _pipeline(self, context: str, end: str) -> Pipeline:
        variables, assigns = self._declared(context)
        commands: list[Command] = []
        while True:
            token = self._skip_spaces()
            if token.kind == end:
                self._at += 1
                break
            commands.append(self._command(context))
        if not commands:
            raise TemplateError(f"missing value for {context}")
        for stage, command in enumerate(commands[1:], 2):
            if isinstance(command.operands[0], _CONSTANTS):
                raise TemplateError(f"non executable command in pipeline stage {stage}")
        return Pipeline(tuple(commands), variables, assigns)

    def _declared(self, context: str) -> tuple[tuple[str, ...], bool]:
        """``$x :=``, ``$x =`` or, for ``range``, ``$i, $x :=``."""
        names: list[str] = []
        start = self._at
        while self._skip_spaces().kind == "variable":
            names.append(self._next().text)
            follows = self._skip_spaces()
            if follows.kind in ("declare", "assign"):
                self._at += 1
                self._variables += names
                return tuple(names), follows.kind == "assign"
            if follows.text != ",":
                break
            if context != "range" or len(names) == 2:
                raise TemplateError(f"too many declarations in {context}")
            self._at += 1
            if self._skip_spaces().kind not in ("variable", "close", "right"):
                raise TemplateError("range can only initialize variables")
        self._at = start
        return (), False

    def _command(self, context: str) -> Command:
        start, operands = self._skip_spaces().start, list[Operand]()
        while True:
            token = self._skip_spaces()
            operand = self._operand()
            if operand is not None:
                operands.append(operand)
            token = self._peek()
            if token.kind == "space":
                continue
            if token.kind not in ("close", "right", "pipe"):
                raise _unexpected(token, context if not operands else "operand")
            break
        if not operands:
            raise TemplateError("empty command")
        text = self._source[start : token.start].strip()
        if token.kind == "pipe":
            self._at += 1
        return Command(tuple(operands), text)

    def _operand(self) -> Operand | None:
        term = self._term()
        names = []
        while term is not None and self._peek().kind == "field":
            names.append(self._next().text[1:])
        if term is None or not names:
            return term
        match term:
            case Fields():
                return Fields((*term.names, *names))
            case Variable():
                return Variable(term.name, (*term.fields, *names))
            case NumberConstant() | Text() | Truth() | Nil() | Dot():
                raise TemplateError(f"unexpected .{names[0]} after a constant")
            case _:
                return Chain(term, tuple(names))

    def _term(self) -> Operand | None:
        token = self._peek()
        if token.kind == "left":
            self._at += 1
            with self._nested():
                return self._pipeline("parenthesized pipeline", "right")
        term = self._simple(token)
        if term is not None:
            self._at += 1
        return term

    def _simple(self, token: TemplateToken) -> Operand | None:
        text = token.text
        match token.kind:
            case "word":
                if text not in FUNCTIONS:
                    raise TemplateError(f"function {text!r} not defined")
                return Identifier(text)
            case "variable":
                if text not in self._variables:
                    raise TemplateError(f"undefined variable {text!r}")
                return Variable(text)
            case "string" | "raw":
                return Text(unquote(text), text)
            case "number":
                return number(text)
            case "char":
                return character(text)
            case "field":
                return Fields((text[1:],))
            case "dot":
                return Dot()
            case "bool":
                return Truth(text == "true")
            case "nil":
                return Nil()
        return None


def _unexpected(token: TemplateToken, context: str) -> TemplateError:
    if token.kind == "eof":
        return TemplateError(f"unexpected EOF in {context}")
    return TemplateError(f"unexpected {token.text!r} in {context}")
