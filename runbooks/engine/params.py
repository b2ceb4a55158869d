"""Typed parameters of actions and steps: how they are declared, and which values they take."""

import re
from collections.abc import Mapping

from alerts.duration import parse_seconds
from alerts.pattern import PatternError, compile_pattern
from runbooks.engine.reserved_name import is_reserved
from runbooks.wire import ParamView

TYPES = ("string", "int", "duration", "choice", "bool")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}")
_FIELDS = {"type", "title", "required", "default", "choices", "pattern", "minimum", "maximum"}
_LONGEST = 500


class ParameterError(ValueError):
    """A parameter that is missing, unknown, or has a value that its type does not take."""

    def __init__(self, name: str, why: str, *, is_value: bool = True) -> None:
        super().__init__(f"parameter {name}: {why}")
        self.name = name
        self.is_value = is_value
        """Whether another value would do; not where there is no such parameter."""


def declare_params(raw: object) -> tuple[ParamView, ...]:
    """Parameters from a mapping of name to attributes; raises ``ValueError`` saying what is wrong."""
    if raw is None:
        return ()
    if not isinstance(raw, Mapping):
        raise ValueError('params must be a mapping, such as {"key": {"type": "string"}}')
    return tuple(_declare(str(name), attributes) for name, attributes in raw.items())


def _declare(name: str, attributes: object) -> ParamView:
    if not _NAME.fullmatch(name):
        raise ValueError(f"parameter name {name!r} must be letters, digits and _ (at most 32)")
    if is_reserved(name):
        raise ValueError(
            f"parameter {name} would steer the step itself: programs heed it; call it another way"
        )
    if not isinstance(attributes, Mapping):
        raise ValueError(f'parameter {name} must be a mapping, such as {{"type": "string"}}')
    unknown = sorted(set(attributes) - _FIELDS)
    if unknown:
        raise ValueError(
            f"parameter {name} has unknown {', '.join(unknown)}; known: {', '.join(sorted(_FIELDS))}"
        )
    kind = attributes.get("type", "string")
    if kind not in TYPES:
        raise ValueError(f"parameter {name} has type {kind!r}; one of {', '.join(TYPES)}")
    choices = tuple(str(choice) for choice in attributes.get("choices", ()))
    if kind == "choice" and not choices:
        raise ValueError(f"parameter {name} is a choice without choices")
    default = attributes.get("default")
    param = ParamView(
        name=name,
        type=kind,
        title=str(attributes.get("title", "")),
        required=bool(attributes.get("required", False)),
        default=None if default is None else str(default),
        choices=choices,
        pattern=_pattern(name, attributes.get("pattern")),
        minimum=attributes.get("minimum"),
        maximum=attributes.get("maximum"),
    )
    if param.default is not None:
        check_value(param, param.default)
    return param


def _pattern(name: str, raw: object) -> str | None:
    if raw is None:
        return None
    try:
        compile_pattern(str(raw))
    except PatternError as error:
        raise ValueError(f"parameter {name} has a bad pattern: {error}") from error
    return str(raw)


def bind_params(declared: tuple[ParamView, ...], given: Mapping[str, str]) -> dict[str, str]:
    """The values to use: what was given, defaults for the rest. Raises ``ParameterError``."""
    known = {param.name for param in declared}
    for name in given:
        if name not in known:
            takes = ", ".join(sorted(known)) or "no parameters"
            raise ParameterError(name, f"unknown; it takes {takes}", is_value=False)
    bound = {}
    for param in declared:
        if is_reserved(param.name):
            raise ParameterError(param.name, "is a name that programs heed", is_value=False)
        value = given.get(param.name, param.default)
        if value is None:
            if param.required:
                raise ParameterError(param.name, f"is needed ({param.title or param.type})")
            continue
        check_value(param, value)
        bound[param.name] = value
    return bound


def check_value(param: ParamView, value: str) -> None:
    """Raises ``ParameterError`` when ``value`` is not one that ``param`` takes."""
    if len(value) > _LONGEST or not value.isprintable():
        raise ParameterError(param.name, f"must be printable and at most {_LONGEST} characters")
    if param.type == "choice" and value not in param.choices:
        raise ParameterError(param.name, f"is {value!r}; one of {', '.join(param.choices)}")
    if param.type == "bool" and value not in ("true", "false"):
        raise ParameterError(param.name, f"is {value!r}; true or false")
    if param.type in ("int", "duration"):
        _check_number(param, value)
    if param.pattern is not None and compile_pattern(param.pattern).fullmatch(value) is None:
        raise ParameterError(param.name, f"is {value!r}; it must match {param.pattern}")
    if param.type == "string" and value.startswith("-"):
        raise ParameterError(param.name, "must not begin with a dash")


def _check_number(param: ParamView, value: str) -> None:
    number = parse_seconds(value) if param.type == "duration" else _integer(value)
    if number is None:
        example = "30m or 2h" if param.type == "duration" else "600"
        raise ParameterError(param.name, f"is {value!r}; write for instance {example}")
    if param.minimum is not None and number < param.minimum:
        raise ParameterError(param.name, f"is {value}; at least {param.minimum}")
    if param.maximum is not None and number > param.maximum:
        raise ParameterError(param.name, f"is {value}; at most {param.maximum}")


def _integer(value: str) -> int | None:
    return int(value) if re.fullmatch(r"-?[0-9]{1,18}", value) else None
