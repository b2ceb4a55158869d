"""Alerting and recording rules: read from Prometheus' rule files, checked, and shortened for drills."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from alerts.duration import DurationError, parse_duration_ms
from alerts.promql.error import PromQLError
from alerts.promql.parser.parser import parse
from alerts.promql.parser.syntax import Expr, selectors
from alerts.promql.parser.windows import longest_window_ms, with_windows
from alerts.template import Template, TemplateError, parse_template
from alerts.yaml_document import YamlError, read_yaml

_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_ALERT_FIELDS = {"alert", "record", "expr", "for", "keep_firing_for", "labels", "annotations"}
_RECORD_FIELDS = {"alert", "record", "expr", "labels"}
_GROUP_FIELDS = {"name", "interval", "query_offset", "limit", "labels", "rules"}


class RuleFileError(ValueError):
    """A rule file that Prometheus, or this evaluator, would not load; says where and why."""


@dataclass(frozen=True, slots=True)
class AlertRule:
    """One alerting rule."""

    name: str
    expr: Expr
    for_ms: int
    keep_firing_ms: int
    labels: Mapping[str, Template]
    annotations: Mapping[str, Template]
    source: Mapping[str, Mapping[str, str]]
    """``labels`` and ``annotations`` as written."""


@dataclass(frozen=True, slots=True)
class RecordingRule:
    """One recording rule."""

    name: str
    expr: Expr
    labels: Mapping[str, str]


Rule = AlertRule | RecordingRule


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """Rules that are evaluated one after the other, at the same time."""

    name: str
    file: str
    interval_ms: int | None
    """None: the evaluator's own interval."""
    limit: int
    """The most alerts or series that one rule may give, 0 for any number."""
    offset_ms: int
    rules: tuple[Rule, ...]


def parse_rules(text: str, file: str, *, compat: int = 3) -> tuple[RuleGroup, ...]:
    """The groups of one rule file. Raises ``RuleFileError``."""
    try:
        document = read_yaml(text)
    except YamlError as error:
        raise RuleFileError(f"{file}: {error}") from error
    groups = _mapping(document or {}, file, {"groups"}).get("groups") or []
    if not isinstance(groups, list):
        raise RuleFileError(f"{file}: groups is no list")
    parsed = tuple(_group(raw, file, compat) for raw in groups)
    names = [group.name for group in parsed]
    for name in names:
        if names.count(name) > 1:
            raise RuleFileError(f"{file}: group {name!r} is there twice")
    return parsed


def _group(raw: object, file: str, compat: int) -> RuleGroup:
    fields = _mapping(raw, f"{file}: a group", _GROUP_FIELDS)
    name = fields.get("name")
    if not isinstance(name, str) or not name:
        raise RuleFileError(f"{file}: a group has no name")
    place = f"{file}: group {name!r}"
    common = _texts(fields, "labels", place)
    rules = fields.get("rules") or []
    if not isinstance(rules, list):
        raise RuleFileError(f"{place}: rules is no list")
    return RuleGroup(
        name=name,
        file=file,
        interval_ms=_duration(fields, "interval", place) or None,
        limit=_limit(fields, place),
        offset_ms=_duration(fields, "query_offset", place),
        rules=tuple(_rule(rule, f"{place}, rule {i}", common, compat) for i, rule in enumerate(rules, 1)),
    )


def _rule(raw: object, place: str, common: Mapping[str, str], compat: int) -> Rule:
    is_record = isinstance(raw, dict) and bool(raw.get("record"))
    if is_record and isinstance(raw, dict) and raw.get("alert"):
        raise RuleFileError(f"{place}: only one of 'record' and 'alert' must be set")
    fields = _mapping(raw, place, _RECORD_FIELDS if is_record else _ALERT_FIELDS)
    name = fields.get("record" if is_record else "alert")
    if not isinstance(name, str) or not name:
        raise RuleFileError(f"{place}: one of 'record' and 'alert' must be set")
    place = f"{place} ({name})"
    if is_record and not _METRIC.fullmatch(name):
        raise RuleFileError(f"{place}: invalid recording rule name {name!r}")
    expr = _expression(fields, place, compat)
    labels = {**common, **_texts(fields, "labels", place)}
    for label in labels:
        if not _LABEL.fullmatch(label) or label == "__name__":
            raise RuleFileError(f"{place}: invalid label name {label!r}")
    if is_record:
        return RecordingRule(name, expr, labels)
    annotations = _texts(fields, "annotations", place)
    for annotation in annotations:
        if not _LABEL.fullmatch(annotation):
            raise RuleFileError(f"{place}: invalid annotation name {annotation!r}")
    return AlertRule(
        name=name,
        expr=expr,
        for_ms=_duration(fields, "for", place),
        keep_firing_ms=_duration(fields, "keep_firing_for", place),
        labels=_templates(labels, place),
        annotations=_templates(annotations, place),
        source={"labels": labels, "annotations": annotations},
    )


def _expression(fields: Mapping[str, Any], place: str, compat: int) -> Expr:
    text = fields.get("expr")
    if text is None or text == "" or isinstance(text, (dict, list)):
        raise RuleFileError(f"{place}: field 'expr' must be set")
    try:
        return parse(str(text), compat=compat)
    except PromQLError as error:
        raise RuleFileError(f"{place}: could not parse expression: {error}") from error


def _templates(texts: Mapping[str, str], place: str) -> dict[str, Template]:
    try:
        return {name: parse_template(text) for name, text in texts.items()}
    except TemplateError as error:
        raise RuleFileError(f"{place}: {error}") from error


def _duration(fields: Mapping[str, Any], name: str, place: str) -> int:
    text = fields.get(name)
    if text is None:
        return 0
    try:
        return parse_duration_ms(str(text))
    except DurationError as error:
        raise RuleFileError(f"{place}: {name}: {error}") from error


def _limit(fields: Mapping[str, Any], place: str) -> int:
    """A whole number as YAML writes one; none for less than 1, as in Prometheus."""
    text = str(fields.get("limit") or 0).replace("_", "")
    try:
        number = int(text, 0)
    except ValueError:
        try:
            number = int(float(text))
        except (ValueError, OverflowError) as error:
            raise RuleFileError(
                f"{place}: limit is {text!r}; write a whole number, for instance 100"
            ) from error
    return max(number, 0)


def _texts(fields: Mapping[str, Any], name: str, place: str) -> dict[str, str]:
    raw = fields.get(name) or {}
    if not isinstance(raw, dict):
        raise RuleFileError(f"{place}: {name} is no mapping")
    wrong = next((key for key, value in raw.items() if isinstance(value, (dict, list))), None)
    if wrong is not None:
        raise RuleFileError(f"{place}: {name}: {wrong!r} is no text")
    return {str(key): "" if value is None else str(value) for key, value in raw.items()}


def _mapping(raw: object, place: str, known: set[str]) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise RuleFileError(f"{place} is no mapping")
    unknown = sorted(set(map(str, raw)) - known)
    if unknown:
        raise RuleFileError(f"{place}: field {unknown[0]!r} is not known")
    return raw


def longest_range_ms(rule: Rule, recorded: Mapping[str, Rule]) -> int:
    """How far back a rule looks, through the recording rules it reads; 0 for one that only reads the newest samples.

    ``recorded`` are the recording rules by name.
    """
    names = {selector.name for selector in selectors(rule.expr)} & recorded.keys() - {rule.name}
    through = (
        longest_range_ms(recorded[name], {k: v for k, v in recorded.items() if k != name}) for name in names
    )
    return longest_window_ms(rule.expr) + max(through, default=0)


def recordings(groups: Iterable[RuleGroup]) -> dict[str, Rule]:
    """The recording rules of all groups, by name."""
    return {rule.name: rule for group in groups for rule in group.rules if isinstance(rule, RecordingRule)}


def speed_up(group: RuleGroup, factor: float, least_window_ms: int) -> RuleGroup:
    """The same thresholds over shorter windows, and shorter ``for``; no window becomes shorter than the least."""

    def shorter(window_ms: int) -> int:
        return min(window_ms, max(round(window_ms / factor), least_window_ms))

    def quick(rule: Rule) -> Rule:
        expr = with_windows(rule.expr, shorter)
        if isinstance(rule, RecordingRule):
            return replace(rule, expr=expr)
        for_ms, keep_ms = round(rule.for_ms / factor), round(rule.keep_firing_ms / factor)
        return replace(rule, expr=expr, for_ms=for_ms, keep_firing_ms=keep_ms)

    return replace(group, rules=tuple(map(quick, group.rules)))
