"""Annotation templates: the part of Go's template language that alert rules use, rendered as data, never as code."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from alerts import human_numbers
from alerts.promql.number import format_general

Value = str | float | Mapping[str, str]

_ACTION = re.compile(r"\{\{(- )?(.*?)( -)?\}\}", re.DOTALL)
_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\\n]|\\.)*"|`[^`]*`)|(?P<number>[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?)"""
    r"""|(?P<name>\$?[A-Za-z_]\w*(?:\.\w+)*|\.[A-Za-z_]\w*(?:\.\w+)*)|(?P<mark>[|()]))"""
)
_ROOTS = {
    "$value": "value",
    ".Value": "value",
    "$labels": "labels",
    ".Labels": "labels",
    "$externalLabels": "external",
    ".ExternalLabels": "external",
}
_MAX_RENDERED = 4_096


class TemplateError(ValueError):
    """A template with a word that is not supported, or that makes no sense."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a template may speak of."""

    value: float
    labels: Mapping[str, str]
    external: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Word:
    kind: str
    text: str


Stage = tuple[_Word, ...]
Pipeline = tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed template: plain text and pipelines in turn."""

    parts: tuple[str | Pipeline, ...]

    def render(self, facts: Facts) -> str:
        """The text with every action replaced; at most 4,096 characters. Raises ``TemplateError``."""
        text = "".join(p if isinstance(p, str) else _shown(_run(p, facts)) for p in self.parts)
        return text[:_MAX_RENDERED]


def parse_template(text: str) -> Template:
    """The template of an annotation or label. Raises ``TemplateError``, naming what is not supported."""
    parts: list[str | Pipeline] = []
    position = 0
    for action in _ACTION.finditer(text):
        plain = text[position : action.start()]
        parts.append(plain.rstrip() if action.group(1) else plain)
        if not action.group(2).strip().startswith("/*"):
            parts.append(_pipeline(action.group(2)))
        position = action.end()
        if action.group(3):
            position += len(text[position:]) - len(text[position:].lstrip())
    rest = text[position:]
    if "{{" in rest:
        raise TemplateError(f"an action is not closed: {rest[rest.index('{{') :][:40]!r}")
    return Template((*parts, rest))


def _pipeline(source: str) -> Pipeline:
    words, position = [], 0
    while source[position:].strip():
        found = _TOKEN.match(source, position)
        if found is None or found.lastgroup is None:
            raise TemplateError(f"not supported in a template: {source.strip()!r}")
        words.append(_Word(found.lastgroup, found.group(found.lastgroup)))
        position = found.end()
    stages: list[Stage] = []
    current: list[_Word] = []
    for word in [*words, _Word("mark", "|")]:
        if word.text in "()" and word.kind == "mark":
            raise TemplateError(f"parentheses are not supported in a template: {source.strip()!r}")
        if word.kind != "mark":
            current.append(word)
            continue
        if not current:
            raise TemplateError(f"an empty command in {source.strip()!r}")
        stages.append(tuple(current))
        current = []
    for index, stage in enumerate(stages):
        _check_stage(stage, first=index == 0)
    return tuple(stages)


def _check_stage(stage: Stage, *, first: bool) -> None:
    head = stage[0]
    if head.kind == "name" and head.text in FUNCTIONS:
        arguments = stage[1:]
    elif first and len(stage) == 1:
        arguments = stage
    else:
        raise TemplateError(f"unknown or unsupported function {head.text!r}")
    for word in arguments:
        if word.kind == "name" and _root(word.text)[0] not in _ROOTS:
            raise TemplateError(f"unknown or unsupported name {word.text!r}")


def _root(name: str) -> tuple[str, str]:
    """``$labels.job`` is ``$labels`` and ``job``; ``.Labels.job`` likewise."""
    lead = "." if name.startswith(".") else ""
    head, _, rest = name.removeprefix(".").partition(".")
    return lead + head, rest


def _run(pipeline: Pipeline, facts: Facts) -> Value:
    piped: list[Value] = []
    for stage in pipeline:
        head = stage[0]
        if head.kind == "name" and head.text in FUNCTIONS:
            arguments = [_value(word, facts) for word in stage[1:]] + piped
            piped = [_call(head.text, arguments)]
        else:
            piped = [_value(head, facts)]
    return piped[0]


def _call(name: str, arguments: Sequence[Value]) -> Value:
    try:
        return FUNCTIONS[name](*arguments)
    except (TypeError, ValueError, OverflowError) as error:
        raise TemplateError(f"{name}: {error}") from error


def _value(word: _Word, facts: Facts) -> Value:
    if word.kind == "string":
        return human_numbers.unquote(word.text)
    if word.kind == "number":
        return float(word.text)
    root, rest = _root(word.text)
    held: Value = getattr(facts, _ROOTS[root])
    if not rest:
        return held
    return held.get(rest, "") if isinstance(held, Mapping) else ""


def _shown(value: Value) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return f"map[{' '.join(f'{k}:{v}' for k, v in sorted(value.items()))}]"
    return format_general(value)


def _printf(form: Value, *arguments: Value) -> str:
    return human_numbers.printf(_shown(form), [a if isinstance(a, float) else _shown(a) for a in arguments])


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "humanize": lambda v: human_numbers.humanize(float(v)),
    "humanize1024": lambda v: human_numbers.humanize1024(float(v)),
    "humanizeDuration": lambda v: human_numbers.duration(float(v)),
    "humanizePercentage": lambda v: human_numbers.percentage(float(v)),
    "humanizeTimestamp": lambda v: human_numbers.timestamp(float(v)),
    "printf": _printf,
    "title": lambda v: _shown(v).title(),
    "toUpper": lambda v: _shown(v).upper(),
    "toLower": lambda v: _shown(v).lower(),
}
