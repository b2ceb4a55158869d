"""The functions that templates call: Go's own and those of Prometheus 2.42, with their parameters' types."""

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from urllib.parse import quote_plus, urlsplit

from alerts import human_numbers
from alerts.duration import DurationError, parse_duration_ms
from alerts.pattern import PatternError, compile_pattern
from alerts.template.error import TemplateError
from alerts.template.printf import quoted, sprint, sprintf, sprintln
from alerts.template.value import Arguments, Moment, Sample, Value, shown, truth, type_name
from alerts.whole_number import parse_whole_number

_GO_FLOAT = re.compile(
    r"[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|0[xX][\da-fA-F]+(?:\.[\da-fA-F]*)?[pP][+-]?\d+|inf(?:inity)?|nan)",
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"\$(?:\$|(\w+)|\{(\w+)\})", re.ASCII)
_JS = {"\\": r"\\", "'": r"\'", '"': r"\"", "<": r"\u003C", ">": r"\u003E", "&": r"\u0026", "=": r"\u003D"}
_HTML = {"\0": "\ufffd", '"': "&#34;", "'": "&#39;", "&": "&amp;", "<": "&lt;", ">": "&gt;"}
_NANOSECONDS = 2.0**63


class Kind(Enum):
    """The type of a parameter."""

    TEXT = "string"
    FLOAT = "float64"
    ANY = "interface {}"
    SAMPLES = "template.queryResult"
    SAMPLE = "*template.sample"


_FITS: Mapping[Kind, tuple[type, ...]] = {
    Kind.TEXT: (str,),
    Kind.FLOAT: (float,),
    Kind.ANY: (object,),
    Kind.SAMPLES: (list, tuple),
    Kind.SAMPLE: (Sample,),
}


@dataclass(frozen=True, slots=True)
class World:
    """What functions ask of the rule's surroundings."""

    external_url: str
    query: Callable[[str], Sequence[Sample]]
    """The result of an expression at the time of the evaluation. Raises ``TemplateError``."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function with its parameters; the last one may be repeated."""

    parameters: tuple[Kind, ...]
    run: Callable[..., Value]
    """Gets the world, then the arguments. Raises ``TemplateError``."""
    repeats: bool = False

    def kind(self, index: int) -> Kind:
        """The type of the argument at a place."""
        return self.parameters[min(index, len(self.parameters) - 1)]

    def takes(self, count: int) -> bool:
        """Whether so many arguments are right."""
        if self.repeats:
            return count >= len(self.parameters) - 1
        return count == len(self.parameters)


def fits(value: Value, kind: Kind) -> bool:
    """Whether a value may be handed to a parameter; nil may, where the type has a nil."""
    if value is None:
        return kind in (Kind.ANY, Kind.SAMPLES, Kind.SAMPLE)
    return isinstance(value, _FITS[kind])


def _number(value: Value) -> float:
    if isinstance(value, str):
        if not _GO_FLOAT.fullmatch(value):
            raise TemplateError(f"strconv.ParseFloat: parsing {quoted(value)}: invalid syntax")
        return float.fromhex(value) if "x" in value.lower() else float(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    raise TemplateError(f"can't convert {type_name(value)} to float")


def _time_ms(value: float) -> int | None:
    """Unix seconds as ms; None for what is no number."""
    if value != value or value in (float("inf"), float("-inf")):
        return None
    if not -_NANOSECONDS <= value * 1e9 < _NANOSECONDS:
        raise TemplateError(
            f"{shown(value)} cannot be represented as a nanoseconds timestamp since it overflows int64"
        )
    whole = int(value * 1e9)
    return whole // 1_000_000 if whole >= 0 else -(-whole // 1_000_000)


def _timestamp(_: World, value: Value) -> Value:
    number = _number(value)
    at_ms = _time_ms(number)
    return human_numbers.general(number) if at_ms is None else shown(Moment(at_ms))


def _to_time(_: World, value: Value) -> Value:
    at_ms = _time_ms(_number(value))
    if at_ms is None:
        raise TemplateError("value is NaN or Inf")
    return Moment(at_ms)


def _replace_all(_: World, pattern: str, replacement: str, text: str) -> Value:
    try:
        compiled = compile_pattern(pattern)
    except PatternError as error:
        raise TemplateError(f"error parsing regexp: {error}") from error
    return compiled.replace_all(text, lambda found: _expanded(replacement, found))


def _expanded(replacement: str, found: "re.Match[str]") -> str:
    def one(reference: re.Match[str]) -> str:
        if reference.group() == "$$":
            return "$"
        name = reference.group(1) or reference.group(2)
        try:
            return found.group(name if (number := parse_whole_number(name)) is None else number) or ""
        except (IndexError, KeyError):
            return ""

    return _REFERENCE.sub(one, replacement)


def _match(_: World, pattern: str, text: str) -> Value:
    try:
        return compile_pattern(pattern).search(text) is not None
    except PatternError as error:
        raise TemplateError(f"error parsing regexp: {error}") from error


def _title(_: World, text: str) -> Value:
    """Go's ``strings.Title``: a letter behind a separator becomes a capital, the rest stays."""
    before, parts = " ", []
    for character in text:
        parts.append(character.title() if _separates(before) else character)
        before = character
    return "".join(parts)


def _separates(character: str) -> bool:
    if character.isascii():
        return not (character.isalnum() or character == "_")
    return character.isspace()


def _host_port(text: str) -> tuple[str, str] | None:
    """Go's ``net.SplitHostPort``; None where there is no port, or more than one colon without brackets."""
    found = re.fullmatch(r"(?:\[([^\[\]]*)\]|([^:\[\]]*)):([^:\[\]]*)", text, re.DOTALL)
    return (found.group(1) or found.group(2) or "", found.group(3)) if found else None


def _strip_port(_: World, text: str) -> Value:
    split = _host_port(text)
    return text if split is None else split[0]


def _strip_domain(_: World, text: str) -> Value:
    host, port = _host_port(text) or (text, "")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        host = host.split(".")[0]
        return f"{host}:{port}" if port else host
    return text


def _first(_: World, found: Sequence[Sample]) -> Value:
    if not found:
        raise TemplateError("first() called on vector with no elements")
    return found[0]


def _of_sample(read: Callable[[Sample], Value]) -> Callable[[World, Sample | None], Value]:
    def run(_: World, sample: Sample | None) -> Value:
        if sample is None:
            raise TemplateError("there is no sample")
        return read(sample)

    return run


def _label(_: World, name: str, sample: Sample | None) -> Value:
    return "" if sample is None else sample.labels.get(name, "")


def _by_label(_: World, name: str, found: Sequence[Sample]) -> Value:
    return sorted(found or (), key=lambda sample: sample.labels.get(name, ""))


def _arguments(_: World, *values: Value) -> Value:
    return Arguments({f"arg{index}": value for index, value in enumerate(values)})


def _duration(_: World, text: str) -> Value:
    try:
        return parse_duration_ms(text) / 1000
    except DurationError as error:
        raise TemplateError(str(error)) from error


def _link(tab: int) -> Callable[[World, str], Value]:
    return lambda _, expr: f"/graph?g0.expr={quote_plus(expr)}&g0.tab={tab}"


def _length(_: World, value: Value) -> Value:
    if isinstance(value, str):
        return len(value.encode(errors="replace"))
    if isinstance(value, (Mapping, Sequence)):
        return len(value)
    raise TemplateError("len of nil pointer" if value is None else f"len of type {type_name(value)}")


def _index(_: World, value: Value, *keys: Value) -> Value:
    for key in keys:
        value = _indexed(value, key)
    return value


def _indexed(value: Value, key: Value) -> Value:
    if isinstance(value, Mapping):
        if not isinstance(key, str):
            raise TemplateError(f"value has type {type_name(key)}; should be string")
        return value.get(key, None if isinstance(value, Arguments) else "")
    if isinstance(value, (str, Sequence)):
        held: Sequence[Value] = value.encode(errors="replace") if isinstance(value, str) else value
        return held[_position(key, len(held) - 1)]
    raise TemplateError(
        "index of untyped nil" if value is None else f"can't index item of type {type_name(value)}"
    )


def _position(key: Value, last: int) -> int:
    if not isinstance(key, int) or isinstance(key, bool):
        raise TemplateError(f"cannot index slice/array with type {type_name(key)}")
    if not 0 <= key <= last:
        raise TemplateError(f"index out of range: {key}")
    return key


def _slice(_: World, value: Value, *bounds: Value) -> Value:
    if not isinstance(value, (str, Sequence)):
        raise TemplateError(f"can't slice item of type {type_name(value)}")
    if len(bounds) > (2 if isinstance(value, str) else 3):
        raise TemplateError("too many slice indexes")
    held: Sequence[Value] = value.encode(errors="replace") if isinstance(value, str) else value
    places = [_position(bound, len(held)) for bound in bounds]
    start = places[0] if places else 0
    end = places[1] if len(places) > 1 else len(held)
    if start > end:
        raise TemplateError(f"invalid slice index: {start} > {end}")
    part = held[start:end]
    return part.decode(errors="replace") if isinstance(part, bytes) else part


def _call(_: World, value: Value, *__: Value) -> Value:
    raise TemplateError("call of nil" if value is None else f"non-function of type {type_name(value)}")


def _js(_: World, *values: Value) -> Value:
    return "".join(map(_js_one, sprint(values)))


def _js_one(character: str) -> str:
    if character in _JS:
        return _JS[character]
    code = ord(character)
    if code < 0x20 or (code >= 0x80 and not character.isprintable()):
        return f"\\u{code:04X}"
    return character


_KINDS = ((bool, "bool"), (int, "int"), (float, "float"), (complex, "complex"), (str, "string"))


def _basic(value: Value) -> str:
    kind = next((name for type_, name in _KINDS if isinstance(value, type_)), None)
    if kind is None:
        raise TemplateError("invalid type for comparison")
    return kind


def _equal(_: World, first: Value, *others: Value) -> Value:
    if not others:
        raise TemplateError("missing argument for comparison")
    if isinstance(first, (Mapping, list, tuple)):
        raise TemplateError(f"uncomparable type {type_name(first)}")
    return any(_same(first, other) for other in others)


def _same(one: Value, other: Value) -> bool:
    if one is None or other is None:
        return one is other
    if type_name(one) != type_name(other):
        raise TemplateError("incompatible types for comparison")
    if isinstance(one, (Sample, Moment)):
        return one is other
    return one == other


def _less(one: Value, other: Value) -> bool:
    kind = _basic(one)
    if kind != _basic(other):
        raise TemplateError("incompatible types for comparison")
    if isinstance(one, str) and isinstance(other, str):
        return one.encode(errors="replace") < other.encode(errors="replace")
    if isinstance(one, (int, float)) and isinstance(other, (int, float)) and kind != "bool":
        return one < other
    raise TemplateError("invalid type for comparison")


def _number_function(read: Callable[[float], str]) -> Function:
    return Function((Kind.ANY,), lambda _, value: read(_number(value)))


_TWO = (Kind.ANY, Kind.ANY)
_SOME = (Kind.ANY,)

FUNCTIONS: Mapping[str, Function] = {
    # Go's own; the execution gives "and" and "or" only what decides them.
    "and": Function(
        _TWO, lambda _, *values: next((v for v in values if not truth(v)), values[-1]), repeats=True
    ),
    "or": Function(_TWO, lambda _, *values: next((v for v in values if truth(v)), values[-1]), repeats=True),
    "not": Function(_SOME, lambda _, value: not truth(value)),
    "eq": Function(_TWO, _equal, repeats=True),
    "ne": Function(_TWO, lambda world, one, other: not _equal(world, one, other)),
    "lt": Function(_TWO, lambda _, one, other: _less(one, other)),
    "le": Function(_TWO, lambda _, one, other: _less(one, other) or _same(one, other)),
    "gt": Function(_TWO, lambda _, one, other: not (_less(one, other) or _same(one, other))),
    "ge": Function(_TWO, lambda _, one, other: not _less(one, other)),
    "call": Function(_TWO, _call, repeats=True),
    "html": Function(
        _SOME, lambda _, *values: "".join(_HTML.get(c, c) for c in sprint(values)), repeats=True
    ),
    "index": Function(_TWO, _index, repeats=True),
    "slice": Function(_TWO, _slice, repeats=True),
    "js": Function(_SOME, _js, repeats=True),
    "len": Function(_SOME, _length),
    "print": Function(_SOME, lambda _, *values: sprint(values), repeats=True),
    "printf": Function((Kind.TEXT, Kind.ANY), lambda _, form, *values: sprintf(form, values), repeats=True),
    "println": Function(_SOME, lambda _, *values: sprintln(values), repeats=True),
    "urlquery": Function(_SOME, lambda _, *values: quote_plus(sprint(values), safe="~"), repeats=True),
    # Prometheus'.
    "query": Function((Kind.TEXT,), lambda world, expr: list(world.query(expr))),
    "first": Function((Kind.SAMPLES,), _first),
    "label": Function((Kind.TEXT, Kind.SAMPLE), _label),
    "value": Function((Kind.SAMPLE,), _of_sample(lambda sample: sample.value)),
    "strvalue": Function((Kind.SAMPLE,), _of_sample(lambda sample: sample.labels.get("__value__", ""))),
    "sortByLabel": Function((Kind.TEXT, Kind.SAMPLES), _by_label),
    "args": Function(_SOME, _arguments, repeats=True),
    "reReplaceAll": Function((Kind.TEXT, Kind.TEXT, Kind.TEXT), _replace_all),
    "match": Function((Kind.TEXT, Kind.TEXT), _match),
    "safeHtml": Function((Kind.TEXT,), lambda _, text: text),
    "title": Function((Kind.TEXT,), _title),
    "toUpper": Function(
        (Kind.TEXT,), lambda _, text: "".join(c.upper() if len(c.upper()) == 1 else c for c in text)
    ),
    "toLower": Function(
        (Kind.TEXT,), lambda _, text: "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    ),
    "graphLink": Function((Kind.TEXT,), _link(0)),
    "tableLink": Function((Kind.TEXT,), _link(1)),
    "stripPort": Function((Kind.TEXT,), _strip_port),
    "stripDomain": Function((Kind.TEXT,), _strip_domain),
    "humanize": _number_function(human_numbers.humanize),
    "humanize1024": _number_function(human_numbers.humanize1024),
    "humanizeDuration": _number_function(human_numbers.duration),
    "humanizePercentage": _number_function(human_numbers.percentage),
    "humanizeTimestamp": Function(_SOME, _timestamp),
    "toTime": Function(_SOME, _to_time),
    "pathPrefix": Function((), lambda world: urlsplit(world.external_url).path),
    "externalURL": Function((), lambda world: world.external_url),
    "parseDuration": Function((Kind.TEXT,), _duration),
}
