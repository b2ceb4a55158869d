"""The tree of a template: texts, actions and control structures, with pipelines and their operands."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class NumberConstant:
    """A number constant; it is an integer, a float, or both, as Go's ideal constants are."""

    text: str
    integer: int | None
    real: float | None
    imaginary: complex | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """A string constant, unquoted."""

    value: str
    text: str
    """As written, with its quotes."""


@dataclass(frozen=True, slots=True)
class Truth:
    """``true`` or ``false``."""

    value: bool


@dataclass(frozen=True, slots=True)
class Nil:
    """``nil``."""


@dataclass(frozen=True, slots=True)
class Dot:
    """``.``, the value at hand."""


@dataclass(frozen=True, slots=True)
class Fields:
    """``.Labels.job``: fields of the value at hand."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Variable:
    """``$name``, with fields of its value where they follow."""

    name: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Identifier:
    """The name of a function."""

    name: str


@dataclass(frozen=True, slots=True)
class Chain:
    """``(pipeline).field``: fields of what a pipeline in parentheses gives."""

    operand: "Operand"
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Command:
    """A function or value with its arguments: one stage of a pipeline."""

    operands: tuple["Operand", ...]
    text: str
    """As written."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands, each given the result of the one before, and the variables that take the last result."""

    commands: tuple[Command, ...]
    variables: tuple[str, ...] = ()
    assigns: bool = False
    """True for ``=``, which changes a variable that is there; False for ``:=``, which makes one."""


Operand = NumberConstant | Text | Truth | Nil | Dot | Fields | Variable | Identifier | Chain | Pipeline


@dataclass(frozen=True, slots=True)
class Print:
    """``{{ pipeline }}``: its result is printed, unless it goes to a variable."""

    pipeline: Pipeline


@dataclass(frozen=True, slots=True)
class If:
    """``{{ if }}``, or ``{{ with }}`` where ``binds``: then the tested value is the dot of the body."""

    test: Pipeline
    body: tuple["Node", ...]
    other: tuple["Node", ...]
    binds: bool = False


@dataclass(frozen=True, slots=True)
class Range:
    """``{{ range }}``."""

    over: Pipeline
    body: tuple["Node", ...]
    other: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Leave:
    """``{{ break }}`` or ``{{ continue }}``."""

    word: str


@dataclass(frozen=True, slots=True)
class Include:
    """``{{ template "name" pipeline }}``."""

    name: str
    argument: Pipeline | None


Node = str | Print | If | Range | Leave | Include


@dataclass(slots=True)
class Tree:
    """A template and those that it defines by name."""

    body: tuple[Node, ...] = ()
    defined: dict[str, tuple[Node, ...]] = field(default_factory=dict)
