"""A template executed over the facts of one alert, by the rules of Go's text/template, within bounds."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from alerts.template.error import TemplateError
from alerts.template.functions import FUNCTIONS, Function, Kind, World, fits
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
    Truth,
    Variable,
)
from alerts.template.value import Arguments, Moment, RuleData, Sample, Value, shown, truth, type_name

DEFINED_VARIABLES = ("$labels", "$externalLabels", "$externalURL", "$value")
"""What every rule's template begins with."""
_MAX_RENDERED = 4_096
_MAX_STEPS = 100_000
_MAX_QUERIES = 100
_DEEPEST = 100
"""Structures and templates within each other while executing."""


Query = Callable[[str], Sequence[Sample]]
"""The result of an expression at the time of the evaluation. Raises ``TemplateError``."""


def no_query(_: str) -> Sequence[Sample]:
    """For where there are no samples. Raises ``TemplateError``."""
    raise TemplateError("there are no samples to query here")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a template may speak of."""

    value: float
    labels: Mapping[str, str]
    external: Mapping[str, str]
    external_url: str = ""
    query: Query = field(default=no_query)


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed template, and those that it defines by name."""

    body: tuple[Node, ...]
    defined: Mapping[str, tuple[Node, ...]]

    def render(self, facts: Facts) -> str:
        """The text with every action replaced; at most 4,096 characters. Raises ``TemplateError``."""
        if all(isinstance(node, str) for node in self.body):
            return "".join(map(str, self.body))[:_MAX_RENDERED]
        execution = _Execution(self.defined, facts)
        execution.run(self.body, execution.dot)
        return execution.text[:_MAX_RENDERED]


class _LeaveError(Exception):
    """``break`` or ``continue`` on its way to its range."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


class _Missing:
    """There is no piped argument, which is something else than nil."""


_MISSING = _Missing()


class _Execution:
    """The variables, and the text so far."""

    def __init__(self, defined: Mapping[str, tuple[Node, ...]], facts: Facts) -> None:
        self.dot = RuleData(facts.labels, facts.external, facts.external_url, facts.value)
        self._defined = defined
        self._world = World(facts.external_url, self._query)
        self._ask = facts.query
        self._queries = 0
        own = (facts.labels, facts.external, facts.external_url, facts.value)
        self._variables: list[tuple[str, Value]] = [
            ("$", self.dot),
            *zip(DEFINED_VARIABLES, own, strict=True),
        ]
        self._parts: list[str] = []
        self._length = 0
        self._steps = 0
        self._depth = 0

    @property
    def text(self) -> str:
        """What has been printed."""
        return "".join(self._parts)

    def _query(self, expr: str) -> Sequence[Sample]:
        self._queries += 1
        if self._queries > _MAX_QUERIES:
            raise TemplateError(f"more than {_MAX_QUERIES} queries")
        return self._ask(expr)

    def run(self, nodes: Sequence[Node], dot: Value) -> None:
        """Executes nodes one after the other."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise TemplateError(f"exceeded maximum template depth ({_DEEPEST})")
        for node in nodes:
            self._steps += 1
            if self._steps > _MAX_STEPS:
                raise TemplateError(f"more than {_MAX_STEPS} steps")
            self._run_one(node, dot)
        self._depth -= 1

    def _run_one(self, node: Node, dot: Value) -> None:
        match node:
            case str():
                self._print(node)
            case Print():
                value = self._piped(node.pipeline, dot)
                if not node.pipeline.variables:
                    self._print("<no value>" if value is None else shown(value))
            case If():
                self._if(node, dot)
            case Range():
                self._range(node, dot)
            case Leave():
                raise _LeaveError(node.word)
            case Include():
                self._include(node, dot)

    def _print(self, text: str) -> None:
        if self._length < _MAX_RENDERED:
            self._parts.append(text)
            self._length += len(text)

    @contextmanager
    def _scope(self) -> Iterator[None]:
        held = len(self._variables)
        try:
            yield
        finally:
            del self._variables[held:]

    def _if(self, node: If, dot: Value) -> None:
        with self._scope():
            value = self._piped(node.test, dot)
            if truth(value):
                self.run(node.body, value if node.binds else dot)
            else:
                self.run(node.other, dot)

    def _range(self, node: Range, dot: Value) -> None:
        with self._scope():
            value = self._piped(node.over, dot, bind=False)
            items = list(_items(value))
            declared = node.over.variables
            for key, item in items:
                with self._scope():
                    values = (item,) if len(declared) < 2 else (key, item)
                    for name, one in zip(declared, values, strict=False):
                        self._set(name, one, make=not node.over.assigns)
                    depth = self._depth
                    try:
                        self.run(node.body, item)
                    except _LeaveError as leave:
                        self._depth = depth
                        if leave.word == "break":
                            break
            if not items:
                self.run(node.other, dot)

    def _include(self, node: Include, dot: Value) -> None:
        if node.name not in self._defined:
            raise TemplateError(f"template {node.name!r} not defined")
        value = None if node.argument is None else self._piped(node.argument, dot)
        outer, self._variables = self._variables, [("$", value)]
        self.run(self._defined[node.name], value)
        self._variables = outer

    def _piped(self, pipeline: Pipeline, dot: Value, *, bind: bool = True) -> Value:
        value: Value = _MISSING
        for command in pipeline.commands:
            try:
                value = self._command(command, dot, value)
            except TemplateError as error:
                if str(error).startswith("at <"):
                    raise
                raise TemplateError(f"at <{command.text}>: {error}") from error
        for name in pipeline.variables if bind else ():
            self._set(name, value, make=not pipeline.assigns)
        return value

    def _set(self, name: str, value: Value, *, make: bool) -> None:
        if make:
            self._variables.append((name, value))
            return
        for index in range(len(self._variables) - 1, -1, -1):
            if self._variables[index][0] == name:
                self._variables[index] = (name, value)
                return
        raise TemplateError(f"undefined variable: {name}")

    def _variable(self, name: str) -> Value:
        return next(value for held, value in reversed(self._variables) if held == name)

    def _command(self, command: Command, dot: Value, final: Value) -> Value:
        head, rest = command.operands[0], command.operands[1:]
        if isinstance(head, Identifier):
            return self._call(head.name, rest, dot, final)
        if isinstance(head, Nil):
            raise TemplateError("nil is not a command")
        if isinstance(head, (Fields, Variable, Chain)):
            return self._read(head, dot, [*rest] if final is _MISSING else [*rest, head])
        if rest or final is not _MISSING:
            raise TemplateError(f"can't give argument to non-function {command.text.split()[0]}")
        return self._operand(head, dot)

    def _read(self, head: Fields | Variable | Chain, dot: Value, arguments: Sequence[Operand]) -> Value:
        if isinstance(head, Variable):
            value, names = self._variable(head.name), head.fields
        elif isinstance(head, Fields):
            value, names = dot, head.names
        else:
            value, names = self._operand(head.operand, dot), head.fields
        for index, name in enumerate(names):
            last = index == len(names) - 1
            if isinstance(value, Moment):
                value = self._method(value, name, [self._operand(a, dot) for a in arguments] if last else [])
                arguments = () if last else arguments
            else:
                value = _field(value, name)
        if arguments and names:
            raise TemplateError(f"{names[-1]} is not a method but has arguments")
        if arguments:
            raise TemplateError("can't give argument to non-function")
        return value

    @staticmethod
    def _method(moment: Moment, name: str, arguments: Sequence[Value]) -> Value:
        at = moment.datetime
        parts = {"Year": at.year, "Day": at.day, "Hour": at.hour, "Minute": at.minute, "Second": at.second}
        parts |= {"Unix": moment.at_ms // 1000, "UnixMilli": moment.at_ms, "YearDay": at.timetuple().tm_yday}
        if name not in parts or arguments:
            raise TemplateError(f"{name} of a time is not supported in a template")
        return parts[name]

    def _call(self, name: str, rest: Sequence[Operand], dot: Value, final: Value) -> Value:
        function = FUNCTIONS[name]
        count = len(rest) + (final is not _MISSING)
        if not function.takes(count):
            least = "at least " * function.repeats
            want = len(function.parameters) - function.repeats
            raise TemplateError(f"wrong number of args for {name}: want {least}{want} got {count}")
        if name in ("and", "or"):
            return self._decided(name, rest, dot, final)
        arguments = [self._argument(operand, function.kind(index), dot) for index, operand in enumerate(rest)]
        if final is not _MISSING:
            arguments.append(_checked(final, function.kind(len(rest))))
        return self._called(name, function, arguments)

    def _called(self, name: str, function: Function, arguments: Sequence[Value]) -> Value:
        try:
            return function.run(self._world, *arguments)
        except (TemplateError, OverflowError) as error:
            raise TemplateError(f"error calling {name}: {error}") from error

    def _decided(self, name: str, rest: Sequence[Operand], dot: Value, final: Value) -> Value:
        """``and`` and ``or`` evaluate no argument behind the one that decides."""
        value: Value = None
        for operand in rest:
            value = self._operand(operand, dot)
            if truth(value) is (name == "or"):
                return value
        return value if final is _MISSING else final

    def _argument(self, operand: Operand, kind: Kind, dot: Value) -> Value:
        if kind is Kind.FLOAT and isinstance(operand, NumberConstant) and operand.real is not None:
            return operand.real
        if kind is Kind.TEXT and isinstance(operand, (NumberConstant, Truth, Nil)):
            word = operand.text if isinstance(operand, NumberConstant) else shown(self._operand(operand, dot))
            raise TemplateError(f"expected string; found {word}")
        return _checked(self._operand(operand, dot), kind)

    def _operand(self, operand: Operand, dot: Value) -> Value:
        match operand:
            case NumberConstant():
                return _ideal(operand)
            case Text() | Truth():
                return operand.value
            case Nil():
                return None
            case Dot():
                return dot
            case Pipeline():
                return self._piped(operand, dot)
            case Identifier():
                return self._call(operand.name, (), dot, _MISSING)
        return self._read(operand, dot, ())


def _checked(value: Value, kind: Kind) -> Value:
    if fits(value, kind):
        return value
    if value is None:
        raise TemplateError(f"invalid value; expected {kind.value}")
    raise TemplateError(f"wrong type for value; expected {kind.value}; got {type_name(value)}")


def _ideal(number: NumberConstant) -> Value:
    """A constant where no type is asked for: an integer unless it is written as a float."""
    if number.imaginary is not None:
        return number.imaginary
    hexadecimal = number.text.lstrip("+-")[:2] in ("0x", "0X") and not any(c in number.text for c in "pP")
    rune = number.text.startswith("'")
    if not hexadecimal and not rune and any(c in number.text for c in ".eEpP"):
        return number.real
    if number.integer is None or number.integer >= 2**63:
        raise TemplateError(f"{number.text} overflows int")
    return number.integer


def _field(value: Value, name: str) -> Value:
    if isinstance(value, Mapping):
        return value.get(name, None if isinstance(value, Arguments) else "")
    if value is None:
        raise TemplateError(f"nil data; no entry for key {name!r}")
    known: Mapping[str, Value] = {}
    if isinstance(value, RuleData):
        known = {
            "Labels": value.labels,
            "ExternalLabels": value.external_labels,
            "ExternalURL": value.external_url,
            "Value": value.value,
        }
    if isinstance(value, Sample):
        known = {"Labels": value.labels, "Value": value.value}
    if name not in known:
        raise TemplateError(f"can't evaluate field {name} in type {type_name(value)}")
    return known[name]


def _items(value: Value) -> Iterator[tuple[Value, Value]]:
    if isinstance(value, Mapping):
        yield from ((key, value[key]) for key in sorted(value))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        yield from enumerate(value)
    elif value is not None:
        raise TemplateError(f"range can't iterate over {shown(value)}")
